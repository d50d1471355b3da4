"""Machines in a table that a municipality keeps or exports, as CSV or XLSX."""

from provision.inventories.table.file import is_whole_table
from provision.inventories.table.inventory import TableInventory

__all__ = ["TableInventory", "is_whole_table"]

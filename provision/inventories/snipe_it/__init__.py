"""Snipe-IT: the assets that a municipality has bought and handed out, asked over its REST API."""

from provision.inventories.snipe_it.inventory import SnipeItInventory
from provision.inventories.snipe_it.settings import SnipeItSettings, snipe_it_faults

__all__ = ["SnipeItInventory", "SnipeItSettings", "snipe_it_faults"]

"""Microsoft Intune: the devices that a municipality manages, asked of Microsoft Graph."""

from provision.inventories.intune.inventory import IntuneInventory
from provision.inventories.intune.settings import IntuneSettings, intune_faults

__all__ = ["IntuneInventory", "IntuneSettings", "intune_faults"]

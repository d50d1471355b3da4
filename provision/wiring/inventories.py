"""Every kind of inventory, made as the job says."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from provision.config.devices_job import InventoryJob, WordsJob
from provision.config.inventory import load_devices_mapping
from provision.core.ports import Inventory
from provision.wiring.inventory_settings import intune_settings, snipe_it_settings
from provision.wiring.place import Place, clock

if TYPE_CHECKING:
    from provision.formats.device_cells import Words


def _table(job: InventoryJob, place: Place) -> Inventory:
    from provision.inventories.table import TableInventory

    mapping = load_devices_mapping(place.folder, job.mapping) if job.mapping else None
    return TableInventory(place.path(job.path), job.name, clock, mapping)


def _intune(job: InventoryJob, place: Place) -> Inventory:
    from provision.inventories.intune import IntuneInventory

    return IntuneInventory(intune_settings(place.settings, place.folder), clock, _words(job.words), job.name)


def _snipe_it(job: InventoryJob, place: Place) -> Inventory:
    from provision.inventories.snipe_it import SnipeItInventory

    return SnipeItInventory(snipe_it_settings(place.settings, place.folder), clock, _words(job.words), job.name)


INVENTORIES: Final[Mapping[str, Callable[[InventoryJob, Place], Inventory]]] = {
    "table": _table,
    "intune": _intune,
    "snipe_it": _snipe_it,
}


def inventories(place: Place) -> list[Inventory]:
    """The inventories that the job names, in its order. Raises ConfigurationError."""
    return [INVENTORIES[job.kind](job, place) for job in place.job.devices.inventories] if place.job.devices else []


def _words(said: WordsJob) -> "Words":
    from provision.formats.device_cells import Words

    return Words(said.schools, said.kinds, said.uses, said.statuses, said.shared, said.left_out)

"""Every kind of inventory, made as the job says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provision.config.devices_job import InventoryJob, WordsJob
from provision.core.devices import Stocktake
from provision.core.ports import Inventory
from provision.errors import SourceError
from provision.wiring.inventory_settings import intune_settings, snipe_it_settings
from provision.wiring.place import Place, clock

if TYPE_CHECKING:
    from provision.formats.device_cells import Words
    from provision.inventories.intune import IntuneInventory
    from provision.inventories.snipe_it import SnipeItInventory
    from provision.rest import Limits


def _table(job: InventoryJob, place: Place) -> Inventory:
    from provision.inventories.table import TableInventory, is_whole_table
    from provision.sources.drop import Dropped

    mapping = place.device_mappings.get(job.name)
    return Dropped(
        place.path(job.path),
        lambda path: TableInventory(path, job.name, clock, mapping),
        clock=clock,
        settled=timedelta(seconds=job.settled),
        complete=is_whole_table,
    )


def _intune(job: InventoryJob, place: Place) -> "IntuneInventory":
    from provision.inventories.intune import IntuneInventory

    return IntuneInventory(intune_settings(place.settings, place.folder), clock, _words(job.words), job.name)


def _snipe_it(job: InventoryJob, place: Place) -> "SnipeItInventory":
    from provision.inventories.snipe_it import SnipeItInventory

    settings = snipe_it_settings(place.settings, place.folder, job.assignee)
    return SnipeItInventory(settings, clock, _words(job.words), job.name)


INVENTORIES: Final[Mapping[str, Callable[[InventoryJob, Place], Inventory]]] = {
    "table": _table,
    "intune": _intune,
    "snipe_it": _snipe_it,
}


def inventories(place: Place) -> list[Inventory]:
    """The inventories that the job names, in its order. Raises ConfigurationError."""
    jobs = place.job.devices.inventories if place.job.devices else []
    made = [(job, INVENTORIES[job.kind](job, place)) for job in jobs]
    return [each if job.may_be_empty else _NeverEmpty(each) for job, each in made]


def reach(job: InventoryJob, place: Place, limits: "Limits") -> None:
    """Asks the system of the inventory for as little as it can. Raises SourceError where it is not given."""
    if job.kind == "intune":
        intune = _intune(job, place)
        replace(intune, settings=replace(intune.settings, limits=limits)).reach()
    elif job.kind == "snipe_it":
        snipe_it = _snipe_it(job, place)
        replace(snipe_it, settings=replace(snipe_it.settings, limits=limits)).reach()


@dataclass(frozen=True, slots=True)
class _NeverEmpty:
    """An inventory that has machines: without any it is an export that failed, or the wrong list."""

    inventory: Inventory

    @property
    def name(self) -> str:
        return self.inventory.name

    def read(self) -> Stocktake:
        stocktake = self.inventory.read()
        if stocktake.table.empty:
            right = "have it filled again; where there is none yet, write may_be_empty = true for it in the job"
            raise SourceError(f"the inventory {self.name} holds no machine at all; {right}")
        return stocktake


def _words(said: WordsJob) -> "Words":
    from provision.formats.device_cells import Words

    return Words(said.schools, said.kinds, said.uses, said.statuses, said.shared, said.left_out)

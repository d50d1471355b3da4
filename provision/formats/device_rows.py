"""The rows of an inventory that is asked, gathered until they add up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
from loguru import logger

from provision.core.clocks import ZONE
from provision.core.devices import DEVICE_COLUMNS, Stocktake
from provision.core.roster import Issue
from provision.errors import SourceError

_TABLE: Final = "devices"
_ATTEMPTS: Final = 3


class Shelf:
    """The rows of one inventory while they are gathered."""

    def __init__(self, inventory: str) -> None:
        self._inventory = inventory
        self._rows: list[tuple[str, ...]] = []
        self._texts: dict[str, str] = {}  # equal texts are kept once
        self._issues: list[Issue] = []

    def add(self, cells: Mapping[str, str], faults: Sequence[str] = (), *, otherwise: str) -> None:
        """A row; a column without a cell is one of which the system does not speak.

        An issue names the machine by its serial number, and `otherwise` where it has none.
        """
        once = self._texts.setdefault
        row = [str(cells.get(column, "")) for column in DEVICE_COLUMNS]
        self._rows.append(tuple(map(once, row, row)))
        machine = cells.get("serial") or otherwise
        self._issues += [Issue(self._inventory, _TABLE, machine, fault) for fault in faults]

    def stocktake(self, read_at: datetime, whole: str) -> Stocktake:
        """Of a system that was asked just now, which speaks of that day here."""
        table = pd.DataFrame(self._rows, columns=list(DEVICE_COLUMNS), dtype=object)
        return Stocktake(self._inventory, read_at, read_at.astimezone(ZONE), table, whole, tuple(self._issues))


@dataclass(frozen=True, slots=True)
class Listed:
    """All that a system listed. `doubt` is why it may not be everything, "" for no reason; `proof` why it is."""

    shelf: Shelf
    doubt: str
    proof: str


def read_until_whole(read: Callable[[], Listed], where: str, read_at: datetime) -> Stocktake:
    """What adds up: all is read again where it does not, since machines come and go meanwhile. Raises SourceError."""
    doubt = ""
    for attempt in range(1, _ATTEMPTS + 1):
        listed = read()
        if not (doubt := listed.doubt):
            return listed.shelf.stocktake(read_at, listed.proof)
        logger.info("{}: {} (attempt {} of {})", where, doubt, attempt, _ATTEMPTS)
    raise SourceError(f"{where}: {doubt}, {_ATTEMPTS} times in a row; run again later")

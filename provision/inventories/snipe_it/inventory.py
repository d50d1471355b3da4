"""Reads the assets that Snipe-IT holds, all of them or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any, Final

from loguru import logger

from provision.core.devices import Stocktake
from provision.errors import SourceError
from provision.formats.device_cells import NO_WORDS, Record, Shelf, Words
from provision.inventories.snipe_it.asset import cells
from provision.inventories.snipe_it.listing import Listing
from provision.inventories.snipe_it.settings import SnipeItSettings, connect
from provision.rest import TIMING, Rest, Timing

_ATTEMPTS: Final = 3
# The archive last: what goes there meanwhile comes twice, and what comes twice is read once.
_LISTS: Final = ("", "Archived")
_WHOLE: Final = "every page was read, of the archive too, and as many assets came as the totals say"


@dataclass(frozen=True, slots=True)
class SnipeItInventory:
    """The Snipe-IT that the settings name; `words` are what the site calls things there. Nothing is ever written."""

    settings: SnipeItSettings
    clock: Callable[[], datetime]
    words: Words = NO_WORDS
    name: str = "snipe_it"
    timing: Timing = TIMING

    def read(self) -> Stocktake:
        """Every asset, archived or not, or SourceError naming the page.

        What does not add up is read again, since assets come and go while they are read. Raises ConfigurationError
        for settings that cannot be.
        """
        read_at = self.clock()
        doubt = ""
        with connect(self.settings, self.timing) as rest:
            for attempt in range(1, _ATTEMPTS + 1):
                shelf, doubt = self._listed(rest)
                if not doubt:
                    return shelf.stocktake(read_at, _WHOLE)
                logger.info("Snipe-IT: {} (attempt {} of {})", doubt, attempt, _ATTEMPTS)
            raise SourceError(f"{rest}: {doubt}, {_ATTEMPTS} times in a row; run again later")

    def _listed(self, rest: Rest) -> tuple[Shelf, str]:
        """All that both lists hold, and why it may not be everything."""
        shelf = Shelf(self.name)
        taken: set[int] = set()

        def take(id_: int, asset: Mapping[str, Any]) -> None:
            record = Record(asset, unescape)
            found = None if id_ in taken else cells(record, self.words, self.settings.assignee)
            taken.add(id_)
            if found is not None:
                shelf.add(found, record.faults, otherwise=f"asset {id_}")

        for status in _LISTS:
            listing = Listing(rest, self.settings.page_size, status)
            listing.read(take)
            if listing.doubt:
                return shelf, listing.doubt
        return shelf, ""

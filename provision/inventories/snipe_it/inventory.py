"""Reads the assets that Snipe-IT holds, all of them or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import unescape
from typing import Any, Final

from provision.core.devices import Stocktake
from provision.formats.device_cells import NO_WORDS, Record, Words
from provision.formats.device_rows import Listed, Shelf, read_until_whole
from provision.inventories.snipe_it.asset import cells
from provision.inventories.snipe_it.listing import Listing
from provision.inventories.snipe_it.settings import SnipeItSettings, connect
from provision.rest import TIMING, Rest, Timing

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

        What does not add up is read again. Raises ConfigurationError for settings that cannot be.
        """
        read_at = self.clock()
        with connect(self.settings, self.timing) as rest:
            return read_until_whole(partial(self._listed, rest), str(rest), read_at)

    def reach(self) -> None:
        """Raises SourceError unless the list can be asked for."""
        with connect(self.settings, self.timing) as rest:
            Listing(rest, 1).reach()

    def _listed(self, rest: Rest) -> Listed:
        """All that both lists hold."""
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
                return Listed(shelf, listing.doubt, _WHOLE)
        return Listed(shelf, "", _WHOLE)

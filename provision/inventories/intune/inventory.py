"""Reads the machines that Intune manages, all of them or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from provision.core.devices import Stocktake
from provision.formats.device_cells import NO_WORDS, Record, Words
from provision.formats.device_rows import Listed, Shelf, read_until_whole
from provision.inventories.intune.device import SELECT, cells
from provision.inventories.intune.listing import Listing
from provision.inventories.intune.settings import IntuneSettings, connect
from provision.rest import TIMING, Rest, Timing


@dataclass(frozen=True, slots=True)
class IntuneInventory:
    """The tenant that the settings name; `words` are what the site calls things there. Nothing is ever written."""

    settings: IntuneSettings
    clock: Callable[[], datetime]
    words: Words = NO_WORDS
    name: str = "intune"
    timing: Timing = TIMING

    def read(self) -> Stocktake:
        """Everything that Intune lists, or SourceError naming the page.

        What does not add up is read again. Raises ConfigurationError for settings that cannot be.
        """
        read_at = self.clock()
        with connect(self.settings, self.timing) as rest:
            return read_until_whole(partial(self._listed, rest), str(rest), read_at)

    def reach(self) -> None:
        """Raises SourceError unless the list can be asked for."""
        with connect(self.settings, self.timing) as rest:
            Listing(rest, ("id",), 1).reach()

    def _listed(self, rest: Rest) -> Listed:
        shelf = Shelf(self.name)

        def take(id_: str, device: Mapping[str, Any]) -> None:
            record = Record(device)
            if (found := cells(record, self.words)) is not None:
                shelf.add(found, record.faults, otherwise=id_)

        listing = Listing(rest, SELECT, self.settings.page_size)
        listing.read(take)
        return Listed(shelf, listing.doubt(), listing.proof())

"""Reads the machines that Intune manages, all of them or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from loguru import logger

from provision.core.devices import Stocktake
from provision.errors import SourceError
from provision.formats.device_cells import NO_WORDS, Record, Shelf, Words
from provision.inventories.intune.device import SELECT, cells
from provision.inventories.intune.listing import Listing
from provision.inventories.intune.settings import IntuneSettings, connect
from provision.rest import TIMING, Rest, Timing

_ATTEMPTS: Final = 3


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

        What does not add up is read again, since devices come and go while it is read. Raises ConfigurationError for
        settings that cannot be.
        """
        read_at = self.clock()
        doubt = ""
        with connect(self.settings, self.timing) as rest:
            for attempt in range(1, _ATTEMPTS + 1):
                shelf, listing = self._listed(rest)
                if not (doubt := listing.doubt()):
                    return shelf.stocktake(read_at, listing.proof())
                logger.info("Intune: {} (attempt {} of {})", doubt, attempt, _ATTEMPTS)
            raise SourceError(f"{rest}: {doubt}, {_ATTEMPTS} times in a row; run again later")

    def _listed(self, rest: Rest) -> tuple[Shelf, Listing]:
        shelf = Shelf(self.name)

        def take(id_: str, device: Mapping[str, Any]) -> None:
            record = Record(device)
            if (found := cells(record, self.words)) is not None:
                shelf.add(found, record.faults, otherwise=id_)

        listing = Listing(rest, SELECT, self.settings.page_size)
        listing.read(take)
        return shelf, listing

"""Fetches a roster from a provider of OneRoster REST, every page of it, and says how far it proves to be whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from provision.core.clocks import local
from provision.core.extract import Extract
from provision.errors import SourceError
from provision.formats.oneroster import Table
from provision.rest import TIMING, Rest, Timing
from provision.sources.oneroster.extract import WANTED, to_extract
from provision.sources.oneroster.rest_pages import Collection, Finding
from provision.sources.oneroster.rest_records import Sheets
from provision.sources.oneroster.rest_settings import OneRosterRestSettings, connect

Progress = Callable[[int, int], None]

# In this order, so that what is referred to is read before what refers to it.
COLLECTIONS: Final = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")

# Many providers keep them from most clients; then there are no birth dates.
_DEMOGRAPHICS: Final = "demographics"

_STEPS: Final = 1000  # of progress, for each collection


@dataclass(frozen=True, slots=True)
class OneRosterRestSource:
    """The provider that the settings name. `progress` is told how far the reading is, and where it ends."""

    settings: OneRosterRestSettings
    clock: Callable[[], datetime]
    name: str = "oneroster_rest"
    progress: Progress | None = None
    timing: Timing = TIMING

    def read(self) -> Extract:
        """Everything that the provider has, or SourceError naming collection and page.

        What it says of its own numbers, and they do not add up, leaves every school unproven.
        Raises ConfigurationError for settings that cannot be.
        """
        read_at = self.clock()
        as_of = local(read_at)  # a night is a local date
        with connect(self.settings, self.timing) as rest:
            findings, tables = self._fetch(rest)
        doubt = "; ".join(f"{each.name}: {each.doubt}" for each in findings if each.doubt)
        whole = _proof(findings)
        try:
            return to_extract(tables, source=self.name, read_at=read_at, as_of=as_of, whole=whole, doubt=doubt)
        except SourceError as error:
            raise SourceError(f"{rest}: {error}") from None

    def _fetch(self, rest: Rest) -> tuple[list[Finding], Mapping[str, Table]]:
        """Every collection that is offered, one after the other, and the tables of all their records."""
        wanted = (*COLLECTIONS, *([_DEMOGRAPHICS] if self._may_ask_demographics() else []))
        sheets = Sheets(self.settings.version, WANTED)
        findings: list[Finding] = []
        sort = True
        for place, name in enumerate(wanted):
            collection = Collection(rest, name, self.settings.page_size, sort)
            progress = partial(self._tell, place, len(wanted))
            finding = collection.read(partial(sheets.add, name), progress, optional=name not in self._promised())
            self._tell(place, len(wanted), 1, 1)
            if finding is not None:
                sheets.add(name, ())
                findings.append(finding)
            sort = collection.sort
        return findings, sheets.tables()

    def _promised(self) -> Sequence[str]:
        """What must be offered: also the birth dates, where the scope names them. None are blanked for a bad night."""
        return (*COLLECTIONS, _DEMOGRAPHICS) if _DEMOGRAPHICS in self.settings.scope else COLLECTIONS

    def _may_ask_demographics(self) -> bool:
        """A scope that is set says what may be asked for; whoever sets none may try."""
        return not self.settings.scope or _DEMOGRAPHICS in self.settings.scope

    def _tell(self, place: int, places: int, given: int, total: int | None) -> None:
        if self.progress is not None:
            share = min(1.0, given / total) if total else 0.0
            self.progress(round((place + share) * _STEPS), places * _STEPS)


def _proof(findings: Sequence[Finding]) -> str:
    untold = [each.name for each in findings if not each.counted]
    if not untold:
        return "every page was read, and as many records came as X-Total-Count says"
    return f"every page was read, without a number from the provider up to an empty or last one ({', '.join(untold)})"

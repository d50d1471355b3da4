"""The sites that the pages are of: each with its job, its journal, and who works there today."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, cast

from loguru import logger

from provision.core.clocks import local_day
from provision.core.relinks import prints_of
from provision.core.words import Words
from provision.errors import ProvisionError
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.web.access import Who
from provision.web.grants import Identity, Staff, staff_of, who_is
from provision.web.looks import Looks
from provision.web.roll import Roll, roll_of
from provision.wiring import Asks, Place, kept, open_journal_of, open_place, sources

T = TypeVar("T")
_MINUTE: Final = timedelta(minutes=1)
_Mark = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Site:
    """One site, open as long as the service lives. What its files say counts from when they are changed.

    For many threads.
    """

    folder: Path
    job: str
    clock: Callable[[], datetime]
    journal: Journal = field(init=False)
    _place: Place = field(init=False)
    _place_mark: _Mark = field(init=False)
    looks: Looks = field(init=False)
    _staff: Staff = field(init=False, default_factory=Staff)
    _roll: Roll = field(init=False, default_factory=Roll)
    _staff_mark: tuple[date, _Mark, Words] | None = field(init=False, default=None)
    _made: dict[object, tuple[datetime, object]] = field(init=False, default_factory=dict)
    _making: threading.RLock = field(init=False, default_factory=threading.RLock)
    _reading: threading.Lock = field(init=False, default_factory=threading.Lock)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._place_mark = self._written()
        self._place = open_place(self.folder, self.job, Asks.NOTHING)
        self.journal = open_journal_of(self._place)
        self.looks = Looks(self.clock)

    @property
    def name(self) -> str:
        """What the site is called in addresses and cookies."""
        return self.folder.resolve().name

    @property
    def today(self) -> date:
        """As the calendars of schools have it."""
        return local_day(self.clock())

    @property
    def place(self) -> Place:
        """As its files say now; while they cannot be read, as they said last."""
        with self._lock:
            if (mark := self._written()) != self._place_mark:
                try:
                    self._place = open_place(self.folder, self.job, Asks.NOTHING)
                except ProvisionError:
                    logger.warning("{}: its files have a fault; the pages go on with what they said before", self.name)
                self._place_mark = mark
            return self._place

    def staff(self) -> Staff:
        """Who works there today, by what was last accepted of the SIS; nobody where nothing is kept."""
        return self._known()[0]

    def roll(self) -> Roll:
        """Everybody there, by the same."""
        return self._known()[1]

    def _known(self) -> tuple[Staff, Roll]:
        """While one thread reads anew, the others go by what was so a moment ago; but never by what was yesterday."""
        place, today = self.place, self.today
        words = self.journal.words()
        known = self._staff_mark is not None and (self._staff_mark[0], self._staff_mark[2]) == (today, words)
        if self._is_stale(place, today) and self._reading.acquire(blocking=not known):
            try:
                if self._is_stale(place, today):
                    mark = self._known_by(place, today)
                    self._staff, self._roll = self._read(place, today)
                    self._staff_mark = mark
            finally:
                self._reading.release()
        return self._staff, self._roll

    def _is_stale(self, place: Place, today: date) -> bool:
        return self._staff_mark != self._known_by(place, today)

    def _known_by(self, place: Place, today: date) -> tuple[date, _Mark, Words]:
        """What it depends on who is who: the day, what was accepted of the SIS, and whom a word took out at once."""
        return today, _mark(kept(place).files()), self.journal.words()

    def who(self, identity: Identity) -> Who:
        return who_is(identity, self.staff(), self.place.job.web, self.today)

    def for_a_minute(self, key: object, make: Callable[[], T]) -> T:
        """What was made under this key less than a minute ago, or made now; once, however many wait for it."""
        with self._making:
            until, made = self._made.get(key, (None, None))
            if until is None or until <= self.clock():
                self._made[key] = (self.clock() + _MINUTE, made := make())
            return cast(T, made)

    def close(self) -> None:
        self.looks.close()
        self.journal.close()

    def _read(self, place: Place, today: date) -> tuple[Staff, Roll]:
        last = kept(place)
        try:
            over = {path.name for path in last.over(self.clock())}
            wanted = [last.source(source.name) for source in sources(place)]
            if any(source.path.name in over for source in wanted):
                return Staff(), Roll()
            reading = read_roster(wanted, today, self.journal)
        except (ProvisionError, OSError) as error:
            logger.warning("{}: who works there is not known: {}", self.name, error)
            return Staff(), Roll()
        staff = staff_of(
            reading.roster,
            place.settings.realm,
            self.journal.usernames(),
            lambda user: prints_of(user, self.journal.keyed).number,
        )
        return staff, roll_of(reading)

    def _written(self) -> _Mark:
        return _mark([self.folder / ".env", self.folder / "jobs" / f"{self.job}.toml"])


Sites = Mapping[str, Site]


def open_sites(folders: Sequence[Path], job: str, clock: Callable[[], datetime]) -> dict[str, Site]:
    """By name. Of several, one that cannot be opened has no pages; raises ProvisionError where none can be."""
    found: dict[str, Site] = {}
    faults: list[ProvisionError] = []
    for folder in folders:
        try:
            site = Site(folder, job, clock)
        except ProvisionError as error:
            logger.warning("{} has no pages: {}", folder.name, error)
            faults.append(error)
        else:
            found[site.name] = site
    if faults and not found:
        raise faults[0]
    return found


def _mark(paths: Sequence[Path]) -> _Mark:
    """What changes whenever a file is written anew."""
    return tuple((path.name, s.st_mtime_ns, s.st_size) for path in paths if path.exists() for s in [path.stat()])

"""A site that the service looks after: what its jobs say, read anew when they change, and its journal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from provision.errors import ConfigurationError, ProvisionError
from provision.journal.journal import Journal
from provision.wiring import Place, open_journal_of, open_place

# When which files were changed last.
_Seen = tuple[tuple[str, int], ...]


class Task(NamedTuple):
    """What a job has done at times: its cron expression and the zone that it is of."""

    job: str
    kind: str
    cron: str
    timezone: str


@dataclass(slots=True)
class Watched:
    """One site. `fault` says what of it cannot be looked after now; everything else is, all the same."""

    folder: Path
    places: dict[str, Place] = field(default_factory=dict, repr=False)
    fault: str = ""
    _journal: Journal | None = field(default=None, repr=False)
    _seen: _Seen | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    def look(self) -> None:
        """Reads again what was changed, or could not be read."""
        seen = _files(self.folder)
        if seen == self._seen and not self.fault:
            return
        if seen != self._seen:
            self.close()  # settings say where the journal is
        self._seen = seen
        names = sorted(path.stem for path in (self.folder / "jobs").glob("*.toml"))
        places: dict[str, Place] = {}
        faults = [] if names else [f"{self.folder} is no site: it has no jobs folder with a job in it"]
        for name in names:
            try:
                places[name] = open_place(self.folder, name)
            except ProvisionError as error:
                faults.append(str(error))
        self.places, self.fault = places, "\n".join(faults)  # whole, since other threads look at them

    def tasks(self) -> list[Task]:
        """What is done at times, of all jobs that can be read."""
        return [
            Task(name, kind, cron, place.job.schedule.timezone)
            for name, place in self.places.items()
            if place.job.schedule
            for kind, cron in place.job.schedule.expressions().items()
        ]

    def journal(self) -> Journal:
        """The site's journal, opened once. Raises ProvisionError."""
        if self._journal is None:
            self._journal = open_journal_of(next(iter(self.places.values())))
        return self._journal

    def close(self) -> None:
        """The journal is opened anew when it is needed again."""
        if self._journal:
            self._journal.close()
            self._journal = None


def sites_in(folder: Path) -> list[Path]:
    """The sites of a cooperation: the folders that hold jobs. Raises ConfigurationError where there is none."""
    found = sorted(path.parent for path in folder.glob("*/jobs") if path.is_dir())
    if not found:
        raise ConfigurationError([f"{folder} holds no site; name a folder of sites, each with its folder jobs"])
    return found


def _files(folder: Path) -> _Seen:
    return tuple((str(path), path.stat().st_mtime_ns) for path in _said(folder) if path.exists())


def _said(folder: Path) -> Iterator[Path]:
    yield folder / ".env"
    yield from sorted((folder / "jobs").glob("*.toml"))
    yield from sorted((folder / "mappings").rglob("*.toml"))

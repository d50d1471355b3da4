"""Writes a sample site: settings, jobs, mappings and a municipality's data, always the same for the same seed."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from provision.errors import UsageError
from provision.files import replace_file
from provision.sample.devices import DeviceRow, make_devices
from provision.sample.dialects import DEFAULT, DIALECTS, Dialect
from provision.sample.export import Municipality
from provision.sample.outsiders import ExceptionRow, OutsiderRow, make_exceptions, make_outsiders
from provision.sample.plans import SchoolPlan, plan_schools, school_year
from provision.sample.roll import CareRow, Roll

MARKER: Final = ".sample"
_MARKER_TEXT: Final = "Made by `provision sample`, which may write over its files here at any time.\n"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written. `memberships` counts people in groups, schools included."""

    folder: Path
    schools: tuple[SchoolPlan, ...]
    people: int
    groups: int
    memberships: int

    @property
    def pupils(self) -> int:
        return sum(school.pupils for school in self.schools)


def write_site(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path,
    *,
    pupils: int | None,
    schools: int | None,
    seed: int,
    day: date,
    templates: Mapping[str, str],
    dialect: str = DEFAULT,
    progress: Progress = lambda _done, _total: None,
) -> Summary:
    """Writes a whole site into the folder: Hemne as it was in 2003, or that many pupils at that many schools.

    `templates` are further files, by their path in the site; the text of `.env` follows the settings that the
    sample knows itself. An earlier sample is replaced file by file, and its export in another dialect goes;
    anything else is refused with UsageError. `progress` hears how many schools are done, and of how many.
    """
    municipality = Municipality(plan_schools(pupils, schools, seed), day, seed)
    return write_municipality(folder, municipality, templates, dialect, progress)


def write_municipality(
    folder: Path,
    municipality: Municipality,
    templates: Mapping[str, str],
    dialect: str = DEFAULT,
    progress: Progress = lambda _done, _total: None,
) -> Summary:
    """Writes the site of this municipality, as `write_site` does."""
    claim(folder)
    for path, text in {**templates, ".env": municipality.town.settings + templates.get(".env", "")}.items():
        write_text(folder, path, text)
    _write_inventory(folder / "data", municipality)
    summary = _write_people(folder / "data", municipality, DIALECTS[dialect], progress)
    return Summary(folder, municipality.schools, *summary)


def _write_people(
    folder: Path, municipality: Municipality, dialect: Dialect, progress: Progress
) -> tuple[int, int, int]:
    """The export and, of the same people, the facts that it cannot carry."""
    tally = _Tally(len(municipality.schools), progress)
    at = datetime.combine(municipality.day, time(2))

    def write_both(care: TextIO, export: BinaryIO) -> None:
        rolls = tally.count(_also_care(map(dialect.within, municipality.rolls()), care))
        dialect.write(export, folder, rolls, at)

    _replace(folder / "care.csv", lambda care: replace_file(folder / dialect.file, partial(write_both, care)))
    for other in DIALECTS.values():
        if other.file != dialect.file:
            (folder / other.file).unlink(missing_ok=True)
    return tally.people, tally.groups, tally.memberships


def _also_care(rolls: Iterable[Roll], out: TextIO) -> Iterator[Roll]:
    table = csv.writer(out, lineterminator="\n")
    table.writerow(CareRow._fields)
    for roll in rolls:
        table.writerows(roll.care)
        yield roll


@dataclass(slots=True)
class _Tally:
    """Counts rolls on their way."""

    schools: int
    progress: Progress
    people: int = 0
    groups: int = 0
    memberships: int = 0

    def count(self, rolls: Iterable[Roll]) -> Iterator[Roll]:
        for number, roll in enumerate(rolls, start=-1):  # the municipality and its kindergarten are no schools
            yield roll
            self.people += len(roll.people)
            self.groups += len(roll.groups)
            self.memberships += sum(map(len, roll.members.values()))
            self.progress(max(0, number), self.schools)


def _write_inventory(folder: Path, municipality: Municipality) -> None:
    day, seed, schools = municipality.day, municipality.seed, municipality.schools
    devices = (device for school in schools for device in make_devices(school, day, seed))
    _write_table(folder / "devices.csv", DeviceRow._fields, devices)
    year = school_year(day)
    _write_table(folder / "people.csv", OutsiderRow._fields, make_outsiders(schools, year))
    _write_table(folder / "exceptions.csv", ExceptionRow._fields, make_exceptions(schools, year))


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    def write(out: TextIO) -> None:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)

    _replace(path, write)


def claim(folder: Path) -> None:
    """Makes the folder ours, or refuses one that holds something else."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError(f"{folder} is not empty and no sample (it has no file {MARKER}); name a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    # First of all, so that a sample that was cut short can be made again.
    write_text(folder, MARKER, _MARKER_TEXT)


def write_text(folder: Path, path: str, text: str) -> None:
    """Writes a file at this path within the folder."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ValueError(f"a template must lie in the site, not at {path}")
    _replace(folder / path, lambda out: out.write(text))


def _replace(path: Path, write: Callable[[TextIO], object]) -> None:
    """Writes UTF-8 text that takes the place of `path` once it is whole, readable by its owner alone."""

    def write_encoded(file: BinaryIO) -> None:
        out = TextIOWrapper(file, encoding="utf-8", newline="\n")
        try:
            write(out)
        finally:
            out.detach()

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, write_encoded)

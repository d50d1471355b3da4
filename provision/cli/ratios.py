"""Pupils per device: counted now, kept for the trend, and shown."""

from datetime import date
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from provision.cli.output import print_json
from provision.cli.ratio_files import write
from provision.cli.session import Bar, session
from provision.cli.terminal import here, out
from provision.core.counted import Counted
from provision.core.figures import Coverage, Figures, Level
from provision.counting import coverage_of
from provision.errors import ConfigurationError, SourceError, UsageError
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.wiring import Place, inventories, sources

_PERHAPS_THERE: Final = (Counted.UNMATCHED, Counted.STALE, Counted.LEFT)


def count(folder: Path, job: str, day: date, *, school: str, out: Path | None, as_json: bool) -> int:
    """The exit code: 0, and 4 where an inventory or the SIS cannot be read, also where older figures are shown."""
    with session(folder, job, connect=False) as (place, journal):
        with Bar() as bar:
            coverage, failure = counted(place, journal, day, bar)
        if out and not failure:
            write(out, place, journal, coverage)
        chosen = _of_school(coverage, school) if school else coverage.figures
        if out and failure:
            failure += "; the files stay as they were"
        if as_json:
            print_json(_document(coverage, chosen, failure), here(place))
        else:
            _print(place, coverage, chosen, failure, every=bool(school))
    return 4 if failure else 0


def counted(place: Place, journal: Journal, day: date, bar: Bar) -> tuple[Coverage, str]:
    """The day's figures, kept in the journal; or the last that are, with why there are none of today.

    Raises SourceError where there are none at all.
    """
    devices = place.job.devices
    if devices is None:
        raise ConfigurationError([f"jobs/{place.job_name}.toml: [devices] is missing; docs/inventories.md tells of it"])
    try:
        reading = read_roster(sources(place, bar.reading), day, journal)
        name = place.settings.site_name
        found = coverage_of(inventories(place), reading, journal, name, devices.terms(), devices.carried())
    except SourceError as error:
        last = journal.last_figures(day)
        if last is None:
            raise
        return last, str(error)
    journal.remember_figures(found)
    return found, ""


def show(place: Place, figures: tuple[Figures, ...]) -> None:
    """A table, a line for each group."""
    table = Table(title="Pupils per device", title_justify="left", box=None)
    table.add_column("", no_wrap=True)
    for column in ("pupils", "devices", "per device", "at once", "own", "staff"):
        table.add_column(column, justify="right")
    for each in figures:
        indent = "  " * (each.group.level in (Level.GRADE, Level.CLASS))
        share = each.share_with_own
        cells = (
            each.pupils,
            each.devices,
            "none" if each.pupils_per_device is None else each.pupils_per_device,
            each.at_once if each.link else "",
            "" if share is None else f"{share} %",
            each.counted.get(Counted.STAFF, 0),
        )
        table.add_row(Text(indent + _called(each)), *map(str, cells))
    out(place).print(table)


def _called(figures: Figures) -> str:
    group = figures.group
    return f"grade {group.name or 'unknown'}" if group.level is Level.GRADE else group.name


def _of_school(coverage: Coverage, school: str) -> tuple[Figures, ...]:
    """The school's figures with its grades and classes. Raises UsageError, with the schools there are."""
    named = [f.group for f in coverage.figures if f.group.level is Level.SCHOOL]
    wanted = school.strip().casefold()
    orgs = [group.org for group in named if wanted in (group.org, group.name.casefold())]
    if len(orgs) != 1:
        there = ", ".join(f"{group.org} {group.name}" for group in named)
        raise UsageError(f"{school} is no school here, or more than one; give its number: {there or 'there is none'}")
    return tuple(f for f in coverage.figures if f.group.org == orgs[0])


def _print(place: Place, coverage: Coverage, chosen: tuple[Figures, ...], failure: str, *, every: bool) -> None:
    levels = tuple(Level) if every else (Level.MUNICIPALITY, Level.SCHOOL)
    show(place, tuple(each for each in chosen if each.group.level in levels))
    console = out(place)
    console.print(f"Counted on {coverage.day:%d.%m.%Y}, by definitions {coverage.definitions}")
    uncertain = coverage.figures[0].counted if coverage.figures else {}
    odd = [f"{uncertain[each]} {each}" for each in _PERHAPS_THERE if each in uncertain]
    if odd:
        console.print(f"Not counted, and perhaps there: {', '.join(odd)}")
    if failure:
        console.print(f"These are not today's figures: {failure}", style="yellow")


def _document(coverage: Coverage, chosen: tuple[Figures, ...], failure: str) -> dict[str, object]:
    return {
        "format": 1,
        "day": coverage.day.isoformat(),
        "definitions": coverage.definitions,
        "failure": failure or None,
        "figures": [
            {
                "level": each.group.level.value,
                "org": each.group.org,
                "key": each.group.key,
                "name": each.group.name,
                "pupils": each.pupils,
                "devices": each.devices,
                "at_once": each.at_once,
                "pupils_per_device": _number(each.pupils_per_device),
                "devices_per_pupil": _number(each.devices_per_pupil),
                "share_with_own": _number(each.share_with_own),
                "without": each.without,
                "with_one": each.with_one,
                "with_more": each.with_more,
                "past_end": each.past_end,
                "counted": {of.value: each.counted.get(of, 0) for of in Counted},
            }
            for each in chosen
        ],
        "issues": [{"source": i.source, "id": i.sourced_id, "reason": i.reason} for i in coverage.issues],
    }


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))

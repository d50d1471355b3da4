"""Pupils per device: counted now, kept for the trend, and shown; or the rows behind a figure."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal

from provision.cli.options import day_of
from provision.cli.output import print_json
from provision.cli.ratio_files import write
from provision.cli.ratio_groups import chosen
from provision.cli.ratio_rows import show_rows
from provision.cli.session import Bar, session
from provision.cli.terminal import here, out
from provision.core.figures import Coverage, Figures, Level
from provision.core.language import Language
from provision.core.ports import Source
from provision.counting import Count, count_devices, read_all, refuse_less
from provision.errors import ConfigurationError, SourceError, UsageError
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv, as_json
from provision.reports.coverage.terminal import remarks, table
from provision.wiring import Asks, Place, inventories, kept_sources, sources
from provision.wiring.device_report import device_report

Form = Literal["text", "json", "csv"]
# Clocks and time zones: what is exported at night tells of the day before.
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be shown: `figure` is the one whose rows are, "" for the figures themselves.

    `kept`: the rows by what was last accepted of the SIS, and not by what it says now.
    """

    school: str = ""
    grade: str = ""
    figure: str = ""
    language: Language | None = None
    form: Form = "text"
    out: Path | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """`remark` says why these are not the kept figures of the day that was asked for; `code` is the exit code."""

    coverage: Coverage
    remark: str = ""
    code: int = 0
    kept: bool = True


def count(folder: Path, job: str, day: date, asked: Asked, fewer: Sequence[str]) -> int:
    """The exit code: 0, and 4 where an inventory or the SIS cannot be read, also where older figures are shown."""
    if asked.kept and not asked.figure:
        raise UsageError("--kept goes with --behind: the figures of a day are counted by what the SIS says now")
    with session(folder, job, Asks.COUNT) as (place, journal):
        if asked.figure:
            with Bar() as bar:
                heard = kept_sources(place) if asked.kept else sources(place, bar.reading)
                rows = _counted(place, journal, day, heard, fewer)
            show_rows(place, rows, chosen(rows.coverage, asked.school, asked.grade), asked.figure, asked.form)
            return 0
        with Bar() as bar:
            found = counted(place, journal, day, bar, fewer)
        wanted = chosen(found.coverage, asked.school, asked.grade)
        report = device_report(place, journal, found.coverage, asked.language, found.remark, trends=bool(asked.out))
        if asked.out and found.kept:
            write(asked.out, report)
        show(place, report, wanted, asked.form, every=bool(asked.school or asked.grade))
    return found.code


def counted(place: Place, journal: Journal, day: date, bar: Bar, fewer: Sequence[str] = ()) -> Found:
    """The day's figures, kept in the journal; or the last that are. A past day that was counted is not counted again.

    Raises SourceError where there are none at all.
    """
    last, today = journal.last_figures(day), day_of(None)
    if last and last.day == day < today:
        return Found(last)
    try:
        found = _counted(place, journal, day, sources(place, bar.reading), fewer).coverage
    except SourceError as error:
        if last is None:
            raise
        return Found(last, str(error), error.exit_code)
    if remark := _not_of_the_day(found, today):
        return Found(found, f"{remark}, so that these figures are not kept, nor written to files", kept=False)
    journal.remember_figures(found)
    return Found(found)


def _counted(place: Place, journal: Journal, day: date, heard: Sequence[Source], fewer: Sequence[str]) -> Count:
    devices = place.job.devices
    if devices is None:
        raise ConfigurationError([f"jobs/{place.job_name}.toml: [devices] is missing; docs/inventories.md tells of it"])
    reading = read_roster(heard, day, journal)
    stocktakes, terms = read_all(inventories(place)), devices.terms()
    found = count_devices(stocktakes, reading, journal, place.settings.site_name, terms, devices.carried())
    refuse_less(journal.last_figures(day), found.coverage, terms.fewer_percent, frozenset(fewer))
    return found


def _not_of_the_day(coverage: Coverage, today: date) -> str:
    """Why what was read just now does not tell of the day that was asked for; "" where it does."""
    if coverage.day > today + _A_DAY:
        return f"{coverage.day} is yet to come"
    late = [
        t for t in coverage.stands_on if t.as_of and coverage.day < today and t.as_of.date() > coverage.day + _A_DAY
    ]
    return f"{late[0].name} is of {late[0].as_of:%Y-%m-%d}, after {coverage.day}" if late else ""


def show(place: Place | None, report: Report, figures: tuple[Figures, ...], form: Form, *, every: bool) -> None:
    """`every`: also grades and classes on the terminal; files for other programs have them always."""
    if form == "json":
        print_json(as_json(report, figures), here(place) if place else None)
    elif form == "csv":
        sys.stdout.write(as_csv(report, figures))
    else:
        console = out(place)
        few = tuple(f for f in figures if every or f.group.level not in (Level.GRADE, Level.CLASS))
        console.print(table(report, few))
        for line in remarks(report, few):
            console.print(line)

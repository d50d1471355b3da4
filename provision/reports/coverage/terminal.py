"""The figures on a terminal: a table, and what must be known beside it."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from provision.core.figures import Figures, Level
from provision.reports.coverage import trust
from provision.reports.coverage.answer import called, of_another_day
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.numbers import day_written
from provision.reports.coverage.report import Report
from provision.reports.coverage.tables import cell, on_a_terminal
from provision.reports.coverage.wording import said

_BELOW: Final = (Level.GRADE, Level.CLASS)


def table(report: Report, figures: Sequence[Figures]) -> Table:
    """A line for each group; grades and classes stand under their school, or say which it is."""
    language = report.language
    found = Table(title=said("title", language), title_justify="left", box=None)
    found.add_column("", no_wrap=True)
    columns = [BY_KEY[key] for key in on_a_terminal(report, figures)]
    for column in columns:
        found.add_column(NAMES[column.key][language], justify="right")
    above: set[str] = set()
    for each in figures:
        if each.group.level not in _BELOW:
            above.add(each.group.org)
        cells = (Text(cell(report, column, each)) for column in columns)
        found.add_row(Text(_name(report, each, above)), *cells)
    return found


def _name(report: Report, figures: Figures, above: set[str]) -> str:
    group, name = figures.group, called(report, figures.group)
    if group.level not in _BELOW or not group.org:
        return name
    if group.org in above:
        return f"  {name}"
    schools = {each.group.org: each.group.name for each in report.coverage.figures if each.group.level is Level.SCHOOL}
    return f"{schools.get(group.org, group.org)}, {name}"


def remarks(report: Report, figures: Sequence[Figures]) -> list[str]:
    """Of which day and definitions the figures are, why they are no others, and what is uncertain about them."""
    language, coverage = report.language, report.coverage
    told = [of_another_day(report), report.failure] if report.failure else []
    day = said("counted", language, day=day_written(coverage.day, language))
    told.append(f"{day}. {said('definitions_version', language, version=str(coverage.definitions))}")
    told += trust.sources(report)
    first = figures[:1]
    told += [each for one in first for each in trust.doubts(report, one)]
    if coverage.issues:
        told.append(said("issues_shown", language))
    notes = dict.fromkeys(note for each in figures if (note := trust.masked_note(report, each)))
    return [*told, *notes]

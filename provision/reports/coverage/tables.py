"""The tables of a page: what each row and cell says, already in the words and numbers of the language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provision.core.figures import Figures, Level
from provision.core.trend import Point
from provision.reports.coverage.answer import called, number_of
from provision.reports.coverage.columns import ALL_COUNTED, BY_KEY, FOR_PUPILS_COUNTED, KINDS, Column
from provision.reports.coverage.compared import KEYS, Beside, compared
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.numbers import Number, day_written, written
from provision.reports.coverage.report import Report, WhyNot
from provision.reports.coverage.wording import said

# A page with more rows in a table would be heavy for a thin line.
_SHOWN: Final = 100
OF_SCHOOLS: Final = (
    "pupils",
    "devices",
    "pupils_per_device",
    "devices_per_pupil",
    "pupils_per_device_at_once",
    "share_with_own",
    "missing",
)  # fmt: skip - as they stand side by side
OF_GROUPS: Final = ("pupils", "without", "with_one", "with_more", "share_with_own")
OF_TREND: Final = ("pupils", "devices_per_pupil", "share_with_own")
# Of schools on a terminal, which is narrow; with the grades and classes below them, and of these alone.
_ON_A_TERMINAL: Final = ("pupils", "devices", "pupils_per_device", "pupils_per_device_at_once", "share_with_own")
_OF_SCHOOLS_ONLY: Final = (*_ON_A_TERMINAL, "missing", "staff")
_OF_SCHOOLS_AND_GROUPS: Final = (*_ON_A_TERMINAL, "without", "missing")
KEY_FIGURES: Final = ("pupils", "devices", "pupils_per_device", "devices_per_pupil", "share_with_own", "missing")


@dataclass(frozen=True, slots=True)
class Table:
    """`first` heads the column of names; `note` is said below it, and `beyond` in a print of the first rows only."""

    caption: str
    first: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    note: str = ""
    printed: int = 0
    beyond: str = ""


def on_a_terminal(report: Report, figures: Iterable[Figures]) -> list[str]:
    """The figures that are told of such groups, by key; what is known of none of them is left out."""
    every = list(figures)
    below = [each.group.level in (Level.GRADE, Level.CLASS) for each in every]
    keys = OF_GROUPS if below and all(below) else _OF_SCHOOLS_AND_GROUPS if any(below) else _OF_SCHOOLS_ONLY
    return _known(report, every, keys)


def _known(report: Report, figures: Sequence[Figures], keys: Iterable[str]) -> list[str]:
    """Without what depends on the schools' lines where no line is known, and what is known of no grade or class."""
    links = any(each.link and each.group not in report.hidden for each in figures)
    of_parts = all(each.group.level in (Level.GRADE, Level.CLASS) for each in figures)

    def is_unknown(key: str) -> bool:
        return of_parts and all(report.why_not(BY_KEY[key], each) is WhyNot.NOT_KNOWN for each in figures)

    return [key for key in keys if (links or key != "pupils_per_device_at_once") and not is_unknown(key)]


def cell(report: Report, column: Column, figures: Figures) -> str:
    """A figure as it is written everywhere; what is masked, or not known, says so."""
    why_not = report.why_not(column, figures)
    if why_not in (WhyNot.MASKED, WhyNot.NOT_KNOWN):
        return said(why_not.value, report.language)
    return numeral(report, column, report.value(column, figures))


def numeral(report: Report, column: Column, number: Number | None) -> str:
    return number_of(report, None) if number is None else written(number, report.language, column.unit)


def of_groups(
    report: Report, heading: str, first: str, groups: Sequence[Figures], keys: Iterable[str], most: int
) -> Table:
    """A row for each group; the print has `most` of them."""
    columns = [BY_KEY[key] for key in _known(report, groups, keys)]
    rows = [(called(report, each.group), [cell(report, column, each) for column in columns]) for each in groups]
    names = [NAMES[column.key][report.language] for column in columns]
    return printed(report, Table(said(heading, report.language), said(first, report.language), names, rows), most)


def printed(report: Report, table: Table, most: int) -> Table:
    """The table with a print that shows so many rows at most, and a screen that shows no endless ones; both say so."""
    if len(table.rows) <= most:
        return table
    cut = len(table.rows) > _SHOWN
    numbers = {"number": number_of(report, most), "all": number_of(report, len(table.rows))}
    beyond = said("print_cut" if cut else "print_of_first", report.language, **numbers)
    if cut:
        note = said("screen_of_first", report.language, **numbers | {"number": number_of(report, _SHOWN)})
        table = replace(table, rows=table.rows[:_SHOWN], note=" ".join(filter(None, (table.note, note))))
    return replace(table, printed=most, beyond=beyond)


def of_trend(report: Report, points: Sequence[Point]) -> Table:
    columns = [BY_KEY[key] for key in OF_TREND]
    several = len({each.definitions for each in points}) > 1
    names = [NAMES[column.key][report.language] for column in columns]
    names += [said("version_column", report.language)] if several else []
    rows = [
        (
            day_written(each.day, report.language),
            [cell(report, column, each.figures) for column in columns] + ([str(each.definitions)] if several else []),
        )
        for each in points
    ]
    return Table(said("trend_heading", report.language), said("day_column", report.language), names, rows)


def of_comparison(report: Report, figures: Figures) -> Table:
    columns = [BY_KEY[key] for key in KEYS]
    beside = list(compared(report, figures))
    rows = [(each.name, [_beside(report, column, each) for column in columns]) for each in beside]
    told = dict.fromkeys(said("source", report.language, source=each.source) for each in beside if each.source)
    names = [NAMES[column.key][report.language] for column in columns]
    caption, first = said("compared", report.language), said("name_column", report.language)
    return Table(caption, first, names, rows, ". ".join(told) + "." if told else "")


def _beside(report: Report, column: Column, beside: Beside) -> str:
    return cell(report, column, beside.of) if beside.of else numeral(report, column, beside.published.get(column.key))


def of_counted(report: Report, figures: Figures) -> Table:
    """Every device by what it counts as, those past their end of life below."""
    return _of_one(report, figures, "kinds_heading", "kind_column", ALL_COUNTED)


def of_kinds(report: Report, figures: Figures) -> Table:
    """The devices for pupils by what they are."""
    return _of_one(report, figures, "types_heading", "type_column", KINDS)


def _of_one(report: Report, figures: Figures, heading: str, first: str, keys: Iterable[str]) -> Table:
    """A line for each figure that is not nothing."""
    columns = [BY_KEY[key] for key in keys]
    rows = [
        (NAMES[column.key][report.language], [cell(report, column, figures)])
        for column in columns
        if column.of(figures) or column.key in FOR_PUPILS_COUNTED
    ]
    names = [said("number_column", report.language)]
    return Table(said(heading, report.language), said(first, report.language), names, rows)

"""The tables of a page: what each row and cell says, already in the words and numbers of the language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from provision.core.figures import Figures
from provision.core.trend import Point
from provision.reports.coverage.answer import called, number_of
from provision.reports.coverage.columns import ALL_KINDS, BY_KEY, FOR_PUPILS_KINDS, Column
from provision.reports.coverage.compared import KEYS, compared
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.numbers import day_written, written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

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
KEY_FIGURES: Final = ("pupils", "devices", "pupils_per_device", "devices_per_pupil", "share_with_own", "missing")


@dataclass(frozen=True, slots=True)
class Table:
    """`first` heads the column of names; `note` is said below it."""

    caption: str
    first: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    note: str = ""
    printed: int = 0
    beyond: str = field(default="")


def cell(report: Report, column: Column, figures: Figures) -> str:
    """A figure as it is written everywhere on a page; what is masked says so."""
    if figures.group in report.hidden:
        return said("masked", report.language)
    number = column.of(figures)
    return number_of(report, None) if number is None else written(number, report.language, column.unit)


def of_groups(
    report: Report, heading: str, first: str, groups: Sequence[Figures], keys: Iterable[str], most: int
) -> Table:
    """A row for each group; the print has `most` of them."""
    columns = [BY_KEY[key] for key in keys]
    rows = [(called(report, each.group), [cell(report, column, each) for column in columns]) for each in groups]
    beyond = ""
    if len(rows) > most:
        numbers = {"number": number_of(report, most), "all": number_of(report, len(rows))}
        beyond = said("print_of_first", report.language, **numbers)
    names = [NAMES[column.key][report.language] for column in columns]
    return Table(said(heading, report.language), said(first, report.language), names, rows, printed=most, beyond=beyond)


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
    rows = [
        (
            each.name,
            [
                number_of(report, None)
                if (number := each.figures.get(column.key)) is None
                else written(number, report.language, column.unit)
                for column in columns
            ],
        )
        for each in beside
    ]  # fmt: skip - a row a line
    told = dict.fromkeys(said("source", report.language, source=each.source) for each in beside if each.source)
    names = [NAMES[column.key][report.language] for column in columns]
    caption, first = said("compared", report.language), said("name_column", report.language)
    return Table(caption, first, names, rows, ". ".join(told) + "." if told else "")


def of_kinds(report: Report, figures: Figures) -> Table:
    """Every device by what it counts as, those past their end of life below."""
    columns = [BY_KEY[key] for key in ALL_KINDS]
    rows = [
        (NAMES[column.key][report.language], [cell(report, column, figures)])
        for column in columns
        if column.of(figures) or column.key in FOR_PUPILS_KINDS
    ]
    caption, first = said("kinds_heading", report.language), said("kind_column", report.language)
    return Table(caption, first, [said("number_column", report.language)], rows)

"""The figures as a workbook: numbers are numbers, and no name becomes a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from provision.core.figures import Figures, Level
from provision.reports.coverage.answer import answer, called, doubts, sources
from provision.reports.coverage.columns import BY_KEY, COLUMNS, Column
from provision.reports.coverage.definitions import DEFINITIONS, NAMES
from provision.reports.coverage.numbers import Unit
from provision.reports.coverage.report import Report
from provision.reports.coverage.tables import OF_TREND
from provision.reports.coverage.wording import said

_Content = str | int | Decimal | date | None
_LEVELS: Final = {
    Level.MUNICIPALITY: "municipality",
    Level.SCHOOL: "school",
    Level.GRADE: "grade_level",
    Level.CLASS: "class_level",
}
_LONGEST: Final = 32_767  # characters in a cell
_WIDE: Final = 30


def workbook(report: Report, made: datetime) -> bytes:
    """An XLSX file with sheets of figures, trends, definitions and sources, in the report's language."""
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = made.replace(tzinfo=None)
    book.properties.creator = _text(report.site)
    _figures(report, _sheet(book, report, "figures_sheet"))
    _trends(report, _sheet(book, report, "trend_sheet"))
    _definitions(report, _sheet(book, report, "definitions_sheet"))
    _sources(report, _sheet(book, report, "sources_sheet"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet(book: Workbook, report: Report, title: str) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(said(title, report.language))
    sheet.freeze_panes = "A2"
    for letter in "ABCD":
        sheet.column_dimensions[letter].width = _WIDE  # type: ignore[attr-defined]  # the stubs leave it out
    return sheet


def _figures(report: Report, sheet: WriteOnlyWorksheet) -> None:
    names = [said(key, report.language) for key in ("level_column", "school_column", "name_column")]
    _header(sheet, [*names, *(NAMES[column.key][report.language] for column in COLUMNS)])
    schools = {each.group.org: each.group.name for each in report.schools()}
    for each in report.coverage.figures:
        group = each.group
        level = said(_LEVELS[group.level], report.language)
        first = [level, schools.get(group.org, ""), called(report, group)]
        sheet.append([_cell(sheet, text) for text in first] + _numbers(report, sheet, each, COLUMNS))


def _trends(report: Report, sheet: WriteOnlyWorksheet) -> None:
    columns = [BY_KEY[key] for key in OF_TREND]
    names = [said(key, report.language) for key in ("school_column", "name_column", "day_column", "version_column")]
    _header(sheet, [*names, *(NAMES[column.key][report.language] for column in columns)])
    schools = {each.group.org: each.group.name for each in report.schools()}
    for group in report.trends:
        for point in report.trend(group):
            first: list[_Content] = [schools.get(group.org, ""), called(report, group), point.day, point.definitions]
            sheet.append([_cell(sheet, each) for each in first] + _numbers(report, sheet, point.figures, columns))


def _definitions(report: Report, sheet: WriteOnlyWorksheet) -> None:
    _header(sheet, [said(key, report.language) for key in ("figure_column", "meaning_column")])
    for key, texts in DEFINITIONS.items():
        sheet.append([_cell(sheet, NAMES[key][report.language]), _cell(sheet, texts[report.language])])
    version = said("definitions_heading", report.language, version=str(report.coverage.definitions))
    sheet.append([_cell(sheet, version)])


def _sources(report: Report, sheet: WriteOnlyWorksheet) -> None:
    _header(sheet, [said("sources_heading", report.language)])
    towns = [each for each in report.coverage.figures if each.group.level is Level.MUNICIPALITY]
    told = [text for each in towns for text in (answer(report, each), *doubts(report, each))]
    for text in (*told, *sources(report)):
        sheet.append([_cell(sheet, text)])
    sheet.append([_cell(sheet, report.coverage.day)])


def _header(sheet: WriteOnlyWorksheet, names: Sequence[str]) -> None:
    cells = [_cell(sheet, name) for name in names]
    for cell in cells:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.append(cells)


def _numbers(report: Report, sheet: WriteOnlyWorksheet, figures: Figures, columns: Iterable[Column]) -> list[Cell]:
    if figures.group in report.hidden:
        return [_cell(sheet, said("masked", report.language)) for _ in columns]
    cells = []
    for column in columns:
        number = column.of(figures)
        cell = _cell(sheet, number)
        cell.number_format = _format(column, number)
        cells.append(cell)
    return cells


def _format(column: Column, number: _Content) -> str:
    if column.unit is Unit.PERCENT:
        return '0" %"'
    return f"0.{'0' * -int(number.as_tuple().exponent)}" if isinstance(number, Decimal) else "0"


def _cell(sheet: WriteOnlyWorksheet, content: _Content) -> Cell:
    """Text stays text, whatever it begins with, now and after somebody has edited the cell."""
    if not isinstance(content, str):
        return WriteOnlyCell(sheet, content)  # type: ignore[arg-type]  # the stubs leave out Decimal and date
    cell = WriteOnlyCell(sheet)
    cell.value = _text(content)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _text(content: str) -> str:
    """Without what no workbook can hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", content)[:_LONGEST]

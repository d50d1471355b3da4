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
from provision.core.planning import Ends, Planning
from provision.reports.coverage import planned
from provision.reports.coverage.answer import answer, called, of_another_day
from provision.reports.coverage.columns import BY_KEY, COLUMNS, Column
from provision.reports.coverage.definitions import DEFINITIONS, NAMES
from provision.reports.coverage.numbers import Unit, school_year_written
from provision.reports.coverage.report import Report, WhyNot
from provision.reports.coverage.tables import OF_TREND
from provision.reports.coverage.trust import doubts, sources
from provision.reports.coverage.wording import said

_Content = str | int | Decimal | date | None
_LEVELS: Final = {
    Level.COOPERATION: "cooperation",
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
    plan = report.planning()
    if plan.ends:
        _planning(report, plan, plan.ends, _sheet(book, report, "planning_sheet"))
    if plan.loans:
        _loans(report, plan, _sheet(book, report, "loans_sheet"))
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
    if report.failure:
        sheet.append([_cell(sheet, of_another_day(report))])
        sheet.freeze_panes = "A3"
    names = [said(key, report.language) for key in ("level_column", "school_column", "name_column", "day_column")]
    _header(sheet, [*names, *(NAMES[column.key][report.language] for column in COLUMNS)])
    schools = _schools(report)
    for each in report.coverage.figures:
        group = each.group
        level = said(_LEVELS[group.level], report.language)
        first: list[_Content] = [level, schools.get(group.org, ""), called(report, group), report.coverage.day]
        sheet.append([_cell(sheet, content) for content in first] + _numbers(report, sheet, each, COLUMNS))


def _schools(report: Report) -> dict[str, str]:
    return {each.group.org: each.group.name for each in report.parts()}


def _trends(report: Report, sheet: WriteOnlyWorksheet) -> None:
    columns = [BY_KEY[key] for key in OF_TREND]
    names = [said(key, report.language) for key in ("school_column", "name_column", "day_column", "version_column")]
    _header(sheet, [*names, *(NAMES[column.key][report.language] for column in columns)])
    schools = _schools(report)
    for group in report.trends:
        for point in report.trend(group):
            first: list[_Content] = [schools.get(group.org, ""), called(report, group), point.day, point.definitions]
            sheet.append([_cell(sheet, each) for each in first] + _numbers(report, sheet, point.figures, columns))


def _planning(report: Report, plan: Planning, ends: Ends, sheet: WriteOnlyWorksheet) -> None:
    """A row for all together, then one for each school."""
    language, years = report.language, [school_year_written(year) for year in plan.years]
    names = [said("school_column", language), *planned.heads(report), said("ended", language)]
    names += [said("ends_in", language, year=year) for year in years]
    names += [said("ends_later", language), said("ends_unknown", language)]
    names += [said("replaced_in", language, year=year) for year in years] if report.target else []
    _header(sheet, names)
    for name, numbers, of, replaced in planned.lines(report, plan, ends):
        counts = [*numbers, of.before, *of.by_year.values(), of.later, of.unknown, *replaced]
        sheet.append([_cell(sheet, name), *(_cell(sheet, count) for count in counts)])


def _loans(report: Report, plan: Planning, sheet: WriteOnlyWorksheet) -> None:
    _header(sheet, [said(key, report.language) for key in ("lender_column", "borrower_column", "number_column")])
    for each in plan.loans:
        sheet.append([_cell(sheet, cell) for cell in (each.lender.name, each.borrower.name, each.devices)])


def _definitions(report: Report, sheet: WriteOnlyWorksheet) -> None:
    _header(sheet, [said(key, report.language) for key in ("figure_column", "meaning_column")])
    for key, texts in DEFINITIONS.items():
        sheet.append([_cell(sheet, NAMES[key][report.language]), _cell(sheet, texts[report.language])])
    version = said("definitions_heading", report.language, version=str(report.coverage.definitions))
    sheet.append([_cell(sheet, version)])


def _sources(report: Report, sheet: WriteOnlyWorksheet) -> None:
    _header(sheet, [said("sources_heading", report.language)])
    whole = report.coverage.figures[:1]
    told = [text for each in whole for text in (answer(report, each), *doubts(report, each))]
    if report.failure:
        told = [of_another_day(report), *told]
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
    cells = []
    for column in columns:
        why_not, number = report.why_not(column, figures), report.value(column, figures)
        told = said(why_not.value, report.language) if why_not in (WhyNot.MASKED, WhyNot.NOT_KNOWN) else number
        cell = _cell(sheet, told)
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

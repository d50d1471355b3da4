"""The same figures in every file and on the terminal, proved by reading them back."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import openpyxl
import pytest
from hypothesis import given
from rich.console import Console

from provision.core.figures import Coverage, Figures, Level
from provision.core.language import Language
from provision.reports.coverage import tables, terminal
from provision.reports.coverage.columns import BY_KEY, COLUMNS
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv, as_json
from provision.reports.coverage.wording import said
from provision.reports.coverage.workbook import workbook
from tests.reports.coverages import DAY, SODIN, TOWN, any_report, hemne, report, school

MADE: Final = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
Cells = list[Decimal | None]


def expected(told: Report) -> list[Cells]:
    """Every figure of every group, None where it is masked."""
    return [[_number(told, each, key) for key in BY_KEY] for each in told.coverage.figures]


def _number(told: Report, figures: Figures, key: str) -> Decimal | None:
    number = None if figures.group in told.hidden else BY_KEY[key].of(figures)
    return None if number is None else Decimal(number)


def in_csv(told: Report) -> list[Cells]:
    header, *rows = csv.reader(io.StringIO(as_csv(told), newline=""))
    assert header[7:] == list(BY_KEY)
    return [[Decimal(cell) if cell else None for cell in row[7:]] for row in rows]


def in_json(told: Report) -> list[Cells]:
    groups = json.loads(as_json(told))["groups"]
    found = [each["figures"] or dict.fromkeys(BY_KEY) for each in groups]
    return [[None if each[key] is None else Decimal(str(each[key])) for key in BY_KEY] for each in found]


def in_workbook(told: Report) -> list[Cells]:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[0]
    rows = sheet.iter_rows(min_row=2, min_col=4, values_only=True)
    return [[Decimal(str(cell)) if isinstance(cell, int | float) else None for cell in row] for row in rows]


@given(any_report())
def test_csv_json_and_workbook_hold_the_same_figures(told: Report) -> None:
    assert in_csv(told) == in_json(told) == in_workbook(told) == expected(told)


@given(any_report())
def test_the_terminal_shows_the_figures_of_the_page(told: Report) -> None:
    schools = told.schools()
    console = Console(width=4000, file=io.StringIO(), record=True)
    console.print(terminal.of_schools(told, schools))
    *_, lines = console.export_text().split("\n", 2)
    shown = [
        re.split(r" {2,}", line.rstrip())[-len(tables.OF_SCHOOLS) :] for line in lines.splitlines() if line.strip()
    ]
    assert shown == [[tables.cell(told, BY_KEY[key], each) for key in tables.OF_SCHOOLS] for each in schools]


@given(any_report())
def test_no_name_is_a_formula_in_a_workbook(told: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "n", "d"}


@pytest.mark.parametrize("name", ['=HYPERLINK("http://localhost")', "+1", "-1", "@x", "#N/A", "\x01=1", "'6A"])
def test_what_looks_like_a_formula_stays_text(name: str) -> None:
    told = report(Coverage(DAY, 1, (school(SODIN, name, 30, 3),)))
    cell = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[0]["C2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name.lstrip("\x01"), "s", True)
    *_, row = csv.reader(io.StringIO(as_csv(told), newline=""))
    assert row[5] == (name if name.startswith(("#", "\x01")) else f"'{name}")


def test_numbers_in_a_workbook_show_as_many_decimals_as_they_have() -> None:
    told = report(hemne())
    row = next(openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[0].iter_rows(min_row=3, max_row=3))
    formats = {cell.value: cell.number_format for cell in row[3:]}
    assert (formats[545], formats[14.7], formats[0.07], formats[7]) == ("0", "0.0", "0.00", '0" %"')


@pytest.mark.parametrize("language", Language)
def test_a_workbook_has_sheets_of_figures_trends_definitions_and_sources(language: Language) -> None:
    told = report(hemne(), language)
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE)))
    keys = ("figures_sheet", "trend_sheet", "definitions_sheet", "sources_sheet")
    assert book.sheetnames == [said(key, language) for key in keys]
    days = [row[2].value for row in book.worksheets[1].iter_rows(min_row=2)]
    assert len(days) == sum(len(told.trend(group)) for group in told.trends)
    assert max(days).date() == DAY
    assert len(list(book.worksheets[2].iter_rows())) == len(COLUMNS) + 2


def test_the_document_says_which_format_and_what_it_stands_on() -> None:
    document = json.loads(as_json(report(hemne())))
    assert (document["format"], document["day"], document["definitions"], document["issues"]) == (1, "2003-10-01", 1, 1)
    assert document["inventories"] == [
        {"name": "Intune", "as_of": "2003-10-01T02:30:00+00:00", "late": True},
        {"name": "Regneark", "as_of": None, "late": False},
    ]
    assert len(document["trends"][0]["days"]) == 31
    assert document["groups"][0]["figures"]["pupils_per_device"] == 8.8


def test_a_masked_group_is_in_no_file() -> None:
    tiny = school(SODIN, "Vesle skule", 3, 2)
    told = report(Coverage(DAY, 1, (tiny,)))
    document = json.loads(as_json(told))
    assert document["groups"][0]["figures"] is None
    assert document["trends"] == []
    assert all(cell is None for cells in in_workbook(told) for cell in cells)


def test_figures_that_a_level_does_not_have_are_empty() -> None:
    row = in_csv(report(hemne()))[0]
    assert row[list(BY_KEY).index("at_once")] is None
    assert TOWN.level is Level.MUNICIPALITY

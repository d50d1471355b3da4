"""The same figures in every file and on the terminal, proved by reading them back."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import openpyxl
import pytest
from hypothesis import given

from provision.core.figures import Coverage, Figures, Level
from provision.core.language import Language
from provision.core.planning import Target
from provision.reports.coverage.columns import BY_KEY, COLUMNS
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv, as_json
from provision.reports.coverage.wording import said
from provision.reports.coverage.workbook import workbook
from tests.reports.coverages import DAY, SODIN, SVANEM, TOWN, any_report, figures, grade, hemne, report, school

MADE: Final = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
Cells = list[Decimal | None]


def expected(told: Report) -> list[Cells]:
    """Every figure of every group, None where it is masked."""
    return [[_number(told, each, key) for key in BY_KEY] for each in told.coverage.figures]


def _number(told: Report, figures: Figures, key: str) -> Decimal | None:
    number = told.value(BY_KEY[key], figures)
    return None if number is None else Decimal(number)


def document_of(told: Report) -> dict[str, Any]:
    """As whoever reads the JSON has it."""
    found: dict[str, Any] = json.loads(json.dumps(as_json(told, told.coverage.figures)))
    return found


def in_csv(told: Report) -> list[Cells]:
    header, *rows = csv.reader(io.StringIO(as_csv(told, told.coverage.figures), newline=""))
    assert header[8:] == list(BY_KEY)
    return [[Decimal(cell) if cell else None for cell in row[8:]] for row in rows]


def in_json(told: Report) -> list[Cells]:
    groups = document_of(told)["groups"]
    found = [each["figures"] or dict.fromkeys(BY_KEY) for each in groups]
    return [[None if each[key] is None else Decimal(str(each[key])) for key in BY_KEY] for each in found]


def in_workbook(told: Report) -> list[Cells]:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[0]
    rows = sheet.iter_rows(min_row=2, min_col=5, values_only=True)
    return [[Decimal(str(cell)) if isinstance(cell, int | float) else None for cell in row] for row in rows]


@given(any_report())
def test_csv_json_and_workbook_hold_the_same_figures(told: Report) -> None:
    assert in_csv(told) == in_json(told) == in_workbook(told) == expected(told)


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
    *_, row = csv.reader(io.StringIO(as_csv(told, told.coverage.figures), newline=""))
    assert row[5] == (name if name.startswith(("#", "\x01")) else f"'{name}")


def test_numbers_in_a_workbook_show_as_many_decimals_as_they_have() -> None:
    told = report(hemne())
    row = next(openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[0].iter_rows(min_row=3, max_row=3))
    formats = {cell.value: cell.number_format for cell in row[4:]}
    assert (formats[545], formats[14.7], formats[0.07], formats[7]) == ("0", "0.0", "0.00", '0" %"')


@pytest.mark.parametrize("language", Language)
def test_a_workbook_has_sheets_of_figures_trends_definitions_and_sources(language: Language) -> None:
    told = report(hemne(), language)
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE)))
    keys = ("figures_sheet", "trend_sheet", "planning_sheet", "definitions_sheet", "sources_sheet")
    assert book.sheetnames == [said(key, language) for key in keys]
    days = [row[2].value for row in book.worksheets[1].iter_rows(min_row=2)]
    assert len(days) == sum(len(told.trend(group)) for group in told.trends)
    assert max(days).date() == DAY
    assert len(list(book.worksheets[3].iter_rows())) == len(COLUMNS) + 2


def test_the_document_says_which_format_and_what_it_stands_on() -> None:
    document = document_of(report(hemne()))
    assert (document["format"], document["day"], document["definitions"]) == (1, "2003-10-01", 1)
    assert document["failure"] is None
    assert document["stands_on"] == [
        {"name": "SIS", "count": 640, "as_of": "2003-10-01T02:30:00+00:00"},
        {"name": "Intune", "count": 97, "as_of": "2003-10-01T02:30:00+00:00"},
        {"name": "Regneark", "count": 6, "as_of": None},
    ]
    why = "the school is not the same everywhere; the first one's counts"
    assert document["issues"] == [{"source": "Intune", "id": "PF1", "reason": why}]
    assert len(document["trends"][0]["days"]) == 31
    assert document["groups"][0]["figures"]["pupils_per_device"] == 8.8


def test_a_masked_group_is_in_no_file() -> None:
    tiny = school(SODIN, "Vesle skule", 3, 2)
    told = report(Coverage(DAY, 1, (tiny,)))
    document = document_of(told)
    assert document["groups"][0]["figures"] is None
    assert document["trends"] == []
    assert all(cell is None for cells in in_workbook(told) for cell in cells)


def test_figures_that_a_level_does_not_have_are_empty() -> None:
    row = in_csv(report(hemne()))[0]
    assert row[list(BY_KEY).index("at_once")] is None
    assert TOWN.level is Level.MUNICIPALITY


def test_a_workbook_of_another_day_says_so_in_its_first_line() -> None:
    told = replace(report(hemne()), failure="Intune: 503")
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE)))
    first = [row[0].value for row in book.worksheets[0].iter_rows(max_row=2)]
    assert first[0] == "Obs: Dette er tall fra 01.10.2003. Nyere eller mer fullstendige tall kunne ikke lages."
    assert first[1] == said("level_column", told.language)


@given(any_report())
def test_the_plans_in_the_workbook_are_those_of_the_json(told: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE)))
    plan = document_of(told)["planning"]
    title = said("planning_sheet", told.language)
    assert (title in book.sheetnames) == (plan["ends"] is not None)
    if plan["ends"]:
        _, whole, *rows = book[title].iter_rows(values_only=True)
        skipped = 5 if told.target else 1
        assert list(whole[skipped:][: len(plan["years"]) + 3]) == in_a_row(plan["ends"])
        assert [list(row[skipped:][: len(plan["years"]) + 3]) for row in rows] == [
            in_a_row(each["ends"]) for each in plan["schools"]
        ]
        assert [row[3] for row in rows] == [each["short"] for each in plan["schools"]] or not told.target


def in_a_row(ends: dict[str, Any]) -> list[int]:
    return [ends["before"], *ends["by_year"].values(), ends["later"], ends["unknown"]]


def test_the_plans_say_what_is_short_and_who_could_lend() -> None:
    well_off, poor = school(SODIN, "Sodin", 20, 45), school(SVANEM, "Svanem", 20, 4)
    coverage = Coverage(
        DAY, 1, (figures(TOWN, 40, 49), well_off, poor, grade(SODIN, 6, 20, 20), grade(SVANEM, 6, 20, 4))
    )
    plan = document_of(report(coverage, target=Target(1, "5")))["planning"]
    assert plan["target"] == {"pupils_per_device": 1, "from_grade": "5"}
    assert (plan["short"], plan["years"][0], plan["whole"]) == (16, 2003, True)
    assert plan["loans"] == [{"lender": SODIN, "borrower": SVANEM, "devices": 16}]
    assert [each["spare"] for each in plan["schools"]] == [25, 0]
    assert document_of(report(coverage))["planning"]["short"] is None


def test_a_municipality_without_schools_has_nothing_under_what_is_told_of_schools() -> None:
    told = report(Coverage(DAY, 1, (replace(figures(TOWN, 0, 7), ends={2003: 7}),)), target=Target(1, "5"))
    rows = openpyxl.load_workbook(io.BytesIO(workbook(told, MADE))).worksheets[2].iter_rows(values_only=True)
    header, whole = rows
    assert list(whole[:7]) == [said("whole_town", told.language), None, None, None, None, 0, 7]
    assert len(header) >= len(whole)

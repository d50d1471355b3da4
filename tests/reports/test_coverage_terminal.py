"""The figures on a terminal: the right columns for each level, and all that must be known beside them."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from rich.console import Console

from provision.core.figures import Coverage, Figures, Level
from provision.core.language import Language
from provision.reports.coverage import tables
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.report import Report
from provision.reports.coverage.terminal import remarks, table
from tests.reports.coverages import DAY, SODIN, SVANEM, any_report, cooperation, grade, hemne, report, school, shared


def printed(told: Report, figures: tuple[Figures, ...]) -> list[str]:
    """The lines below the title and the names of the columns."""
    console = Console(width=4000, file=io.StringIO(), record=True)
    console.print(table(told, figures))
    return console.export_text().splitlines()[2:]


def columns(told: Report, figures: tuple[Figures, ...]) -> list[str]:
    names = {str(text): key for key, texts in NAMES.items() for text in texts.values()}
    found = [str(column.header) for column in table(told, figures).columns[1:]]
    return [names[name] for name in found]


@given(any_report())
def test_a_terminal_shows_the_figures_of_the_page(told: Report) -> None:
    keys = columns(told, told.coverage.figures)
    shown = [re.split(r" {2,}", line.rstrip())[-len(keys) :] for line in printed(told, told.coverage.figures)]
    assert shown == [[tables.cell(told, BY_KEY[key], each) for key in keys] for each in told.coverage.figures]


def test_schools_grades_and_both_together_have_their_own_columns() -> None:
    told = report(hemne())
    schools = tuple(each for each in hemne().figures if each.group.level in (Level.MUNICIPALITY, Level.SCHOOL))
    grades = tuple(each for each in hemne().figures if each.group.level is Level.GRADE)
    usual = ["pupils", "devices", "pupils_per_device", "pupils_per_device_at_once", "share_with_own"]
    assert columns(told, schools) == [*usual, "missing", "staff"]
    assert columns(told, schools + grades) == [*usual, "without", "missing"]
    assert columns(told, grades) == list(tables.OF_GROUPS)
    no_lines = tuple(replace(each, link=None) for each in schools)
    assert "pupils_per_device_at_once" not in columns(told, no_lines)


def test_grades_stand_under_their_school_or_say_which_it_is() -> None:
    figures = (school(SODIN, "Sodin", 40, 4), grade(SODIN, 6, 20, 2), grade(SVANEM, 6, 20, 2), grade("", 6, 40, 4))
    told = report(Coverage(DAY, 1, (*figures, school(SVANEM, "Svanem", 40, 4))))
    names = [line[1:19].rstrip() for line in printed(told, figures)]
    assert names == ["Sodin", "  6.\xa0trinn", "Svanem, 6.\xa0trinn", "6.\xa0trinn"]


def test_the_remarks_say_when_what_is_uncertain_and_where_the_issues_are() -> None:
    told = report(hemne())
    found = remarks(told, hemne().figures)
    assert found[0] == "Talt 01.10.2003. Definisjoner, versjon 1."
    assert "Intune: 97 enheter, per 01.10.2003 04:30." in found
    assert "4 enheter har ukjent sted eller bruker og er ikke regnet med." in found
    assert found[-2] == "`provision ratios --json` viser hva."
    assert found[-1].startswith("«skjult»: grupper på under 5 elever")
    assert remarks(report(shared()), shared().figures)[4].startswith("Registrene sier ikke hvem som har hvilken enhet.")


def test_figures_of_another_day_say_so_first_and_why() -> None:
    told = replace(report(hemne(), Language.EN), failure="Intune: 503")
    assert remarks(told, hemne().figures)[:3] == [
        "Note: these figures are of 2003-10-01. Later or more complete ones could not be made.",
        "Intune: 503",
        "Counted on 2003-10-01. Definitions, version 1.",
    ]


@pytest.mark.parametrize("language", Language)
def test_a_cooperation_has_a_line_for_each_municipality(language: Language) -> None:
    told = report(cooperation(), language)
    names = [re.split(r" {2,}", line.strip())[0] for line in printed(told, told.coverage.figures)]
    assert names == ["Orkdalsregionen", "Hemne", "Hitra", "Snillfjord"]
    assert any("aure" in each for each in remarks(told, told.coverage.figures))

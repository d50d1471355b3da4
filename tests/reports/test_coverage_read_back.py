"""What is written as CSV is read back as it was; a table made by hand is read too, and every fault in it is named."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import DEFINITIONS, Coverage, Figures, Group, Level, Link, in_order
from provision.errors import SourceError
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv, from_csv
from tests.reports.coverages import DAY, SODIN, TOWN, VINJEORA, any_report, hemne, report

SMALL: Final = "day,level,school,name,pupils,pool\n2003-10-01,municipality,,Hemne,640,73\n"


def without_ends(figures: Figures) -> Figures:
    return replace(figures, ends={})


def everything_shown(told: Report) -> Report:
    return replace(told, hidden=frozenset())


@given(any_report())
def test_what_is_written_is_read_back_equal(drawn: Report) -> None:
    told = everything_shown(drawn)
    (found,) = from_csv(as_csv(told, told.coverage.figures), "figures.csv")
    assert found == Coverage(DAY, DEFINITIONS, in_order(map(without_ends, told.coverage.figures)))


@given(any_report(), st.integers(1, 3))
def test_several_days_in_one_file_are_several_counts_and_order_does_not_matter(drawn: Report, days: int) -> None:
    told = everything_shown(drawn)
    texts = []
    for ago in range(days):
        coverage = replace(told.coverage, day=DAY - timedelta(days=ago))
        texts.append(as_csv(replace(told, coverage=coverage), coverage.figures))
    header = texts[0].partition("\r\n")[0]
    whole = "\r\n".join([header, *(text.partition("\r\n")[2].rstrip("\r\n") for text in texts)]) + "\r\n"
    assert [each.day for each in from_csv(whole, "f.csv")] == [DAY - timedelta(days=n) for n in range(days)][::-1]


def test_masked_groups_are_left_out_and_withheld_details_leave_the_machines() -> None:
    told = report(hemne())
    (found,) = from_csv(as_csv(told, told.coverage.figures), "figures.csv")
    groups = {each.group: each for each in found.figures}
    assert groups.keys() == {each.group for each in told.coverage.figures} - told.hidden
    below = [each for each in found.figures if (each.group.level, each.group.org) == (Level.GRADE, VINJEORA)]
    written = {each.group: each for each in told.coverage.figures}
    assert below
    assert all(each.devices == written[each.group].devices for each in below)
    assert all(each.kinds == {} for each in below)


def test_a_small_table_is_enough_and_says_nothing_of_who_has_which() -> None:
    (found,) = from_csv(SMALL, "old.csv")
    (only,) = found.figures
    assert (found.day, found.definitions, only.group) == (date(2003, 10, 1), DEFINITIONS, TOWN)
    assert (only.pupils, only.counted, only.named, only.without, only.missing) == (
        640,
        {Counted.POOL: 73},
        False,
        640,
        567,
    )


def test_a_table_from_a_spreadsheet_is_read() -> None:
    """Semicolons, a byte order mark, Norwegian days, line ends of Windows, empty lines, devices not told apart."""
    text = (
        "\N{BOM}day;level;school;name;pupils;devices;with_one;kind_tablet;link_kbit;link_kbit_each\r\n"
        "01.10.2003;school;974588145;Sodin;545;37;;12;128;20\r\n;;;;;;;;;\r\n"
        "01.10.2003;grade;974588145;6. trinn;54;4;4;;;\r\n"
    )
    (found,) = from_csv(text, "gsi.csv")
    school, grade = found.figures
    assert (school.counted, school.kinds, school.link) == ({Counted.POOL: 37}, {DeviceKind.TABLET: 12}, Link(128, 20))
    assert (grade.group, grade.counted) == (Group(Level.GRADE, SODIN, "6", "6"), {Counted.OWN: 4})
    assert (grade.named, grade.without, grade.with_one) == (True, 50, 4)


HEADER: Final = (
    "day,level,school,key,name,definitions,masked,pupils,devices,own,without,with_one,link_kbit,link_kbit_each"
)


@pytest.mark.parametrize(
    ("row", "column", "right"),
    [
        ("2003-13-01,school,1,,Sodin,,,5,,,,,,", "day", "such as 2003-10-01"),
        (",school,1,,Sodin,,,5,,,,,,", "day", "such as 2003-10-01"),
        ("2099-01-01,school,1,,Sodin,,,5,,,,,,", "day", "yet to come"),
        ("2003-10-01,skole,1,,Sodin,,,5,,,,,,", "level", "one of cooperation, municipality, school, grade, class"),
        ("2003-10-01,school,,,Sodin,,,5,,,,,,", "school", "the school's number"),
        ("2003-10-01,school,Sodin,,Sodin,,,5,,,,,,", "school", "number, not its name"),
        ("2003-10-01,class,1,,6A,,,5,,,,,,", "key", "the class's id"),
        ("2003-10-01,grade,1,,mixed,,,5,,,,,,", "key", "such as 6 or vg1"),
        ("2003-10-01,school,1,,Sodin,,,,,,,,,", "pupils", "how many"),
        ("2003-10-01,school,1,,Sodin,,,-5,,,,,,", "pupils", "0 or more"),
        ("2003-10-01,school,1,,Sodin,,,5.0,,,,,,", "pupils", "whole number"),
        ("2003-10-01,school,1,,Sodin,,,\N{ARABIC-INDIC DIGIT FIVE},,,,,,", "pupils", "digits"),
        ("2003-10-01,school,1,,Sodin,,,5,9,8,,,,", "devices", "own, loan and pool make 8"),
        ("2003-10-01,school,1,,Sodin,,,5,,,4,2,,", "pupils", "do not make that"),
        ("2003-10-01,school,1,,Sodin,,,5,,,,6,,", "pupils", "do not make that"),
        ("2003-10-01,school,1,,Sodin,,yes,5,,,,,,", "masked", "0 or 1"),
        ("2003-10-01,school,1,,Sodin,,,5,,,,,128,", "link_kbit_each", "1 or more"),
        ("2003-10-01,school,1,,Sodin,,,5,,,,,128,0", "link_kbit_each", "1 or more"),
        ("2003-10-01,school,1,,Sodin,,,5,,,,,,20", "link_kbit", "1 or more"),
    ],
)
def test_what_cannot_be_is_named_with_line_and_column(row: str, column: str, right: str) -> None:
    with pytest.raises(SourceError) as raised:
        from_csv(f"{HEADER}\n2003-10-01,school,2,,Svanem,,,44,16,16,28,16,,\n{row}\n", "old.csv", DAY)
    told = str(raised.value)
    assert told.startswith(f"old.csv, line 3, column {column}: ")
    assert right in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "old.csv, line 1: no column day, level, school, name, pupils; the header needs day, level"),
        ("day,level,school,name,pupils,pols\n", "old.csv, line 1: no such column as 'pols'; there may be day, level"),
        ("day,level,school,name,pupils,pupils\n", "old.csv, line 1: column pupils stands twice"),
        (SMALL + "2003-10-01,school\n", "old.csv, line 3: 2 cells, but the header has 6"),
        (SMALL + SMALL.splitlines()[1] + "\n", "this group and day stand in old.csv, line 2 already; keep one of them"),
        (SMALL + '2003-10-01,school,1,"Sodin"x,5,1\n', "old.csv, line 3: "),
    ],
)
def test_what_is_no_such_table_is_refused(text: str, told: str) -> None:
    with pytest.raises(SourceError) as raised:
        from_csv(text, "old.csv")
    assert told in str(raised.value)


def test_one_day_has_one_kind_of_definitions() -> None:
    rows = "2003-10-01,school,1,,A,1,,5,,,,,,\n2003-10-02,school,1,,A,2,,5,,,,,,\n"
    assert [each.definitions for each in from_csv(f"{HEADER}\n{rows}", "old.csv")] == [1, 2]
    with pytest.raises(SourceError, match="line 4, column definitions: must be the same for all of 2003-10-01"):
        from_csv(f"{HEADER}\n{rows}2003-10-01,school,2,,B,2,,5,,,,,,\n", "old.csv")


@given(st.text(max_size=80))
def test_whatever_is_in_a_file_nothing_but_a_fault_comes_of_it(text: str) -> None:
    for whole in (text, SMALL + text):
        told = ""
        try:
            found = from_csv(whole, "old.csv")
        except SourceError as error:
            found, told = (), str(error)
        assert told.startswith("old.csv") or all(each.figures for each in found)

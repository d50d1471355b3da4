"""Lists of machines as people send them: what a person is told of them, and what is counted nevertheless."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from provision.core.counted import Terms
from provision.core.machines import People, machines
from provision.errors import SourceError
from tests.inventories.table_files import csv_text, mapping_of, read, workbook_of, xlsx
from tests.town import DAY

NORTH: Final = "300010008"
HEADER: Final = ("serial", "school", "purchased", "last_seen")
GOOD: Final = ("5CG1234ABC", NORTH, "2025-08-01", str(DAY))
SCHOOLS: Final = {NORTH: NORTH, "nord skole": NORTH}
NOBODY: Final = People(of={}, pupils={}, staff=frozenset())

UNKNOWN: Final = "the SIS has no school of this number or name, or several"

Told = list[tuple[str, str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "enheter.csv"


def of(path: Path, content: bytes, **mapped: Any) -> tuple[Told, dict[str, int]]:
    """What is told, of which machine, and what the machines count as; by a mapping where one is given."""
    path.write_bytes(content)
    mapping = mapping_of({name: name for name in HEADER}, **mapped) if mapped else None
    found = machines([read(path, mapping)], SCHOOLS, NOBODY, Terms(), DAY)
    return [(issue.sourced_id, issue.reason) for issue in found.issues], dict(Counter(found.table["counted"]))


def rows(*more: tuple[str, ...]) -> bytes:
    return csv_text([HEADER, GOOD, *more]).encode("utf-8-sig")


def test_a_list_without_a_fault_says_nothing(path: Path) -> None:
    assert of(path, rows()) == ([], {"pool": 1})


NO_DAY: Final = (
    "line 3, column purchased: no purchased that we know; write a day such as 2026-06-30, or say under "
    "values.purchased in the mapping what it means"
)


@pytest.mark.parametrize("text", ["-1", "-44927", "-2025-08-01", "31.02.2025", "2025-13-01", "08/01/2025", "i fjor"])
def test_a_day_that_cannot_be_is_told_of_and_the_machine_counts(path: Path, text: str) -> None:
    assert of(path, rows(("A-1", NORTH, text, str(DAY)))) == ([("A-1", NO_DAY)], {"pool": 2})


@pytest.mark.parametrize("column", ["purchased", "last_seen"])
def test_a_day_yet_to_come_is_told_of_and_the_machine_counts(path: Path, column: str) -> None:
    row = dict(zip(HEADER, GOOD, strict=True)) | {"serial": "A-1", column: "2062-01-01"}
    assert of(path, rows(tuple(row.values()))) == ([("A-1", f"{column} is a day yet to come")], {"pool": 2})


@pytest.mark.parametrize("never", ["0000-00-00", "0001-01-01T00:00:00Z", "1.1.0001"])
def test_never_is_no_day_and_no_fault(path: Path, never: str) -> None:
    assert of(path, rows(("A-1", NORTH, never, never))) == ([], {"pool": 2})


def test_a_title_above_the_names_refuses_the_list_and_the_mapping_says_where_they_stand(path: Path) -> None:
    content = csv_text([("Enheter på skolene", "", "", ""), HEADER, GOOD]).encode("cp1252")
    with pytest.raises(SourceError) as caught:
        of(path, content)
    assert str(caught.value) == f"{path}, line 1: no column serial, school; the header needs serial, school"
    assert of(path, content, header=2) == ([], {"pool": 1})


def test_the_names_of_the_columns_once_more_are_told_of_and_no_machine(path: Path) -> None:
    again = tuple(f" {name.upper()}" for name in HEADER)
    once_more = "the names of the columns once more, and no machine"
    told, counts = of(path, rows(HEADER, ("A-1", NORTH, "", ""), again, ("serial", "school", "", "")))
    assert told == [("", f"line {line}: {once_more}") for line in (3, 5, 6)]
    assert counts == {"pool": 2}


def test_a_machine_may_be_called_as_a_column(path: Path) -> None:
    assert of(path, rows(("serial", NORTH, "", ""))) == ([], {"pool": 2})


def test_a_second_line_of_other_names_is_told_of_until_the_mapping_says_where_machines_begin(path: Path) -> None:
    content = csv_text([HEADER, ("nummer", "sted", "dato", "dato"), GOOD]).encode()
    told, counts = of(path, content)
    assert [reason.partition(":")[0] for _, reason in told] == [
        "line 2, column purchased",
        "line 2, column last_seen",
        UNKNOWN,
    ]
    assert counts == {"pool": 1, "unmatched": 1}
    assert of(path, content, first=3) == ([], {"pool": 1})


def test_leading_zeros_that_a_workbook_has_eaten_are_told_of_once(path: Path) -> None:
    table: list[tuple[Any, ...]] = [HEADER, GOOD, (42, int(NORTH), "", ""), (43, NORTH, "", "")]
    eaten = "column serial: 2 serial numbers are stored as a number, so that leading zeros are lost"
    assert of(path, xlsx(workbook_of(table))) == ([("", f"{eaten}; format the column as text")], {"pool": 3})


def test_a_number_of_a_school_that_lost_its_zeros_is_told_of_and_the_machine_is_nobodys(path: Path) -> None:
    right = "a number with fewer than nine digits; write the organisation number, as text"
    told, counts = of(path, rows(("A-1", NORTH[1:], "", "")))
    assert told == [("A-1", f"line 3, column school: {right}"), ("A-1", UNKNOWN)]
    assert counts == {"pool": 1, "unmatched": 1}


def test_a_school_may_be_given_by_its_name_and_one_that_nobody_knows_is_not_counted(path: Path) -> None:
    names = (" NORD skole ", "Atlantis skole")
    _, counts = of(path, rows(*((f"A-{n}", name, "", "") for n, name in enumerate(names))))
    assert counts == {"pool": 2, "unmatched": 1}


def test_a_serial_number_is_the_same_in_lower_case_and_with_spaces(path: Path) -> None:
    twice = ("5cg 1234 abc", "line 3: the serial number stands in line 2 too")
    assert of(path, rows((" 5cg 1234 abc ", NORTH, "2025-08-01", ""))) == ([twice], {"pool": 1})


@pytest.mark.parametrize("number", ["1,23457E+11", "########", "2026-08-17"])
def test_a_serial_number_that_a_spreadsheet_has_spoiled_refuses_the_list_with_its_line(path: Path, number: str) -> None:
    with pytest.raises(SourceError, match=r"enheter\.csv, line 3, column serial: .* save again$"):
        of(path, rows((number, NORTH, "", "")))

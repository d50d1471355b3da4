"""People who are in no SIS: each with an end, each bad row costing only that person."""

from pathlib import Path

import pytest

from provision.core.extract import Extract
from provision.errors import SourceError
from tests import canaries, pifu
from tests.sources.supplements import PEOPLE

GOOD = {
    "sourced_id": "x-1",
    "given_name": "Runa",
    "family_name": "Vikarstad",
    "role": "teacher",
    "org": pifu.SCHOOL,
    "begin": "2026-08-01",
    "end": "2026-12-31",
    "birth_date": "1988-03-14",
    "national_id": canaries.NIN,
    "mail": "runa@byraa.example",
}


def extract_of(folder: Path, *rows: dict[str, str]) -> Extract:
    return PEOPLE.extract(folder, *(";".join(row[name] for name in PEOPLE.header.split(";")) for row in rows))


def test_a_person_is_a_user_with_a_role_at_a_school(tmp_path: Path) -> None:
    extract = extract_of(tmp_path, {**GOOD, "org": f"NO{pifu.SCHOOL}"})
    assert pifu.rows(extract, "users") == [
        {
            "sourced_id": "x-1",
            "status": "active",
            "given_name": "Runa",
            "family_name": "Vikarstad",
            "full_name": "Runa Vikarstad",
            "national_id": canaries.NIN,
            "birth_date": "1988-03-14",
            "mail": "runa@byraa.example",
            "mobile": "",
            "principal_name": "",
        }
    ]
    assert pifu.rows(extract, "enrollments") == [
        {
            "user": "x-1",
            "org": pifu.SCHOOL,
            "school_class": "",
            "role": "teacher",
            "begin": "2026-08-01",
            "end": "2026-12-31",
            "primary": "",
        }
    ]
    assert pifu.rows(extract, "rejects") == []


def test_a_person_at_two_schools_is_one_person(tmp_path: Path) -> None:
    extract = extract_of(tmp_path, GOOD, {**GOOD, "org": pifu.OTHER_SCHOOL, "role": "aide"})
    assert len(extract.tables["users"]) == 1
    found = [(row["user"], row["org"], row["role"]) for row in pifu.rows(extract, "enrollments")]
    assert found == [("x-1", pifu.SCHOOL, "teacher"), ("x-1", pifu.OTHER_SCHOOL, "aide")]


def test_the_optional_cells_may_be_empty(tmp_path: Path) -> None:
    row = {**GOOD, "begin": "", "birth_date": "", "national_id": "", "mail": ""}
    assert pifu.rows(extract_of(tmp_path, row), "rejects") == []


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("given_name", ""),
        ("family_name", ""),
        ("role", ""),
        ("role", "Lærer"),
        ("role", "guardian"),
        ("org", ""),
        ("org", "974588146"),
        ("org", "Sodin skole"),
        ("end", ""),
        ("end", "31.12.2026"),
        ("end", "20261231"),
        ("end", "2026-02-30"),
        ("end", "2026-07-31"),
        ("begin", "1 August"),
        ("birth_date", "14.03.88"),
    ],
)
def test_a_bad_row_costs_only_that_person(tmp_path: Path, column: str, cell: str) -> None:
    extract = extract_of(tmp_path, GOOD, {**GOOD, "sourced_id": "x-2", column: cell})
    assert [row["sourced_id"] for row in pifu.rows(extract, "users")] == ["x-1"]
    (reject,) = pifu.rows(extract, "rejects")
    assert (reject["table"], reject["sourced_id"]) == ("users", "x-2")
    assert reject["org"] == ("" if column == "org" else pifu.SCHOOL)
    assert reject["reason"].startswith(f"{column}: ")
    assert "(line 3)" in reject["reason"]
    assert canaries.NIN not in reject["reason"]


def test_two_rows_of_one_id_must_be_one_person(tmp_path: Path) -> None:
    extract = extract_of(tmp_path, GOOD, {**GOOD, "family_name": "Andersson"})
    assert [row["family_name"] for row in pifu.rows(extract, "users")] == ["Vikarstad"]
    assert [row["sourced_id"] for row in pifu.rows(extract, "rejects")] == ["x-1"]


def test_a_row_without_an_id_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 3, column sourced_id"):
        extract_of(tmp_path, GOOD, {**GOOD, "sourced_id": ""})

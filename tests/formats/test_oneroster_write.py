"""Packages as they are written: valid, the same each time, and nothing in them that no package can hold."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.formats.oneroster import Version, columns, decode_id
from provision.formats.oneroster_write import Cell, is_id, is_list, write_package
from tests.oneroster import tables_of

AT: Final = datetime(2026, 11, 23, 1, 30, 20, tzinfo=UTC)
VERSIONS: Final[Sequence[Version]] = ("1.1", "1.2")
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ID: Final = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


def row(name: str, version: Version = "1.2", /, **cells: Cell) -> list[Cell]:
    """A row with these cells, empty else."""
    given = {"sourcedId": f"{name}-1", **cells}
    assert given.keys() <= set(columns(name, version))
    return [given.get(column, () if is_list(column) else "") for column in columns(name, version)]


def a_school(version: Version) -> dict[str, list[list[Cell]]]:
    """The smallest school with one class, one teacher and one pupil with a guardian."""
    user = {"enabledUser": "true", "givenName": "Åse", "familyName": "Bø"}
    roles = {"t": "teacher", "p": "student", "g": "guardian"}
    tables = {
        "orgs": [row("orgs", version, sourcedId="skole", name="Skole", type="school", identifier="974588145")],
        "academicSessions": [
            row(
                "academicSessions", version, sourcedId="2027", title="2026/27", type="schoolYear",
                startDate="2026-08-01", endDate="2027-08-01", schoolYear="2027",
            )
        ],
        "courses": [row("courses", version, sourcedId="NOR0214", title="Norsk", orgSourcedId="skole")],
        "classes": [
            row(
                "classes", version, sourcedId="6A", title="6A", classType="homeroom", courseSourcedId="NOR0214",
                schoolSourcedId="skole", termSourcedIds=["2027"], grades=("06",), subjects=("Norsk", "Engelsk"),
            )
        ],
        "enrollments": [
            row(
                "enrollments", version, sourcedId=f"6A-{who}", classSourcedId="6A", schoolSourcedId="skole",
                userSourcedId=who, role=roles[who],
            )
            for who in "tp"
        ],
    }  # fmt: skip  # one record after the other
    for who, role in roles.items():
        place: dict[str, Cell] = {"orgSourcedIds": ("skole",), "role": role} if version == "1.1" else {}
        agents = ("g",) if who == "p" else ()
        users = row("users", version, sourcedId=who, username=who, agentSourcedIds=agents, **user, **place)
        tables.setdefault("users", []).append(users)
        if version == "1.2":
            said = {"userSourcedId": who, "roleType": "primary", "role": role, "orgSourcedId": "skole"}
            tables.setdefault("roles", []).append(row("roles", sourcedId=f"{who}-skole", **said))
    return tables


def written(tables: Mapping[str, Iterable[Sequence[Cell]]], version: Version = "1.2", at: datetime = AT) -> bytes:
    out = io.BytesIO()
    write_package(out, tables, version, at=at, system_name="provision", system_code="nordlys.kommune.no")
    return out.getvalue()


def file(package: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(f"{name}.csv").decode("utf-8")


def cells(package: bytes, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file(package, name), newline="")))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_package_is_valid(version: Version) -> None:
    tables = tables_of(written(a_school(version), version))
    assert {name: len(rows) for name, rows in tables.items()} == {
        name: len(rows) for name, rows in a_school(version).items()
    }
    assert tables["classes"][0]["subjects"] == "Norsk,Engelsk"
    assert [user["agentSourcedIds"] for user in tables["users"]] == ["", "g", ""]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifest_names_every_file_of_the_version_and_who_wrote_it(version: Version) -> None:
    said = {each["propertyName"]: each["value"] for each in cells(written(a_school(version), version), "manifest")}
    assert (said["oneroster.version"], said["manifest.version"]) == (version, "1.0")
    assert (said["source.systemName"], said["source.systemCode"]) == ("provision", "nordlys.kommune.no")
    assert (said["file.users"], said["file.demographics"]) == ("bulk", "absent")
    assert ("file.roles" in said) == (version == "1.2")
    assert set(said.values()) - {version, "1.0", "provision", "nordlys.kommune.no"} == {"bulk", "absent"}


def test_a_file_without_rows_is_left_out_and_said_to_be_absent() -> None:
    package = written({"orgs": [row("orgs")], "users": iter(()), "roles": []})
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.namelist() == ["manifest.csv", "orgs.csv"]
    said = {each["propertyName"]: each["value"] for each in cells(package, "manifest")}
    assert (said["file.orgs"], said["file.users"]) == ("bulk", "absent")


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_the_tables() -> None:
    tables = a_school("1.2")
    assert written(tables) == written(dict(reversed(tables.items())))
    assert written(tables) != written(tables, at=AT.replace(year=2027))


def test_its_files_are_of_the_moment_as_norway_has_it_and_for_their_owner_alone() -> None:
    for at in (AT, datetime(2026, 11, 23, 2, 30, 20)):  # noqa: DTZ001 - a time without a zone is Norwegian
        with zipfile.ZipFile(io.BytesIO(written(a_school("1.2"), at=at))) as archive:
            for member in archive.infolist():
                assert member.date_time == (2026, 11, 23, 2, 30, 20)
                assert member.external_attr >> 16 == 0o600


@given(ids=st.lists(ID, min_size=2, max_size=5, unique=True))
def test_every_id_is_written_in_the_letters_of_a_guid_and_nothing_of_it_is_lost(ids: list[str]) -> None:
    orgs = [row("orgs", sourcedId=id_, name="x", type="district", parentSourcedId=ids[0]) for id_ in ids]
    users = [
        row(
            "users", sourcedId=id_, username=id_, enabledUser="true", givenName="x", familyName="y", agentSourcedIds=ids
        )
        for id_ in ids
    ]
    tables = tables_of(written({"orgs": orgs, "users": users}))
    assert [decode_id(each["sourcedId"]) for each in tables["orgs"]] == ids
    assert [decode_id(each["parentSourcedId"]) for each in tables["orgs"]] == [ids[0]] * len(ids)
    for user in tables["users"]:
        assert [decode_id(each) for each in user["agentSourcedIds"].split(",")] == ids


@given(texts=st.lists(TEXT, min_size=1, max_size=5))
def test_every_text_arrives_on_one_line(texts: list[str]) -> None:
    package = written({"orgs": [row("orgs", name=text, identifier=text) for text in texts]})
    assert file(package, "orgs").count("\r\n") == len(texts) + 1
    expected = [" ".join(text.splitlines()) for text in texts]
    assert [each["name"] for each in cells(package, "orgs")] == expected
    assert [each["identifier"] for each in cells(package, "orgs")] == expected


def test_ids_and_lists_are_told_by_their_columns() -> None:
    found = {
        column for version in VERSIONS for name in a_school("1.2") for column in columns(name, version) if is_id(column)
    }
    assert found == {
        "sourcedId", "parentSourcedId", "orgSourcedId", "schoolYearSourcedId", "courseSourcedId", "schoolSourcedId",
        "classSourcedId", "userSourcedId", "primaryOrgSourcedId", "userProfileSourcedId",
    }  # fmt: skip  # names, many to a line
    lists = {column for name in ("users", "classes", "courses") for column in columns(name, "1.1") if is_list(column)}
    assert lists == {
        "orgSourcedIds", "userIds", "agentSourcedIds", "grades", "termSourcedIds", "subjects", "subjectCodes",
        "periods",
    }  # fmt: skip  # names, many to a line


@pytest.mark.parametrize(
    ("name", "cells", "fault"),
    [
        ("orgs", {"sourcedId": "å" * 50}, "orgs, row 2: sourcedId is longer than 255 letters once encoded"),
        ("orgs", {"parentSourcedId": "a" * 256}, "orgs, row 2: parentSourcedId is longer"),
        ("users", {"agentSourcedIds": ("a", "b" * 256)}, "users, row 2: agentSourcedIds is longer"),
        ("classes", {"subjects": ("Mat, helse", "x")}, "classes, row 2: an item of subjects holds a comma"),
        ("classes", {"subjects": "Mat, helse"}, "classes, row 2: an item of subjects holds a comma"),
        ("orgs", {"status": "active"}, "orgs, row 2: must have 7 cells, status and dateLastModified empty"),
        ("orgs", {"dateLastModified": "2026-08-17T00:00:00.000Z"}, "orgs, row 2: must have 7 cells"),
        ("orgs", {"name": "a\0b"}, "orgs, row 2: holds a NUL"),
    ],
)
def test_what_no_package_can_hold_is_refused(name: str, cells: dict[str, Cell], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        written({name: [row(name), row(name, **cells)]})


def test_an_id_of_255_letters_is_written() -> None:
    package = written({"orgs": [row("orgs", sourcedId="å" * 42 + "abc", parentSourcedId="a" * 255)]})
    assert [len(cells(package, "orgs")[0][column]) for column in ("sourcedId", "parentSourcedId")] == [255, 255]


def test_a_row_of_another_length_a_letter_that_is_none_and_a_file_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="orgs, row 1: must have 7 cells"):
        written({"orgs": [row("orgs")[:-1]]})
    with pytest.raises(ValueError, match="surrogates not allowed"):
        written({"orgs": [row("orgs", name="\ud800")]})
    with pytest.raises(ValueError, match=r"OneRoster 1\.1 has no people, roles"):
        written({"roles": [row("roles")], "people": []}, "1.1")


def test_rows_are_written_as_they_come_and_not_gathered() -> None:
    def rows() -> Iterable[Sequence[Cell]]:
        cells = row("orgs", name="x", type="district")
        for number in range(3):
            cells[0] = str(number)
            yield cells

    assert [each["sourcedId"] for each in tables_of(written({"orgs": rows()}))["orgs"]] == ["0", "1", "2"]

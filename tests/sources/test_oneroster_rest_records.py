"""Records of OneRoster REST as rows: what a package would say, and a reject where a record has no proper form."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.extract import Extract
from provision.formats.oneroster import Table, Version, columns
from provision.sources.oneroster.extract import WANTED
from provision.sources.oneroster.rest_records import Sheets
from provision.sources.oneroster.words import UNREADABLE
from tests.packages import SCHOOL
from tests.servers.oneroster import Provider
from tests.sources.rest_rosters import doubts, small, source

EVERY_COLUMN = {name: columns(name, "1.2") for name in WANTED} | {"users": (*columns("users", "1.2"), "orgSourcedIds")}


def tables(collection: str, *records: Any, version: Version = "1.2") -> Mapping[str, Table]:
    sheets = Sheets(version, EVERY_COLUMN)
    sheets.add(collection, enumerate(records, start=1))
    return sheets.tables()


def cells(collection: str, record: Any, version: Version = "1.2") -> dict[str, str]:
    """What the only row says, where it says anything."""
    table = tables(collection, record, version=version)[collection]
    return {name: cell for name, cell in zip(table.columns, table.rows[0], strict=True) if cell}


def ref(sourced_id: str) -> dict[str, str]:
    return {"href": f"https://a.example/{sourced_id}", "sourcedId": sourced_id, "type": "org"}


KARI = {
    "sourcedId": "kari",
    "status": "active",
    "enabledUser": True,
    "givenName": "Kari",
    "familyName": "Bø",
    "roles": [{"roleType": "primary", "role": "student", "org": ref("skole"), "beginDate": "2026-08-17T00:00:00.000Z"}],
}


def test_references_lists_and_words_stand_as_in_a_package() -> None:
    record = {
        "sourcedId": "6A", "status": "active", "title": "6A", "grades": ["06", 7], "course": ref("fag"),
        "school": ref("skole"), "terms": [ref("h"), ref("v")], "subjectCodes": ["NOR0214", "MAT0015"],
        "classType": "homeroom", "children": [], "resources": None, "own": {"a": 1},
    }  # fmt: skip  # one record
    assert cells("classes", record) == {
        "sourcedId": "6A", "status": "active", "title": "6A", "grades": "06,7", "courseSourcedId": "fag",
        "schoolSourcedId": "skole", "termSourcedIds": "h,v", "subjectCodes": "NOR0214,MAT0015", "classType": "homeroom",
    }  # fmt: skip  # one record


def test_a_user_of_1_2_is_a_row_of_users_and_one_for_each_role() -> None:
    known = {"preferredFirstName": "Kåre", "preferredLastName": "Å", "primaryOrg": ref("skole"), "password": None}
    ids = [{"type": "Feide", "identifier": "kari@a.no"}, {"type": "LDAP", "identifier": 12}]
    found = tables("users", {**KARI, **known, "userIds": ids, "agents": [ref("mor"), ref("far,2")]})
    user, role = (dict(zip(found[name].columns, found[name].rows[0], strict=True)) for name in ("users", "roles"))
    assert user["enabledUser"] == "true"
    assert user["userIds"] == "{Feide:kari@a.no},{LDAP:12}"
    assert user["agentSourcedIds"] == "mor,far%2C2"
    assert (user["preferredGivenName"], user["preferredFamilyName"]) == ("Kåre", "Å")
    assert user["primaryOrgSourcedId"] == "skole"
    assert (role["userSourcedId"], role["roleType"], role["role"], role["orgSourcedId"]) == (
        "kari",
        "primary",
        "student",
        "skole",
    )
    assert (role["beginDate"], role["endDate"], role["status"]) == ("2026-08-17", "", "active")


def test_a_user_of_1_1_has_one_role_at_all_orgs() -> None:
    record = {**KARI, "role": "teacher", "orgs": [ref("a"), ref("b")]}
    sheets = Sheets("1.1", {"users": columns("users", "1.1")})
    sheets.add("users", [(1, record)])
    found = sheets.tables()
    assert found.keys() == {"users"}
    row = dict(zip(found["users"].columns, found["users"].rows[0], strict=True))
    assert (row["role"], row["orgSourcedIds"], row["agentSourcedIds"]) == ("teacher", "a,b", "")


@pytest.mark.parametrize(
    ("said", "cell"),
    [(True, "true"), (False, "false"), ("true", "true"), (974588145, "974588145"), (0, "0"), (None, ""), ("", "")],
)
def test_numbers_and_flags_are_text(said: object, cell: str) -> None:
    assert cells("orgs", {"sourcedId": "a", "identifier": said}).get("identifier", "") == cell


@pytest.mark.parametrize(("said", "cell"), [
    ("2026-08-17", "2026-08-17"), ("2026-08-17T00:00:00", "2026-08-17"), ("2026-08-17T00:00:00.000Z", "2026-08-17"),
    ("2026-08-16T22:00:00Z", "2026-08-16T22:00:00Z"), ("17.08.2026", "17.08.2026"), ("", ""),
])  # fmt: skip  # short cases, many to a line
def test_a_midnight_is_its_day_and_other_moments_are_for_others_to_judge(said: str, cell: str) -> None:
    assert cells("enrollments", {"sourcedId": "a", "beginDate": said}).get("beginDate", "") == cell


def test_metadata_stands_in_columns_of_its_own_also_for_those_who_have_none() -> None:
    metadata = {"onedhub.birthDate": "2015-02-28", "a": {"b": ["x", 1], "c": {"d": True}}, "e": 1.5, "f": [{}], "g": ""}
    table = tables("users", KARI, {**KARI, "sourcedId": "b", "metadata": metadata}, {**KARI, "metadata": "x"})["users"]
    own = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [name for name in table.columns if name.startswith("metadata.")] == [
        "metadata.a.b",
        "metadata.a.c.d",
        "metadata.onedhub.birthDate",
    ]
    assert [row["metadata.onedhub.birthDate"] for row in own] == ["", "2015-02-28", ""]
    assert (own[1]["metadata.a.b"], own[1]["metadata.a.c.d"]) == ("x,1", "true")


def test_a_row_is_found_again_by_the_number_of_its_record() -> None:
    sheets = Sheets("1.2", EVERY_COLUMN)
    sheets.add("users", [(7, KARI), (12, {**KARI, "roles": KARI["roles"] * 2})])
    found = sheets.tables()
    assert [found["users"].where(n) for n in range(2)] == ["users, record 7", "users, record 12"]
    assert [found["roles"].where(n) for n in range(3)] == [f"users, record {n}" for n in (7, 12, 12)]


# ── Records that cannot be read ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("wrong", [
    {"givenName": ["Kari"]}, {"givenName": {"nb": "Kari"}}, {"givenName": 1.5}, {"givenName": "K\0"},
    {"givenName": "\ud800"}, {"email": {}}, {"agents": "mor"}, {"agents": ["mor"]}, {"agents": [{"sourcedId": []}]},
    {"userIds": ["Feide"]}, {"userIds": "x"}, {"primaryOrg": "skole"}, {"roles": None}, {"roles": {}},
])  # fmt: skip  # short cases, many to a line
def test_a_user_of_another_form_is_one_who_was_there_and_cannot_be_read(wrong: dict[str, Any]) -> None:
    assert cells("users", {**KARI, **wrong}) == {"sourcedId": "kari", "status": UNREADABLE}


def test_a_user_who_says_nothing_of_roles_is_unreadable_unless_gone() -> None:
    silent = {name: value for name, value in KARI.items() if name != "roles"}
    assert cells("users", silent)["status"] == UNREADABLE
    assert cells("users", {**silent, "status": "tobedeleted"})["status"] == "tobedeleted"
    assert cells("users", {**KARI, "roles": []})["status"] == "active"


@pytest.mark.parametrize("role", [None, "student", 7, {"role": ["student"]}, {"role": "student", "org": "skole"}])
def test_a_role_of_another_form_says_whose_it_is(role: object) -> None:
    table = tables("users", {**KARI, "roles": [role]})["roles"]
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert row["userSourcedId"] == "kari"
    assert row["status"] == UNREADABLE or row["role"] == ""


def test_an_enrollment_of_another_form_says_whose_and_where_it_is() -> None:
    record = {"sourcedId": "e", "status": "active", "user": ref("kari"), "class": ref("6A"), "school": "skole"}
    assert cells("enrollments", {**record, "role": "student"}) == {
        "sourcedId": "e",
        "status": UNREADABLE,
        "userSourcedId": "kari",
        "classSourcedId": "6A",
    }


@pytest.mark.parametrize("record", [None, "x", 7, [], {}, True])
@pytest.mark.parametrize("collection", ["users", "orgs", "enrollments"])
def test_what_is_no_record_at_all_is_a_row_of_nobody(collection: str, record: object) -> None:
    assert cells(collection, record) == {"status": UNREADABLE}


NAMES = st.sampled_from(["sourcedId", "status", "roles", "role", "org", "user", "metadata", "agents", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=5)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@given(st.sampled_from(sorted(WANTED.keys() - {"roles"})), st.lists(JSON, max_size=5), st.sampled_from(["1.1", "1.2"]))
def test_no_record_breaks_the_reading_and_each_is_a_row(collection: str, records: list[Any], version: Version) -> None:
    sheets = Sheets(version, WANTED)
    sheets.add(collection, enumerate(records, start=1))
    found = sheets.tables()
    assert len(found[collection].rows) == len(records)
    for table in found.values():
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert "\0" not in "".join(row)
            "".join(row).encode()


def extract_with(collection: str, change: Any) -> Extract:
    """What is read where one record of the collection is spoilt."""
    with Provider(small(), "1.2") as provider:
        records = provider.collections[collection]
        records[-1] = change(records[-1])
        return source(provider).read()


@pytest.mark.parametrize(("collection", "wrong", "table", "whose"), [
    ("users", {"givenName": ["Åse"]}, "users", "elev-020"),
    ("users", {"roles": "student"}, "users", "elev-020"),
    ("users", {"roles": [None]}, "enrollments", "elev-020"),
    ("users", {"roles": [{"roleType": "primary", "role": "pupil", "org": ref("skole-1")}]}, "enrollments", "elev-020"),
    ("users", {"sourcedId": None}, "users", ""),
    ("users", {"sourcedId": 7.5}, "users", ""),
    ("enrollments", {"role": None}, "enrollments", "elev-020"),
    ("enrollments", {"beginDate": []}, "enrollments", "elev-020"),
    ("enrollments", {"user": "elev-020"}, "enrollments", ""),
    ("classes", {"terms": "ar"}, "classes", "6a"),
    ("academicSessions", {"startDate": {}}, "sessions", "ar"),
])  # fmt: skip  # one case a line
def test_a_spoilt_record_is_a_reject_that_says_where_and_whom_and_nobody_is_lost(
    collection: str, wrong: dict[str, Any], table: str, whose: str
) -> None:
    extract = extract_with(collection, lambda record: {**record, **wrong})
    rejects = [tuple(row) for row in extract.tables["rejects"][["table", "sourced_id"]].to_numpy()]
    assert (table, whose) in rejects
    assert all("record " in reason for reason in extract.tables["rejects"]["reason"])
    assert extract.completeness[SCHOOL].unreadable >= 1
    assert doubts(extract) == set()


def test_nothing_of_what_a_spoilt_record_says_is_in_its_reject() -> None:
    extract = extract_with(
        "users", lambda record: {**record, "familyName": ["hemmelig"], "identifier": {"a": "hemmelig"}}
    )
    assert "hemmelig" not in json.dumps(extract.tables["rejects"].to_dict("records"))

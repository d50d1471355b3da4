"""Users of OneRoster: who they are, and whose guardian somebody is."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from provision.core.extract import Extract
from provision.core.nin import make_synthetic
from provision.core.tables import build_roster
from provision.errors import SourceError
from tests import packages
from tests.packages import enrollment, reasons, rejected, role, rows, small, user, with_user

NUMBER: Final = next(filter(None, (make_synthetic(date(2015, 3, 4), serial) for serial in range(10))))
VERSIONS: Final[tuple[packages.Version, ...]] = ("1.1", "1.2")


def person(extract: Extract, id_: str) -> dict[str, str]:
    return next(row for row in rows(extract, "users") if row["sourced_id"] == id_)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_person_is_read_in_both_versions(tmp_path: Path, version: packages.Version) -> None:
    tables = with_user(
        small(version), "elev-2", middleName="Bø", identifier=NUMBER, userIds="{LDAP:12},{Feide:kari@nordlys.example}",
        email="kari@nordlys.example", sms="90000001", phone="70000001",
    )  # fmt: skip  # one record
    tables["demographics"] = [{"sourcedId": "elev-2", "birthDate": "2015-03-04"}]
    assert person(packages.extract(tmp_path, tables, version), "elev-2") == {
        "sourced_id": "elev-2",
        "status": "active",
        "given_name": "Kari",
        "family_name": "Nordmann",
        "full_name": "Kari Bø Nordmann",
        "national_id": NUMBER,
        "birth_date": "2015-03-04",
        "mail": "kari@nordlys.example",
        "mobile": "90000001",
        "principal_name": "kari@nordlys.example",
    }


@pytest.mark.parametrize(
    ("identifier", "user_ids", "expected"),
    [
        (NUMBER, "", NUMBER),
        (f" {NUMBER} ", "", NUMBER),
        ("12345678901", "", ""),
        ("123456789012", "", ""),
        ("4711", f"{{LDAP:1}},{{Fnr:{NUMBER}}}", NUMBER),
        ("", f"{{norEduPersonNIN:{NUMBER}}}", NUMBER),
        ("", "{nin: 12345678901 }", "12345678901"),
        ("", f"{{studentNumber:{NUMBER}}}", ""),
        ("", NUMBER, ""),
    ],
)
def test_an_identity_number_is_taken_from_where_it_can_be_nothing_else(
    tmp_path: Path, identifier: str, user_ids: str, expected: str
) -> None:
    tables = with_user(small(), "elev-2", identifier=identifier, userIds=user_ids)
    assert person(packages.extract(tmp_path, tables), "elev-2")["national_id"] == expected


@pytest.mark.parametrize("name", ["birthDate", "metadata.birthDate", "metadata.onedhub.birthDate"])
def test_the_birth_date_may_stand_with_the_user(tmp_path: Path, name: str) -> None:
    tables = with_user(small(), "elev-2", **{name: "2015-03-04T00:00:00.000Z"})
    expected = "2015-03-04" if name.startswith("metadata.") else ""
    assert person(packages.extract(tmp_path, tables), "elev-2")["birth_date"] == expected


def test_a_phone_number_serves_where_there_is_no_other(tmp_path: Path) -> None:
    assert person(packages.extract(tmp_path, with_user(small(), "e", phone="70000001")), "e")["mobile"] == "70000001"


@pytest.mark.parametrize("cells", [{"status": "tobedeleted"}, {"status": "inactive"}, {"enabledUser": "false"}])
@pytest.mark.parametrize("version", VERSIONS)
def test_who_is_no_longer_there_or_disabled_is_inactive_with_all_roles(
    tmp_path: Path, version: packages.Version, cells: dict[str, str]
) -> None:
    tables = with_user(small(version), "elev-2", **cells)
    tables["enrollments"].append(enrollment("elev-2"))
    extract = packages.extract(tmp_path, tables, version)
    assert person(extract, "elev-2")["status"] == "inactive"
    assert rejected(extract) == []
    assert "elev-2" not in {row["user"] for row in rows(extract, "enrollments")}
    assert "elev-2" not in build_roster([extract], date(2026, 9, 1)).present


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"givenName": ""}, "givenName is empty"),
        ({"familyName": " "}, "familyName is empty"),
        ({"status": "new"}, "active, tobedeleted or inactive"),
        ({"sourcedId": "elev-1"}, "the same id stands twice"),
    ],
)
def test_a_person_who_cannot_be_read_is_rejected_at_their_school(
    tmp_path: Path, cells: dict[str, str], said: str
) -> None:
    tables = small()
    tables["users"].append({**user("elev-2"), **cells})
    tables["roles"].append(role("elev-2"))
    extract = packages.extract(tmp_path, tables)
    where = packages.SCHOOL if "sourcedId" not in cells else ""
    assert ("users", cells.get("sourcedId", "elev-2"), where) in rejected(extract)
    assert f"{said} (users.csv, line 5)" in reasons(extract)
    assert "Nordmann" not in reasons(extract)


def test_a_row_that_does_not_say_whom_it_is_about_is_counted_at_every_school(tmp_path: Path) -> None:
    tables = small()
    tables["users"].append(user(""))
    completeness = packages.extract(tmp_path, tables).completeness
    assert {org: said.unidentified for org, said in completeness.items()} == {packages.DISTRICT: 1, packages.SCHOOL: 1}


def test_letters_of_a_wrong_encoding_are_refused_without_the_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"users\.csv, line 5: letters damaged") as caught:
        packages.extract(tmp_path, with_user(small(), "elev-2", middleName="BÃ¥rd"))
    assert "BÃ¥rd" not in str(caught.value)


def pairs(extract: Extract) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in rows(extract, "relationships")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("sides", [("elev-1",), ("mor-1",), ("elev-1", "mor-1")])
def test_a_guardian_is_read_once_from_either_side(
    tmp_path: Path, version: packages.Version, sides: tuple[str, ...]
) -> None:
    tables = small(version)
    other = {"elev-1": "mor-1", "mor-1": "elev-1"}
    tables["users"] = [
        {**each, "agentSourcedIds": other[each["sourcedId"]] if each["sourcedId"] in sides else ""}
        for each in tables["users"]
    ]
    extract = packages.extract(tmp_path, tables, version)
    assert pairs(extract) == [("elev-1", "mor-1", "guardian")]
    assert rejected(extract) == []


@pytest.mark.parametrize(
    ("word", "relation"),
    [
        ("parent", "guardian"),
        ("ext:primaryGuardian", "guardian"),
        ("ext:guardian", "guardian"),
        ("relative", "next_of_kin"),
    ],
)
def test_what_somebody_is_to_a_child_is_what_their_role_says(tmp_path: Path, word: str, relation: str) -> None:
    tables = small()
    tables["roles"] = [each | {"role": word} if each["userSourcedId"] == "mor-1" else each for each in tables["roles"]]
    extract = packages.extract(tmp_path, tables)
    assert pairs(extract) == [("elev-1", "mor-1", relation)]
    assert "mor-1" not in {row["user"] for row in rows(extract, "enrollments")}


def test_who_is_guardian_of_one_and_relative_of_another_has_the_lesser_part(tmp_path: Path) -> None:
    tables = small()
    tables["roles"].append(role("mor-1", "relative"))
    assert pairs(packages.extract(tmp_path, tables)) == [("elev-1", "mor-1", "next_of_kin")]


def test_a_teacher_is_a_guardian_by_role_or_in_version_1_1_as_a_pupils_agent(tmp_path: Path) -> None:
    old, new, said = small("1.1"), small(), small()
    for tables in (old, new, said):
        tables["users"] = [
            {**each, "agentSourcedIds": "laerer-1" if each["sourcedId"] == "elev-1" else ""} for each in tables["users"]
        ]
    said["roles"].append(role("laerer-1", "guardian", roleType="secondary"))
    assert pairs(packages.extract(tmp_path, old, "1.1")) == [("elev-1", "laerer-1", "guardian")]
    assert pairs(packages.extract(tmp_path, said)) == [("elev-1", "laerer-1", "guardian")]
    without = packages.extract(tmp_path, new)
    assert pairs(without) == []
    assert rejected(without) == [("relationships", "elev-1", "")]
    assert "an agent is no guardian or relative (users.csv, line 2)" in reasons(without)


def test_an_agent_who_is_nowhere_is_rejected_and_one_who_is_inactive_is_not(tmp_path: Path) -> None:
    tables = with_user(small(), "elev-2", agentSourcedIds="borte,far-2,mor-1")
    tables = with_user(tables, "far-2", "guardian", enabledUser="false")
    extract = packages.extract(tmp_path, tables)
    assert pairs(extract) == [("elev-1", "mor-1", "guardian"), ("elev-2", "mor-1", "guardian")]
    assert rejected(extract) == [("relationships", "elev-2", "")]
    assert extract.completeness[packages.SCHOOL].unreadable == 0


def test_two_pupils_are_nobodys_guardians_unless_a_role_says_so(tmp_path: Path) -> None:
    tables = with_user(small(), "elev-2", agentSourcedIds="elev-1")
    assert rejected(packages.extract(tmp_path, tables)) == [("relationships", "elev-2", "")]
    tables["roles"].append(role("elev-1", "parent", roleType="secondary"))
    assert ("elev-2", "elev-1", "guardian") in pairs(packages.extract(tmp_path, tables))

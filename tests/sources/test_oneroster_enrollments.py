"""Roles at schools and enrollments in classes: who is where, as what, from when to when."""

from pathlib import Path

import pytest

from provision.core.extract import Extract
from tests import packages
from tests.packages import enrollment, org, reasons, rejected, role, rows, small, user, with_user


def places(extract: Extract, user_id: str) -> list[tuple[str, ...]]:
    """School, class, role, begin, end and primary of everything that somebody is in."""
    return [tuple(row.values())[1:] for row in rows(extract, "enrollments") if row["user"] == user_id]


def at_school(*cells: str) -> tuple[str, ...]:
    return (packages.SCHOOL, "", *cells)


def in_class(*cells: str) -> tuple[str, ...]:
    return (packages.SCHOOL, "6a", *cells)


def test_people_are_at_their_school_and_in_their_class(tmp_path: Path) -> None:
    extract = packages.extract(tmp_path, small())
    assert places(extract, "elev-1") == [at_school("student", "", "", "1"), in_class("student", "", "", "")]
    assert places(extract, "laerer-1") == [at_school("teacher", "", "", "1"), in_class("teacher", "", "", "1")]
    assert places(extract, "mor-1") == []


def test_version_1_1_has_one_role_at_all_schools_of_a_user(tmp_path: Path) -> None:
    tables = small("1.1")
    tables["orgs"].append(org("skole-2", packages.OTHER_SCHOOL))
    tables["users"].append(user("laerer-2", role="teacher", orgSourcedIds="skole-1, skole-2"))
    extract = packages.extract(tmp_path, tables, "1.1")
    assert places(extract, "elev-1")[0] == at_school("student", "", "", "1")
    assert places(extract, "laerer-2") == [
        at_school("teacher", "", "", ""),
        (packages.OTHER_SCHOOL, "", "teacher", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("student", "student"),
        ("teacher", "teacher"),
        ("aide", "aide"),
        ("administrator", "administrator"),
        ("siteAdministrator", "administrator"),
        ("districtAdministrator", "administrator"),
        ("systemAdministrator", "staff"),
        ("counselor", "staff"),
        ("proctor", "staff"),
        ("ext:staff", "staff"),
        ("ext:aide", "aide"),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_every_role_has_a_meaning_at_a_school_and_in_a_class(
    tmp_path: Path, version: packages.Version, word: str, expected: str
) -> None:
    tables = with_user(small(version), "p-2", word)
    tables["enrollments"].append(enrollment("p-2", word=word))
    extract = packages.extract(tmp_path, tables, version)
    assert [place[:3] for place in places(extract, "p-2")] == [at_school(expected), in_class(expected)]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_head_is_told_apart_at_the_school_and_nowhere_else(tmp_path: Path, version: packages.Version) -> None:
    tables = with_user(small(version), "p-2", "principal")
    tables["enrollments"].append(enrollment("p-2", word="principal"))
    extract = packages.extract(tmp_path, tables, version)
    assert [place[:3] for place in places(extract, "p-2")] == [at_school("principal"), in_class("administrator")]


def test_a_guardian_in_a_class_is_there_as_one(tmp_path: Path) -> None:
    tables = small()
    tables["enrollments"].append(enrollment("mor-1", word="ext:guardian"))
    assert places(packages.extract(tmp_path, tables), "mor-1") == [in_class("guardian", "", "", "")]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_role_that_nobody_knows_makes_the_person_doubtful(tmp_path: Path, version: packages.Version) -> None:
    tables = with_user(small(version), "p-2", "ext:wizard")
    tables["enrollments"].append(enrollment("p-2", word="Wizard"))
    extract = packages.extract(tmp_path, tables, version)
    assert places(extract, "p-2") == []
    assert rejected(extract) == [("enrollments", "p-2", packages.SCHOOL)] * 2
    assert "role: a word that OneRoster does not have (enrollments.csv, line 4)" in reasons(extract)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-08-17", "2027-06-19", ("2026-08-17", "2027-06-18")),
        ("", "2027-01-01", ("", "2026-12-31")),
        ("2026-08-17T00:00:00.000Z", "", ("2026-08-17", "")),
        ("2026-08-17", "2026-08-17", ("2026-08-17", "2026-08-16")),
    ],
)
def test_the_begin_counts_and_the_end_does_not(tmp_path: Path, begin: str, end: str, expected: tuple[str, str]) -> None:
    tables = small()
    tables["users"].append(user("elev-2"))
    tables["roles"].append(role("elev-2", beginDate=begin, endDate=end))
    tables["enrollments"].append(enrollment("elev-2", beginDate=begin, endDate=end))
    extract = packages.extract(tmp_path, tables)
    assert [place[3:5] for place in places(extract, "elev-2")] == [expected, expected]
    assert rejected(extract) == []


def test_an_end_before_the_begin_is_a_reject(tmp_path: Path) -> None:
    tables = small()
    tables["enrollments"].append(enrollment("elev-1", beginDate="2026-08-17", endDate="2025-06-20"))
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == [("enrollments", "elev-1", packages.SCHOOL)]
    assert "endDate is before beginDate (enrollments.csv, line 4)" in reasons(extract)


@pytest.mark.parametrize(
    ("main", "rank", "expected"),
    [("", "primary", "1"), ("skole-1", "primary", "1"), ("skole-2", "primary", "0"), ("", "secondary", "0")],
)
def test_a_role_is_primary_where_it_is_the_first_at_the_persons_own_school(
    tmp_path: Path, main: str, rank: str, expected: str
) -> None:
    tables = small()
    tables["users"].append(user("laerer-2", primaryOrgSourcedId=main))
    tables["roles"].append(role("laerer-2", "teacher", roleType=rank))
    assert places(packages.extract(tmp_path, tables), "laerer-2") == [at_school("teacher", "", "", expected)]


@pytest.mark.parametrize(("primary", "flag"), [("true", "1"), ("True", "1"), ("false", "0"), ("", ""), ("x", "")])
def test_the_contact_teacher_is_primary_in_the_class(tmp_path: Path, primary: str, flag: str) -> None:
    tables = with_user(small(), "laerer-2", "teacher")
    tables["enrollments"].append(enrollment("laerer-2", word="teacher", primary=primary))
    assert places(packages.extract(tmp_path, tables), "laerer-2")[1] == in_class("teacher", "", "", flag)


def test_what_refers_to_nothing_is_a_reject(tmp_path: Path) -> None:
    tables = small()
    tables["roles"] += [role("elev-1", "student", "borte"), role("ukjent")]
    tables["enrollments"] += [enrollment("elev-1", "borte"), enrollment("ukjent"), enrollment("")]
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == [
        ("enrollments", "elev-1", ""),
        ("enrollments", "ukjent", packages.SCHOOL),
        ("enrollments", "elev-1", ""),
        ("enrollments", "ukjent", packages.SCHOOL),
        ("enrollments", "", packages.SCHOOL),
    ]
    for said in (
        "orgSourcedId: not among the orgs (roles.csv, line 5)",
        "the person is not among the users that can be read (roles.csv, line 6)",
        "classSourcedId: not among the classes (enrollments.csv, line 4)",
    ):
        assert said in reasons(extract)
    said = extract.completeness[packages.SCHOOL]
    assert (said.rows, said.unreadable, said.unidentified) == (5, 5, 1)


def test_version_1_1_rejects_a_school_that_is_not_there_and_keeps_the_other(tmp_path: Path) -> None:
    tables = small("1.1")
    tables["users"].append(user("laerer-2", role="teacher", orgSourcedIds="borte,skole-1"))
    extract = packages.extract(tmp_path, tables, "1.1")
    assert [place[:3] for place in places(extract, "laerer-2")] == [at_school("teacher")]
    assert rejected(extract) == [("enrollments", "laerer-2", "")]
    assert "orgSourcedIds: not all among the orgs (users.csv, line 5)" in reasons(extract)


@pytest.mark.parametrize(("status", "read", "refused"), [("active", 1, 0), ("tobedeleted", 0, 0), ("odd", 0, 1)])
def test_the_status_of_a_row_wins_over_the_manifest(tmp_path: Path, status: str, read: int, refused: int) -> None:
    tables = small()
    tables["users"].append(user("elev-2"))
    tables["roles"].append(role("elev-2", status=status))
    tables["enrollments"].append(enrollment("elev-2", status=status))
    extract = packages.extract(tmp_path, tables)
    assert len(places(extract, "elev-2")) == 2 * read
    assert len(rejected(extract)) == 2 * refused


def test_ids_may_be_percent_encoded_in_one_file_and_not_in_another(tmp_path: Path) -> None:
    tables = with_user(small(), "elev%3A2")
    tables["enrollments"].append(enrollment("elev:2"))
    extract = packages.extract(tmp_path, tables)
    assert [place[1] for place in places(extract, "elev:2")] == ["", "6a"]

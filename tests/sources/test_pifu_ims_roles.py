"""Memberships of a PIFU-IMS document: who is what where, and what is counted for each school."""

from pathlib import Path
from typing import Final

import pytest

from provision.core.extract import Completeness
from provision.sources.pifu_ims.source import WHOLE
from tests import pifu
from tests.pifu import group, member, membership, org, person, role, rows, sourcedid

PEOPLE: Final = person("elev-1") + person("laerer-1") + person("foresatt-1")
GROUPS: Final = pifu.ORGS + group("b-1") + group("f-1", "foresattegruppe", "8") + group("fau-1", "fau", "12")
PRIMARY: Final = "<pifu_primaryRelation>1</pifu_primaryRelation>"


def enrollments(folder: Path, *memberships: str) -> list[tuple[str, ...]]:
    extract = pifu.extract(folder, PEOPLE, GROUPS, *memberships)
    assert rows(extract, "rejects") == []
    names = ("user", "org", "school_class", "role", "begin", "end", "primary")
    return [tuple(row[name] for name in names) for row in rows(extract, "enrollments")]


def rejects(folder: Path, *memberships: str) -> list[tuple[str, str, str]]:
    found = rows(pifu.extract(folder, PEOPLE, GROUPS, *memberships), "rejects")
    assert {row["table"] for row in found} == {"enrollments"}
    return [(row["sourced_id"], row["org"], row["reason"]) for row in found]


@pytest.mark.parametrize(
    ("kind", "expected", "primary"),
    [
        ("01", "student", ""),
        ("02", "teacher", ""),
        ("03", "staff", ""),
        ("04", "staff", ""),
        ("05", "administrator", ""),
        ("06", "teacher", "1"),
        ("07", "staff", ""),
        ("08", "aide", ""),
        ("1", "student", ""),
        ("6", "teacher", "1"),
    ],
)
def test_every_role_is_known(tmp_path: Path, kind: str, expected: str, primary: str) -> None:
    found = enrollments(tmp_path, membership("b-1", member("laerer-1", role(kind))))
    assert found == [("laerer-1", pifu.SCHOOL, "b-1", expected, "", "", primary)]


@pytest.mark.parametrize(
    ("subrole", "expected"), [("Rektor", "principal"), ("inspektør", "administrator"), ("", "administrator")]
)
def test_of_those_who_manage_a_school_its_head_is_told_apart(tmp_path: Path, subrole: str, expected: str) -> None:
    said = member("laerer-1", role("05", subrole=subrole))
    assert [row[3] for row in enrollments(tmp_path, membership("skole-1", said))] == [expected]
    assert [row[3] for row in enrollments(tmp_path, membership("b-1", said))] == ["administrator"]


def test_a_member_of_an_org_is_in_no_class(tmp_path: Path) -> None:
    found = enrollments(tmp_path, membership("skole-1", member("laerer-1", role("06", extension=PRIMARY))))
    assert found == [("laerer-1", pifu.SCHOOL, "", "teacher", "", "", "1")]


def test_only_the_contact_teacher_is_primary_among_the_teachers_of_a_class(tmp_path: Path) -> None:
    said = role("02", extension=PRIMARY), role("01", extension=PRIMARY), role("06")
    found = enrollments(tmp_path, membership("b-1", member("laerer-1", *said)))
    assert [(row[3], row[6]) for row in found] == [("teacher", ""), ("student", "1"), ("teacher", "1")]


@pytest.mark.parametrize(
    ("within", "subrole", "expected"),
    [
        ("f-1", "", "guardian"),
        ("fau-1", "", "guardian"),
        ("b-1", "foresattrepresentant", "guardian"),
        ("skole-1", "Foresattrepresentant", "guardian"),
        ("fau-1", "rådgiver", "staff"),
        ("skole-1", "vaktmester", "staff"),
        ("b-1", "", "staff"),
    ],
)
def test_parents_are_guardians_and_never_staff(tmp_path: Path, within: str, subrole: str, expected: str) -> None:
    found = enrollments(tmp_path, membership(within, member("foresatt-1", role("04", subrole=subrole))))
    assert [row[3] for row in found] == [expected]


def test_roles_that_are_not_current_are_left_out(tmp_path: Path) -> None:
    said = role("01", status="0"), role("02", recstatus="3"), role("08")
    found = enrollments(tmp_path, membership("b-1", member("laerer-1", *said), member("elev-1", role(status="0"))))
    assert [(row[0], row[3]) for row in found] == [("laerer-1", "aide")]


def test_times_of_a_role_are_its_own_and_nonsense_among_them_is_open(tmp_path: Path) -> None:
    found = enrollments(
        tmp_path,
        membership(
            "b-1",
            member("elev-1", role(begin="2026-08-01", end="2027-07-31T00:00:00")),
            member("laerer-1", role("02", begin="2027-07-31", end="2026-08-01"), role("08", end="2026-12-31")),
        ),
    )
    assert [row[4:6] for row in found] == [("2026-08-01", "2027-07-31"), ("", ""), ("", "2026-12-31")]


def test_an_absence_lends_nothing_to_the_role(tmp_path: Path) -> None:
    absence = (
        f"{PRIMARY}<pifu_absence><pifu_absence_mode>occurence</pifu_absence_mode>{sourcedid('fravaer-1')}"
        "<timeframe><begin>2026-09-01</begin><end>2026-09-02</end></timeframe></pifu_absence>"
    )
    said = role(begin="2026-08-01", extension=absence), role("08")
    found = enrollments(tmp_path, membership("b-1", member("elev-1", *said), member("laerer-1", role("02"))))
    assert found == [
        ("elev-1", pifu.SCHOOL, "b-1", "student", "2026-08-01", "", "1"),
        ("elev-1", pifu.SCHOOL, "b-1", "aide", "", "", ""),
        ("laerer-1", pifu.SCHOOL, "b-1", "teacher", "", "", ""),
    ]


def test_groups_that_are_members_are_passed_over(tmp_path: Path) -> None:
    assert enrollments(tmp_path, membership("skole-1", member("b-1", idtype="2"))) == []


def test_the_roles_of_inactive_people_are_passed_over(tmp_path: Path) -> None:
    pieces = (person("x", recstatus="3"), person("elev-1"), GROUPS, membership("b-1", member("x"), member("elev-1")))
    extract = pifu.extract(tmp_path, *pieces)
    assert [row["user"] for row in rows(extract, "enrollments")] == ["elev-1"]
    assert rows(extract, "rejects") == []


def test_a_member_may_give_the_old_id_beside_the_new(tmp_path: Path) -> None:
    ids = sourcedid("gammel", kind="Old") + sourcedid("elev-1", kind="New")
    found = enrollments(tmp_path, membership("b-1", member("", ids=ids), member("laerer-1", role("02"))))
    assert [row[0] for row in found] == ["elev-1", "laerer-1"]


def test_a_teacher_who_is_in_no_list_is_rejected_at_the_school(tmp_path: Path) -> None:
    ((sourced_id, at, reason),) = rejects(tmp_path, membership("b-1", member("ukjent", role("02")), member("elev-1")))
    assert (sourced_id, at) == ("ukjent", pifu.SCHOOL)
    assert "(group b-1)" in reason


def test_members_of_an_unknown_group_are_rejected_one_by_one(tmp_path: Path) -> None:
    found = rejects(tmp_path, membership("b-9", member("elev-1"), member("laerer-1", role("02"))))
    assert [row[:2] for row in found] == [("elev-1", ""), ("laerer-1", "")]


@pytest.mark.parametrize("kind", ["", "09", "elev", "101"])
def test_an_unknown_role_is_rejected_at_the_school(tmp_path: Path, kind: str) -> None:
    ((sourced_id, at, reason),) = rejects(tmp_path, membership("b-1", member("elev-1", role(kind))))
    assert (sourced_id, at) == ("elev-1", pifu.SCHOOL)
    assert "roletype" in reason


def test_a_member_without_any_role_is_rejected(tmp_path: Path) -> None:
    bare = member("elev-1").replace(role(), "")
    assert [row[:2] for row in rejects(tmp_path, membership("b-1", bare))] == [("elev-1", pifu.SCHOOL)]


def test_each_school_gets_its_own_count(tmp_path: Path) -> None:
    extract = pifu.extract(
        tmp_path,
        PEOPLE,
        person("halv", given=""),
        person("bortest", given=""),
        GROUPS,
        org("skole-2", pifu.OTHER_SCHOOL),
        membership("skole-1", member("elev-1"), member("laerer-1", role("02"))),
        membership("skole-2", member("laerer-1", role("02")), member("halv"), member("")),
    )
    rows_of_first = 3 + 2  # its groups, its roles
    assert extract.completeness == {
        pifu.DISTRICT: Completeness(rows=0, unreadable=1, unidentified=0, proof=WHOLE),
        pifu.SCHOOL: Completeness(rows=rows_of_first, unreadable=1, unidentified=0, proof=WHOLE),
        # its own: the person `halv`, who is a member nowhere else, that role, and the member without an id
        pifu.OTHER_SCHOOL: Completeness(rows=1, unreadable=1 + 3, unidentified=1, proof=WHOLE),
    }


def test_a_file_of_which_a_third_cannot_be_read_says_so(tmp_path: Path) -> None:
    people = "".join(person(f"e{n}", given="" if n % 3 == 0 else "Kari") for n in range(300))
    extract = pifu.extract(tmp_path, people, pifu.ORGS, membership("skole-1", *(member(f"e{n}") for n in range(300))))
    assert len(rows(extract, "users")) == 200
    school = extract.completeness[pifu.SCHOOL]
    assert (school.rows, school.unreadable, school.unidentified) == (200, 200, 0)
    named = {row["sourced_id"] for row in rows(extract, "rejects")}
    assert named == {f"e{n}" for n in range(0, 300, 3)}, "nobody who is in the file is lost from sight"


def test_roles_spread_over_many_chunks_are_all_read(tmp_path: Path) -> None:
    people = "".join(person(f"e{n}") for n in range(4000))
    members = [member(f"e{n}", role(begin="2026-08-01", end="2027-07-31")) for n in range(4000)]
    found = rows(pifu.extract(tmp_path, people, GROUPS, membership("b-1", *members)), "enrollments")
    assert [row["user"] for row in found] == [f"e{n}" for n in range(4000)]

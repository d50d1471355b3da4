"""What only the OneRoster target does; what every target does is in tests/contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from loguru import logger

from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.state import Key, Kind, Record
from provision.targets.oneroster_csv import OneRosterCsvTarget
from tests.builders import (
    DISTRICT,
    LMS_FIELDS,
    OTHER_SCHOOL,
    SCHOOL,
    a_class,
    a_course,
    a_member,
    a_session,
    a_user,
    an_org,
    create,
    delete,
    disable,
    rekey,
    update,
    withdraw,
)
from tests.oneroster import tables_of

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
ORGS: list[Change] = [create(an_org(DISTRICT)), create(an_org()), create(an_org(OTHER_SCHOOL))]
TEACHER = a_user(3, student=None, teacher=frozenset({SCHOOL}))
CLASS = a_class(1, a_member(1), a_member(3, "teacher", primary=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "oneroster.zip"


@pytest.fixture
def filled(path: Path) -> Path:
    """A class with a pupil and a teacher."""
    _done(path, *ORGS, *map(create, (a_session(), a_course(), a_user(1), TEACHER, CLASS)))
    return path


def _target(path: Path, at: datetime = NOON) -> OneRosterCsvTarget:
    once = frozenset({"username"})
    return OneRosterCsvTarget(
        "lms", path, LMS_FIELDS, once, site_name="nordlys.kommune.no", secret=b"0123456789abcdef", clock=lambda: at
    )


def _apply(path: Path, *changes: Change) -> list[Result]:
    return list(_target(path).apply(changes))


def _done(path: Path, *changes: Change) -> None:
    results = _apply(path, *changes)
    assert [result.status for result in results] == [Status.DONE] * len(changes), [r.detail for r in results]


def _only(path: Path, change: Change) -> tuple[Status, str]:
    """What becomes of the change, which must not change the file."""
    before = path.read_bytes()
    (result,) = _apply(path, change)
    assert path.read_bytes() == before
    return result.status, result.detail


def _rows(path: Path, table: str) -> list[dict[str, str]]:
    return tables_of(path)[table]


def test_no_change_makes_no_file(path: Path) -> None:
    assert list(_target(path).apply([])) == []
    assert not path.parent.exists()


def test_the_manifest_says_who_wrote_what(filled: Path) -> None:
    with ZipFile(filled) as package:
        manifest = package.read("manifest.csv").decode().splitlines()
    assert {"oneroster.version,1.2", "source.systemName,provision", "source.systemCode,nordlys.kommune.no"} <= {
        *manifest
    }
    assert {"file.users,bulk", "file.enrollments,bulk", "file.demographics,absent"} <= {*manifest}


def test_nothing_is_written_where_nothing_changes(filled: Path) -> None:
    before = filled.stat()
    later = _target(filled, NOON + timedelta(days=1))
    changes: list[Change] = [create(a_user(1)), update(CLASS, CLASS), create(a_user(5)), delete(a_user(5))]
    assert {result.status for result in later.apply(changes)} == {Status.DONE}
    after = filled.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_same_content_at_the_same_time_is_the_same_file(filled: Path) -> None:
    before = filled.read_bytes()
    _done(filled, create(a_user(5)))
    _done(filled, delete(a_user(5)))
    assert filled.read_bytes() == before


def test_of_the_roles_at_one_org_the_one_that_counts_most_is_primary(filled: Path) -> None:
    both = frozenset({SCHOOL, OTHER_SCHOOL})
    many = a_user(5, student=both, teacher=frozenset({SCHOOL}), guardian=both, **{"ext:staff": both})
    _done(filled, create(many))
    roles = [row for row in _rows(filled, "roles") if row["userSourcedId"] == "p5"]
    assert {(row["orgSourcedId"], row["role"]) for row in roles if row["roleType"] == "primary"} == {
        (SCHOOL.sourced_id, "teacher"),
        (OTHER_SCHOOL.sourced_id, "ext:staff"),
    }
    assert len(roles) == 7
    assert _target(filled).read({}).records[many.key] == many


def test_an_enrolment_ends_on_the_day_after_the_last_and_is_at_the_school_of_the_class(filled: Path) -> None:
    pupil, teacher = sorted(_rows(filled, "enrollments"), key=lambda row: row["role"])
    assert pupil == {
        "sourcedId": "g1/p1/student", "status": "", "dateLastModified": "", "classSourcedId": "g1",
        "schoolSourcedId": SCHOOL.sourced_id, "userSourcedId": "p1", "role": "student", "primary": "",
        "beginDate": "2026-08-01", "endDate": "2027-08-01",
    }  # fmt: skip  # one record
    assert (teacher["sourcedId"], teacher["primary"]) == ("g1/p3/teacher", "true")


def test_ids_that_a_package_cannot_write_as_they_are_are_encoded_and_read_back(filled: Path) -> None:
    odd = replace(a_user(5), key=Key(Kind.ACCOUNT, "Bø 5:{x}/%41"))
    group = replace(a_class(2), key=Key(Kind.GROUP, "6A/Å"), members=frozenset({a_member()._replace(account=odd.key)}))
    _done(filled, create(odd), create(group))
    assert _rows(filled, "users")[-1]["sourcedId"] == "B%C3%B8%205%3A%7Bx%7D/%2541"
    actual = _target(filled).read({}).records
    assert (actual[odd.key], actual[group.key]) == (odd, group)


def test_rows_that_join_two_ids_have_ids_of_their_own_however_these_are_made(filled: Path) -> None:
    users = [
        replace(a_user(10 + n), key=Key(Kind.ACCOUNT, text)) for n, text in enumerate(("a", "b/a", "%2Fa", "å" * 40))
    ]
    groups = [
        replace(
            a_class(n), key=Key(Kind.GROUP, text), members=frozenset(a_member()._replace(account=u.key) for u in users)
        )
        for n, text in enumerate(("c", "c/b", "c%2Fb", "ø" * 40))
    ]
    _done(filled, *map(create, (*users, *groups)))
    ids = [row["sourcedId"] for row in _rows(filled, "enrollments")]
    assert len(set(ids)) == len(ids) == 2 + 16
    assert max(map(len, ids)) <= 255


FAULTS: dict[str, tuple[Record, str]] = {
    "no family name": (a_user(5, familyName=None), "familyName would be empty"),
    "nothing but a line break": (a_user(5, familyName="\n"), "familyName would be empty"),
    "no title": (a_class(5, title=None), "title would be empty"),
    "no term": (a_class(5, termSourcedIds=None), "termSourcedIds would be empty"),
    "a NUL": (a_user(5, familyName="a\0b"), "familyName holds what is no letter"),
    "half a letter": (a_user(5, familyName="a\ud800"), "familyName holds what is no letter"),
    "a comma in a list": (a_user(5, grades=frozenset({"1,2"})), "grades holds a comma"),
    "an untyped id": (a_user(5, userIds=frozenset({"kari"})), "userIds must look like {Type:Id}"),
    "two values": (a_user(5, email=frozenset({"a@x.no", "b@x.no"})), "email must be one value"),
    "text for an id": (a_user(5, student=frozenset({"Solbakken"})), "student must hold ids of the kind org"),
    "an id of another kind": (a_class(5, courseSourcedId=SCHOOL), "courseSourcedId must hold ids of the kind course"),
    "an id for text": (a_user(5, email=SCHOOL), "email must hold text"),
    "an unknown word": (an_org(Key(Kind.ORG, "5"), type="skole"), "type must be department, district"),
    "no date": (a_session(Key(Kind.SESSION, "5"), startDate="1. august"), "startDate must be a date"),
    "a year turned round": (a_session(Key(Kind.SESSION, "5"), startDate="2028-08-01"), "endDate must be after"),
    "a role of no class": (a_class(5, a_member(1, "aide")), "a member must be enrolled as administrator"),
    "a member of no day": (a_class(5, a_member(1, begin="x")), "first day must be a date"),
    "a member to no day": (a_class(5, a_member(1, end="x")), "last day must be a date"),
    "a member to the last of days": (a_class(5, a_member(1, end="9999-12-31")), "last day must be a date"),
    "a member turned round": (a_class(5, a_member(1, end="2026-07-31")), "must not be before the first"),
    "a long id": (replace(a_user(5), key=Key(Kind.ACCOUNT, "å" * 43)), "longer than 255 letters"),
    "no id": (replace(a_user(5), key=Key(Kind.ACCOUNT, "")), "sourcedId is empty"),
    "an id of no letters": (
        replace(a_user(5), key=Key(Kind.ACCOUNT, "a\x01")),
        "sourcedId is empty or holds what is no letter",
    ),
    "another's username": (a_user(5, username="PUP00001"), "another account"),
}


@pytest.mark.parametrize(("record", "complaint"), FAULTS.values(), ids=FAULTS.keys())
def test_what_no_package_can_hold_is_refused_with_what_would_be_right(
    filled: Path, record: Record, complaint: str
) -> None:
    status, detail = _only(filled, create(record))
    assert (status, complaint in detail) == (Status.REJECTED, True), detail


def test_nobody_is_taken_over_where_nobody_else_keeps_anything(filled: Path) -> None:
    status, detail = _only(filled, rekey(Key(Kind.ACCOUNT, "p9"), handle="users/p1"))
    assert (status, "nobody else" in detail) == (Status.REJECTED, True)


def test_a_username_is_given_once_and_free_again_when_its_account_is_gone(filled: Path) -> None:
    renamed = a_user(1, username="ny")
    _done(filled, update(a_user(1), renamed))
    assert _target(filled).read({}).records[renamed.key] == a_user(1)
    _done(filled, create(a_user(5, username="pup00001")), delete(a_user(1)))
    assert _target(filled).names()["pup00001"] == a_user(5).key


def test_only_what_the_mapping_knows_is_seen(filled: Path) -> None:
    fields = {Kind.ACCOUNT: frozenset({"username", "teacher"})}
    narrow = OneRosterCsvTarget("lms", filled, fields, frozenset(), site_name="x", secret=b"", clock=lambda: NOON)
    assert dict(narrow.read({}).records) == {
        key: Record(key, {name: value for name, value in record.fields.items() if name in fields[Kind.ACCOUNT]})
        for key, record in ((a_user(1).key, a_user(1)), (TEACHER.key, TEACHER))
    }


@contextmanager
def _warnings() -> Iterator[list[str]]:
    said: list[str] = []
    sink = logger.add(lambda line: said.append(str(line)), level="WARNING", format="{message}")
    try:
        yield said
    finally:
        logger.remove(sink)


def test_a_file_that_loses_its_last_row_is_told_of_since_readers_take_it_as_no_change(filled: Path) -> None:
    with _warnings() as said:
        _done(filled, withdraw(a_user(1)), disable(TEACHER))
    gone = {"roles", "enrollments"}
    assert len(said) == len(gone) == sum(f"{name}.csv has no rows any more" in each for name in gone for each in said)
    assert not gone & tables_of(filled).keys()
    with _warnings() as said:
        _done(filled, withdraw(TEACHER))
    assert len(said) == 1


def test_where_nothing_is_left_there_is_no_file(filled: Path) -> None:
    people = (withdraw(a_user(1)), withdraw(TEACHER))
    _done(filled, *people)
    assert "users" not in tables_of(filled)
    _done(filled, *map(delete, (a_class(1), a_course(), a_session(), an_org(), an_org(OTHER_SCHOOL), an_org(DISTRICT))))
    assert list(filled.parent.iterdir()) == []
    assert dict(_target(filled).read({}).records) == {}
    _done(filled, *people)
    assert list(filled.parent.iterdir()) == []

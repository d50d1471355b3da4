"""Packages that the OneRoster target did not write, or not so, are left alone, and it is told why."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from provision.errors import TargetUnavailable
from provision.formats.oneroster_write import write_package
from provision.targets.oneroster_csv import OneRosterCsvTarget
from tests.builders import DISTRICT, LMS_FIELDS, a_class, a_course, a_member, a_session, a_user, an_org, create
from tests.canaries import NAME
from tests.contract.factories import rewrite

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
RECORDS = (
    an_org(DISTRICT),
    an_org(),
    a_session(),
    a_course(),
    a_user(1, familyName=NAME),
    a_user(2),
    a_class(1, a_member(1)),
)


def _target(path: Path) -> OneRosterCsvTarget:
    return OneRosterCsvTarget("lms", path, LMS_FIELDS, frozenset(), site_name="x", secret=b"", clock=lambda: NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "oneroster.zip"
    assert len(list(_target(path).apply(map(create, RECORDS)))) == len(RECORDS)
    return path


def _complaint(path: Path) -> str:
    """Why nothing can be done with the file, which stays as it is; nothing of a person is in it."""
    before = path.read_bytes()
    uses: list[Callable[[OneRosterCsvTarget], object]] = [
        lambda target: target.names(),
        lambda target: target.read({}),
        lambda target: list(target.apply([create(a_user(5))])),
    ]
    said = set()
    for use in uses:
        with pytest.raises(TargetUnavailable) as caught:
            use(_target(path))
        said.add(str(caught.value))
    assert path.read_bytes() == before
    (complaint,) = said
    assert str(path) in complaint
    assert NAME not in complaint
    return complaint


def test_a_cut_package_is_never_read(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert "delete it" in _complaint(path), length


def test_no_flipped_bit_is_read_as_something_else(path: Path) -> None:
    whole = path.read_bytes()
    expected = _target(path).read({}).records
    unread = 0
    for place in range(0, len(whole), 11):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert _target(path).read({}).records == expected, place
        except TargetUnavailable:
            unread += 1
    assert unread > 50


@pytest.mark.parametrize("content", [b"", b"PK", b"sourcedId,status\n", b"<html>"])
def test_what_is_no_package_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "no OneRoster package" in _complaint(path)


def test_a_zip_of_other_things_is_left_alone(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("sis.xml", "<enterprise/>")
    assert "no OneRoster package" in _complaint(path)


def test_the_package_of_another_program_is_left_alone(path: Path) -> None:
    org = ("974588145", "", "", "Solbakken", "school", "", "")
    with path.open("wb") as fh:
        write_package(fh, {"orgs": [org]}, "1.2", at=NOON, system_name="the SIS")
    assert "another program" in _complaint(path)


DAMAGE: dict[str, tuple[str, str, str, str]] = {
    "a date that is none": ("enrollments", "endDate", "1. juni", "enrollments.csv, line 2: endDate is no date"),
    "a role that is none": ("roles", "role", "elev", "roles.csv, line 2: the role is none"),
    "an id twice": ("users", "sourcedId", "p1", "users.csv, line 3: the id stands there twice"),
    "a class that is not there": (
        "enrollments",
        "classSourcedId",
        "g7",
        "group:g7 is named, but is not in classes.csv",
    ),
    "a user that is not there": ("enrollments", "userSourcedId", "p7", "account:p7 is named, but is not in users.csv"),
    "an org that is not there": ("roles", "orgSourcedId", "o7", "org:o7 is named, but is not in orgs.csv"),
    "an agent that is not there": ("users", "agentSourcedIds", "p7,p8", "account:p7 is named, but is not in users.csv"),
    "a course that is not there": ("classes", "courseSourcedId", "c7", "course:c7 is named, but is not in courses.csv"),
}


@pytest.mark.parametrize(("table", "column", "cell", "complaint"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_package_that_does_not_hold_together_is_left_alone(
    path: Path, table: str, column: str, cell: str, complaint: str
) -> None:
    rewrite(path, table, lambda row: row | {column: cell})
    said = _complaint(path)
    assert complaint in said
    assert 'put back last night\'s, or delete it and then `provision approve lms --reason "…"`' in said


def test_what_somebody_opened_and_saved_otherwise_is_still_read(path: Path) -> None:
    expected = _target(path).read({}).records
    rewrite(path, "users", lambda row: row | {"sourcedId": row["sourcedId"].replace("p", "%70")})
    rewrite(path, "enrollments", dict[str, str])
    assert _target(path).read({}).records == expected

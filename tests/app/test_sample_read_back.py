"""The sample as the project itself reads it: nothing rejected, nothing held, every figure as it was published."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from provision.core.counted import Terms
from provision.core.coverage import coverage, pupils_of
from provision.core.figures import Figures, Level
from provision.core.machines import machines
from provision.core.named import people_named, schools_named
from provision.core.roster import ClassType, OrgType, Role, Roster
from provision.core.tables import build_roster
from provision.inventories.table import TableInventory
from provision.sources.care_csv import CareCsvSource
from provision.sources.people_csv import PeopleCsvSource
from provision.sources.pifu_ims import PifuImsSource
from tests.app.exports import DAY, HEMNE, load, sample

NIGHT: Final = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def read(site: Path) -> Roster:
    folder = site / "data"
    extracts = [
        PifuImsSource(folder / "sis.xml", clock=lambda: NIGHT).read(),
        CareCsvSource(folder / "care.csv", clock=lambda: NIGHT).read(),
        PeopleCsvSource(folder / "people.csv", clock=lambda: NIGHT).read(),
    ]
    assert [len(extract.tables["rejects"]) for extract in extracts if "rejects" in extract.tables]
    assert all(extract.tables["rejects"].empty for extract in extracts if "rejects" in extract.tables)
    return build_roster(extracts, DAY)


def counted(folder: Path, roster: Roster) -> tuple[Figures, ...]:
    taken = TableInventory(folder / "data/devices.csv", "devices_csv", lambda: NIGHT).read()
    assert taken.issues == ()
    pupils = pupils_of(roster)
    people = people_named(roster, pupils, (), {}, ())
    found = machines([taken], schools_named(roster), people, Terms(), roster.day)
    return coverage(found, pupils, roster, "", {})


@pytest.fixture(scope="module")
def roster(hemne_folder: Path) -> Roster:
    return read(hemne_folder)


def test_nothing_is_rejected_doubtful_or_held(roster: Roster) -> None:
    assert roster.issues == ()
    assert not roster.doubtful
    assert not roster.held


def test_pupils_per_device_are_as_published(hemne_folder: Path, roster: Roster) -> None:
    found = {
        each.group.name: (each.pupils, str(each.pupils_per_device))
        for each in counted(hemne_folder, roster)
        if each.group.level is Level.SCHOOL
    }
    assert found == {
        "Sodin skole": (HEMNE["Sodin skole"], "14.7"),
        "Vinjeøra skole": (HEMNE["Vinjeøra skole"], "2.6"),
        "Svanem skole": (HEMNE["Svanem skole"], "2.8"),
    }


def test_everybody_in_the_export_is_in_the_roster(hemne_folder: Path, roster: Roster) -> None:
    export = load(hemne_folder / "data/sis.xml")
    assert export.people.keys() | {"x0000001", "x0000002"} == roster.users.keys()
    assert {id_: p.number for id_, p in export.people.items()} == {
        id_: user.national_id for id_, user in roster.users.items() if id_ in export.people
    }


def test_every_role_kind_of_group_and_kind_of_org_arrives(roster: Roster) -> None:
    roles = {e.role for each in roster.enrollments.values() for e in each}
    assert roles == set(Role)
    assert {org.type for org in roster.orgs.values()} == set(OrgType)
    assert {c.class_type for c in roster.classes.values()} == {
        ClassType.HOMEROOM,
        ClassType.SCHEDULED,
        ClassType.CONTACT,
        ClassType.GRADE,
        ClassType.GUARDIANS,
        ClassType.LANGUAGE,
        ClassType.COMPOSITE,
        ClassType.COUNCIL,
        ClassType.AFTER_SCHOOL,
    }


def test_every_teaching_group_has_a_subject_and_every_pupil_a_grade(roster: Roster) -> None:
    scheduled = [c for c in roster.classes.values() if c.class_type is ClassType.SCHEDULED]
    assert scheduled
    assert all(c.subject_code for c in scheduled)
    grades = {c.sourced_id: c.grade for c in roster.classes.values() if c.class_type is ClassType.GRADE}
    pupils = [
        each
        for each in roster.enrollments.values()
        if any(e.role is Role.STUDENT and roster.orgs[e.org].type is OrgType.SCHOOL for e in each)
    ]
    assert len(pupils) == sum(HEMNE.values())
    for each in pupils:
        assert len({grades[e.school_class] for e in each if e.school_class in grades}) == 1


def test_three_people_are_protected(roster: Roster) -> None:
    assert len(roster.protected) == 3
    assert roster.protected <= roster.users.keys()


def test_a_large_municipality_is_read_without_a_complaint(tmp_path: Path) -> None:
    roster = read(sample(tmp_path, 1500, 7, seed=3))
    assert roster.issues == ()
    assert not roster.held
    whole, *groups = counted(tmp_path, roster)
    assert whole.pupils == 1500
    schools = [each for each in groups if each.group.level is Level.SCHOOL]
    assert all(each.pupils_per_device and each.pupils_per_device > Decimal(1) for each in schools)

"""Devices and pupils per device: counted strictly, at the school that a pupil belongs to."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted, Terms
from provision.core.coverage import coverage, pupils_of
from provision.core.figures import Level
from provision.core.machines import machines
from provision.core.named import people_named, schools_named
from provision.core.placement import primary_org
from provision.core.roster import Enrollment, Org, OrgType, Role, Roster
from tests.core.test_machines import stocktake

DAY: Final = date(2026, 11, 23)
SODIN, SVANEM, NURSERY = "300010008", "300010202", "300000010"


def enrolled(user: str, org: str, *, role: Role = Role.STUDENT, primary: bool = False) -> Enrollment:
    return Enrollment(user, org, "", role, None, None, primary)


def roster(*enrollments: Enrollment, protected: frozenset[str] = frozenset()) -> Roster:
    each: dict[str, tuple[Enrollment, ...]] = {}
    for enrollment in enrollments:
        each[enrollment.user] = (*each.get(enrollment.user, ()), enrollment)
    kinds: Mapping[str, OrgType] = {
        "300000002": OrgType.DISTRICT,
        SODIN: OrgType.SCHOOL,
        SVANEM: OrgType.SCHOOL,
        NURSERY: OrgType.KINDERGARTEN,
    }
    orgs = {id_: Org(id_, kind, f"Navn {id_}", "", "", "") for id_, kind in kinds.items()}
    return Roster(
        day=DAY,
        orgs=orgs,
        sessions={},
        users={},
        classes={},
        enrollments=each,
        relationships={},
        present=frozenset(each),
        protected=protected,
    )


def device(number: int, school: str, use: str = "pupil", status: str = "in_use") -> dict[str, str]:
    return {"serial": f"SN{number}", "school": school, "use": use, "status": status}


def figures(count: Roster, devices: list[dict[str, str]]) -> dict[str, tuple[int, int, int, Decimal | None]]:
    pupils = pupils_of(count)
    people = people_named(count, pupils, (), {}, ())
    found = machines([stocktake(*devices)], schools_named(count), people, Terms(), DAY)
    return {
        each.group.org: (each.pupils, each.devices, each.counted.get(Counted.STAFF, 0), each.pupils_per_device)
        for each in coverage(found, pupils, count, "Hemne", {})
        if each.group.level is Level.SCHOOL
    }


@pytest.mark.parametrize(
    ("pupils", "devices", "expected"),
    [(545, 37, "14.7"), (51, 20, "2.6"), (44, 16, "2.8"), (1, 20, "0.1"), (9, 4, "2.3")],
)
def test_a_ratio_is_rounded_half_up_to_one_decimal(pupils: int, devices: int, expected: str) -> None:
    count = roster(*(enrolled(f"p{n}", SODIN, primary=True) for n in range(pupils)))
    found = figures(count, [device(n, SODIN) for n in range(devices)])
    assert found[SODIN] == (pupils, devices, 0, Decimal(expected))
    assert str(found[SODIN][3]) == expected


def test_a_school_without_a_device_for_pupils_has_no_ratio() -> None:
    count = roster(enrolled("p1", SODIN))
    found = figures(count, [device(1, SODIN, "staff"), device(2, SODIN, status="lost")])
    assert found == {SODIN: (1, 0, 1, None), SVANEM: (0, 0, 0, None)}


def test_a_pupil_counts_once_at_the_primary_school_and_staff_never() -> None:
    count = roster(
        enrolled("p1", SODIN),
        enrolled("p1", SVANEM, primary=True),
        enrolled("p2", SODIN),
        enrolled("t1", SODIN, role=Role.TEACHER, primary=True),
        enrolled("g1", SODIN, role=Role.GUARDIAN),
    )
    found = figures(count, [])
    assert (found[SODIN][0], found[SVANEM][0]) == (1, 1)


def test_a_protected_pupil_is_counted_like_any_other() -> None:
    count = roster(enrolled("p1", SODIN), protected=frozenset({"p1"}))
    assert figures(count, [device(1, SODIN)])[SODIN] == (1, 1, 0, Decimal("1.0"))


def test_kindergartens_and_the_district_are_left_out() -> None:
    count = roster(enrolled("c1", NURSERY), enrolled("p1", SODIN))
    assert figures(count, [device(1, NURSERY)]).keys() == {SODIN, SVANEM}


def test_devices_in_repair_and_retired_ones_are_none_that_a_pupil_can_use() -> None:
    devices = [device(1, SODIN, status="in_repair"), device(2, SODIN, status="retired"), device(3, SODIN)]
    assert figures(roster(enrolled("p1", SODIN)), devices)[SODIN][1] == 1


enrollments = st.builds(
    enrolled,
    st.just("p1"),
    st.sampled_from([SODIN, SVANEM, NURSERY]),
    role=st.sampled_from([Role.STUDENT, Role.TEACHER, Role.GUARDIAN]),
    primary=st.booleans(),
)


@given(st.lists(enrollments))
def test_the_primary_school_is_one_of_theirs_in_whatever_order(found: list[Enrollment]) -> None:
    org = primary_org(found)
    shuffled = sorted(found, key=lambda e: (e.org, e.role, e.primary), reverse=True)
    assert primary_org(shuffled) == org
    assert org in {e.org for e in found} or (org, found) == ("", [])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], ""),
        ([enrolled("p", SVANEM)], SVANEM),
        ([enrolled("p", SVANEM), enrolled("p", SODIN)], SODIN),
        ([enrolled("p", SODIN), enrolled("p", SVANEM, primary=True)], SVANEM),
        ([enrolled("p", SODIN, role=Role.TEACHER, primary=True), enrolled("p", SVANEM)], SVANEM),
        ([enrolled("p", SODIN, role=Role.TEACHER), enrolled("p", SVANEM, role=Role.TEACHER, primary=True)], SVANEM),
    ],
)
def test_primary_decides_then_the_first_school(found: list[Enrollment], expected: str) -> None:
    assert primary_org(found) == expected

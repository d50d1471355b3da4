"""Counts pupils per device at every school."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from provision.core.placement import primary_org
from provision.core.roster import OrgType, Role, Roster
from provision.inventories.csv import Device

_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class SchoolRatio:
    """One school's figures. `pupils_per_device` has one decimal, and is None where there is no device for pupils."""

    school: str
    name: str
    pupils: int
    pupil_devices: int
    staff_devices: int
    pupils_per_device: Decimal | None


def ratios(roster: Roster, devices: Iterable[Device]) -> tuple[SchoolRatio, ...]:
    """Every school's pupils per device, in the order of the roster's orgs; kindergartens are left out.

    A pupil counts once, at the primary school, whether or not some system is to know of them. Devices of staff, and
    those lost or retired, are no devices for pupils.
    """
    pupils = _pupils(roster)
    owned = Counter((d.school, d.use) for d in devices if d.available)
    return tuple(
        _ratio(org.sourced_id, org.name, pupils, owned) for org in roster.orgs.values() if org.type is OrgType.SCHOOL
    )


def _pupils(roster: Roster) -> Counter[str]:
    """Pupils by primary school."""
    return Counter(
        primary_org(e for e in enrollments if e.role is Role.STUDENT)
        for enrollments in roster.enrollments.values()
        if any(e.role is Role.STUDENT for e in enrollments)
    )


def _ratio(school: str, name: str, pupils: Counter[str], owned: Counter[tuple[str, str]]) -> SchoolRatio:
    enrolled, machines = pupils[school], owned[school, "pupil"]
    return SchoolRatio(
        school=school,
        name=name,
        pupils=enrolled,
        pupil_devices=machines,
        staff_devices=owned[school, "staff"],
        pupils_per_device=(Decimal(enrolled) / machines).quantize(_TENTH, ROUND_HALF_UP) if machines else None,
    )

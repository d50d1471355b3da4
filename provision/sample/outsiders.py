"""People who work at schools and are in no SIS, and whose account stays all the same."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from provision.core.roster import Role
from provision.sample.plans import SchoolPlan, SchoolYear

_SUBSTITUTE, _THERAPIST = 1, 2


class OutsiderRow(NamedTuple):
    """A row of people.csv, in the order of its columns. `org` is an organisation number."""

    sourced_id: str
    given_name: str
    family_name: str
    role: str
    org: str
    begin: str
    end: str
    birth_date: str
    national_id: str
    mail: str


class ExceptionRow(NamedTuple):
    """A row of exceptions.csv, in the order of its columns."""

    sourced_id: str
    until: str
    owner: str
    reason: str


def make_exceptions(schools: Sequence[SchoolPlan], year: SchoolYear) -> tuple[ExceptionRow, ...]:
    """The substitute stays for a month after the last day at the first school."""
    until = (year.end + timedelta(days=31)).isoformat()
    owner = f"Rektor ved {schools[0].name}"
    return (ExceptionRow(_id(schools, _SUBSTITUTE), until, owner, "Svarer på klager på standpunktkarakterer"),)


def make_outsiders(schools: Sequence[SchoolPlan], year: SchoolYear) -> tuple[OutsiderRow, ...]:
    """A substitute from an agency at the first school and a therapist at the last, until the school year ends."""
    people = (
        (_SUBSTITUTE, "Runa", "Vikarstad", Role.TEACHER, schools[0], "1988-03-14"),
        (_THERAPIST, "Theodor", "Løvenskiold-Bø", Role.STAFF, schools[-1], "1975-11-02"),
    )
    return tuple(
        OutsiderRow(
            sourced_id=_id(schools, number),
            given_name=given,
            family_name=family,
            role=role,
            org=school.organisation_number,
            begin=year.begin.isoformat(),
            end=year.end.isoformat(),
            birth_date=birth,
            national_id="",
            mail=f"{_id(schools, number)}@byraa.example",
        )
        for number, given, family, role, school, birth in people
    )


def _id(schools: Sequence[SchoolPlan], number: int) -> str:
    return f"x{schools[0].town.number * 100 + number:07}"

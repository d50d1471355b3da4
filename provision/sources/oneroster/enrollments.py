"""Roles at schools and enrollments in classes of OneRoster to rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from provision.core.roster import PRINCIPAL, Role
from provision.formats.completeness import Reject
from provision.formats.days import day
from provision.formats.oneroster import Table, decode_id
from provision.formats.rows import Rows
from provision.sources.oneroster.checks import is_gone
from provision.sources.oneroster.people import People
from provision.sources.oneroster.places import Place, Places
from provision.sources.oneroster.words import FLAGS, THERE, is_principal, items, last_day, role_of

ROLES: Final = ("userSourcedId", "status", "roleType", "role", "beginDate", "endDate", "orgSourcedId")
USERS_1_1: Final = ("sourcedId", "status", "role", "orgSourcedIds")
ENROLLMENTS: Final = ("userSourcedId", "primary", "status", "classSourcedId", "role", "beginDate", "endDate")

_PRIMARY: Final = "primary"
_NOT_THERE: Final = "the person is not among the users that can be read"


class _Spot(NamedTuple):
    """Where somebody is, as what and from when to when; nobody may be put there with a `fault`."""

    org: str
    school_class: str
    role: str | None
    begin: str
    end: str
    fault: str


@dataclass(slots=True)
class Enrollments:
    """`orgs_of` is where the people whose own row could not be read are members."""

    people: People
    rows: Rows = field(default_factory=lambda: Rows("enrollments"))
    rejected: list[Reject] = field(default_factory=list)
    orgs_of: dict[str, set[str]] = field(default_factory=dict)

    def add(self, sourced_id: str, spot: _Spot, primary: str, where: Callable[[], str]) -> None:
        """A row of enrollments, or of rejects; neither for somebody who is inactive."""
        person = self.people.active.get(sourced_id)
        if person is not None and spot.role is not None and not spot.fault:
            self.rows.add(person, spot.org, spot.school_class, spot.role, spot.begin, spot.end, primary)
        elif sourced_id not in self.people.inactive:
            fault = spot.fault
            if person is None:
                self.orgs_of.setdefault(sourced_id, set()).add(spot.org)
                fault = _NOT_THERE
            self.rejected.append(("enrollments", sourced_id, spot.org, f"{fault} ({where()})"))


def enrol(tables: Mapping[str, Table], people: People, places: Places) -> Enrollments:
    """Everybody's places: at schools by their roles, in classes by their enrollments."""
    enrollments = Enrollments(people)
    if "roles" in tables:
        _add_roles(tables["roles"], places, enrollments)
    else:
        _add_roles_1_1(tables["users"], places, enrollments)
    _add_classes(tables["enrollments"], places, enrollments)
    return enrollments


def _add_roles(table: Table, places: Places, enrollments: Enrollments) -> None:
    nowhere = Place("", "", "orgSourcedId: not among the orgs")
    people = enrollments.people
    for row, (written, status, rank, word, begin, end, org) in enumerate(table.picked(*ROLES)):
        person, where = decode_id(written), decode_id(org)
        if is_gone(status) or people.is_kin(person, word):
            continue
        spot = _spot(places.org_at.get(where, nowhere), status, word, begin, end)
        if spot is not None:
            main = people.main_org.get(person) in ("", where)
            primary = "1" if main and rank.strip().casefold() == _PRIMARY else "0"
            enrollments.add(person, spot, primary, partial(table.where, row))


def _add_roles_1_1(table: Table, places: Places, enrollments: Enrollments) -> None:
    """A user's one role at each of the schools; which of several is the first is not said."""
    nowhere = Place("", "", "orgSourcedIds: not all among the orgs")
    people = enrollments.people
    for row, (written, status, word, orgs) in enumerate(table.picked(*USERS_1_1)):
        person, wheres = decode_id(written), items(orgs)
        if people.is_kin(person, word):
            continue
        for where in wheres:
            spot = _spot(places.org_at.get(decode_id(where), nowhere), status, word, "", "")
            if spot is not None:
                enrollments.add(person, spot, "1" if len(wheres) == 1 else "", partial(table.where, row))


def _add_classes(table: Table, places: Places, enrollments: Enrollments) -> None:
    """There are millions of rows, and few that differ in more than the person: the rest is settled once."""
    nowhere = Place("", "", "classSourcedId: not among the classes")
    settled: dict[tuple[str, ...], _Spot | None] = {}
    for row, cells in enumerate(table.picked(*ENROLLMENTS)):
        rest = cells[2:]
        if rest not in settled:
            status, school_class, word, begin, end = rest
            place = places.class_at.get(decode_id(school_class), nowhere)
            settled[rest] = _spot(place, status, word, begin, end)
        spot = settled[rest]
        if spot is not None:
            primary = FLAGS.get(cells[1].strip().casefold(), "")
            enrollments.add(decode_id(cells[0]), spot, primary, partial(table.where, row))


def _spot(place: Place | None, status: str, word: str, begin: str, end: str) -> _Spot | None:
    """None where the place or the claim to it is no longer there."""
    if place is None or is_gone(status):
        return None
    role, first, last = role_of(word), day(begin), last_day(end)
    fault = place.fault
    if role is None:
        fault = fault or "role: a word that OneRoster does not have"
    elif status.strip().casefold() not in THERE:
        fault = fault or "status is neither empty nor active, tobedeleted or inactive"
    elif first and last and last < first and day(end) != first:
        fault = fault or "endDate is before beginDate"
    said = PRINCIPAL if role is Role.ADMINISTRATOR and not place.school_class and is_principal(word) else role
    return _Spot(place.org, place.school_class, said, first, last, fault)

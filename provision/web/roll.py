"""Everybody and every class that a site knows of, as far as pages find and name them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from provision.core.roster import ClassType, Enrollment, OrgType, Role, Roster
from provision.core.state import Key, Kind
from provision.reading import Reading
from provision.web.access import Role as Sees
from provision.web.access import Who

SHORTEST: Final = 2
# Of several roles the one that somebody is told as.
_FIRST: Final = (Role.STUDENT, Role.ADMINISTRATOR, Role.TEACHER, Role.AIDE, Role.STAFF, Role.GUARDIAN)


@dataclass(frozen=True, slots=True)
class Person:
    """`orgs` are where somebody is today, or was seen last; `name` is "" for whom the SIS no longer has."""

    id: str
    name: str = field(default="", repr=False)
    orgs: frozenset[str] = frozenset()
    role: str = ""
    homeroom: str = ""
    protected: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Class:
    id: str
    title: str
    orgs: frozenset[str]
    homeroom: bool = False


@dataclass(frozen=True, slots=True)
class Roll:
    """By the SIS's id. `districts` are those orgs that are no school."""

    people: Mapping[str, Person] = field(default_factory=dict, repr=False)
    classes: Mapping[str, Class] = field(default_factory=dict, repr=False)
    districts: frozenset[str] = frozenset()


def roll_of(reading: Reading) -> Roll:
    """Whoever is in the SIS, and whoever earlier nights saw."""
    roster, seen = reading.roster, reading.history.sightings
    known = {key.sourced_id for key in seen if key.kind is Kind.ACCOUNT}
    former = {key.sourced_id: said for key, said in seen.items() if key.kind is Kind.GROUP}
    classes = {each: Class(each, each, said.orgs) for each, said in former.items()}
    for each in roster.classes.values():
        homeroom = each.class_type is ClassType.HOMEROOM
        classes[each.sourced_id] = Class(each.sourced_id, each.title, frozenset({each.org}), homeroom)
    people = known | roster.users.keys() | roster.present
    return Roll(
        people={each: _person(each, roster, reading, classes) for each in sorted(people)},
        classes=classes,
        districts=frozenset(org.sourced_id for org in roster.orgs.values() if org.type is OrgType.DISTRICT),
    )


def sees_person(who: Who, roles: Set[Sees], person: Person) -> bool:
    """Of their own schools' people; but whose address is protected only where they see all of them."""
    if who.everywhere(roles):
        return True
    return not person.protected and bool(who.reach(roles, person.orgs))


def search(roll: Roll, usernames: Mapping[str, str], typed: str, may: Callable[[Person], bool]) -> Iterator[Person]:
    """Those who may be seen whose id or username this is, then those whose names begin with each of the words.

    Whose address is protected is found by id and username only.
    """
    wanted = typed.strip().casefold()
    if len(wanted) < SHORTEST:
        return
    exact = {typed.strip(), usernames.get(wanted.partition("@")[0], "")}
    first = [roll.people[each] for each in sorted(exact & roll.people.keys())]
    words = wanted.split()
    named = (each for each in roll.people.values() if not each.protected and _is_named(each.name, words))
    found = sorted(named, key=lambda each: (each.name.casefold(), each.id))
    yield from (each for each in _once([*first, *found]) if may(each))


def _is_named(name: str, words: Iterable[str]) -> bool:
    """Whether each word begins another one of the name."""
    left = name.casefold().replace("-", " ").split()
    parts = " ".join(words).replace("-", " ").split()
    for part in sorted(parts, key=len, reverse=True):
        hit = next((each for each in left if each.startswith(part)), None)
        if hit is None:
            return False
        left.remove(hit)
    return True


def _once(people: Iterable[Person]) -> Iterator[Person]:
    return iter({each.id: each for each in people}.values())


def _person(person: str, roster: Roster, reading: Reading, classes: Mapping[str, Class]) -> Person:
    places, user = roster.enrollments.get(person, ()), roster.users.get(person)
    seen = reading.history.sightings.get(Key(Kind.ACCOUNT, person))
    orgs = frozenset(each.org for each in places) or (seen.orgs if seen else frozenset[str]())
    return Person(
        id=person,
        name=(user.full_name or f"{user.given_name} {user.family_name}") if user else "",
        orgs=orgs,
        role=_role(places) or (seen.role if seen else ""),
        homeroom=_homeroom(places, classes),
        protected=person in roster.protected,
    )


def _role(places: Iterable[Enrollment]) -> str:
    roles = {each.role for each in places}
    return next((str(role) for role in _FIRST if role in roles), "")


def _homeroom(places: Iterable[Enrollment], classes: Mapping[str, Class]) -> str:
    own = (each.school_class for each in places if each.role is Role.STUDENT)
    return next((each for each in own if each in classes and classes[each].homeroom), "")

"""From what a login proves, the roster and the job to what somebody may see today."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from provision.config.web_job import WebJob
from provision.core.roster import Enrollment, OrgType, Role, Roster, User
from provision.web.access import ALL, Schools, Who
from provision.web.access import Role as Sees

# Once more than one person goes by a name, nobody does.
_NOBODY: Final = ""
_STAFF: Final = frozenset({Role.TEACHER, Role.AIDE, Role.ADMINISTRATOR, Role.STAFF})


@dataclass(frozen=True, slots=True)
class Identity:
    """What a login proved. `login` is what the provider calls the person, `number` the keyed hash of theirs, or "".

    `local` is the one-time link of a service that only this machine reaches.
    """

    issuer: str
    subject: str
    login: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    groups: frozenset[str] = frozenset()
    local: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """Of one day's roster as much as the pages need to know who somebody is: who works where, and under which names.

    `heads` are those who lead a school that day, by person, `administrators` those and others who manage one;
    `schools` every school's name. Whoever is `blocked` is known by their names, so that these open nothing either.
    """

    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    by_login: Mapping[str, str] = field(default_factory=dict, repr=False)
    by_number: Mapping[str, str] = field(default_factory=dict, repr=False)
    heads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    administrators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    schools: Mapping[str, str] = field(default_factory=dict)
    blocked: frozenset[str] = field(default=frozenset(), repr=False)


def staff_of(roster: Roster, realm: str, usernames: Mapping[str, str], number_of: Callable[[User], str]) -> Staff:
    """`usernames` are the journal's, by name; `number_of` gives the keyed hash of somebody's identity number, or ""."""
    known = {e: u for e, u in roster.users.items() if e in roster.blocked or _works(roster.enrollments.get(e, ()))}
    users = {each: user for each, user in known.items() if each not in roster.blocked}
    schools = {org.sourced_id: org.name for org in roster.orgs.values() if org.type is not OrgType.DISTRICT}
    administered = {each: _administered(roster.enrollments.get(each, ()), schools.keys()) for each in users}
    return Staff(
        names={each: user.full_name or f"{user.given_name} {user.family_name}" for each, user in users.items()},
        by_login=_by_login(known, realm, usernames),
        by_number=_unique((number, each) for each, user in known.items() if (number := number_of(user))),
        heads=_by_person(administered, heads_only=True),
        administrators=_by_person(administered, heads_only=False),
        schools=schools,
        blocked=frozenset(roster.blocked),
    )


def who_is(identity: Identity, staff: Staff, web: WebJob, day: date) -> Who:
    """Nobody is known by a mail address: it is given to others, and providers let people write their own."""
    if identity.local:
        return Who("", "local", grants={Sees.IT: ALL, Sees.ADMIN: ALL})
    person = person_of(identity, staff, web)
    if person in staff.blocked:
        return Who("", identity.login)
    names = {each.casefold() for each in (person, identity.login) if each}
    grants: dict[Sees, Schools] = {}
    leading = staff.heads if web.heads == "principals" else staff.administrators
    if led := leading.get(person, frozenset()) | _acting(person, web, day, staff):
        grants[Sees.PRINCIPAL] = led
    if schools := {org for org, people in web.school_admins.items() if _named(people, names)}:
        grants[Sees.ADMIN] = schools
    if _named(web.admin_people, names) or identity.groups & {*web.admin_groups}:
        grants[Sees.ADMIN] = ALL
    if _named(web.it_people, names) or identity.groups & {*web.it_groups}:
        grants |= {Sees.IT: ALL, Sees.ADMIN: ALL}
    return Who(person, identity.login, staff.names.get(person, ""), grants)


def person_of(identity: Identity, staff: Staff, web: WebJob) -> str:
    """The SIS's id, "" where the login is nobody's who works here."""
    match web.provider:
        case "feide":
            return staff.by_login.get(identity.login.casefold(), _NOBODY)
        case "entra":
            by_object = {name.casefold(): person for name, person in web.object_ids.items()}
            person = by_object.get(identity.login.casefold(), _NOBODY)
            return person if person in staff.names or person in staff.blocked else _NOBODY
        case "id_porten":
            return staff.by_number.get(identity.number, _NOBODY) if identity.number else _NOBODY


def _acting(person: str, web: WebJob, day: date, staff: Staff) -> frozenset[str]:
    """Whoever stands in must still work here."""
    if person not in staff.names:
        return frozenset()
    return frozenset(each.school for each in web.acting if each.person == person and day <= each.until)


def _works(places: tuple[Enrollment, ...]) -> bool:
    return any(place.role in _STAFF for place in places)


def _administered(places: tuple[Enrollment, ...], schools: Set[str]) -> tuple[Enrollment, ...]:
    """The places in the administration of a school itself."""
    return tuple(p for p in places if p.role is Role.ADMINISTRATOR and not p.school_class and p.org in schools)


def _by_person(places: Mapping[str, Sequence[Enrollment]], *, heads_only: bool) -> dict[str, frozenset[str]]:
    led = {each: frozenset(p.org for p in found if p.leads or not heads_only) for each, found in places.items()}
    return {each: orgs for each, orgs in led.items() if orgs}


def _by_login(users: Mapping[str, User], realm: str, usernames: Mapping[str, str]) -> dict[str, str]:
    given = ((f"{name}@{realm}", person) for name, person in usernames.items() if person in users)
    said = ((user.principal_name, each) for each, user in users.items() if user.principal_name)
    return _unique((name.casefold(), person) for name, person in (*given, *said))


def _unique(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    """By name whose it is, without the names that several have."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, person in pairs:
        found[name].add(person)
    return {name: next(iter(people)) for name, people in found.items() if len(people) == 1}


def _named(people: list[str], names: Set[str]) -> bool:
    return any(each.casefold() in names for each in people)

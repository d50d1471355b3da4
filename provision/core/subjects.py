"""Whom and what a mapping's entries are about: people by their places, guardians by their children, orgs, classes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provision.core.guardians import guardians_of
from provision.core.mapping import Entry, TargetMapping
from provision.core.offer import course_of, term_of, year_of
from provision.core.placement import primary_org
from provision.core.roster import ClassType, Enrollment, OrgType, Role, Roster, SchoolClass
from provision.core.rules.context import (
    ClassContext,
    Context,
    CourseContext,
    OrgContext,
    PersonContext,
    SessionContext,
    Site,
)
from provision.core.state import Key
from provision.core.usernames import Usernames


@dataclass(frozen=True, slots=True)
class Placed:
    """One person who should have an account somewhere: the enrollments and roles that count.

    `schools` may be none for those who work centrally; `orgs` are then the district alone.
    """

    enrollments: tuple[Enrollment, ...]
    roles: frozenset[Role]
    schools: frozenset[str]
    orgs: frozenset[str]

    @property
    def school(self) -> str:
        """The one school, or the district, that the person counts at."""
        return primary_org(e for e in self.enrollments if e.org in self.orgs)

    def homeroom(self, roster: Roster) -> str:
        """The title of the person's own class, "" where there is none."""
        classes = (roster.classes[e.school_class] for e in self.enrollments if e.school_class)
        return next((c.title for c in classes if c.class_type is ClassType.HOMEROOM), "")


def placed_people(roster: Roster) -> dict[str, Placed]:
    """Everybody with a current place at a school or in the district; kindergartens and guardians do not count."""
    found: dict[str, Placed] = {}
    for sourced_id, enrollments in roster.enrollments.items():
        counted = tuple(e for e in enrollments if _counts(e, roster))
        if counted:
            found[sourced_id] = place(counted, roster)
    return found


def place(enrollments: tuple[Enrollment, ...], roster: Roster) -> Placed:
    orgs = frozenset(e.org for e in enrollments)
    schools = frozenset(o for o in orgs if roster.orgs[o].type is OrgType.SCHOOL)
    return Placed(enrollments, frozenset(e.role for e in enrollments), schools, schools or orgs)


def _counts(enrollment: Enrollment, roster: Roster) -> bool:
    return enrollment.role is not Role.GUARDIAN and roster.orgs[enrollment.org].type is not OrgType.KINDERGARTEN


@dataclass(frozen=True, slots=True)
class Subject:
    """One record to be made: its key, what the rules may ask, at which orgs it counts, and as what."""

    key: Key
    context: Context
    orgs: frozenset[str]
    role: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that subjects are made from. `guardians` are, by pupil, those whom this target may be told of.

    `children_at` are, by guardian, the schools of their children.
    """

    roster: Roster
    people: Mapping[str, Placed]
    usernames: Usernames
    site: Site
    guardians: Mapping[str, frozenset[str]]
    children_at: Mapping[str, frozenset[str]]
    district: str

    def classes(self) -> Iterator[SchoolClass]:
        """The groups that may go out: current, at a school, of a type that is allowed there."""
        roster, policy = self.roster, self.site.policy
        for school_class in roster.classes.values():
            org = roster.orgs[school_class.org]
            allowed = org.type is OrgType.SCHOOL and school_class.class_type in policy.groups_at(org.sourced_id)
            if allowed and school_class.current(roster.day):
                yield school_class


def scene(
    roster: Roster,
    people: Mapping[str, Placed],
    mapping: TargetMapping,
    usernames: Usernames,
    site: Site,
    *,
    protected_too: bool,
) -> Scene:
    """What one target's subjects are made from."""
    guardians: Mapping[str, frozenset[str]] = {}
    if any(entry.of == "guardian" for entry in mapping.entries):
        pupils = [p for p, each in people.items() if Role.STUDENT in each.roles]
        told = pupils if protected_too else [p for p in pupils if p not in roster.protected]
        guardians = guardians_of(told, roster, site.policy.guardians, protected_too=protected_too)
    children_at: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for pupil, each in guardians.items():
        for guardian in each:
            children_at[guardian] |= people[pupil].schools
    district = min((o.sourced_id for o in roster.orgs.values() if o.type is OrgType.DISTRICT), default="")
    return Scene(roster, people, usernames, site, guardians, dict(children_at), district)


def subjects(entry: Entry, scene: Scene) -> Iterator[Subject]:
    """Everything that an entry of the mapping is about, in a fixed order."""
    match entry.of:
        case "person":
            yield from _people(entry, scene)
        case "guardian":
            yield from _guardians(entry, scene)
        case "district" | "school":
            yield from _orgs(entry, scene)
        case _:
            yield from sorted(set(_offered(entry, scene)), key=_order)


def _order(subject: Subject) -> tuple[bool, Key]:
    """By id, school years before the terms in them."""
    context = subject.context
    return isinstance(context, SessionContext) and bool(context.period.year), subject.key


def _people(entry: Entry, scene: Scene) -> Iterator[Subject]:
    for sourced_id in sorted(scene.people):
        placed = scene.people[sourced_id]
        if roles := placed.roles & entry.roles:
            if roles != placed.roles:
                placed = place(tuple(e for e in placed.enrollments if e.role in roles), scene.roster)
            role = str(Role.STUDENT if Role.STUDENT in roles else min(roles))
            yield Subject(Key(entry.kind, sourced_id), _person(sourced_id, placed, scene), placed.orgs, role)


def _guardians(entry: Entry, scene: Scene) -> Iterator[Subject]:
    """Those who are nothing else here: whoever also works or learns here is told of as that."""
    nowhere = Placed((), frozenset({Role.GUARDIAN}), frozenset(), frozenset())
    for sourced_id in sorted(scene.children_at.keys() - scene.people.keys()):
        context = _person(sourced_id, nowhere, scene)
        yield Subject(Key(entry.kind, sourced_id), context, context.children_at, str(Role.GUARDIAN))


def _person(sourced_id: str, placed: Placed, scene: Scene) -> PersonContext:
    return PersonContext(
        user=scene.roster.users[sourced_id],
        username=scene.usernames.names.get(sourced_id, ""),
        enrollments=placed.enrollments,
        roles=placed.roles,
        schools=placed.schools,
        primary_school=placed.school if placed.schools else "",
        district=scene.district,
        roster=scene.roster,
        site=scene.site,
        guardians=scene.guardians.get(sourced_id, frozenset()),
        children_at=scene.children_at.get(sourced_id, frozenset()),
    )


def _orgs(entry: Entry, scene: Scene) -> Iterator[Subject]:
    for _, org in sorted(scene.roster.orgs.items()):
        if org.type == entry.of:
            key = Key(entry.kind, org.sourced_id)
            yield Subject(key, OrgContext(org, scene.roster, scene.site), frozenset({org.sourced_id}))


def _offered(entry: Entry, scene: Scene) -> Iterator[Subject]:
    """Classes, or the courses, terms and school years that they imply."""
    for school_class in scene.classes():
        course, term = course_of(school_class), term_of(school_class, scene.roster.day)
        if entry.of == "class":
            context = ClassContext(school_class, course, term)
            yield Subject(Key(entry.kind, school_class.sourced_id), context, frozenset({school_class.org}))
        elif entry.of == "course":
            yield Subject(Key(entry.kind, course.sourced_id), CourseContext(course), frozenset({course.org}))
        else:
            for period in (year_of(term), term):
                yield Subject(Key(entry.kind, period.sourced_id), SessionContext(period), frozenset())

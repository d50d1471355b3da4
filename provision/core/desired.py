"""What one target should hold: the roster seen through a mapping."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provision.core.mapping import Entry, TargetMapping
from provision.core.placement import primary_org
from provision.core.roster import ClassType, Enrollment, OrgType, Role, Roster
from provision.core.rules.context import OrgContext, PersonContext, Site
from provision.core.state import Key, Kind, Record, State, Value
from provision.core.usernames import Usernames


@dataclass(frozen=True, slots=True)
class Desired:
    """`records` should be there; `held` wait, with the reason; `withheld` must be in no entry of this target.

    `orgs` and `roles` say, by key, at which schools a record counts and as what.
    """

    records: State
    held: Mapping[Key, str] = field(default_factory=dict)
    withheld: frozenset[Key] = field(default=frozenset(), repr=False)
    orgs: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    roles: Mapping[Key, str] = field(default_factory=dict)


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
            found[sourced_id] = _place(counted, roster)
    return found


def _place(enrollments: tuple[Enrollment, ...], roster: Roster) -> Placed:
    orgs = frozenset(e.org for e in enrollments)
    schools = frozenset(o for o in orgs if roster.orgs[o].type is OrgType.SCHOOL)
    return Placed(enrollments, frozenset(e.role for e in enrollments), schools, schools or orgs)


def _counts(enrollment: Enrollment, roster: Roster) -> bool:
    return enrollment.role is not Role.GUARDIAN and roster.orgs[enrollment.org].type is not OrgType.KINDERGARTEN


def desired_state(
    roster: Roster,
    people: Mapping[str, Placed],
    mapping: TargetMapping,
    usernames: Usernames,
    site: Site,
    *,
    protected_too: bool = False,
) -> Desired:
    """What the target should hold. One record that cannot be made is held with its reason; the rest goes on."""
    records: dict[Key, Record] = {}
    held: dict[Key, str] = {}
    orgs: dict[Key, frozenset[str]] = {}
    roles: dict[Key, str] = {}
    withheld = frozenset() if protected_too else frozenset(Key(Kind.ACCOUNT, p) for p in roster.protected)
    for entry in mapping.entries:
        for key, context, where in _subjects(entry, roster, people, usernames, site):
            if key in withheld:
                continue
            orgs[key], roles[key] = where, _main_role(context)
            reason = _reason_to_hold(key, roster, usernames)
            fields, missing = ({}, "") if reason else _fields(entry, context)
            if reason or missing:
                held[key] = reason or missing
            else:
                records[key] = Record(key, fields)
    return Desired(records, held, withheld, orgs, roles)


def _subjects(
    entry: Entry, roster: Roster, people: Mapping[str, Placed], usernames: Usernames, site: Site
) -> Iterator[tuple[Key, OrgContext | PersonContext, frozenset[str]]]:
    if entry.of == "person":
        district = min((o.sourced_id for o in roster.orgs.values() if o.type is OrgType.DISTRICT), default="")
        for sourced_id in sorted(people):
            placed = people[sourced_id]
            if roles := placed.roles & entry.roles:
                if roles != placed.roles:
                    placed = _place(tuple(e for e in placed.enrollments if e.role in roles), roster)
                context = PersonContext(
                    user=roster.users[sourced_id],
                    username=usernames.names.get(sourced_id, ""),
                    enrollments=placed.enrollments,
                    roles=roles,
                    schools=placed.schools,
                    primary_school=placed.school if placed.schools else "",
                    district=district,
                    roster=roster,
                    site=site,
                )
                yield Key(entry.kind, sourced_id), context, placed.orgs
    else:
        for _, org in sorted(roster.orgs.items()):
            if org.type == entry.of:
                yield Key(entry.kind, org.sourced_id), OrgContext(org, roster, site), frozenset({org.sourced_id})


def _main_role(context: OrgContext | PersonContext) -> str:
    if isinstance(context, OrgContext):
        return ""
    return str(Role.STUDENT if Role.STUDENT in context.roles else min(context.roles))


def _reason_to_hold(key: Key, roster: Roster, usernames: Usernames) -> str:
    if key.kind is not Kind.ACCOUNT:
        return ""
    return roster.held.get(key.sourced_id) or usernames.held.get(key.sourced_id, "")


def _fields(entry: Entry, context: OrgContext | PersonContext) -> tuple[dict[str, Value], str]:
    """The record's fields, and the name of a required one that came out empty, as a reason."""
    made: dict[str, Value] = {}
    for each in entry.fields:
        value = each.make(context)
        if value is not None:
            made[each.name] = value
        elif each.required:
            return made, f"{each.name} would be empty ({each.origin}); fill it in in the SIS"
    return made, ""

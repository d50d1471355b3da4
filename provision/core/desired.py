"""What one target should hold: the roster seen through a mapping."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from provision.core.mapping import Entry, TargetMapping
from provision.core.number_policy import refusal
from provision.core.policy import Policy
from provision.core.roster import Enrollment, Role, Roster
from provision.core.rules.context import Context, Site
from provision.core.rules.families import FAMILIES
from provision.core.state import Key, Kind, Member, Record, State, Value
from provision.core.subjects import Placed, Scene, scene, subjects
from provision.core.usernames import Usernames


@dataclass(frozen=True, slots=True)
class Desired:
    """`records` should be there; `held` wait, with the reason; `withheld` must be in no entry of this target.

    `blocked` have no use of their entry, which stays.
    `flawed` are those of the held whose record could be made, as it would be, and has to be mended first.
    `orgs` and `roles` say, by key, at which schools a record counts and as what. `guardians` are those whom the target
    is told of as somebody's, with the schools of their children.
    """

    records: State
    held: Mapping[Key, str] = field(default_factory=dict)
    withheld: frozenset[Key] = field(default=frozenset(), repr=False)
    orgs: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    roles: Mapping[Key, str] = field(default_factory=dict)
    guardians: Mapping[str, frozenset[str]] = field(default_factory=dict)
    flawed: State = field(default_factory=dict)
    blocked: frozenset[Key] = field(default=frozenset(), repr=False)


_NOBODY: Final[frozenset[Member]] = frozenset()


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
    flawed: dict[Key, Record] = {}
    orgs: dict[Key, frozenset[str]] = {}
    roles: dict[Key, str] = {}
    withheld = frozenset() if protected_too else frozenset(Key(Kind.ACCOUNT, p) for p in roster.protected)
    blocked = frozenset(Key(Kind.ACCOUNT, p) for p in roster.blocked) - withheld
    left_out = withheld | blocked
    stage = scene(roster, people, mapping, usernames, site, protected_too=protected_too)
    for entry in mapping.entries:
        members = _members(entry, stage, left_out)
        flaw, managed = FAMILIES[mapping.family].flaw, managed_by(entry)
        for subject in subjects(entry, stage):
            key = subject.key
            if key in left_out:
                continue
            orgs[key], roles[key] = subject.orgs, subject.role
            if reason := _reason_to_hold(key, roster, usernames, site.policy):
                held[key] = reason
                continue
            fields, missing = _fields(entry, subject.context)
            record = Record(key, fields, members.get(key.sourced_id, _NOBODY))
            if reason := missing or flaw(entry.of, fields, managed, site.realm):
                held[key], flawed[key] = reason, record
            else:
                records[key] = record
    return Desired(records, held, withheld, orgs, roles, stage.children_at, flawed, blocked)


def managed_by(entry: Entry) -> frozenset[str]:
    """The fields that the mapping names, in lower case: all others may be kept by somebody else."""
    return frozenset(each.name.lower() for each in entry.fields)


def _reason_to_hold(key: Key, roster: Roster, usernames: Usernames, policy: Policy) -> str:
    if key.kind is not Kind.ACCOUNT:
        return ""
    waits = roster.held.get(key.sourced_id) or usernames.held.get(key.sourced_id, "")
    return waits or refusal(roster.users[key.sourced_id].national_id, policy, roster.day)


def _fields(entry: Entry, context: Context) -> tuple[dict[str, Value], str]:
    """The record's fields, and the name of the first required one that came out empty, as a reason."""
    made: dict[str, Value] = {}
    missing = ""
    for each in entry.fields:
        value = each.make(context)
        if value is not None:
            made[each.name] = value
        elif each.required and not missing:
            missing = f"{each.name} would be empty ({each.origin}); fill it in in the SIS"
    return made, missing


def _members(entry: Entry, scene: Scene, left_out: frozenset[Key]) -> dict[str, frozenset[Member]]:
    """By class, who is enrolled in it, as the mapping says."""
    if not entry.members:
        return {}
    found: defaultdict[str, dict[tuple[str, str], Enrollment]] = defaultdict(dict)
    for sourced_id, placed in scene.people.items():
        if Key(Kind.ACCOUNT, sourced_id) not in left_out:
            for enrollment in placed.enrollments:
                if enrollment.school_class and (role := entry.members.get(enrollment.role)):
                    found[enrollment.school_class].setdefault((sourced_id, role), enrollment)
    return {school_class: _enrolled(each) for school_class, each in found.items()}


def _enrolled(enrollments: Mapping[tuple[str, str], Enrollment]) -> frozenset[Member]:
    """One member for each person and role; one teacher at most is the class's own."""
    own = min((who for who, e in enrollments.items() if e.primary and e.role is Role.TEACHER), default=None)
    return frozenset(
        Member(Key(Kind.ACCOUNT, who[0]), who[1], _day(e.begin), _day(e.end), who == own)
        for who, e in enrollments.items()
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""

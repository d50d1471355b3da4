"""What one target should hold: the roster seen through a mapping."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from provision.core.mapping import Entry, TargetMapping
from provision.core.roster import Enrollment, Role, Roster
from provision.core.rules.context import Context, Site
from provision.core.state import Key, Kind, Member, Record, State, Value
from provision.core.subjects import Placed, Scene, scene, subjects
from provision.core.usernames import Usernames


@dataclass(frozen=True, slots=True)
class Desired:
    """`records` should be there; `held` wait, with the reason; `withheld` must be in no entry of this target.

    `orgs` and `roles` say, by key, at which schools a record counts and as what. `guardians` are those whom the target
    is told of as somebody's, with the schools of their children.
    """

    records: State
    held: Mapping[Key, str] = field(default_factory=dict)
    withheld: frozenset[Key] = field(default=frozenset(), repr=False)
    orgs: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    roles: Mapping[Key, str] = field(default_factory=dict)
    guardians: Mapping[str, frozenset[str]] = field(default_factory=dict)


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
    orgs: dict[Key, frozenset[str]] = {}
    roles: dict[Key, str] = {}
    withheld = frozenset() if protected_too else frozenset(Key(Kind.ACCOUNT, p) for p in roster.protected)
    stage = scene(roster, people, mapping, usernames, site, protected_too=protected_too)
    for entry in mapping.entries:
        members = _members(entry, stage, withheld)
        for subject in subjects(entry, stage):
            key = subject.key
            if key in withheld:
                continue
            orgs[key], roles[key] = subject.orgs, subject.role
            reason = _reason_to_hold(key, roster, usernames)
            fields, missing = ({}, "") if reason else _fields(entry, subject.context)
            if reason or missing:
                held[key] = reason or missing
            else:
                records[key] = Record(key, fields, members.get(key.sourced_id, _NOBODY))
    return Desired(records, held, withheld, orgs, roles, stage.children_at)


def _reason_to_hold(key: Key, roster: Roster, usernames: Usernames) -> str:
    if key.kind is not Kind.ACCOUNT:
        return ""
    return roster.held.get(key.sourced_id) or usernames.held.get(key.sourced_id, "")


def _fields(entry: Entry, context: Context) -> tuple[dict[str, Value], str]:
    """The record's fields, and the name of a required one that came out empty, as a reason."""
    made: dict[str, Value] = {}
    for each in entry.fields:
        value = each.make(context)
        if value is not None:
            made[each.name] = value
        elif each.required:
            return made, f"{each.name} would be empty ({each.origin}); fill it in in the SIS"
    return made, ""


def _members(entry: Entry, scene: Scene, withheld: frozenset[Key]) -> dict[str, frozenset[Member]]:
    """By class, who is enrolled in it, as the mapping says."""
    if not entry.members:
        return {}
    found: defaultdict[str, dict[tuple[str, str], Enrollment]] = defaultdict(dict)
    for sourced_id, placed in scene.people.items():
        if Key(Kind.ACCOUNT, sourced_id) not in withheld:
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

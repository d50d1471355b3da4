"""Which part of a plan is let in where somebody asks for one person, class or school alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from provision.core.losses import Losses, in_class
from provision.core.plan import Change, Create, Delete, Disable, Plan, Update, Withdraw, change_digest, is_urgent
from provision.core.references import references
from provision.core.roster import Roster
from provision.core.state import Key, Kind


class Extent(StrEnum):
    PERSON = "person"
    CLASS = "class"
    SCHOOL = "school"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """One person, class or school by the SIS's id, or everything."""

    extent: Extent
    sourced_id: str = ""

    def __str__(self) -> str:
        return f"{self.extent} {self.sourced_id}".rstrip()


def scope_of(text: str) -> Scope:
    """The scope as it writes itself."""
    extent, _, sourced_id = text.partition(" ")
    return Scope(Extent(extent), sourced_id)


@dataclass(frozen=True, slots=True)
class Inside:
    """`whole` are the records whose changes go whole, `people` those whose places go along in classes that do not."""

    whole: frozenset[Key] = frozenset()
    people: frozenset[Key] = frozenset()
    everything: bool = False

    def holds(self, key: Key) -> bool:
        return self.everything or key in self.whole

    def part(self, change: Change) -> Change | None:
        """What of a change is inside; None where nothing is. Who may not wait always goes."""
        if self.holds(change.key) or is_urgent(change):
            return change
        if not isinstance(change, Update) or change.key.kind is not Kind.GROUP:
            return None
        others = {member for member in change.before.members if member.account not in self.people}
        theirs = {member for member in change.after.members if member.account in self.people}
        members = frozenset(others | theirs)
        if members == change.before.members:
            return None
        part = replace(change, after=replace(change.before, members=members))
        return replace(part, reason=f"whom it was asked for {_what_becomes_of_them(part)}; nobody else changes")


def _what_becomes_of_them(part: Update) -> str:
    before, after = in_class(part)
    return "joins" if after - before else "leaves" if before - after else "is there as something else"


EVERYTHING: Final = Inside(everything=True)
NOTHING: Final = Inside()


def inside(scope: Scope, plan: Plan, roster: Roster) -> Inside:
    """What of a target's plan a scope means, with the places, terms and courses that are made for it."""
    match scope.extent:
        case Extent.ALL:
            return EVERYTHING
        case Extent.PERSON:
            person = Key(Kind.ACCOUNT, roster.id_changes.get(scope.sourced_id, scope.sourced_id))
            whole = people = frozenset({person, Key(Kind.ACCOUNT, scope.sourced_id)})
        case Extent.CLASS:
            whole, people = _class(scope.sourced_id, plan, roster), frozenset()
        case Extent.SCHOOL:
            whole, people = _school(scope.sourced_id, plan, roster), frozenset()
    return Inside(_with_needed(whole, plan), people)


def _class(sourced_id: str, plan: Plan, roster: Roster) -> frozenset[Key]:
    """The class, its course and terms, and whoever is, comes or was in it."""
    key = Key(Kind.GROUP, sourced_id)
    found = {key}
    for change in plan.changes:
        if change.key == key:
            before, after = in_class(change)
            found |= before | after
            if isinstance(change, Create | Update):
                found |= {each for each in references(change.after) if each.kind in (Kind.SESSION, Kind.COURSE)}
    members = (user for user, places in roster.enrollments.items() if any(e.school_class == sourced_id for e in places))
    return frozenset(found | {Key(Kind.ACCOUNT, user) for user in members})


def _school(number: str, plan: Plan, roster: Roster) -> frozenset[Key]:
    """Every record of which anything changes at the school, and whoever and whatever is there."""
    found = {change.key for change in plan.changes if number in change.orgs} | {Key(Kind.ORG, number)}
    found |= {Key(Kind.GROUP, each.sourced_id) for each in roster.classes.values() if each.org == number}
    there = (user for user, places in roster.enrollments.items() if any(e.org == number for e in places))
    return frozenset(found | {Key(Kind.ACCOUNT, user) for user in there})


def _with_needed(whole: frozenset[Key], plan: Plan) -> frozenset[Key]:
    """Those with the schools, terms and courses that are not there yet and that they name."""
    made = {c.key for c in plan.changes if isinstance(c, Create) and c.key.kind not in (Kind.ACCOUNT, Kind.GROUP)}
    new = whole
    while new := frozenset(_named(plan, new)) & made - whole:
        whole |= new
    return whole


def _named(plan: Plan, keys: frozenset[Key]) -> Iterator[Key]:
    for change in plan.changes:
        if change.key in keys and isinstance(change, Create | Update):
            yield from references(change.after)


def takes_away(change: Change, losses: Losses) -> bool:
    """Whether anybody has less after it than before: an account, a class, a group, a whole field."""
    if isinstance(change, Disable | Delete | Withdraw):
        return True
    before, after = in_class(change)
    return bool(before - after) or any(losses.of(change))


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has looked at, change by change; of a class place by place, so that it may shrink."""

    digests: frozenset[str] = field(repr=False)

    @property
    def digest(self) -> str:
        """Names all of it."""
        return blake2b("\0".join(sorted(self.digests)).encode(), digest_size=12).hexdigest()

    def covers(self, other: "Shown") -> bool:
        return other.digests <= self.digests


def shown(target: str, changes: Iterable[Change], secret: frozenset[str]) -> frozenset[str]:
    """Digests of what is done at a target. Who may not wait waits for nobody's look, and is not among it."""
    parts = (part for change in changes if not is_urgent(change) for part in _parts(change, secret))
    return frozenset(blake2b(f"{target}\0{part}".encode(), digest_size=12).hexdigest() for part in parts)


def _parts(change: Change, secret: frozenset[str]) -> Iterator[str]:
    if change.key.kind is not Kind.GROUP or not isinstance(change, Create | Update):
        yield change_digest(change, secret)
        return
    before = change.before.members if isinstance(change, Update) else frozenset()
    yield from (f"{change.key} without {member}" for member in before - change.after.members)
    yield from (f"{change.key} with {member}" for member in change.after.members - before)
    bare = replace(change, after=replace(change.after, members=before))
    if isinstance(change, Create) or change.before.fields != change.after.fields:
        yield change_digest(bare, secret)

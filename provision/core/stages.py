"""How far a target or a school has been let in: planned, added to, or everything; and when it stands still."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from provision.core.compare import joined
from provision.core.guard import Approval, Hold
from provision.core.losses import Losses, in_class
from provision.core.plan import Change, Create, Delete, Plan, Rekey, Update, is_urgent
from provision.core.references import references, relinked
from provision.core.scope import EVERYTHING, Inside
from provision.core.state import Key, Kind, same


class Stage(StrEnum):
    """From the strictest: not looked at; planned and reported; nothing is taken away; everything."""

    OFF = "off"
    SHADOW = "shadow"
    ADD_ONLY = "add-only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days, both inclusive, on which only withdrawals are carried out at these schools; at all where none is named."""

    begin: date
    end: date
    schools: frozenset[str] = frozenset()

    def covers(self, day: date, orgs: Iterable[str]) -> bool:
        return self.begin <= day <= self.end and (not self.schools or not self.schools.isdisjoint(orgs))


@dataclass(frozen=True, slots=True)
class Stages:
    """By target and by school; the strictest counts."""

    targets: Mapping[str, Stage] = field(default_factory=dict)
    schools: Mapping[str, Stage] = field(default_factory=dict)
    freezes: tuple[Freeze, ...] = ()

    def of(self, target: str) -> Stage:
        return self.targets.get(target, Stage.FULL)

    def at(self, target: str, orgs: Iterable[str]) -> Stage:
        found = {self.of(target), *(self.schools.get(org, Stage.FULL) for org in orgs)}
        return next(stage for stage in Stage if stage in found)

    def writes(self, target: str) -> bool:
        """Whether anything at all may be written there."""
        return self.of(target) in (Stage.ADD_ONLY, Stage.FULL)

    def stops(self, target: str, orgs: Iterable[str], day: date) -> bool:
        """Whether nothing but withdrawals is carried out there today."""
        orgs = frozenset(orgs)
        closed = self.at(target, orgs) in (Stage.OFF, Stage.SHADOW)
        return closed or any(freeze.covers(day, orgs) for freeze in self.freezes)

    def why_kept_back(self, hold: Hold | Approval, day: date) -> str:
        """Why what is held is not carried out today, whoever says yes, as the end of a sentence; "" where it is."""
        orgs = {hold.org}
        stage = self.at(hold.target, orgs)
        if stage in (Stage.OFF, Stage.SHADOW) or (stage is Stage.ADD_ONLY and hold.loss != "id"):
            name = hold.target if self.of(hold.target) is stage else hold.org
            return f"while {name} is let in as {stage} ([stages])"
        ends = [freeze.end for freeze in self.freezes if freeze.covers(day, orgs)]
        return f"until {max(ends).isoformat()} ([[freezes]])" if ends else ""


def permitted(
    changes: Sequence[Change], losses: Losses, stages: Stages, day: date, inside: Inside = EVERYTHING
) -> tuple[Change | None, ...]:
    """What of each of a plan's changes may be carried out today; None where nothing of it may.

    Of what is not inside what was asked for nothing is, as of what stands still.

    Who must be taken out is, wherever anything is written. Nobody leaves a class while their own change, or a class
    that they come to, is kept back; and what is carried out neither names anybody who is not there yet, nor takes away
    what others still need.
    """
    plan = losses.plan
    if not stages.writes(plan.target):
        return (None,) * len(changes)
    kept = _kept_back(plan, stages, day, inside)
    former = _former(plan, kept, {change.key for change in changes})
    today = _Today(losses, stages, kept, frozenset(_stay(plan, kept)), former, _missing(plan, kept))
    parts = [today.part(part) if (part := inside.part(change)) else None for change in changes]
    held = {change.key for change, part in zip(changes, parts, strict=True) if part is not change}
    left = {id(part) for part in losses.bearable([part for part in parts if part], held)}
    return tuple(part if id(part) in left else None for part in parts)


@dataclass(frozen=True, slots=True)
class _Today:
    """`kept` are whose changes are kept back; `stay` who leaves no class; `former`, by their new id, the id that
    accounts still have; `missing` what is not made.
    """

    losses: Losses
    stages: Stages
    kept: Set[Key]
    stay: Set[Key]
    former: Mapping[Key, Key]
    missing: Set[Key]

    def part(self, change: Change) -> Change | None:
        if is_urgent(change):
            return change
        if change.key in self.kept:
            return None
        if self.stages.at(self.losses.plan.target, change.orgs) is Stage.ADD_ONLY:
            left = self.losses.adding(change)
            return self._of_those_there(left) if left else None
        match change:
            case Delete(before=before) if before.key.kind is Kind.GROUP and in_class(change)[0] & self.stay:
                return None
            case Update(before=before, after=after) if staying := {m for m in before.members if m.account in self.stay}:
                members = joined(staying, after.members)
                if members != after.members:
                    why = f"{change.reason}; who is kept back elsewhere stays"
                    change = replace(change, after=replace(after, members=members), reason=why)
        return self._of_those_there(change)

    def _of_those_there(self, change: Change) -> Change | None:
        """The change with nobody who is not there, and everybody else under the id that they have."""
        match change:
            case Create(after=after):
                left = relinked(after, self.former, self.missing)
                return change if left is after else replace(change, after=left)
            case Update(before=before, after=after):
                was, left = relinked(before, self.former), relinked(after, self.former, self.missing)
                if same(was, left):
                    return None
                return change if was is before and left is after else replace(change, before=was, after=left)
            case _:
                return change


def _kept_back(plan: Plan, stages: Stages, day: date, inside: Inside) -> frozenset[Key]:
    """Whose changes are kept back: of what stands still or is not inside, and of what needs a place or course there."""
    changes = [change for change in plan.changes if not is_urgent(change)]
    rest = [part for change in changes if (part := inside.part(change))]
    kept = {change.key for change in changes} - {part.key for part in rest}
    kept |= {change.key for change in rest if stages.stops(plan.target, change.orgs, day)}
    while (missing := _missing(plan, kept)) and (
        more := {c.key for c in rest if c.key not in kept and not missing.isdisjoint(_needs(c))}
    ):
        kept |= more
    return frozenset(kept)


def _needs(change: Change) -> Iterator[Key]:
    """What must be there before: accounts are not among it, since a record can be made without one of them."""
    if isinstance(change, Create | Update):
        yield from (key for key in references(change.after) if key.kind is not Kind.ACCOUNT)


def _missing(plan: Plan, kept: Set[Key]) -> frozenset[Key]:
    return frozenset(c.key for c in plan.changes if isinstance(c, Create) and c.key in kept) if kept else frozenset()


def _former(plan: Plan, kept: Set[Key], allowed: Set[Key]) -> dict[Key, Key]:
    """By the new id, the id of accounts that keep it today: also where the guard holds the new one."""
    waits = (c for c in plan.changes if isinstance(c, Rekey) and (c.key in kept or c.key not in allowed))
    return {change.key: change.previous for change in waits if change.previous}


def _stay(plan: Plan, kept: Set[Key]) -> Iterator[Key]:
    """Whose own change, or a class that they come to, is kept back."""
    for change in plan.changes:
        if change.key in kept and not is_urgent(change):
            before, after = in_class(change)
            yield from after - before if change.key.kind is Kind.GROUP else {change.key}

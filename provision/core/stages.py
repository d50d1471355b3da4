"""How far a target or a school has been let in: planned, added to, or everything; and when it stands still."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from provision.core.losses import Losses
from provision.core.plan import Change, Create, Rekey, is_urgent


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

    def at(self, target: str, change: Change) -> Stage:
        found = {self.of(target), *(self.schools.get(org, Stage.FULL) for org in change.orgs)}
        return next(stage for stage in Stage if stage in found)

    def writes(self, target: str) -> bool:
        """Whether anything at all may be written there."""
        return self.of(target) in (Stage.ADD_ONLY, Stage.FULL)


def permitted(target: str, changes: Iterable[Change], stages: Stages, losses: Losses, day: date) -> tuple[Change, ...]:
    """What of a target's changes may be carried out today; who must be taken out is, wherever anything is written."""
    if not stages.writes(target):
        return ()
    found = (_permitted(change, stages.at(target, change), stages, losses, day) for change in changes)
    return tuple(change for change in found if change)


def _permitted(change: Change, stage: Stage, stages: Stages, losses: Losses, day: date) -> Change | None:
    if is_urgent(change):
        return change
    if stage in (Stage.OFF, Stage.SHADOW) or any(f.covers(day, change.orgs) for f in stages.freezes):
        return None
    if stage is Stage.FULL or isinstance(change, Create | Rekey):
        return change
    return losses.harmless(change)

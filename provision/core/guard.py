"""What may go now and what is held: a plan is judged per school and per kind of loss, whole groups at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Final

from provision.core.plan import Change, Delete, Disable, Plan, Rekey, Update, change_digest
from provision.core.state import Key, values

_EXAMPLES: Final = 5
_SMALL_SCHOOL: Final = 5


@dataclass(frozen=True, slots=True)
class Traits:
    """Which fields a mapping manages, and which of them carry membership, are written once or are secret.

    `same_person` are sets of fields that, all equal, say that two records are one person.
    """

    fields: frozenset[str] = frozenset()
    membership: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    same_person: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """So many may be lost in one run without anybody looking: a share of what is there.

    Where that is very few, `least` may be lost, so that two leavers do not stop a small school; but never more than
    a fifth of it, so that a small school has a guard at all.
    """

    share: float
    least: int

    def limit(self, existing: int) -> int:
        return max(int(self.share * existing), min(self.least, existing // _SMALL_SCHOOL))


@dataclass(frozen=True, slots=True)
class Hold:
    """A group of changes that waits for a person. `digests` names each change, `digest` all of them together.

    `keys` are whose changes they are; a hold that is read back from the journal does not know them.
    """

    target: str
    org: str
    loss: str
    count: int
    limit: int
    existing: int
    digest: str
    digests: frozenset[str]
    examples: tuple[str, ...]
    keys: frozenset[Key] = field(default=frozenset(), compare=False)

    @property
    def id(self) -> str:
        return f"H-{self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to exactly these changes at this target, school and kind of loss, until `expires`."""

    hold: str
    target: str
    org: str
    loss: str
    digests: frozenset[str]
    approver: str
    reason: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """`used` are the ids of holds whose approval let something through."""

    allowed: tuple[Change, ...]
    holds: tuple[Hold, ...]
    used: frozenset[str] = frozenset()


def guard(
    plan: Plan, budgets: Mapping[str, Budget], traits: Traits, approvals: Iterable[Approval], now: datetime
) -> Verdict:
    """Judge a plan by what each school would lose. No part of a held group goes through; withdrawals always do.

    A change at two schools counts in both, and is held where either is.
    """
    groups: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in plan.changes:
        if kind := loss(change, traits):
            for org in change.orgs or {""}:
                groups[org, kind].append(change)
    yes = [a for a in approvals if a.target == plan.target and a.expires > now]
    holds: list[Hold] = []
    used: set[str] = set()
    held: set[Key] = set()
    for (org, kind), changes in sorted(groups.items()):
        hold = _hold(plan, org, kind, changes, budgets[kind], traits)
        if hold.count <= hold.limit:
            continue
        if approval := next((a for a in yes if _covers(a, hold)), None):
            used.add(approval.hold)
        else:
            holds.append(hold)
            held.update(change.key for change in changes)
    allowed = tuple(change for change in plan.changes if change.key not in held)
    return Verdict(allowed, tuple(holds), frozenset(used))


def loss(change: Change, traits: Traits) -> str | None:
    """What somebody loses by a change: a key of the budgets, None for a change that takes nothing away."""
    match change:
        case Disable():
            return "disable"
        case Delete():
            return "delete"
        case Rekey(previous=Key()):
            return "id"
        case Update(before=before, after=after):
            managed = traits.fields & before.fields.keys()
            gone = {n for n in managed if len(values(after.fields.get(n))) < len(values(before.fields[n]))}
            if gone & traits.membership:
                return "memberships"
            return "fields" if gone - after.fields.keys() else None
        case _:
            return None


def _hold(plan: Plan, org: str, kind: str, changes: Sequence[Change], budget: Budget, traits: Traits) -> Hold:
    existing = plan.existing.get(org, 0)
    digests = frozenset(change_digest(change, traits.secret) for change in changes)
    digest = blake2b("\0".join([plan.target, org, kind, *sorted(digests)]).encode(), digest_size=12).hexdigest()
    examples = tuple(sorted(change.key.sourced_id for change in changes)[:_EXAMPLES])
    keys = frozenset(change.key for change in changes)
    limit = budget.limit(existing)
    return Hold(plan.target, org, kind, len(changes), limit, existing, digest, digests, examples, keys)


def _covers(approval: Approval, hold: Hold) -> bool:
    """An approved set may shrink, never grow."""
    same_scope = (approval.target, approval.org, approval.loss) == (hold.target, hold.org, hold.loss)
    return same_scope and hold.digests <= approval.digests

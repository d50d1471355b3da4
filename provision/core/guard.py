"""What may go now and what is held: a plan is judged per school and per kind of loss, whole groups at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from provision.core.plan import Change, Delete, Disable, Plan, Rekey, Update
from provision.core.state import Key, Record, same, values

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
    """`used` are the holds whose approval lets all of their changes through, with whose changes those are."""

    allowed: tuple[Change, ...]
    holds: tuple[Hold, ...]
    used: Mapping[str, frozenset[Key]] = field(default_factory=dict)


def guard(
    plan: Plan, budgets: Mapping[str, Budget], traits: Traits, approvals: Iterable[Approval], now: datetime
) -> Verdict:
    """Judge a plan by what each school would lose. No loss of a held group goes through; withdrawals always do.

    A change at two schools counts in both, and one with two kinds of loss in both; it is held where either is. What a
    held change adds goes through.
    """
    groups: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in plan.changes:
        for kind in losses(change, traits):
            for org in change.orgs or {""}:
                groups[org, kind].append(change)
    yes = [a for a in approvals if a.target == plan.target and a.expires > now]
    holds: list[Hold] = []
    approved: dict[str, frozenset[Key]] = {}
    held: set[Key] = set()
    for (org, kind), changes in sorted(groups.items()):
        hold = _hold(plan, org, kind, changes, budgets[kind], traits)
        if hold.count <= hold.limit:
            continue
        if approval := next((a for a in yes if _covers(a, hold)), None):
            approved[approval.hold] = hold.keys
        else:
            holds.append(hold)
            held.update(change.key for change in changes)
    allowed = [harmless(change, traits) if change.key in held else change for change in plan.changes]
    used = {identity: keys for identity, keys in approved.items() if not keys & held}
    return Verdict(tuple(change for change in allowed if change), tuple(holds), used)


def losses(change: Change, traits: Traits) -> Mapping[str, tuple[str, ...]]:
    """What somebody loses by a change, by budget: the names or values that go, none where all of it goes.

    A group that is replaced by another is no loss, and a school that is replaced by another is one.
    """
    match change:
        case Disable():
            return {"disable": ()}
        case Delete():
            return {"delete": ()}
        case Rekey(previous=Key() as previous):
            return {"id": (str(previous),)}
        case Update(before=before, after=after):
            memberships = _memberships_lost(before, after, traits)
            fields = tuple(sorted(traits.fields & before.fields.keys() - after.fields.keys() - traits.membership))
            found = {"memberships": memberships, "fields": fields}
            return {kind: lost for kind, lost in found.items() if lost}
        case _:
            return {}


def _memberships_lost(before: Record, after: Record, traits: Traits) -> tuple[str, ...]:
    gone = _memberships_gone(before, after, traits)
    return tuple(sorted(f"{name}={value}" for name, each in gone.items() for value in each))


def _memberships_gone(before: Record, after: Record, traits: Traits) -> dict[str, frozenset[str | Key]]:
    found: dict[str, frozenset[str | Key]] = {}
    for name in traits.membership & before.fields.keys():
        old, new = values(before.fields[name]), values(after.fields.get(name))
        gone = old - new
        lost = gone if len(new) < len(old) else frozenset(v for v in gone if isinstance(v, Key))
        if lost:
            found[name] = lost
    return found


def harmless(change: Change, traits: Traits) -> Update | None:
    """What may be done of a held change all the same: what it adds. Nothing that it takes away."""
    if not isinstance(change, Update):
        return None
    before = change.before.fields
    fields = {**{n: v for n, v in before.items() if n in traits.fields}, **change.after.fields}
    for name, gone in _memberships_gone(change.before, change.after, traits).items():
        fields[name] = values(fields.get(name)) | gone
    after = replace(change.after, fields=fields)
    return None if same(change.before, after) else replace(change, after=after, reason=f"{change.reason}; losses held")


def _hold(plan: Plan, org: str, kind: str, changes: Sequence[Change], budget: Budget, traits: Traits) -> Hold:
    existing = plan.existing.get(org, 0)
    digests = frozenset(_loss_digest(change, kind, losses(change, traits)[kind]) for change in changes)
    digest = blake2b("\0".join([plan.target, org, kind, *sorted(digests)]).encode(), digest_size=12).hexdigest()
    examples = tuple(sorted(change.key.sourced_id for change in changes)[:_EXAMPLES])
    keys = frozenset(change.key for change in changes)
    limit = budget.limit(existing)
    return Hold(plan.target, org, kind, len(changes), limit, existing, digest, digests, examples, keys)


def _loss_digest(change: Change, kind: str, lost: Sequence[str]) -> str:
    """Names what is lost, by whom, and nothing else: whatever else happens to the record leaves an approval valid."""
    return blake2b("\0".join([kind, str(change.key), *lost]).encode(), digest_size=12).hexdigest()


def _covers(approval: Approval, hold: Hold) -> bool:
    """An approved set may shrink, never grow."""
    same_scope = (approval.target, approval.org, approval.loss) == (hold.target, hold.org, hold.loss)
    return same_scope and hold.digests <= approval.digests

"""What may go now and what is held: a plan is judged per school and per kind of loss, whole groups at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Final

from provision.core.losses import Loss, Losses, needed_by
from provision.core.plan import Change, Plan
from provision.core.state import Key
from provision.core.traits import Traits

_EXAMPLES: Final = 5
_SMALL_SCHOOL: Final = 5


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

    `count` is of people; `keys` are whose changes they are, which a hold that is read back from the journal does not
    know.
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
    losses = Losses(plan, traits)
    groups: defaultdict[tuple[str, str], list[Loss]] = defaultdict(list)
    for change in plan.changes:
        for loss in losses.of(change):
            for org in change.orgs or {""}:
                groups[org, loss.kind].append(loss)
    yes = [a for a in approvals if a.target == plan.target and a.expires > now]
    holds: list[Hold] = []
    approved: dict[str, frozenset[Key]] = {}
    held: set[Key] = set()
    for (org, kind), found in sorted(groups.items()):
        hold = _hold(plan, org, kind, found, budgets[kind])
        if hold.count <= hold.limit:
            continue
        if approval := next((a for a in yes if _covers(a, hold)), None):
            approved[approval.hold] = hold.keys
        else:
            holds.append(hold)
            held |= hold.keys
    allowed = [losses.harmless(change) if change.key in held else change for change in plan.changes]
    used = {identity: keys for identity, keys in approved.items() if not keys & held}
    return Verdict(tuple(_bearable([c for c in allowed if c], plan, held, losses)), tuple(holds), used)


def _bearable(allowed: Sequence[Change], plan: Plan, held: set[Key], losses: Losses) -> list[Change]:
    """Without what would take away a guardian, a course or a session that a held change still needs."""
    needed = {key for c in plan.changes if c.key in held for key in needed_by(c)}
    left = list(allowed)
    while kept := [c for c in left if c.key in needed and losses.follows_others(c)]:
        needed |= {key for change in kept for key in needed_by(change)}
        left = [change for change in left if change not in kept]
    return left


def _hold(plan: Plan, org: str, kind: str, found: Sequence[Loss], budget: Budget) -> Hold:
    existing = plan.existing.get(org, 0)
    people = {person for loss in found for person in loss.people}
    digests = frozenset(digest for loss in found for digest in loss.digests)
    digest = blake2b("\0".join([plan.target, org, kind, *sorted(digests)]).encode(), digest_size=12).hexdigest()
    examples = tuple(sorted(person.sourced_id for person in people)[:_EXAMPLES])
    keys = frozenset(loss.change.key for loss in found)
    limit = budget.limit(existing)
    return Hold(plan.target, org, kind, len(people), limit, existing, digest, digests, examples, keys)


def _covers(approval: Approval, hold: Hold) -> bool:
    """An approved set may shrink, never grow."""
    same_scope = (approval.target, approval.org, approval.loss) == (hold.target, hold.org, hold.loss)
    return same_scope and hold.digests <= approval.digests

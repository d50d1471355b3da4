"""What may go now and what is held: a plan is judged per school and per kind of loss, whole groups at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Final

from provision.core.cause import Cause
from provision.core.losses import Loss, Losses
from provision.core.plan import Change, Plan
from provision.core.state import Key
from provision.core.traits import Traits

_EXAMPLES: Final = 5
_SMALL_SCHOOL: Final = 5
_SCOPE: Final = ("target", "org", "loss", "role", "cause")
# What stands before whoever said yes on the pages. Who that is at the command line nobody can tell.
ON_PAGES: Final = "pages:"


@dataclass(frozen=True, slots=True)
class Budget:
    """So many may be lost in one run without anybody looking: a share of what is there.

    Where that is very few, `least` may be lost, so that two leavers do not stop a small school; but never more than
    a fifth of it or one, so that a small school has a guard at all.
    """

    share: float
    least: int

    def limit(self, existing: int) -> int:
        fifth = max(existing // _SMALL_SCHOOL, int(existing > 0))
        return max(int(self.share * existing), min(self.least, fifth))


@dataclass(frozen=True, slots=True)
class Rejection:
    """One person's no to a hold: by whom, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A group of changes that waits for a person. `digests` names each change, `digest` all of them together.

    `loss` is what would be lost, `role` by whom (student, staff, "" for everybody), `cause` why, `likely` what explains
    that it is so many, `owner` who is to decide. `count` is of people; `keys` are whose changes they are, which a hold
    that is read back from the journal does not know. `kept_back` is why stages or freezes keep back what is held today:
    until that is over nobody can say yes. `rejected` is the no that it has had, for as long as it is the same.
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
    role: str = ""
    cause: str = ""
    likely: str = ""
    owner: str = ""
    kept_back: str = ""
    rejected: Rejection | None = None
    keys: frozenset[Key] = field(default=frozenset(), compare=False)

    @property
    def id(self) -> str:
        return f"H-{self.digest[:8]}"

    @property
    def waits(self) -> bool:
        """Whether it is somebody's turn to say yes or no."""
        return not self.kept_back and self.rejected is None


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to exactly these changes at this target, school, role and kind of loss, until `expires`."""

    hold: str
    target: str
    org: str
    loss: str
    digests: frozenset[str]
    approver: str
    reason: str
    expires: datetime
    role: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`used` are the holds whose approval lets all of their changes through, with whose changes those are."""

    allowed: tuple[Change, ...]
    holds: tuple[Hold, ...]
    used: Mapping[str, frozenset[Key]] = field(default_factory=dict)


def guard(
    plan: Plan,
    budgets: Mapping[str, Budget],
    traits: Traits,
    approvals: Iterable[Approval],
    now: datetime,
    *,
    two_people_above: int | None = None,
) -> Verdict:
    """Judge a plan by what each school would lose. No loss of a held group goes through; withdrawals always do.

    People are counted by school, by what they are there as, by what they lose and by why. A change at two schools
    counts in both, and one with two kinds of loss in both; it is held where either is. What a held change adds goes
    through. Above a number of people it takes the yes of two.
    """
    losses = Losses(plan, traits)
    groups: defaultdict[tuple[str, str, str, str], list[Loss]] = defaultdict(list)
    for change in plan.changes:
        for loss in losses.of(change):
            for org in change.orgs or {""}:
                groups[org, loss.kind, loss.group, loss.cause].append(loss)
    yes = [a for a in approvals if a.expires > now]
    holds: list[Hold] = []
    approved: dict[str, frozenset[Key]] = {}
    held: set[Key] = set()
    for (org, *_), found in sorted(groups.items(), key=lambda item: item[0]):
        hold = _hold(plan, org, found, budgets[found[0].budget])
        if hold.count <= hold.limit:
            continue
        covering = [a for a in yes if covers(a, hold)]
        if suffices(covering, hold.count, two_people_above):
            approved |= dict.fromkeys((a.hold for a in covering), hold.keys)
        else:
            holds.append(hold)
            held |= hold.keys
    allowed = [losses.harmless(change) if change.key in held else change for change in plan.changes]
    used = {identity: keys for identity, keys in approved.items() if not keys & held}
    return Verdict(tuple(losses.bearable([c for c in allowed if c], held)), tuple(holds), used)


def needed(people: int, two_people_above: int | None) -> int:
    """How many persons must say yes where it is about so many people."""
    return 1 if two_people_above is None or people <= two_people_above else 2


def suffices(yes: Iterable[Approval], people: int, two_people_above: int | None) -> bool:
    """Whether as many persons have said yes as it takes for so many people.

    Where it takes two, both are known in the same way: one on the pages and one at the command line may be the same.
    """
    everybody = {approval.approver.casefold() for approval in yes}
    pages = {each for each in everybody if each.startswith(ON_PAGES)}
    return max(len(pages), len(everybody - pages)) >= needed(people, two_people_above)


def _hold(plan: Plan, org: str, found: Sequence[Loss], budget: Budget) -> Hold:
    """What these losses of one group would be as a hold; nobody's yes is asked for where they are within the limit."""
    first = found[0]
    existing = plan.existing.get((org, first.group), 0)
    people = frozenset(person for loss in found for person in loss.people)
    digests = frozenset(digest for loss in found for digest in loss.digests)
    scope = [plan.target, org, first.kind, first.group, first.cause]
    return Hold(
        target=plan.target,
        org=org,
        loss=first.kind,
        count=len(people),
        limit=_limit(plan, people, first, budget.limit(existing)),
        existing=existing,
        digest=blake2b("\0".join([*scope, *sorted(digests)]).encode(), digest_size=12).hexdigest(),
        digests=digests,
        examples=tuple(sorted(person.sourced_id for person in people)[:_EXAMPLES]),
        role=first.group,
        cause=first.cause,
        likely=plan.clues.likely(people, org),
        keys=frozenset(loss.change.key for loss in found),
    )


def _limit(plan: Plan, people: frozenset[Key], loss: Loss, limit: int) -> int:
    """Nobody's budget covers a whole class that has not come to its end."""
    emptied = loss.kind in ("disable", "delete") and loss.cause != Cause.GRADUATED and plan.clues.whole_classes(people)
    return 0 if emptied else limit


def covers(approval: Approval, hold: Hold) -> bool:
    """Whether this yes is to all of the hold: an approved set may shrink, never grow."""
    return is_of(approval, hold) and hold.digests <= approval.digests


def is_of(approval: Approval, hold: Hold) -> bool:
    """Whether this yes is to the same kind of loss, at the same school and target, for the same cause."""
    return all(getattr(approval, name) == getattr(hold, name) for name in _SCOPE)

"""What people lose by a plan's changes, by budget; and what is left of a change that may take nothing away."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from provision.core.cause import Cause
from provision.core.compare import is_guardian_only, joined
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, group_of, is_urgent
from provision.core.references import references
from provision.core.roster import Role
from provision.core.state import Key, Kind, Record, same, values
from provision.core.traits import Traits


@dataclass(frozen=True, slots=True)
class Loss:
    """What one change takes away: `lost` names the fields, values or members that go, none where all of it goes."""

    kind: str
    change: Change
    lost: tuple[str, ...] = ()
    people: frozenset[Key] = frozenset()

    @property
    def cause(self) -> str:
        """Why, where it matters to how much may go without a look; "" else."""
        match self.change:
            case Disable(cause=cause) | Delete(cause=cause) if self.kind in ("disable", "delete"):
                return cause
            case Update(cause=cause) | Delete(cause=cause) if self.kind == "memberships":
                return "" if cause is Cause.VANISHED else cause
            case _:
                return ""

    @property
    def budget(self) -> str:
        """The name of the budget that it counts in."""
        return self.cause or self.kind

    @property
    def group(self) -> str:
        """Whom it counts with: pupils, those who work there or, where neither can be said, everybody at the school."""
        role = group_of(self.change.role)
        return "" if self.change.key.kind is Kind.GROUP or role == Role.GUARDIAN else role

    @property
    def digests(self) -> Iterator[str]:
        """Name what is lost, by whom, and nothing else: whatever else happens to the record leaves an approval valid.

        One for each member of a class, so that an approved class may lose fewer of them.
        """
        parts = [(member,) for member in self.lost] if self.change.key.kind is Kind.GROUP else [self.lost]
        for part in parts:
            text = "\0".join([self.kind, str(self.change.key), *part])
            yield blake2b(text.encode(), digest_size=12).hexdigest()


@dataclass(slots=True)
class Losses:
    """The losses of one plan. `leavers` are those who lose more places in classes than they gain."""

    plan: Plan
    traits: Traits
    leavers: frozenset[Key] = field(init=False)

    def __post_init__(self) -> None:
        balance: Counter[Key] = Counter()
        for change in self.plan.changes:
            if change.key.kind is Kind.GROUP:
                before, after = in_class(change)
                balance.update(after - before)
                balance.subtract(before - after)
        self.leavers = frozenset(account for account, count in balance.items() if count < 0)

    def of(self, change: Change) -> Iterator[Loss]:
        """What this change takes away. A class or group that is replaced by another is no loss, and a school is."""
        if is_urgent(change):
            return
        if change.key.kind is Kind.GROUP and isinstance(change, Update | Delete):
            yield from self._of_class(change)
        match change:
            case Disable() if not self.follows_others(change):
                yield Loss("disable", change, (), frozenset({change.key}))
            case Delete() if change.key.kind is Kind.ACCOUNT:
                yield Loss("delete", change, (), frozenset({change.key}))
            case Rekey(previous=Key() as previous, confirmed=False):
                yield Loss("id", change, (str(previous),), frozenset({change.key}))
            case Update():
                yield from self._of_fields(change)

    def follows_others(self, change: Change) -> bool:
        """Whether this goes only because what needed it goes: a guardian's account, a course, a session."""
        match change:
            case Disable(before=before, at_once=False):
                return is_guardian_only(before, self.traits)
            case Delete():
                return change.key.kind in (Kind.SESSION, Kind.COURSE)
            case _:
                return False

    def _of_class(self, change: Update | Delete) -> Iterator[Loss]:
        before, after = in_class(change)
        if lost := (before - after) & self.leavers:
            yield Loss("memberships", change, tuple(sorted(map(str, lost))), lost)

    def _of_fields(self, change: Update) -> Iterator[Loss]:
        who = frozenset({change.key})
        gone = self._memberships_gone(change)
        if lost := tuple(sorted(f"{name}={value}" for name, each in gone.items() for value in each)):
            yield Loss("memberships", change, lost, who)
        before, after = change.before.fields.keys(), change.after.fields.keys()
        if blanked := tuple(sorted(self.traits.fields & before - after - self.traits.membership)):
            yield Loss("fields", change, blanked, who)

    def _memberships_gone(self, change: Update, *, replaced: bool = False) -> Mapping[str, frozenset[str | Key]]:
        """What goes for good; `replaced`: also what another takes the place of."""
        found: dict[str, frozenset[str | Key]] = {}
        for name in self.traits.membership & change.before.fields.keys():
            old, new = values(change.before.fields[name]), values(change.after.fields.get(name))
            gone = old - new
            lost = gone if replaced or len(new) < len(old) else frozenset(v for v in gone if isinstance(v, Key))
            if lost:
                found[name] = lost
        return found

    def harmless(self, change: Change) -> Change | None:
        """What may be done of a held change all the same: what may not wait, else what it adds and nothing more."""
        if is_urgent(change):
            return change
        return self._without(change, "losses held") if isinstance(change, Update) else None

    def adding(self, change: Change) -> Change | None:
        """The same where nobody may lose anything at all, not even a class for another."""
        if is_urgent(change) or isinstance(change, Create | Rekey):
            return change
        return self._without(change, "nothing is taken away yet", replaced=True) if isinstance(change, Update) else None

    def _without(self, change: Update, why: str, *, replaced: bool = False) -> Update | None:
        """The change without what it takes away; `replaced`: nor what another takes the place of."""
        before = change.before.fields
        fields = {**{n: v for n, v in before.items() if n in self.traits.fields}, **change.after.fields}
        for name, gone in self._memberships_gone(change, replaced=replaced).items():
            fields[name] = values(fields.get(name)) | gone
        stay = {m for m in change.before.members if replaced or m.account in self.leavers}
        after = replace(change.after, fields=fields, members=joined(stay, change.after.members))
        if same(change.before, after):
            return None
        if same(change.after, after):
            return change
        return replace(change, after=after, reason=f"{change.reason}; {why}")

    def bearable(self, allowed: Sequence[Change], held: Set[Key]) -> list[Change]:
        """Without what would take away a guardian, a course or a session that a held change still needs."""
        needed = {key for c in self.plan.changes if c.key in held and not is_urgent(c) for key in needed_by(c)}
        left = list(allowed)
        while kept := [c for c in left if c.key in needed and self.follows_others(c)]:
            needed |= {key for change in kept for key in needed_by(change)}
            left = [change for change in left if change not in kept]
        return left


def in_class(change: Change) -> tuple[frozenset[Key], frozenset[Key]]:
    """Who is in a class before the change and after it."""
    match change:
        case Create(after=after):
            return frozenset(), _accounts(after)
        case Update(before=before, after=after) | Disable(before=before, after=after):
            return _accounts(before), _accounts(after)
        case Rekey():
            return frozenset(), frozenset()
        case _:
            return _accounts(change.before), frozenset()


def _accounts(record: Record) -> frozenset[Key]:
    return frozenset(member.account for member in record.members)


def needed_by(change: Change) -> frozenset[Key]:
    """Whatever the record that a change is about names before it."""
    return frozenset() if isinstance(change, Create | Rekey) else frozenset(references(change.before))

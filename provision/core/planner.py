"""From what should be and what is to a plan. Departures come from proven absence, never from our own failure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Final

from provision.core.absence import Judgement, missing_for, unproven
from provision.core.compare import by_person, is_disabled, locked, orgs_of, settled, signs, somebody_else, told
from provision.core.desired import Desired
from provision.core.guard import Traits
from provision.core.history import Sighting
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw, change_digest, stage
from provision.core.policy import Policy
from provision.core.roster import Roster
from provision.core.state import Actual, Key, Kind, Record, State, same, values

# Said of everybody who is in the SIS and should not be in this target, whatever the cause.
_OUT_OF_SCOPE: Final = "out of scope"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known besides the two states: tonight's roster and what it proves, earlier nights, and who is claimed.

    `disabled` says since when an account has been locked; `claimed` are people and orgs who may have an entry that
    others made; `placed` are people with a place in the SIS: where a target should hold none of
    them, the mapping or the policy says so; `distinct` are newcomers of whom somebody said that they are nobody else.
    """

    roster: Roster
    judgement: Judgement
    sightings: Mapping[Key, Sighting] = field(default_factory=dict)
    disabled: Mapping[Key, date] = field(default_factory=dict)
    claimed: frozenset[str] = frozenset()
    placed: Set[str] = frozenset()
    distinct: Set[str] = frozenset()


def make_plan(
    target: str, desired: Desired, actual: Actual, evidence: Evidence, traits: Traits, policy: Policy
) -> Plan:
    """The changes that bring `actual` to `desired`, and what waits instead, each with its reason."""
    planner = _Planner(desired, actual, evidence, traits, policy)
    changes = [*planner.arrivals(), *planner.departures()]
    changes.sort(key=stage)  # within a stage in the mapping's order: an org that others lie below comes before them
    digests = "\0".join(change_digest(change, traits.secret) for change in changes)
    return Plan(
        target=target,
        changes=tuple(changes),
        held=planner.held,
        waiting=planner.waiting,
        existing=planner.existing(),
        digest=blake2b(f"{target}\0{digests}".encode(), digest_size=12).hexdigest(),
    )


class _Planner:
    """One plan in the making; collects what is held and waiting on the way."""

    def __init__(self, desired: Desired, actual: Actual, evidence: Evidence, traits: Traits, policy: Policy) -> None:
        self.desired, self.actual, self.evidence = desired, actual, evidence
        self.traits, self.policy = traits, policy
        self.held: dict[Key, str] = {**desired.held, **actual.ambiguous}
        self.waiting: dict[Key, str] = {}
        self._renamed = self._by_new_id()
        self._waited_for: dict[Key, str] = {}
        self._leaving = self._unwanted()
        self._lookalikes = by_person(self._leaving, traits, desired.withheld)

    def _by_new_id(self) -> dict[Key, Key]:
        """Whose account stands under a former id, and not under the new one as well."""
        here = self.actual.records.keys() | self.actual.unchanged
        wanted = self.desired.records.keys() | self.desired.held.keys()
        changes = _as_keys(self.evidence.roster.id_changes)
        return {new: old for old, new in changes if old in here and new not in here and new in wanted}

    def _unwanted(self) -> State:
        renamed = set(self._renamed.values())
        return {
            key: record
            for key, record in self.actual.records.items()
            if key in self.desired.withheld
            or (key not in self.desired.records and key not in self.held and key not in renamed)
        }

    def arrivals(self) -> Iterator[Change]:
        for key in sorted(self.desired.records, key=lambda each: each.kind is not Kind.ORG):
            after = self.desired.records[key]
            if key in self.actual.unchanged or key in self.actual.ambiguous:
                continue
            before = self.actual.records.get(key)
            if before is not None:
                yield from self._update(before, after)
            elif key in self._renamed:
                orgs, role = self._place(key, after)
                yield Rekey(key, "", self._renamed[key], orgs, role, "the SIS announced a new id")
            elif reason := self._may_be_somebody(after):
                self.held[key] = reason
            else:
                yield Create(after, *self._place(key, after), "new in the SIS")

    def _may_be_somebody(self, after: Record) -> str:
        if after.key.sourced_id in self.evidence.claimed:
            return "an entry that others made may be this one's; see `provision adopt`"
        if after.key.kind is not Kind.ACCOUNT:
            return ""
        for value in after.fields.values():
            for org in values(value):
                if isinstance(org, Key) and org in self.held:
                    return f"waits for {org}: {self.held[org]}"
        return "" if after.key.sourced_id in self.evidence.distinct else self._lookalike(after)

    def _lookalike(self, after: Record) -> str:
        """Who of those that vanished this newcomer may be; the account that may be theirs waits as well."""
        for sign in signs(after, self.traits):
            if (other := self._lookalikes.get(sign)) is not None:
                old, new = other.sourced_id, after.key.sourced_id
                self._waited_for[other] = new
                if old in self.evidence.roster.present:
                    return f"looks like {old}, who is in the SIS too; see which of the two is right there"
                return (
                    f"looks like {old}, who is no longer in the SIS. If they are one person: "
                    f"`provision adopt --same {old}={new}`, else `provision adopt --distinct {new}`"
                )
        return ""

    def _update(self, before: Record, wanted: Record) -> Iterator[Change]:
        if reason := somebody_else(before, wanted, self.traits):
            self.held[wanted.key] = reason
            return
        orgs, role = self._place(wanted.key, before)
        keep = self._may_not_lose(wanted.key, orgs)
        by_others = not before.active and not self._is_disabled(wanted.key, before)
        after = settled(before, wanted, self.traits, keep=bool(keep), locked_by_others=by_others)
        if wanted.active and not after.active:
            self.waiting[wanted.key] = "locked out by others in the target; left so"
        if not same(before, after):
            yield Update(before, after, orgs, role, told(before, after, keep))

    def _may_not_lose(self, key: Key, orgs: frozenset[str]) -> str:
        if key.sourced_id in self.evidence.roster.doubtful:
            return "a row about this person cannot be read"
        return unproven(orgs, self.evidence.judgement)

    def departures(self) -> Iterator[Change]:
        for key, before in sorted(self._leaving.items()):
            if key in self.desired.withheld:
                yield Withdraw(before, *self._place(key, before), _OUT_OF_SCOPE)
            elif key.kind is not Kind.ORG:
                yield from self._depart(key, before)

    def _depart(self, key: Key, before: Record) -> Iterator[Change]:
        sighting = self.evidence.sightings.get(key)
        orgs, role = self._place(key, before)
        evidence = missing_for(sighting, self.policy.nights)
        disabled = self._is_disabled(key, before)
        if new := self._waited_for.get(key):
            self.held[key] = f"{evidence}; kept, because {new} may be the same person"
        elif doubt := self._may_not_lose(key, orgs):
            if not disabled:
                self.held[key] = f"{evidence}; kept, because {doubt}"
        elif key.sourced_id in self.evidence.placed:
            if not disabled:
                yield Disable(before, locked(before, self.traits), orgs, role, _OUT_OF_SCOPE)
        elif sighting is None or sighting.nights < self.policy.nights:
            if not disabled:
                self.waiting[key] = evidence
        elif not disabled:
            yield Disable(before, locked(before, self.traits), orgs, role, evidence)
        elif self._retention_over(key) and self.evidence.judgement.fresh:
            yield Delete(before, orgs, role, f"disabled for {self.policy.retention_days} days; {evidence}")

    def _is_disabled(self, key: Key, record: Record) -> bool:
        """Whether we took the account out of use: the journal says so or, where it was lost, the account itself."""
        return not record.active and (key in self.evidence.disabled or is_disabled(record, self.traits))

    def _retention_over(self, key: Key) -> bool:
        since = self.evidence.disabled.get(key)
        return since is not None and (self.evidence.roster.day - since).days >= self.policy.retention_days

    def _place(self, key: Key, record: Record) -> tuple[frozenset[str], str]:
        """At which schools the record counts, then and now, and as what."""
        sighting = self.evidence.sightings.get(key)
        orgs = self.desired.orgs.get(key, frozenset()) | orgs_of(record, self.evidence.roster)
        if not orgs and sighting:
            orgs = sighting.orgs
        return orgs, self.desired.roles.get(key) or (sighting.role if sighting else "")

    def existing(self) -> dict[str, int]:
        """Active accounts by org, before the plan."""
        counted: Counter[str] = Counter()
        for key in self.actual.unchanged:
            if key.kind is Kind.ACCOUNT:
                counted.update(self.desired.orgs.get(key, ()))
        for key, record in self.actual.records.items():
            if key.kind is Kind.ACCOUNT and record.active:
                counted.update(self._place(key, record)[0])
        return dict(counted)


def _as_keys(changes: Mapping[str, str]) -> list[tuple[Key, Key]]:
    """Announced id changes of people, as keys."""
    return [(Key(Kind.ACCOUNT, old), Key(Kind.ACCOUNT, new)) for old, new in sorted(changes.items())]

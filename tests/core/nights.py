"""Nights in pure values: a town goes in, a plan comes out, and what the guard allows is carried out in memory."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from provision.core.absence import judge
from provision.core.care import under_known_ids
from provision.core.clues import shrunk
from provision.core.desired import Desired, desired_state
from provision.core.ground import Evidence
from provision.core.guard import Approval, Verdict, guard
from provision.core.history import History
from provision.core.id_changes import IdChanges
from provision.core.mapping import TargetMapping, compile_mapping
from provision.core.mapping_file import MappingFile
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw
from provision.core.planner import make_plan
from provision.core.policy import Policy
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.sightings import sightings
from provision.core.state import Actual, Key, Kind, Record, fingerprint, values
from provision.core.subjects import placed_people
from provision.core.usernames import DEFAULT_SCHEME, assign_usernames
from provision.core.words import Words, with_words
from tests.town import DAY, NIGHT, NORTH, SOUTH, Town

REALM: Final = "provedal.kommune.no"
_MAPPINGS: Final = Path(__file__).parents[2] / "mappings"
SHIPPED: Final = _MAPPINGS / "feide.toml"


def shipped(name: str) -> TargetMapping:
    """A mapping of this repository."""
    text = (_MAPPINGS / f"{name}.toml").read_text(encoding="utf-8")
    return compile_mapping(MappingFile.model_validate(tomllib.loads(text)), REALM)


MAPPING: Final = shipped("feide")
TRAITS: Final = MAPPING.traits()


@dataclass(slots=True)
class World:
    """One target in memory and one memory of earlier nights."""

    policy: Policy = field(default_factory=Policy)
    mapping: TargetMapping = MAPPING
    records: dict[Key, Record] = field(default_factory=dict)
    history: History = field(default_factory=History)
    ledger: dict[str, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    ambiguous: dict[Key, str] = field(default_factory=dict)
    announced: dict[str, str] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    night: int = 0
    deleted_while_active: list[Key] = field(default_factory=list)

    @property
    def day(self) -> date:
        return DAY + timedelta(days=self.night)

    def plan(self, town: Town, *, forget: bool = False) -> tuple[Plan, Roster, Desired]:
        """Tonight's plan for the town; `forget` plans from a lost journal."""
        history = History() if forget else self.history
        roster = town.roster(self.night)
        self.announced |= roster.id_changes
        ids = IdChanges(self.announced)
        roster = with_words(under_known_ids(roster, ids), self.words, ids)
        people = placed_people(roster)
        taken = {str(r.fields["uid"]): k for k, r in self.records.items() if "uid" in r.fields}
        users = [roster.users[p] for p in people if p not in roster.protected]
        names = assign_usernames(users, DEFAULT_SCHEME, self.ledger, taken, roster.id_changes)
        self.ledger |= names.reserve
        desired = desired_state(roster, people, self.mapping, names, Site(REALM, self.policy))
        judgement = judge(roster, history, self.policy)
        actual = self.actual(desired)
        seen = sightings(roster, people, history, judgement, [(desired, actual)])
        disabled = {key: since for (_, key), since in history.disabled.items()}
        evidence = Evidence(
            roster,
            judgement,
            seen,
            before=history.sightings,
            disabled=disabled,
            placed=people.keys(),
            shorter=shrunk(roster, history),
        )
        plan = make_plan("feide", desired, actual, evidence, self.mapping.traits(), self.policy)
        self.history = History(seen, {**history.as_of, **roster.as_of}, history.disabled, roster.sizes)
        return plan, roster, desired

    def actual(self, desired: Desired) -> Actual:
        """As a target answers: keys that are exactly as expected, and the content of the rest."""
        expected = {key: fingerprint(record, b"k") for key, record in desired.records.items()}
        same = {k for k, r in self.records.items() if expected.get(k) == fingerprint(r, b"k")}
        return Actual(same, {k: r for k, r in self.records.items() if k not in same}, self.ambiguous)

    def run(self, town: Town, *, upto: int | None = None, forget: bool = False) -> tuple[Plan, Verdict]:
        """One night: plan, guard, carry out (the first `upto` changes where the run dies). The next day follows."""
        plan, _, _ = self.plan(town, forget=forget)
        verdict = guard(plan, self.policy.budgets, self.mapping.traits(), self.approvals, NIGHT)
        for change in verdict.allowed[:upto]:
            self._apply(change)
        self.night += 1
        return plan, verdict

    def _apply(self, change: Change) -> None:
        match change:
            case Create(after=after) | Update(after=after):
                self._put(after)
            case Disable(after=after):
                self._put(after)
                self._relink(after.key, None, fields=False)
            case Delete(before=before):
                if before.active and before.key.kind is Kind.ACCOUNT:
                    self.deleted_while_active.append(before.key)
                self.records.pop(before.key)
                self._relink(before.key, None)
            case Withdraw(before=before):
                self.records.pop(before.key, None)
                self._relink(before.key, None)
            case Rekey(key=key, previous=previous) if previous is not None:
                record = self.records.pop(previous)
                self.ledger = {n: key.sourced_id if o == previous.sourced_id else o for n, o in self.ledger.items()}
                self.records[key] = Record(key, record.fields, record.members, record.active)
                self._relink(previous, key)

    def _relink(self, old: Key, new: Key | None, *, fields: bool = True) -> None:
        """Whatever refers to an account that goes, or has another id by now, follows, as in every target."""
        for key, record in self.records.items():
            members = frozenset(
                m if m.account != old else m._replace(account=new) for m in record.members if new or m.account != old
            )
            changed = {
                name: (values(value) - {old}) | ({new} if new else set())
                for name, value in record.fields.items()
                if fields and isinstance(value, frozenset) and old in value
            }
            left = {name: value for name, value in {**record.fields, **changed}.items() if value}
            self.records[key] = replace(record, members=members, fields=left)

    def _put(self, record: Record) -> None:
        self.records[record.key] = record
        disabled: dict[tuple[str, Key], date] = dict(self.history.disabled)
        if record.active:
            disabled.pop(("feide", record.key), None)
        else:
            disabled.setdefault(("feide", record.key), self.day)
        self.history = History(self.history.sightings, self.history.as_of, disabled)

    def account(self, sourced_id: str) -> Record | None:
        return self.records.get(Key(Kind.ACCOUNT, sourced_id))

    def active(self) -> set[str]:
        return {k.sourced_id for k, r in self.records.items() if k.kind is Kind.ACCOUNT and r.active}


def kinds(plan: Plan) -> Mapping[str, int]:
    """How many changes of each type."""
    found: dict[str, int] = {}
    for change in plan.changes:
        found[type(change).__name__] = found.get(type(change).__name__, 0) + 1
    return found


def town() -> Town:
    """Thirty pupils at one school, twenty at the other, and a teacher at both."""
    return Town().add_pupils(30).add_pupils(20, SOUTH, "6B", "s").add_teacher("t1", NORTH, SOUTH)

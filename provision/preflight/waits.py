"""What waits for somebody to mend a source, and is no matter of Feide's rules: rows and records that cannot be used."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final

from provision.core.desired import Desired
from provision.core.mentions import sought
from provision.core.roster import Roster
from provision.core.state import Key, Kind
from provision.preflight.line import masked
from provision.reading import Reading

# Stands where somebody is not named.
HIDDEN: Final = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True, order=True)
class Wait:
    """Whom or what it is about, by the SIS's id ("" where the row does not say), and at which orgs that is."""

    kind: Kind
    sourced_id: str
    reason: str
    orgs: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "id": masked(self.sourced_id) or None,
            "orgs": sorted(self.orgs),
            "reason": masked(self.reason),
        }


def waits(reading: Reading, desired: Iterable[Desired]) -> tuple[Wait, ...]:
    """Each once, in order. People with address protection are left out, as everywhere here."""
    said = {*_rows(reading.roster), *_records(desired), *((key, reason) for key, reason in reading.alike.items())}
    found = (
        Wait(key.kind, key.sourced_id, _without(reading.roster.protected, reason), _orgs(key, reading))
        for key, reason in said
        if key.kind is not Kind.ACCOUNT or key.sourced_id not in reading.roster.protected
    )
    return tuple(sorted(found, key=lambda each: (str(each.kind), each.sourced_id, each.reason)))


def _without(ids: Set[str], reason: str) -> str:
    """The reason without these ids: it may be about somebody else as well."""
    return sought(ids).taken_out_of(reason, HIDDEN)


def _rows(roster: Roster) -> Iterator[tuple[Key, str]]:
    """Rows that could not be used, without those that only follow from the person's own.

    Whoever has care only, and is in no SIS, keeps nobody waiting.
    """
    kinds = {"classes": Kind.GROUP, "orgs": Kind.ORG}
    themselves = {issue.sourced_id for issue in roster.issues if issue.table == "users"} - {""}
    for issue in roster.issues:
        follows = issue.table == "enrollments" and issue.sourced_id in themselves
        if issue.table != "care" and not follows:
            yield Key(kinds.get(issue.table, Kind.ACCOUNT), issue.sourced_id), issue.reason


def _records(desired: Iterable[Desired]) -> Iterator[tuple[Key, str]]:
    """What is held; that which has a flaw is told as a finding."""
    for each in desired:
        yield from ((key, reason) for key, reason in each.held.items() if key not in each.flawed)


def _orgs(key: Key, reading: Reading) -> frozenset[str]:
    """Where it is today, else where earlier nights saw it, else where its rows are from."""
    roster, seen = reading.roster, reading.history.sightings.get(key)
    found: frozenset[str] = frozenset()
    if key.kind is Kind.ACCOUNT:
        found = frozenset(each.org for each in roster.enrollments.get(key.sourced_id, ()))
    elif key.kind is Kind.GROUP and key.sourced_id in roster.classes:
        found = frozenset({roster.classes[key.sourced_id].org})
    elif key.kind is Kind.ORG:
        found = frozenset({key.sourced_id})
    if found or seen:
        return found or (seen.orgs if seen else frozenset())
    return frozenset(e.org for e in roster.issues if e.org and e.sourced_id == key.sourced_id and key.sourced_id)

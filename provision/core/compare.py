"""What two records say of each other: the same person or another, what may change, what a person is told of it."""

from collections.abc import Iterator, Set
from typing import Final

from provision.core.roster import OrgType, Roster
from provision.core.state import Actual, Key, Kind, Member, Record, State, Value, values
from provision.core.traits import Traits

# So many things that tell people apart must be there before their difference means anything.
_ENOUGH: Final = 2

Sign = tuple[tuple[str, frozenset[str | Key]], ...]


def is_disabled(record: Record, traits: Traits) -> bool:
    """Whether we took the account out of use: locked and without memberships. Others lock and leave those alone."""
    return not record.active and not (traits.membership - traits.kept) & record.fields.keys()


def out_of_use(actual: Actual, noted: Set[Key], traits: Traits) -> tuple[frozenset[Key], frozenset[Key]]:
    """The accounts that we took out of use, and of those noted as such the ones that are locked no longer."""
    locked = {key: record for key, record in actual.records.items() if not record.active}
    return frozenset(k for k, record in locked.items() if is_disabled(record, traits)), frozenset(noted - locked.keys())


def somebody_else(before: Record, wanted: Record, traits: Traits) -> str:
    """Why the account cannot be this person's: everything that tells people apart is another."""
    if before.key.kind is not Kind.ACCOUNT:
        return ""
    telling = frozenset[str]().union(*traits.same_person) & before.fields.keys() & wanted.fields.keys()
    if len(telling) < _ENOUGH or any(values(before.fields[n]) & values(wanted.fields[n]) for n in telling):
        return ""
    return f"{', '.join(sorted(telling))} are all another's: has the SIS given the id to somebody else?"


def settled(before: Record, wanted: Record, traits: Traits, *, keep: bool, locked_by_others: bool) -> Record:
    """The wanted record, with what was written once or locked by others as it is; nothing is lost that may not be."""
    fields: dict[str, Value] = dict(wanted.fields)
    for name in traits.once & before.fields.keys():
        fields[name] = before.fields[name]
    if keep:
        for name in traits.fields & before.fields.keys():
            if name in traits.membership:
                fields[name] = values(before.fields[name]) | values(fields.get(name))
            elif name not in fields or isinstance(before.fields[name], Key):
                fields[name] = before.fields[name]
    members = joined(before.members, wanted.members) if keep else wanted.members
    return Record(wanted.key, fields, members, wanted.active and not locked_by_others)


def joined(before: Set[Member], wanted: Set[Member]) -> frozenset[Member]:
    """The wanted members, and of those before everybody who is not among them in any role."""
    there = {member.account for member in wanted}
    return frozenset(wanted) | {member for member in before if member.account not in there}


def accounts(value: Value) -> frozenset[Key]:
    """The accounts that a field's value refers to."""
    return frozenset(v for v in values(value) if isinstance(v, Key) and v.kind is Kind.ACCOUNT)


def is_guardian_only(record: Record, traits: Traits) -> bool:
    """Whether the person has a place here for being somebody's guardian, and for nothing else."""
    places = traits.membership & record.fields.keys()
    return bool(places) and places <= traits.kin


def locked(before: Record, traits: Traits) -> Record:
    kept = {name: value for name, value in before.fields.items() if name not in traits.membership - traits.kept}
    return Record(before.key, kept, before.members, active=False)


def told(before: Record, after: Record, keep: str) -> str:
    names = before.fields.keys() | after.fields.keys()
    differ = sorted(n for n in names if values(before.fields.get(n)) != values(after.fields.get(n)))
    told = ["comes back"] if after.active and not before.active else []
    if differ:
        told.append("changed: " + ", ".join(differ))
    come, go = (
        {m.account for m in one} - {m.account for m in other}
        for one, other in ((after.members, before.members), (before.members, after.members))
    )
    if before.members != after.members:
        told.append(f"{len(come)} join, {len(go)} leave" if come or go else "another role or other dates of members")
    if keep:
        told.append(f"nothing is taken away, because {keep}")
    return "; ".join(told)


def orgs_of(record: Record, roster: Roster) -> frozenset[str]:
    """The orgs that a record's fields name: its schools, or the district where it names nothing else."""
    keys = (v for value in record.fields.values() for v in values(value) if isinstance(v, Key))
    named = {key.sourced_id for key in keys if key.kind is Kind.ORG}
    if record.key.kind is Kind.ORG:
        named.add(record.key.sourced_id)
    districts = {o for o in named if o in roster.orgs and roster.orgs[o].type is OrgType.DISTRICT}
    return frozenset(named - districts or named)


def signs(record: Record, traits: Traits) -> Iterator[Sign]:
    for names in traits.same_person:
        if names <= record.fields.keys():
            yield tuple((name, values(record.fields[name])) for name in sorted(names))


def by_person(
    leaving: State, traits: Traits, withheld: Set[Key]
) -> dict[tuple[tuple[str, frozenset[str | Key]], ...], Key]:
    accounts = (r for key, r in leaving.items() if key.kind is Kind.ACCOUNT and key not in withheld)
    return {sign: record.key for record in accounts for sign in signs(record, traits)}

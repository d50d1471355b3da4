"""A record with other references: some left out, or one renamed."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from provision.core.state import Key, Kind, Member, Record, Value, values
from provision.targets.oneroster_csv.columns import refers_to


def references(record: Record) -> Iterator[Key]:
    """Every record that this one names."""
    for name, value in record.fields.items():
        if refers_to(name, record.key.kind):
            yield from (each for each in values(value) if isinstance(each, Key))
    for member in record.members:
        yield member.account


def with_accounts(record: Record, stays: Callable[[Key], bool]) -> Record:
    """The record without the members and agents that do not stay; no other reference can be left out."""
    fields: dict[str, Value] = dict(record.fields)
    for name in record.fields:
        if refers_to(name, record.key.kind) is Kind.ACCOUNT:
            kept = frozenset(each for each in values(fields.pop(name)) if isinstance(each, Key) and stays(each))
            if kept:
                fields[name] = kept
    return replace(record, fields=fields, members=frozenset(m for m in record.members if stays(m.account)))


def renamed(record: Record, new_key: Callable[[Key], Key]) -> Record:
    """The record with the new keys of those that it names."""
    fields = {
        name: _renamed(value, new_key) if refers_to(name, record.key.kind) else value
        for name, value in record.fields.items()
    }
    members = frozenset(Member(new_key(m.account), m.role, m.begin, m.end, m.primary) for m in record.members)
    return replace(record, fields=fields, members=members)


def _renamed(value: Value, new_key: Callable[[Key], Key]) -> Value:
    if isinstance(value, frozenset):
        return frozenset(new_key(each) if isinstance(each, Key) else each for each in value)
    return new_key(value) if isinstance(value, Key) else value

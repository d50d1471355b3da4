"""What a record names, and the record with other references."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from provision.core.compare import accounts
from provision.core.state import Key, Kind, Record, Value


def references(record: Record) -> Iterator[Key]:
    """Every record that this one names, in its fields or as a member."""
    for value in record.fields.values():
        if isinstance(value, Key):
            yield value
        elif not isinstance(value, str):
            yield from (each for each in value if isinstance(each, Key))
    for member in record.members:
        yield member.account


def linked(record: Record) -> frozenset[Key]:
    """The accounts that a record refers to, as members or in its fields."""
    return frozenset(key for key in references(record) if key.kind is Kind.ACCOUNT)


def has_links(record: Record) -> bool:
    return record.key.kind is Kind.GROUP or any(not isinstance(v, str) and accounts(v) for v in record.fields.values())


def relinked(record: Record, new_keys: Mapping[Key, Key], gone: Set[Key] = frozenset()) -> Record:
    """The record with the new keys of those that it names, and without those that are gone."""
    if not any(key in gone or key in new_keys for key in references(record)):
        return record
    members = frozenset(
        m._replace(account=new_keys.get(m.account, m.account)) for m in record.members if m.account not in gone
    )
    fields = {name: left for name, value in record.fields.items() if (left := _relinked(value, new_keys, gone))}
    return replace(record, fields=fields, members=members)


def _relinked(value: Value, new_keys: Mapping[Key, Key], gone: Set[Key]) -> Value:
    """Empty where nothing is left of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Key):
        return "" if value in gone else new_keys.get(value, value)
    return frozenset(new_keys.get(each, each) if isinstance(each, Key) else each for each in value if each not in gone)

"""The rows of a package as records."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from provision.core.calendar import inclusive
from provision.core.state import Key, Kind, Member, Record, Value
from provision.formats.oneroster import COLUMNS, HEAD, Table, decode_id
from provision.formats.oneroster_write import is_list
from provision.targets.oneroster_csv.columns import (
    ENABLED,
    ENROLLMENTS,
    REFERENCES,
    ROLES,
    TABLES,
    is_role,
)

# What is read of each file. Ids of rows that say what belongs to what are made anew when these are written.
READ: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (HEAD[0], *COLUMNS[name]) for name in TABLES.values()},
    ROLES: ("userSourcedId", "role", "orgSourcedId"),
    ENROLLMENTS: ("classSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
}
_NO_FIELDS: Final = frozenset({HEAD[0], ENABLED})

_KeyOf = Callable[[Kind, str], Key]


def records_of(tables: Mapping[str, Table]) -> dict[Key, Record]:
    """Every record of a package that we wrote, with all columns that are filled.

    Raises ValueError, naming file and line, for what we never write.
    """
    named: list[Key] = []

    @cache
    def key_of(kind: Kind, written: str) -> Key:
        named.append(Key(kind, decode_id(written)))
        return named[-1]

    roles = _roles(tables.get(ROLES), key_of)
    members = _members(tables.get(ENROLLMENTS), key_of)
    records: dict[Key, Record] = {}
    for kind, name in TABLES.items():
        for row, cells in _cells(tables.get(name), *READ[name]):
            key = key_of(kind, cells[0])
            if key in records:
                raise ValueError(f"{tables[name].where(row)}: the id stands there twice")
            fields = _fields(kind, cells, key_of) | roles.pop(key, {})
            active = kind is not Kind.ACCOUNT or cells[1] == "true"
            records[key] = Record(key, fields, frozenset(members.pop(key, ())), active)
    for key in named:
        if key not in records:
            raise ValueError(f"{key} is named, but is not in {TABLES[key.kind]}.csv")
    return records


def _cells(table: Table | None, *names: str) -> Iterable[tuple[int, Sequence[str]]]:
    return enumerate(table.picked(*names)) if table else ()


def _fields(kind: Kind, cells: Sequence[str], key_of: _KeyOf) -> dict[str, Value]:
    named = zip(READ[TABLES[kind]], cells, strict=True)
    return {name: _value(kind, name, cell, key_of) for name, cell in named if cell and name not in _NO_FIELDS}


def _value(kind: Kind, name: str, cell: str, key_of: _KeyOf) -> Value:
    other = REFERENCES[kind].get(name)
    if is_list(name):
        items = cell.split(",")
        return frozenset(items) if other is None else frozenset(key_of(other, item) for item in items)
    return cell if other is None else key_of(other, cell)


def _roles(table: Table | None, key_of: _KeyOf) -> dict[Key, dict[str, Value]]:
    """By account, the orgs of each role."""
    found: defaultdict[Key, defaultdict[str, set[Key]]] = defaultdict(lambda: defaultdict(set))
    for row, (user, role, org) in _cells(table, *READ[ROLES]):
        if table and not is_role(role):
            raise ValueError(f"{table.where(row)}: the role is none that there is")
        found[key_of(Kind.ACCOUNT, user)][role].add(key_of(Kind.ORG, org))
    return {user: {role: frozenset(orgs) for role, orgs in each.items()} for user, each in found.items()}


def _members(table: Table | None, key_of: _KeyOf) -> dict[Key, list[Member]]:
    """By class, everybody who is enrolled there."""
    found: defaultdict[Key, list[Member]] = defaultdict(list)
    for row, (group, user, role, primary, begin, end) in _cells(table, *READ[ENROLLMENTS]):
        try:
            last = inclusive(end)
        except (ValueError, OverflowError):
            raise ValueError(f"{table.where(row) if table else ''}: endDate is no date") from None
        found[key_of(Kind.GROUP, group)].append(
            Member(key_of(Kind.ACCOUNT, user), role, begin, last, primary == "true")
        )
    return found

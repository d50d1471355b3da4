"""Records as the rows of a package."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

from provision.core.calendar import exclusive
from provision.core.state import Key, Kind, Record, State, Value, values
from provision.formats.oneroster import COLUMNS, ID_LENGTH, encode_id
from provision.formats.oneroster_write import Cell, is_list
from provision.targets.oneroster_csv.columns import ENABLED, ENROLLMENTS, ROLES, TABLES, TEACHER, is_role, rank

_BLANK: Final = ("", "")


def rows(records: State) -> dict[str, Iterator[Sequence[Cell]]]:
    """The rows of every file, in the order of the records, made as they are asked for."""

    def of(kind: Kind) -> Iterator[Record]:
        return (record for record in records.values() if record.key.kind is kind)

    found: dict[str, Iterator[Sequence[Cell]]] = {name: map(_row, of(kind)) for kind, name in TABLES.items()}
    found[ROLES] = (row for account in of(Kind.ACCOUNT) for row in _roles(account))
    found[ENROLLMENTS] = (row for group in of(Kind.GROUP) for row in _enrollments(group))
    return found


def _row(record: Record) -> Sequence[Cell]:
    enabled = "true" if record.active else "false"
    names = COLUMNS[TABLES[record.key.kind]]
    cells = (enabled if name == ENABLED else _cell(name, record.fields.get(name)) for name in names)
    return record.key.sourced_id, *_BLANK, *cells


def _cell(name: str, value: Value | None) -> Cell:
    if value is None:
        return ""
    texts = sorted(each.sourced_id if isinstance(each, Key) else each for each in values(value))
    return texts if is_list(name) else "".join(texts)


def _roles(account: Record) -> Iterator[Sequence[Cell]]:
    """One row for each role at each org; what counts most there is primary."""
    user = account.key.sourced_id
    seen: set[str] = set()
    for role in sorted(filter(is_role, account.fields), key=rank):
        for org in sorted(each.sourced_id for each in values(account.fields[role]) if isinstance(each, Key)):
            weight = "secondary" if org in seen else "primary"
            seen.add(org)
            yield row_id(user, org, role), *_BLANK, user, weight, role, *_BLANK, org, ""


def _enrollments(group: Record) -> Iterator[Sequence[Cell]]:
    """One row for each member; further periods of one person in one role are numbered."""
    own = group.key.sourced_id
    school = _cell("schoolSourcedId", group.fields.get("schoolSourcedId"))
    seen: Counter[tuple[Key, str]] = Counter()
    for member in sorted(group.members):
        account, role, begin, end, primary = member
        seen[account, role] += 1
        further = (str(seen[account, role]),) if seen[account, role] > 1 else ()
        identity = row_id(own, account.sourced_id, role, *further)
        weight = ("true" if primary else "false") if role == TEACHER else ""
        yield identity, *_BLANK, own, school, account.sourced_id, role, weight, begin, exclusive(end)


def row_id(*parts: str) -> str:
    """The id of a row that joins these: always the same, and another for any others."""
    joined = "/".join(parts)
    if "%" in joined or joined.count("/") >= len(parts):
        joined = "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
    # There are millions of these, hardly one of them near the limit: a letter of ASCII takes three at most.
    if (joined.isascii() and 3 * len(joined) <= ID_LENGTH) or len(encode_id(joined)) <= ID_LENGTH:
        return joined
    return blake2b(joined.encode(), digest_size=20).hexdigest()

"""Records of OneRoster REST, version 1.1 or 1.2, to the tables that a CSV package has of the same."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from provision.formats.oneroster import Table, Version, columns
from provision.sources.oneroster.rest_cells import CELLS, Malformed, Reader, flat, text
from provision.sources.oneroster.words import UNREADABLE

# The status of a record that has not the standard's form: one was there, and whose. The rest of it is left out.

_UNIT: Final = "record"
_IDENTITY: Final = frozenset({"sourcedId", "userSourcedId", "classSourcedId", "schoolSourcedId", "orgSourcedId"})
_GONE: Final = "tobedeleted"


@dataclass(slots=True)
class _Sheet:
    """One table in the making. Equal texts are kept once."""

    origin: str
    columns: tuple[str, ...]
    plan: Sequence[tuple[str, Reader]]  # as many
    rows: list[tuple[str, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    metadata: dict[int, Mapping[str, str]] = field(default_factory=dict)  # by row
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, number: int, record: Any, *, readable: bool = True) -> None:
        """A row for the record, which is the provider's of this number; also for one that cannot be read."""
        said = record if isinstance(record, dict) else {}
        try:
            cells = [read(said.get(name)) for name, read in self.plan]
        except Malformed:
            readable = False
        if not (readable and said):
            cells = list(self._remnant(said))
        elif metadata := dict(flat(said.get("metadata"))):
            self.metadata[len(self.rows)] = metadata
        once = self.texts.setdefault
        self.rows.append(tuple(map(once, cells, cells)))
        self.numbers.append(number)

    def table(self) -> Table:
        names = sorted({name for each in self.metadata.values() for name in each})
        for place, row in enumerate(self.rows if names else ()):
            said = self.metadata.get(place, {})
            self.rows[place] = (*row, *(said.get(name, "") for name in names))
        headings = (*self.columns, *(f"metadata.{name}" for name in names))
        return Table(self.origin, headings, self.rows, unit=_UNIT, numbers=self.numbers)

    def _remnant(self, record: Mapping[str, Any]) -> Iterator[str]:
        for column, (name, read) in zip(self.columns, self.plan, strict=True):
            cell = UNREADABLE if column == "status" else ""
            if column in _IDENTITY:
                with suppress(Malformed):
                    cell = read(record.get(name))
            yield cell


class Sheets:
    """The tables of one roster in the making, with those columns of its version that are wanted."""

    def __init__(self, version: Version, wanted: Mapping[str, Collection[str]]) -> None:
        self._version = version
        self._wanted = wanted
        self._sheets: dict[str, _Sheet] = {}

    def add(self, collection: str, records: Iterable[tuple[int, Any]]) -> None:
        """Records of the collection, each with its number there; the collection alone where there are none."""
        sheet = self._sheet(collection)
        add = self._add_user if (collection, self._version) == ("users", "1.2") else sheet.add
        for number, record in records:
            add(number, record)

    def tables(self) -> Mapping[str, Table]:
        return {name: sheet.table() for name, sheet in self._sheets.items()}

    def _add_user(self, number: int, record: Any) -> None:
        """What is one record in REST and rows of two files in a package."""
        roles = _listed(record, "roles")
        # Somebody without roles has left, so that saying nothing of roles must not look like having none.
        readable = roles is not None or (isinstance(record, dict) and record.get("status") == _GONE)
        self._sheet("users").add(number, record, readable=readable)
        sheet = self._sheet("roles", "users")
        for nth, role in enumerate(roles or (), start=1):
            sheet.add(number, _part_of(record, role, f"roles/{nth}"))

    def _sheet(self, name: str, origin: str = "") -> _Sheet:
        if name not in self._sheets:
            headings = tuple(each for each in columns(name, self._version) if each in self._wanted[name])
            cells = CELLS.get(name, {})
            plan = [cells.get(column, (column, text)) for column in headings]
            self._sheets[name] = _Sheet(origin or name, headings, plan)
        return self._sheets[name]


def _listed(record: Any, name: str) -> list[Any] | None:
    """The list of this name, None where there is none."""
    found = record.get(name) if isinstance(record, dict) else None
    return found if isinstance(found, list) else None


def _part_of(user: Mapping[str, Any], part: Any, place: str) -> Any:
    """A part of a user's record as a record of its own."""
    if not isinstance(part, dict):
        part = {"role": part, "org": part}  # of no form, yet whose it is shows
    ids = {"sourcedId": f"{user.get('sourcedId')}/{place}", "userSourcedId": user.get("sourcedId")}
    return {**part, **ids, "status": user.get("status")}

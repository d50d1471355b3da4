"""Which part of a record is ours to say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from provision.core.state import Kind, Record


@dataclass(frozen=True, slots=True)
class Managed:
    """The fields that the mapping names, by kind of record, and which of them are written once."""

    fields: Mapping[Kind, frozenset[str]]
    once: frozenset[str] = frozenset()

    def part(self, record: Record) -> Record:
        """What we manage of a record."""
        names = self.fields.get(record.key.kind, frozenset())
        return replace(record, fields={name: value for name, value in record.fields.items() if name in names})

    def merged(self, held: Record | None, after: Record) -> Record:
        """The record as it should be, with what we do not manage, or wrote once, as it is held."""
        names = self.fields.get(after.key.kind, frozenset())
        stays = {n: v for n, v in held.fields.items() if n not in names - self.once} if held else {}
        return replace(after, fields={**self.part(after).fields, **stays})

"""What the target knows of the directory between reading and writing: where each record is, and in which version."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from provision.core.dn import equals_filter, normal, or_
from provision.core.state import Fingerprint, Key, Kind, Record, fingerprint
from provision.directory import Directory, NoSuchEntry
from provision.errors import ChangeRejected
from provision.formats.entry import Attributes, Layout, as_text, carries, to_record
from provision.formats.steps import SEVERAL, Found

VERSION: Final = "entryCSN"
_NOT_TEXT: Final = "{} holds something that is not UTF-8; mend it in the directory"


@dataclass(slots=True)
class Known:
    """`orgs` names ours by their normal DN; `read` holds each entry's version with the fingerprint of its record.

    `ambiguous` are records that must not be written, save to withdraw them: found twice, or not all text.
    """

    directory: Directory
    layout: Layout
    secret: bytes = field(repr=False)
    complete: bool = False  # whether all of ours was seen
    dns: dict[Key, str] = field(default_factory=dict)
    orgs: dict[str, Key] = field(default_factory=dict)
    read: dict[Key, tuple[str, Fingerprint]] = field(default_factory=dict)
    ambiguous: dict[Key, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Nothing is known any more."""
        self.complete = False
        for known in (self.dns, self.orgs, self.read, self.ambiguous):
            known.clear()

    def note(self, dn: str, attributes: Attributes) -> Record | None:
        """The record of an entry that was read; None where it is not ours, or another one carries its id already."""
        found = self._found(dn, attributes)
        if found.record is None:
            return None
        key = found.record.key
        if key in self.dns:
            self.ambiguous[key] = SEVERAL
            return None
        if broken := self._not_text(attributes):
            self.ambiguous[key] = _NOT_TEXT.format(", ".join(sorted(broken)))
        self.place(key, dn)
        self.read[key] = (found.version, fingerprint(found.record, self.secret))
        return found.record

    def _not_text(self, attributes: Attributes) -> list[str]:
        """Which of the attributes that we manage hold octets that are no UTF-8."""
        if (text := as_text(attributes)) is attributes:
            return []
        managed = {name.lower() for name in wanted(self.layout)}
        return [name for name, here in attributes.items() if here != text[name] and name.lower() in managed]

    def place(self, key: Key, dn: str) -> None:
        """The record is at this DN; what was read there no longer counts."""
        self.forget(key)
        self.dns[key] = dn
        if key.kind is Kind.ORG:
            self.orgs[normal(dn)] = key

    def forget(self, key: Key) -> None:
        self.read.pop(key, None)
        if dn := self.dns.pop(key, None):
            self.orgs.pop(normal(dn), None)

    def as_read(self, before: Record) -> Found | None:
        """The entry without asking again, when this record is what the latest read found there."""
        version, seen = self.read.get(before.key, ("", b""))
        if not version or seen != fingerprint(before, self.secret):
            return None
        return Found(self.dns[before.key], before, version)

    def find(self, key: Key) -> Found | None:
        """The entry of a record that we know of. Raises ChangeRejected when there are several."""
        if (dn := self.dns.get(key)) is None:
            return None
        found = self.at(dn)
        return found if found and found.record and found.record.key == key else self.search_id(key)

    def search_id(self, key: Key) -> Found | None:
        """The entry that carries this id now, wherever it is. Raises ChangeRejected when several do."""
        matches = search(self.directory, self.layout.base, self.carried(key), wanted(self.layout))
        entries = [self._found(*entry) for entry in matches]
        ours = [found for found in entries if found.record and found.record.key == key]
        if len(ours) > 1:
            raise ChangeRejected(SEVERAL)
        return ours[0] if ours else None

    def carrying(self, key: Key) -> list[str]:
        """The DN of every entry that carries this id now."""
        matches = search(self.directory, self.layout.base, self.carried(key), ids(self.layout))
        return [dn for dn, attributes in matches if carries(attributes, key, self.layout)]

    def carried(self, key: Key) -> str:
        """The filter for entries that carry this id."""
        shapes = [shape for shape in self.layout.shapes if shape.kind is key.kind]
        return or_(*(equals_filter(shape.id_attribute, shape.id_prefix + key.sourced_id) for shape in shapes))

    def at(self, dn: str) -> Found | None:
        """The entry with this DN now, whosoever it is."""
        attributes = self.directory.get(dn, wanted(self.layout))
        return None if attributes is None else self._found(dn, attributes)

    def _found(self, dn: str, attributes: Attributes) -> Found:
        record = to_record(dn, as_text(attributes), self.layout, self.orgs)
        return Found(dn, record, next(iter(attributes.get(VERSION, ())), ""), attributes)


def search(
    directory: Directory, base: str, matching: str, attributes: frozenset[str]
) -> Iterator[tuple[str, Attributes]]:
    """All matches below the base; none when the base is not there yet."""
    try:
        yield from directory.search(base, matching, sorted(attributes))
    except NoSuchEntry:
        return


def ids(layout: Layout) -> frozenset[str]:
    return frozenset(shape.id_attribute for shape in layout.shapes)


def wanted(layout: Layout) -> frozenset[str]:
    """The attributes that a record, its version and its id are made of."""
    managed = frozenset().union(*(shape.fields for shape in layout.shapes))
    return managed | ids(layout) | {"objectClass", layout.lock[0], VERSION}

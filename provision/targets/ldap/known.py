"""What the target knows of the directory between reading and writing: where each record is, and in which version."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from provision.core.dn import equals_filter, normal, or_, present_filter
from provision.core.state import Fingerprint, Key, Kind, Record, fingerprint
from provision.directory import Directory, NoSuchEntry
from provision.errors import ChangeRejected
from provision.formats.entry import Attributes, Layout, carries, entry_key, to_record
from provision.formats.steps import SEVERAL, Found

VERSION: Final = "entryCSN"
_NOT_TEXT: Final = "{} holds something that is not UTF-8; mend it in the directory"
_SURROGATE: Final = re.compile("[\udc80-\udcff]")


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

    def everything(self) -> Iterator[tuple[Record, Fingerprint]]:
        """Every record of ours, orgs first, since people refer to them; the first where there are several."""
        self.complete = False
        for known in (self.dns, self.orgs, self.read, self.ambiguous):
            known.clear()
        for attribute in _id_attributes(self.layout):
            for dn, attributes in search(self.directory, self.layout.base, present_filter(attribute), self._wanted()):
                found = entry_key(attributes, self.layout)
                if found and found[1].id_attribute == attribute and (record := self._noted(dn, attributes)):
                    yield record, self.read[record.key][1]
        self.complete = True

    def _noted(self, dn: str, attributes: Attributes) -> Record | None:
        found = self._found(dn, attributes)
        if found.record is None:
            return None
        key = found.record.key
        if key in self.dns:
            self.ambiguous[key] = SEVERAL
            return None
        if broken := [name for name, values in attributes.items() if any(map(_SURROGATE.search, values))]:
            self.ambiguous[key] = _NOT_TEXT.format(", ".join(sorted(broken)))
        self.place(key, dn)
        self.read[key] = (found.version, fingerprint(found.record, self.secret))
        return found.record

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
        matches = search(self.directory, self.layout.base, self.carried(key), self._wanted())
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
        attributes = self.directory.get(dn, self._wanted())
        return None if attributes is None else self._found(dn, attributes)

    def _found(self, dn: str, attributes: Attributes) -> Found:
        """The entry; what is no text shows as replacement characters, which nobody wants to have."""
        text = {name: frozenset(map(_as_text, values)) for name, values in attributes.items()}
        record = to_record(dn, text, self.layout, self.orgs)
        return Found(dn, record, next(iter(attributes.get(VERSION, ())), ""), attributes)

    def _wanted(self) -> frozenset[str]:
        managed = frozenset().union(*(shape.fields for shape in self.layout.shapes))
        return managed | ids(self.layout) | {"objectClass", self.layout.lock[0], VERSION}


def search(
    directory: Directory, base: str, wanted: str, attributes: frozenset[str]
) -> Iterator[tuple[str, Attributes]]:
    """All matches below the base; none when the base is not there yet."""
    try:
        yield from directory.search(base, wanted, sorted(attributes))
    except NoSuchEntry:
        return


def ids(layout: Layout) -> frozenset[str]:
    return frozenset(shape.id_attribute for shape in layout.shapes)


def _id_attributes(layout: Layout) -> Mapping[str, None]:
    """Each once, those of orgs first."""
    shapes = sorted(layout.shapes, key=lambda shape: shape.kind is not Kind.ORG)
    return dict.fromkeys(shape.id_attribute for shape in shapes)


def _as_text(value: str) -> str:
    return value if value.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)

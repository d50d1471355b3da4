"""One look at the whole directory, for all that is asked of it: whose each username is, who is not ours, what is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provision.core.dn import or_, present_filter
from provision.core.state import Key, Kind, Record, Stranger
from provision.directory import Directory
from provision.formats.entry import STRANGER_ATTRIBUTES, Attributes, Layout, entry_key, to_stranger, usernames
from provision.targets.ldap.findings import require
from provision.targets.ldap.known import Known, search, wanted

_EVERY: Final = present_filter("objectClass")


@dataclass(frozen=True, slots=True)
class Sweep:
    """What it found; of entries only what becomes of them is kept, since there may be a hundred thousand."""

    names: Mapping[str, Key | None]
    strangers: Sequence[Stranger]
    records: Mapping[Key, Record] = field(repr=False)


def sweep(directory: Directory, layout: Layout, known: Known) -> Sweep:
    """Reads every entry once; where each of ours is, and in which version, is `known` afterwards.

    Raises TargetUnavailable.
    """
    require(directory, layout)
    known.clear()
    records = {record.key: record for record in _orgs(directory, layout, known)}
    names: dict[str, Key | None] = {}
    strangers: list[Stranger] = []
    for dn, attributes in search(directory, layout.base, _EVERY, wanted(layout) | STRANGER_ATTRIBUTES):
        key = _key(attributes, layout)
        for name in usernames(attributes):
            names[name] = key or names.get(name)
        if key is None:
            if stranger := to_stranger(dn, attributes, layout):
                strangers.append(stranger)
        elif key.kind is not Kind.ORG and (record := known.note(dn, attributes)):
            records[record.key] = record
    known.complete = True
    return Sweep(names, strangers, records)


def _orgs(directory: Directory, layout: Layout, known: Known) -> Iterator[Record]:
    """Those of ours, in a search of their own: people refer to them, so they must be known first."""
    ids = sorted({shape.id_attribute for shape in layout.shapes if shape.kind is Kind.ORG})
    if not ids:
        return
    for dn, attributes in search(directory, layout.base, or_(*map(present_filter, ids)), wanted(layout)):
        key = _key(attributes, layout)
        if key and key.kind is Kind.ORG and (record := known.note(dn, attributes)):
            yield record


def _key(attributes: Attributes, layout: Layout) -> Key | None:
    found = entry_key(attributes, layout)
    return found[0] if found else None

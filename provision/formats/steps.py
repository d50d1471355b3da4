"""What one change comes to, given what the directory holds now: pure, and the same the second time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provision.core.dn import normal
from provision.core.plan import Create, Delete, Disable, Rekey, Update
from provision.core.state import Key, Record, same
from provision.errors import ChangeRejected, ChangeStale
from provision.formats.entry import Attributes, Layout
from provision.formats.operations import STRANGE, Mod, Modify, Operation, Remove, add, modifications, rekeying

GONE = "the entry is gone since it was read"
OTHER_ID = "the entry has another id by now"
CHANGED = "somebody changed the entry since it was read"
SEVERAL = "several entries carry this id; leave it on the right one only"
TAKEN = "another entry carries this id already"

# A withdrawal is about every entry that carries the id; each of these is about one entry.
EntryChange = Create | Update | Disable | Delete | Rekey


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as it is: `record` is None where it carries no id of ours, `version` "" where it has none."""

    dn: str
    record: Record | None
    version: str = ""
    attributes: Attributes = field(default_factory=dict, repr=False)


def step(
    change: EntryChange,
    found: Found | None,
    layout: Layout,
    dns: Mapping[Key, str],
    password_hash: str | None = None,
) -> Operation | None:
    """The one operation that makes the change true; None when it is true already.

    Raises ChangeStale when the entry is not as the change assumes, ChangeRejected when it can never be.
    """
    match change:
        case Create(after):
            return _create(after, found, layout, dns, password_hash)
        case Update(before, after) | Disable(before, after):
            return _modify(before, after, found, layout, dns)
        case Delete(before):
            if found and not _is_still(found.record, before):
                raise ChangeStale(CHANGED)
            return Remove(found.dn) if found else None
        case Rekey():
            return _rekey(change, found, layout)


def withdrawal(dns: Iterable[str]) -> list[Remove]:
    """What takes out every entry that carries an id, leaves first: an entry may lie below another of them."""
    return [Remove(dn) for dn in sorted(dns, key=lambda dn: len(normal(dn)), reverse=True)]


def entry_to_rekey(holder: Found | None, there: Found | None) -> Found | None:
    """The entry that a Rekey is about: the one that has the new id already, or the one that is to get it.

    Raises ChangeRejected when these are two.
    """
    if holder and there and holder.dn != there.dn:
        raise ChangeRejected(TAKEN)
    return holder or there


def _create(
    after: Record, found: Found | None, layout: Layout, dns: Mapping[Key, str], password_hash: str | None
) -> Operation | None:
    if found is None:
        return add(after, layout, dns, password_hash)
    if found.record is None or found.record.key != after.key:
        raise ChangeRejected(STRANGE)
    return _modification(found, modifications(found.record, after, found.dn, layout, dns))


def _modify(
    before: Record, after: Record, found: Found | None, layout: Layout, dns: Mapping[Key, str]
) -> Operation | None:
    if found is None or found.record is None:
        raise ChangeStale(GONE)
    mods = modifications(found.record, after, found.dn, layout, dns)
    if mods and not _is_still(found.record, before):
        raise ChangeStale(CHANGED)
    return _modification(found, mods)


def _rekey(change: Rekey, found: Found | None, layout: Layout) -> Operation | None:
    if found is None:
        raise ChangeStale(GONE)
    if found.record and found.record.key not in (change.key, change.previous):
        raise ChangeStale(OTHER_ID)
    return _modification(found, rekeying(change.key, found.dn, found.attributes, layout))


def _modification(found: Found, mods: tuple[Mod, ...]) -> Operation | None:
    return Modify(found.dn, mods) if mods else None


def _is_still(found: Record | None, before: Record) -> bool:
    return found is not None and same(found, before)

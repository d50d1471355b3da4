"""How a record becomes an entry of a directory: what is written, the same for a server and for an LDIF file."""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from provision.core.dn import child, folded, format_dn, is_under, normal, parse_dn
from provision.core.plan import Change, Create
from provision.core.ports import Passwords
from provision.core.state import Key, Kind, Record, Value, values
from provision.errors import ChangeRejected
from provision.formats.entry import (
    MISSING_CLASSES,
    Attributes,
    Layout,
    Shape,
    by_lower_name,
    is_ours,
    missing_classes,
    naming_value,
)

STRANGE: Final = "an entry made by others has this DN; run `provision adopt`"
_SALT_LENGTH: Final = 16
_CONTAINERS: Final = {"ou": "organizationalUnit", "o": "organization"}


@dataclass(frozen=True, slots=True)
class Mod:
    op: Literal["add", "delete", "replace"]
    attribute: str
    values: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Add:
    dn: str
    attributes: Attributes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Modify:
    dn: str
    mods: tuple[Mod, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    dn: str


Operation = Add | Modify | Remove


def shape_of(record: Record, layout: Layout) -> Shape:
    """The shape of a record's entry: the first of its kind whose id the record has."""
    for shape in layout.shapes:
        if shape.kind == record.key.kind and shape.id_attribute in record.fields:
            return shape
    raise ChangeRejected(f"{record.key}: the mapping describes no entry of this kind with the fields it has")


def dn_of(record: Record, layout: Layout) -> str:
    """The DN of a new entry. Raises ChangeRejected when the record has no value, or several, to be named by."""
    shape = shape_of(record, layout)
    if not shape.rdn:
        return layout.base
    naming = [value for value in values(record.fields.get(shape.rdn)) if isinstance(value, str)]
    if len(naming) != 1:
        raise ChangeRejected(f"{record.key}: an entry is named by its {shape.rdn}, which must be one value")
    return child(shape.rdn, naming[0], shape.parent)


def containers(dn: str, layout: Layout, exists: Callable[[str], bool]) -> tuple[Add, ...]:
    """The entries between the base and this one that do not exist, topmost first.

    Raises ChangeRejected when one is neither an `ou` nor an `o`, or when the DN is not below the base.
    """
    if not is_under(dn, layout.base):
        raise ChangeRejected(f"new entries go below {layout.base}; the mapping's parent lies elsewhere")
    parts = parse_dn(dn)
    depth = len(parts) - len(parse_dn(layout.base))
    above = (format_dn(parts[start:]) for start in range(depth - 1, 0, -1))
    return tuple(_container(each) for each in above if not exists(each))


def _container(dn: str) -> Add:
    attribute, value = parse_dn(dn)[0][0]
    if (object_class := _CONTAINERS.get(attribute.lower())) is None:
        raise ChangeRejected(f"the container {dn} does not exist; make it first")
    return Add(dn, {"objectClass": frozenset({object_class}), attribute: frozenset({value})})


def add(record: Record, layout: Layout, dns: Mapping[Key, str], password_hash: str | None = None) -> Add:
    """The new entry of a record: its fields, its shape's classes, the lock when it is inactive."""
    shape, dn = shape_of(record, layout), dn_of(record, layout)
    attributes = {"objectClass": shape.object_classes}
    for name in sorted(shape.fields & record.fields.keys()):
        attributes[name] = rendered(record.fields[name], dns)
    for attribute, value in parse_dn(dn)[0]:  # the base's own name need not be in the mapping
        spelled = next((name for name in attributes if name.lower() == attribute.lower()), attribute)
        here = attributes.get(spelled, frozenset())
        if folded(value) not in map(folded, here):
            attributes[spelled] = here | {value}
    if not record.active:
        attributes[layout.lock[0]] = frozenset({layout.lock[1]})
    if password_hash is not None:
        attributes["userPassword"] = frozenset({password_hash})
    return Add(dn, attributes)


def rendered(value: Value | None, dns: Mapping[Key, str]) -> frozenset[str]:
    """A field's values as the directory holds them. Raises ChangeRejected for a reference to what is not there."""
    return frozenset(_dn_for(v, dns) if isinstance(v, Key) else v for v in values(value))


def _dn_for(key: Key, dns: Mapping[Key, str]) -> str:
    if key not in dns:
        raise ChangeRejected(f"it refers to {key}, which has no entry yet")
    return dns[key]


def modifications(before: Record, after: Record, dn: str, layout: Layout, dns: Mapping[Key, str]) -> tuple[Mod, ...]:
    """What makes `after` of an entry that holds `before`: exactly the values that go and those that come.

    Whoever changed one of them in between makes the server refuse, and all other values stay. Empty when the entry
    is as it should be. Never touches the password, what was written once, the naming value, or what is not mapped.
    """
    shape = shape_of(after, layout)
    missing = values(before.fields.get(MISSING_CLASSES)) - values(after.fields.get(MISSING_CLASSES))
    mods = _value_mods("objectClass", frozenset(), frozenset(map(str, missing)))
    for name in sorted(shape.fields - (shape.once & before.fields.keys())):
        old, new = rendered(before.fields.get(name), dns), rendered(after.fields.get(name), dns)
        if old != new:
            mods += _value_mods(name, *_beside_naming(old - new, new - old, naming_value(dn, name)))
    return (*mods, *_lock_change(before, after, layout))


def _beside_naming(
    gone: frozenset[str], come: frozenset[str], naming: str | None
) -> tuple[frozenset[str], frozenset[str]]:
    """The values that go and come without the naming value, which stays, unless it is only spelled anew."""
    if naming is None:
        return gone, come
    old, new = ({v for v in part if folded(v) == folded(naming)} for part in (gone, come))
    return (gone, come) if old and new else (gone - old, come - new)


def _value_mods(attribute: str, gone: frozenset[str], come: frozenset[str]) -> list[Mod]:
    mods = [Mod("delete", attribute, gone)] if gone else []
    return [*mods, Mod("add", attribute, come)] if come else mods


def modified(attributes: Attributes, mods: tuple[Mod, ...]) -> Attributes:
    """The attributes after the modification, as a directory would leave them."""
    held = dict(attributes)
    spelling = {name.lower(): name for name in held}
    for mod in mods:
        name = spelling.setdefault(mod.attribute.lower(), mod.attribute)
        here = frozenset() if mod.op == "replace" else held.get(name, frozenset())
        held[name] = _without(here, mod.values) if mod.op == "delete" else here | mod.values
    return {name: here for name, here in held.items() if here}


def _without(here: frozenset[str], gone: frozenset[str]) -> frozenset[str]:
    """The values but those that go; a DN may be spelled otherwise than we spell it."""
    spelled_otherwise = {normal(value) for value in gone - here}
    return frozenset(v for v in here - gone if not spelled_otherwise or normal(v) not in spelled_otherwise)


def _lock_change(before: Record, after: Record, layout: Layout) -> tuple[Mod, ...]:
    if before.active == after.active:
        return ()
    # Replaced, since a server may hold a passing lock of its own there.
    return (Mod("delete" if after.active else "replace", layout.lock[0], frozenset({layout.lock[1]})),)


def rekeying(key: Key, dn: str, attributes: Attributes, layout: Layout) -> tuple[Mod, ...]:
    """What gives an entry our id and nothing else, with the object classes that it needs for that.

    An earlier id of ours goes; other people's values in the id attribute stay. Empty when it has the id already.
    """
    held, shape = by_lower_name(attributes), _shape_for(key, dn, layout)
    ours = frozenset({shape.id_prefix + key.sourced_id})
    here = held.get(shape.id_attribute.lower(), frozenset())
    old = frozenset(v for v in here if is_ours(v, shape) or v == key.sourced_id) - ours
    classes = _value_mods("objectClass", frozenset(), missing_classes(held, shape))
    return (*classes, *_value_mods(shape.id_attribute, old, ours - here))


def _shape_for(key: Key, dn: str, layout: Layout) -> Shape:
    at_base = normal(dn) == normal(layout.base)
    for shape in layout.shapes:
        if shape.kind == key.kind and at_base == (not shape.rdn):
            return shape
    raise ChangeRejected(f"{key}: the mapping describes no entry of this kind at this place")


def password_hash(change: Change, passwords: Passwords | None) -> str | None:
    """The first password of the account that the change makes, as a hash with a salt of its own; None without one."""
    if passwords is None or not isinstance(change, Create) or change.key.kind is not Kind.ACCOUNT:
        return None
    password = passwords.first(change.key)
    return None if password is None else ssha(password, secrets.token_bytes(_SALT_LENGTH))


def ssha(password: str, salt: bytes) -> str:
    """The password as a salted hash that every directory server can check ({SSHA})."""
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + b64encode(digest + salt).decode()

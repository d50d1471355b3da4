"""What an entry of a directory says to us: whose it is, the record it holds, or whom it may be about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from provision.core.dn import folded, is_under, normal, parse_dn
from provision.core.names import comparison
from provision.core.state import Key, Kind, Record, Stranger, Value

# Attribute names may come in any case; values are text, with surrogates for octets that are no UTF-8.
Attributes = Mapping[str, frozenset[str]]

# What an entry's record holds beside its fields when the entry lacks object classes of its shape: it then differs
# from what it should be, and the next update adds them. No attribute can have this name.
MISSING_CLASSES: Final = "objectClass missing"

_PERSON: Final = frozenset({"person", "organizationalperson", "inetorgperson", "eduperson", "noreduperson"})
_ORG: Final = frozenset({"organization", "noreduorg", "noreduorgunit"})
_PERSON_NAMES: Final = ("displayName", "cn", "norEduPersonLegalName")
_ORG_NAMES: Final = ("ou", "o", "cn", "displayName", "eduOrgLegalName")

# The attributes that `to_stranger` and `usernames` look at, beside the id attributes.
STRANGER_ATTRIBUTES: Final = frozenset(
    {*_PERSON_NAMES, *_ORG_NAMES, "objectClass", "uid", "givenName", "sn"}
    | {"eduPersonPrincipalName", "norEduPersonNIN", "norEduPersonBirthDate"}
)

_NO_UTF_8: Final = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of entry, as a mapping file describes it."""

    kind: Kind
    object_classes: frozenset[str]  # on every entry of this shape; an entry may have more
    id_attribute: str
    id_prefix: str  # what stands before our id in the id attribute; other values there are others'
    rdn: str  # the naming attribute of new entries; "" when the entry is the base itself
    parent: str
    fields: frozenset[str]  # managed attributes, the id attribute among them
    once: frozenset[str] = frozenset()  # written at creation, never changed after
    dn_fields: frozenset[str] = frozenset()  # hold DNs, which are Keys in a record where the entry is ours
    many: frozenset[str] = frozenset()  # hold a set in a record even when there is one value
    prefixes: tuple[tuple[str, str], ...] = ()  # by attribute: only values that start so are ours


@dataclass(frozen=True, slots=True)
class Layout:
    base: str
    shapes: tuple[Shape, ...]
    lock: tuple[str, str]  # the attribute and value that keep somebody out


class Standing(NamedTuple):
    """An entry to be looked at: its key where it is ours, and its attributes under lower-case names."""

    dn: str
    key: Key | None
    locked: bool
    held: Attributes


def entry_key(attributes: Attributes, layout: Layout) -> tuple[Key, Shape] | None:
    """Whose entry it is and of which shape; None when it carries no id of ours."""
    return _key_in(by_lower_name(attributes), layout)


def standing(dn: str, attributes: Attributes, layout: Layout) -> Standing:
    """The entry as it stands, whosoever it is."""
    held = by_lower_name(as_text(attributes))
    found = _key_in(held, layout)
    lock, locked = layout.lock
    return Standing(dn, found[0] if found else None, locked in held.get(lock.lower(), ()), held)


def carries(attributes: Attributes, key: Key, layout: Layout) -> bool:
    """Whether the entry has this id of ours, alone or beside another one."""
    id_shapes = {shape.id_attribute.lower(): shape for shape in layout.shapes if shape.kind is key.kind}
    return any(
        is_ours(value, shape) and value[len(shape.id_prefix) :] == key.sourced_id
        for name, here in attributes.items()
        if (shape := id_shapes.get(name.lower())) is not None
        for value in here
    )


def to_record(dn: str, attributes: Attributes, layout: Layout, keys_by_dn: Mapping[str, Key]) -> Record | None:
    """The managed part of an entry; None when it carries no id of ours.

    `keys_by_dn` names our orgs by their normal DN: a reference to one of them is its Key, any other stays a DN.
    A naming value is left out where its attribute has others: a DN outlives a renaming.
    """
    held = by_lower_name(attributes)
    if (found := _key_in(held, layout)) is None:
        return None
    key, shape = found
    fields: dict[str, Value] = {}
    for lower, name in _lower_names(shape):
        if here := _visible(name, held.get(lower, frozenset()), dn, shape):
            refs = frozenset(keys_by_dn.get(normal(v), v) for v in here) if name in shape.dn_fields else here
            fields[name] = refs if name in shape.many or len(refs) != 1 else next(iter(refs))
    if missing := missing_classes(held, shape):
        fields[MISSING_CLASSES] = missing
    lock, locked = layout.lock
    return Record(key, fields, active=locked not in held.get(lock.lower(), ()))


def as_text(attributes: Attributes) -> Attributes:
    """The same with replacement characters, which nobody wants to have, for octets that are no UTF-8."""
    try:
        "".join(chain.from_iterable(attributes.values())).encode()  # a search for them would take seven times as long
    except UnicodeEncodeError:
        return {name: frozenset(map(_as_text, here)) for name, here in attributes.items()}
    return attributes


def _as_text(value: str) -> str:
    return _NO_UTF_8.sub("\N{REPLACEMENT CHARACTER}", value)


def by_lower_name(attributes: Attributes) -> dict[str, frozenset[str]]:
    """The same attributes under lower-case names: a directory compares names without regard to case."""
    return {name.lower(): here for name, here in attributes.items()}


def _key_in(held: Attributes, layout: Layout) -> tuple[Key, Shape] | None:
    for shape in layout.shapes:
        here = held.get(shape.id_attribute.lower(), ())
        ids = [value[len(shape.id_prefix) :] for value in here if is_ours(value, shape)]
        if ids:
            return Key(shape.kind, min(ids)), shape
    return None


def is_ours(value: str, shape: Shape) -> bool:
    size = len(shape.id_prefix)
    return len(value) > size and value[:size].lower() == shape.id_prefix.lower()


@lru_cache(maxsize=64)
def _lower_names(shape: Shape) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name.lower(), name) for name in shape.fields))


def _visible(name: str, here: frozenset[str], dn: str, shape: Shape) -> frozenset[str]:
    """Of an attribute's values those that are a record's: of a shared attribute ours; the naming value only alone.

    Of what is written only once, the naming value is the one that counts.
    """
    if name == shape.id_attribute:
        return frozenset(value for value in here if is_ours(value, shape))
    for attribute, prefix in shape.prefixes:
        if attribute == name:
            return frozenset(value for value in here if value.startswith(prefix))
    if len(here) > 1 and (naming := naming_value(dn, name)) is not None:
        named = frozenset(value for value in here if folded(value) == folded(naming))
        return named or here if name in shape.once else here - named
    return here


def naming_value(dn: str, attribute: str) -> str | None:
    """The value by which the attribute names the entry; None when it is no naming attribute of this DN."""
    if attribute.lower() not in dn.lower():  # what reading many entries would else spend most time on
        return None
    try:
        leaf = parse_dn(dn)[:1]
    except ValueError:
        return None
    return next((v for rdn in leaf for a, v in rdn if a.lower() == attribute.lower()), None)


def missing_classes(held: Attributes, shape: Shape) -> frozenset[str]:
    here = {name.lower() for name in held.get("objectclass", ())}
    return frozenset(name for name in shape.object_classes if name.lower() not in here)


def to_stranger(dn: str, attributes: Attributes, layout: Layout) -> Stranger | None:
    """A person's or org's entry that carries no id of ours; None for ours and for every other kind of entry."""
    held = by_lower_name(attributes)
    if _key_in(held, layout) is not None:
        return None
    classes = {name.lower() for name in held.get("objectclass", ())}
    if classes & _PERSON:
        return _strange_person(dn, held)
    if classes & _ORG or ("organizationalunit" in classes and _is_below_an_org_parent(dn, layout)):
        return Stranger(dn, Kind.ORG, (), names=_names(held, _ORG_NAMES))
    return None


def _strange_person(dn: str, held: Attributes) -> Stranger:
    given, family = (sorted(held.get(name, ())) for name in ("givenname", "sn"))
    return Stranger(
        dn,
        Kind.ACCOUNT,
        tuple(sorted(held.get("uid", ()))),
        principal_name=_first(held, "edupersonprincipalname"),
        national_id=_first(held, "noredupersonnin"),
        birth_date=_first(held, "noredupersonbirthdate"),
        names=_names(held, _PERSON_NAMES) | {comparison(f"{g} {f}") for g in given for f in family},
    )


def _is_below_an_org_parent(dn: str, layout: Layout) -> bool:
    parents = (shape.parent for shape in layout.shapes if shape.kind is Kind.ORG and shape.rdn)
    return any(is_under(dn, parent) and normal(dn) != normal(parent) for parent in parents)


def _names(held: Attributes, attributes: Iterable[str]) -> frozenset[str]:
    return frozenset(comparison(value) for name in attributes for value in held.get(name.lower(), ()))


def _first(held: Attributes, name: str) -> str:
    return min(held.get(name, ()), default="")


def usernames(attributes: Attributes) -> frozenset[str]:
    """The names that an entry takes, lower case: every uid, and every principal name up to its @."""
    held = by_lower_name(attributes)
    principals = (value.partition("@")[0] for value in held.get("edupersonprincipalname", ()))
    return frozenset(name.lower() for name in (*held.get("uid", ()), *principals) if name)

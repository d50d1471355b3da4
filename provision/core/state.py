"""What a connected system should hold, and does hold, in words that no target owns."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a record is. Records are created in this order and removed in the other."""

    ORG = "org"
    SESSION = "session"
    COURSE = "course"
    ACCOUNT = "account"
    GROUP = "group"


KINDS: Final = tuple(Kind)


class Key(NamedTuple):
    """A record's name in every system: the SIS's own id (a school: its organisation number)."""

    kind: Kind
    sourced_id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.sourced_id}"


class Member(NamedTuple):
    """An account's place in a group; dates are YYYY-MM-DD or "" where open."""

    account: Key
    role: str
    begin: str = ""
    end: str = ""
    primary: bool = False


# A target renders a Key as its own DN or GUID, which never leaves it. An absent field is left out, never empty.
Value = str | Key | frozenset[str] | frozenset[Key] | frozenset[str | Key]
Fingerprint = bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One record of any kind. `active` is False for an account that cannot log in; everything else is active."""

    key: Key
    fields: Mapping[str, Value] = field(repr=False)
    members: frozenset[Member] = frozenset()
    active: bool = True


State = Mapping[Key, Record]


@dataclass(frozen=True, slots=True)
class Actual:
    """What a target holds of ours: keys that are exactly as expected, and the content of everything else.

    `ambiguous` are keys that must not be written to, with the reason (two entries carry one id).
    """

    unchanged: Set[Key]
    records: State
    ambiguous: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stranger:
    """An account in a target that carries no id of ours. `handle` is the target's own name for it (a DN)."""

    handle: str
    kind: Kind
    usernames: tuple[str, ...]
    principal_name: str = ""
    national_id: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)


_MEMBER: Final = "\3"


def fingerprint(record: Record, secret: bytes) -> Fingerprint:
    """A keyed hash of the record's fields, members and activity: equal records, and only they, have equal ones."""
    parts = ["1" if record.active else "0"]
    for name, value in sorted(record.fields.items()):
        parts.append(f"\0{name}")
        if isinstance(value, str):
            parts.append(f"\1s{value}")
        elif isinstance(value, Key):
            parts.append(f"\1k{value}")
        else:
            parts += sorted([f"\1k{each}" if isinstance(each, Key) else f"\1s{each}" for each in value])
    for (_, who), role, begin, end, primary in sorted(record.members):
        parts.append("\2".join((_MEMBER, who, role, begin, end, "1" if primary else "")))
    return blake2b("".join(parts).encode(), key=secret[:64], digest_size=16).digest()


def values(value: Value | None) -> frozenset[str | Key]:
    """A field's values as a set, whatever its shape."""
    return frozenset() if value is None else frozenset(_each(value))


def same(one: Record, other: Record) -> bool:
    """Whether two records say the same, whatever the shape of their values."""
    if (one.active, one.members, one.fields.keys()) != (other.active, other.members, other.fields.keys()):
        return False
    return all(values(value) == values(other.fields[name]) for name, value in one.fields.items())


def _each(value: Value) -> tuple[str | Key, ...]:
    if isinstance(value, str | Key):
        return (value,)
    return tuple(value)

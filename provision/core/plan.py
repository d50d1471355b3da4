"""The difference between what should be and what is, as typed changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from provision.core.cause import Cause
from provision.core.clues import Clues
from provision.core.roster import Role
from provision.core.state import KINDS, Key, Record, values


@dataclass(frozen=True, slots=True)
class Create:
    after: Record
    orgs: frozenset[str]
    role: str
    reason: str

    @property
    def key(self) -> Key:
        return self.after.key


@dataclass(frozen=True, slots=True)
class Update:
    """Managed fields, members or activity differ; `after.active` without `before.active` is somebody coming back."""

    before: Record
    after: Record
    orgs: frozenset[str]
    role: str
    reason: str
    cause: Cause = Cause.VANISHED

    @property
    def key(self) -> Key:
        return self.after.key


@dataclass(frozen=True, slots=True)
class Disable:
    """The person can no longer log in and belongs to no group; everything else stays, the password above all.

    `at_once`: before anything else, outside ladder and budgets.
    """

    before: Record
    after: Record
    orgs: frozenset[str]
    role: str
    reason: str
    cause: Cause = Cause.VANISHED
    at_once: bool = False

    @property
    def key(self) -> Key:
        return self.before.key


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A protected or blocked person is taken out at once, outside ladder and budgets."""

    before: Record
    orgs: frozenset[str]
    role: str
    reason: str

    @property
    def key(self) -> Key:
        return self.before.key


@dataclass(frozen=True, slots=True)
class Delete:
    """A disabled account whose retention time is over, or a class, course or session that nothing needs any more."""

    before: Record
    orgs: frozenset[str]
    role: str
    reason: str
    cause: Cause = Cause.VANISHED

    @property
    def key(self) -> Key:
        return self.before.key


@dataclass(frozen=True, slots=True)
class Rekey:
    """An entry gets our id: a stranger being adopted (`previous` is None) or one whose id the SIS changed.

    Nothing but the id is written: username, principal name and password stay as they are.
    """

    key: Key
    handle: str  # the target's own name for the entry, of a Stranger; "" where `previous` names it
    previous: Key | None
    orgs: frozenset[str]
    role: str
    reason: str
    confirmed: bool = False  # a person has said that both ids are one person's


Change = Create | Update | Disable | Withdraw | Delete | Rekey


@dataclass(frozen=True, slots=True)
class Plan:
    """What one target needs, in the order in which it is carried out.

    `held` are records that wait because something is wrong, `waiting` those whose time has not come, both with the
    reason; `existing` counts the active accounts of each org by what people are there as, "" for all of them; `digest`
    names exactly these changes; `clues` are what explains a loss.
    `lookalikes` are those of the held who may be one person with somebody else.
    """

    target: str
    changes: tuple[Change, ...]
    held: Mapping[Key, str] = field(default_factory=dict)
    waiting: Mapping[Key, str] = field(default_factory=dict)
    existing: Mapping[tuple[str, str], int] = field(default_factory=dict)
    digest: str = ""
    lookalikes: Mapping[Key, str] = field(default_factory=dict)
    clues: Clues = field(default_factory=Clues)


def group_of(role: str) -> str:
    """Whom a role counts with where losses are counted: pupils, guardians, everybody who works, "" for nobody knows."""
    return role if role in ("", Role.STUDENT, Role.GUARDIAN) else "staff"


# The first stage: what waits for nothing.
AT_ONCE: Final = 0


def stage(change: Change) -> int:
    """When a change's turn comes: withdrawals at once, then what is made, kind by kind, then what goes, in reverse."""
    made = 1 + KINDS.index(change.key.kind)
    match change:
        case Withdraw() | Disable(at_once=True):
            return AT_ONCE
        case Disable() | Delete():
            return 1 + 2 * len(KINDS) - made
        case _:
            return made


def is_urgent(change: Change) -> bool:
    """Whether a change takes out who may not wait, or what may not be told any more."""
    return stage(change) == AT_ONCE or (isinstance(change, Update) and change.cause is Cause.WITHHELD)


def change_digest(change: Change, secret: frozenset[str]) -> str:
    """Names this change by what it does to whom; identity numbers (`secret` fields) are left out of it."""
    parts = [type(change).__name__, str(change.key)]
    match change:
        case Update(before=before, after=after):
            parts += [*_difference(before, after, secret), f"{before.active}>{after.active}", *_members(before, after)]
        case Create(after=after):
            nothing = Record(change.key, {})
            parts += [*_difference(nothing, after, secret), *_members(nothing, after)]
        case Rekey(handle=handle, previous=previous):
            parts += [handle, str(previous)]
    return blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def _members(before: Record, after: Record) -> list[str]:
    gone, come = (sorted(map(str, each)) for each in (before.members - after.members, after.members - before.members))
    return [f"members:{gone}>{come}"] if gone or come else []


def _difference(before: Record, after: Record, secret: frozenset[str]) -> list[str]:
    names = before.fields.keys() | after.fields.keys()
    found = []
    for name in sorted(names):
        old, new = values(before.fields.get(name)), values(after.fields.get(name))
        if old != new:
            shown = "" if name in secret else f"{sorted(map(str, old - new))}>{sorted(map(str, new - old))}"
            found.append(f"{name}:{shown}")
    return found

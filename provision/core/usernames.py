"""Usernames: unique, stable for life, and never given to a second person."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from provision.core.names import ascii_fold
from provision.core.roster import User
from provision.core.state import Key, Kind

_PART = re.compile(r"\{(given|family)(?::([1-9][0-9]?))?\}|([a-z0-9.-]+)")
# Names of which no Latin letter can be made.
_NAMELESS = "user"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a new username starts, such as `{given:3}{family:3}`; a number follows where that is taken."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Scheme":
        """The scheme, or ValueError saying what is wrong with it."""
        position = 0
        for match in _PART.finditer(text):
            if match.start() != position:
                break
            position = match.end()
        if position != len(text) or "{" not in text:
            raise ValueError(
                "a scheme is made of {given}, {family}, {given:3}, {family:3} and the characters a-z 0-9 . -"
            )
        return cls(text)

    def base(self, user: User) -> str:
        made = "".join(self._part(match, user) for match in _PART.finditer(self.text))
        return made if any(c.isalnum() for c in made) else _NAMELESS

    @staticmethod
    def _part(match: re.Match[str], user: User) -> str:
        which, length, literal = match.groups()
        if literal:
            return literal
        folded = ascii_fold(user.given_name if which == "given" else user.family_name)
        return folded[: int(length)] if length else folded


DEFAULT_SCHEME: Final = Scheme("{given:3}{family:3}")


@dataclass(frozen=True, slots=True)
class Usernames:
    """`names` by sourced id; `reserve` is what the ledger must learn before anything is written; `held` got none."""

    names: Mapping[str, str]
    reserve: Mapping[str, str]
    held: Mapping[str, str] = field(default_factory=dict)


def is_ledger_name(name: str) -> bool:
    """Whether a username may come from the ledger: a scheme makes no other letters."""
    return re.fullmatch(r"[a-z0-9.-]+", name) is not None


def assign_usernames(
    users: Iterable[User],
    scheme: Scheme,
    ledger: Mapping[str, str],
    taken: Mapping[str, Key | None],
    id_changes: Mapping[str, str],
    is_retired: Callable[[str], bool] = lambda _: False,
) -> Usernames:
    """One username for each user: the one they have, in the ledger or in a target, else a new one.

    `ledger` maps every username ever given to whose it is; `taken` those present in a target to our key, or to None
    where an entry of others has it. Names that only a target knows are learned, so a lost ledger gives nothing twice.
    `is_retired` tells names of people who are forgotten.
    """
    owners = dict(ledger)
    reserve: dict[str, str] = {}
    for name, key in taken.items():
        if key is not None and key.kind is Kind.ACCOUNT and name not in owners:
            owners[name] = reserve[name] = key.sourced_id
    known = _names_by_owner(owners, taken)
    former: defaultdict[str, set[str]] = defaultdict(set)
    for old, new in id_changes.items():
        former[new].add(old)
    names: dict[str, str] = {}
    next_number: defaultdict[str, int] = defaultdict(int)

    def is_free(name: str) -> bool:
        return name not in owners and name not in taken and not is_retired(name)

    for user in sorted(users, key=lambda u: u.sourced_id):
        ids = (user.sourced_id, *sorted(former.get(user.sourced_id, ())))
        name = next((known[each] for each in ids if each in known), "")
        if not name:
            name = _first_free(scheme.base(user), next_number, is_free)
            owners[name] = reserve[name] = user.sourced_id
        names[user.sourced_id] = name
    return Usernames(names, reserve, _disputed(names, taken, former))


def _names_by_owner(owners: Mapping[str, str], taken: Mapping[str, Key | None]) -> dict[str, str]:
    """The username each owner has; where the ledger knows several, the one that a target holds."""
    known: dict[str, str] = {}
    for name, owner in owners.items():
        if owner not in known or (name in taken and known[owner] not in taken):
            known[owner] = name
    return known


def _first_free(base: str, next_number: defaultdict[str, int], is_free: Callable[[str], bool]) -> str:
    number = next_number[base]
    while True:
        name = f"{base}{number + 1}" if number else base
        number += 1
        if is_free(name):
            next_number[base] = number
            return name


def _disputed(
    names: Mapping[str, str], taken: Mapping[str, Key | None], former: Mapping[str, Set[str]]
) -> dict[str, str]:
    """People whose reserved username an account of somebody else carries in a target."""
    return {
        sourced_id: "the username reserved for this person is on somebody else's account; `provision adopt` shows whose"
        for sourced_id, name in names.items()
        if name in taken and not _is_theirs(taken[name], {sourced_id, *former.get(sourced_id, ())})
    }


def _is_theirs(key: Key | None, ids: Set[str]) -> bool:
    return key is not None and key.sourced_id in ids

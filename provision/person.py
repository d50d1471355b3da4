"""Who is meant by PERSON on a command line: the SIS's id, a username, or what a guardian is called in a target."""

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches

from provision.core.ports import Target
from provision.core.state import Kind
from provision.errors import TargetUnavailable, UsageError
from provision.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class Known:
    """Who is known to one that was asked: ids, and of names in lower case whose they are."""

    ids: Set[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


def find_person(typed: str, asked: Iterable[Known]) -> str:
    """The SIS's id of who is meant, by the first of these who knows. Raises UsageError where nobody does.

    What was typed may be a name or an identity number, so it is not repeated.
    """
    heard: list[Known] = []
    for known in asked:
        if typed in known.ids:
            return typed
        if typed.lower() in known.names:
            return known.names[typed.lower()]
        heard.append(known)
    near = get_close_matches(typed, sorted({word for known in heard for word in (*known.ids, *known.names)}), n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"nobody is known under this; give the id that the SIS uses, or a username{hint}")


def in_journal(journal: Journal) -> Known:
    """Everybody of whom anything is recorded, or of whom a word stands."""
    words = journal.words()
    return Known(journal.erasure().traces().keys() | words.protected | words.blocked, journal.usernames())


def in_targets(targets: Iterable[Target]) -> Known:
    """By the names of accounts in those that answer: guardians have a name nowhere else."""
    names: dict[str, str] = {}
    for target in targets:
        with suppress(TargetUnavailable):
            there = target.names().items()
            names |= {name: key.sourced_id for name, key in there if key and key.kind is Kind.ACCOUNT}
    return Known(frozenset(names.values()), names)

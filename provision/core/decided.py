"""What the journal's decisions say of who is who: whom each is about, and which ids lead to which."""

from collections.abc import Iterable, Mapping
from typing import Final

_ID_CHANGE: Final = "id "
_DISTINCT: Final = "distinct "
_VOID: Final = "void "


def id_change(old: str) -> str:
    """The subject of a decision that somebody has another id now; its verdict is the new one."""
    return f"{_ID_CHANGE}{old}"


def is_distinct(person: str) -> str:
    """The subject of a decision that a newcomer is none of those who look like them."""
    return f"{_DISTINCT}{person}"


def voided(new: str) -> str:
    """The verdict of an id change whose old id came back: it may be somebody else's by now."""
    return f"{_VOID}{new}"


def id_changes(decisions: Mapping[str, str]) -> dict[str, str]:
    """By former id the later one, of those that count."""
    return {old: new for old, new in _changes(decisions).items() if not new.startswith(_VOID)}


def void_changes(decisions: Mapping[str, str]) -> dict[str, str]:
    """By former id that came back the one that it had led to."""
    return {old: new.removeprefix(_VOID) for old, new in _changes(decisions).items() if new.startswith(_VOID)}


def distinct_people(decisions: Iterable[str]) -> frozenset[str]:
    """Newcomers of whom a person has said that they are nobody else."""
    return _named(decisions, _DISTINCT)


def changed_ids(subjects: Iterable[str]) -> frozenset[str]:
    """The former ids that these decisions are about."""
    return _named(subjects, _ID_CHANGE)


def named_in(subject: str, verdict: str) -> frozenset[str]:
    """Whom a decision is about."""
    who = changed_ids((subject,)) | distinct_people((subject,))
    other = verdict.removeprefix(_VOID) if subject.startswith(_ID_CHANGE) else ""
    return who | {other} if other else who


def _changes(decisions: Mapping[str, str]) -> dict[str, str]:
    return {s.removeprefix(_ID_CHANGE): new for s, new in decisions.items() if s.startswith(_ID_CHANGE)}


def _named(subjects: Iterable[str], start: str) -> frozenset[str]:
    return frozenset(subject.removeprefix(start) for subject in subjects if subject.startswith(start))

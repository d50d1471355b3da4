"""What people said of somebody at once: sealed, so that the journal alone tells nobody whom it is about, or what."""

import json
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from provision.core.words import Measure, Words
from provision.errors import JournalError
from provision.journal import audit
from provision.journal.codec import canonical, read_moment, redact
from provision.journal.seal import seal, unseal
from provision.journal.store import Store
from provision.journal.tables import CARE_WORD

# What is sealed has a multiple of this length, so that the length tells nothing.
_LENGTH: Final = 1024


@dataclass(frozen=True, slots=True)
class Word:
    """Of whom a measure stands since when; who said so last, and why."""

    person: str = field(repr=False)
    since: datetime
    by: str
    reason: str


def say(connection: Connection, store: Store, measure: Measure, person: str, said: tuple[bool, str, str]) -> None:
    """Records that a measure begins (or, said[0] being False, ends) for this person, by whom and why."""
    begins, by, reason = said
    word = {"measure": measure, "person": person, "begins": begins, "by": redact(by), "reason": redact(reason)}
    text = canonical({"at": store.now(), **word}).encode()
    sealed = seal(_key(store), text.ljust(-(-len(text) // _LENGTH) * _LENGTH))
    connection.execute(insert(CARE_WORD), {"sealed": sealed})
    audit.append(connection, store, [{"event": "word", "digest": blake2b(sealed.encode(), digest_size=16).hexdigest()}])


def standing(connection: Connection, store: Store) -> Words:
    """The measures that have begun and not ended; the latest word on a person counts."""
    latest = {(word["measure"], word["person"]): word["begins"] for word in _words(connection, store)}
    protected, blocked = (
        frozenset(person for (measure, person), begins in latest.items() if begins and measure == of)
        for of in (Measure.PROTECT, Measure.BLOCK)
    )
    return Words(protected, blocked)


def standing_of(connection: Connection, store: Store, measure: Measure) -> list[Word]:
    """The words of this measure that have begun and not ended, the oldest first."""
    stands: dict[str, Word] = {}
    for word in _words(connection, store):
        if word["measure"] != measure:
            continue
        before = stands.pop(word["person"], None)
        if word["begins"]:
            since = before.since if before else read_moment(word["at"])
            stands[word["person"]] = Word(word["person"], since, word["by"], word["reason"])
    return sorted(stands.values(), key=lambda word: word.since)


def forget(connection: Connection, store: Store, ids: Set[str]) -> int:
    """Takes out what was said of these people; how many words."""
    rows = connection.execute(select(CARE_WORD)).all() if ids else []
    about = [row.id for row in rows if _open(store, row.id, row.sealed)["person"] in ids]
    connection.execute(delete(CARE_WORD).where(CARE_WORD.c.id.in_(about)))
    return len(about)


def said_of(connection: Connection, store: Store, ids: Set[str]) -> list[dict[str, Any]]:
    """Every word on these people, the first one first: when, which measure, whether it begins, by whom and why."""
    return [word for word in _words(connection, store) if word["person"] in ids]


def _words(connection: Connection, store: Store) -> list[dict[str, Any]]:
    rows = connection.execute(select(CARE_WORD).order_by(CARE_WORD.c.id)).all()
    return [_open(store, row.id, row.sealed) for row in rows]


def _open(store: Store, number: int, sealed: str) -> dict[str, Any]:
    try:
        word: dict[str, Any] = json.loads(unseal(_key(store), sealed))
    except ValueError:
        fault = "is not as it was written, so nobody knows whom it is about; put back the journal as it was"
        raise JournalError(f"journal {store.place}: care_word {number} {fault}") from None
    return word


def _key(store: Store) -> bytes:
    return blake2b(b"the seal of words on people", key=store.secret[:64], digest_size=32).digest()

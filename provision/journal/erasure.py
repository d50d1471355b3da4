"""Erases from the journal what is over and who is forgotten, and shows that nothing of them is left."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from provision.core.decided import named_in
from provision.core.mentions import Sought, sought
from provision.core.sightings import as_guardian
from provision.core.state import Key, Kind
from provision.journal import audit, consent, mentions, passing, retired, words
from provision.journal.codec import ERASED_IMAGE, chunks, read_image
from provision.journal.store import Store
from provision.journal.tables import (
    ACCOUNT_STATE,
    APPROVAL,
    CHANGE,
    DECISION,
    HOLD,
    PRINT,
    RUN,
    SIGHTING,
    USERNAME,
    WEB_SESSION,
)

_ACCOUNT: Final = f"{Kind.ACCOUNT}:"
_GUARDIAN: Final = as_guardian("").sourced_id
_EMPTY: Final = "{}"
_IN_USE: Final = (
    "another program is reading the journal, so its write-ahead log still holds what was erased; run this again when "
    "that program is done"
)
_ON_A_SERVER: Final = (
    "the rows are gone; the server's own files hold their old versions until `VACUUM FULL` has written the tables anew "
    "(it locks them meanwhile), its archived write-ahead log and its backups until they run out"
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Moments as the journal writes them: what is from before them is over; `now` is for what knows its own end."""

    images: str
    runs: str
    now: str = ""


@dataclass(frozen=True, slots=True)
class Erasure:
    _store: Store = field(repr=False)

    def traces(self) -> dict[str, date | None]:
        """By id of everybody of whom the journal knows anything, the last day of it; None where it knows no day."""
        with self._store.read() as connection:
            return _traces(connection)

    def texts_of(self, ids: Set[str]) -> frozenset[str]:
        """By what people are named: their ids and usernames, and the names and addresses in their before-images."""
        with self._store.read() as connection:
            return _texts_of(connection, ids)

    def erase(self, cut: Cut, ids: Set[str], *, rehearse: bool) -> Mapping[str, int]:
        """Erases what is over, and all about the people with these ids. Counts by what it was.

        With `rehearse` everything stays as it is. Raises JournalError where the audit chain is broken.
        """
        with self._store.write() as connection:
            trial = connection.begin_nested()
            counts = _forget(connection, self._store, ids) + _end(connection, cut)
            counts += mentions.take_out(connection, ids)
            wanted = sought(ids)
            counts["audit records"] = audit.erase(connection, self._store, lambda body: _over(body, cut, wanted))
            if rehearse:
                trial.rollback()
            else:
                erased = {what: number for what, number in sorted(counts.items()) if number}
                audit.append(connection, self._store, [{"event": "erase", "erased": erased}])
        return {what: number for what, number in counts.items() if number}

    def compact(self) -> str:
        """Writes the database anew without what was erased. Says what is left to do, "" where nothing is."""
        return _compact(self._store)

    def search(self, texts: Iterable[str]) -> Mapping[str, int]:
        """Where the journal names any of these, in rows and in the bytes of its files; how often."""
        with self._store.read() as connection:
            return mentions.search(connection, self._store.file, list(texts))


def _traces(connection: Connection) -> dict[str, date | None]:
    found: dict[str, date | None] = {}

    def note(sourced_id: str, day: str | None) -> None:
        known = found.get(sourced_id)
        seen = date.fromisoformat(day[:10]) if day else None
        found[sourced_id] = max(filter(None, (known, seen)), default=None)

    latest = func.max(func.coalesce(CHANGE.c.settled, CHANGE.c.intended))
    for query in (
        select(SIGHTING.c.key, SIGHTING.c.last_seen),
        select(ACCOUNT_STATE.c.key, ACCOUNT_STATE.c.disabled_since),
        select(CHANGE.c.key, latest).group_by(CHANGE.c.key),
    ):
        for key, day in connection.execute(query):
            if key.startswith(_ACCOUNT):
                note(key.removeprefix(_ACCOUNT).removeprefix(_GUARDIAN), day)
    for sourced_id, day in connection.execute(select(USERNAME.c.sourced_id, USERNAME.c.reserved)):
        note(sourced_id, day)
    for sourced_id in connection.scalars(select(PRINT.c.sourced_id)):
        note(sourced_id, None)
    for subject, verdict, decided in connection.execute(
        select(DECISION.c.subject, DECISION.c.verdict, DECISION.c.decided)
    ):
        for each in named_in(subject, verdict):
            note(each, decided)
    return found


def _texts_of(connection: Connection, ids: Set[str]) -> frozenset[str]:
    found = set(ids)
    for some in chunks(ids):
        found.update(connection.scalars(select(USERNAME.c.name).where(USERNAME.c.sourced_id.in_(some))))
        for before in connection.scalars(select(CHANGE.c.before).where(CHANGE.c.key.in_(keys_of(some)))):
            values = read_image(before).fields.values()
            found.update(value for value in values if isinstance(value, str) and _names_somebody(value))
    return frozenset(found)


def _names_somebody(value: str) -> bool:
    """A name, an address or a telephone number; a word alone may be anybody's."""
    return " " in value.strip() or "@" in value or value.startswith("+")


def keys_of(ids: Iterable[str]) -> list[str]:
    """As what the journal knows these people: as themselves, and as guardians."""
    return [str(key) for each in ids for key in (Key(Kind.ACCOUNT, each), as_guardian(each))]


def _forget(connection: Connection, store: Store, ids: Set[str]) -> Counter[str]:
    """Takes out the rows that are about these people."""
    counts: Counter[str] = Counter()
    for some in chunks(ids):
        keys = keys_of(some)
        counts["sightings"] += _gone(connection, SIGHTING, SIGHTING.c.key.in_(keys))
        counts["account states"] += _gone(connection, ACCOUNT_STATE, ACCOUNT_STATE.c.key.in_(keys))
        counts["changes"] += _gone(connection, CHANGE, CHANGE.c.key.in_(keys))
        counts["prints"] += _gone(connection, PRINT, PRINT.c.sourced_id.in_(some))
        counts["sessions"] += _gone(connection, WEB_SESSION, WEB_SESSION.c.person.in_(some))
    counts["usernames"] = retired.retire(connection, store, ids)
    counts["words"] = words.forget(connection, store, ids)
    rows = connection.execute(select(DECISION.c.subject, DECISION.c.verdict)).all()
    about = [row.subject for row in rows if named_in(row.subject, row.verdict) & ids]
    for some in chunks(about):
        counts["decisions"] += _gone(connection, DECISION, DECISION.c.subject.in_(some))
    return counts


def _end(connection: Connection, cut: Cut) -> Counter[str]:
    """Takes out what is over, whomever it is about; of each account the last change stays, which says no more than
    when it was made, changed or deleted."""
    counts: Counter[str] = Counter()
    image = (CHANGE.c.intended < cut.images, CHANGE.c.before.not_in((_EMPTY, ERASED_IMAGE)))
    counts["before-images"] = connection.execute(update(CHANGE).where(*image).values(before=ERASED_IMAGE)).rowcount
    done = (CHANGE.c.status == "done", CHANGE.c.key.startswith(_ACCOUNT, autoescape=True))
    last = select(func.max(CHANGE.c.id)).where(*done).group_by(CHANGE.c.target, CHANGE.c.key)
    over = CHANGE.c.intended < cut.runs
    counts["changes"] = _gone(connection, CHANGE, over & CHANGE.c.id.not_in(last))
    said = over & or_(CHANGE.c.reason != "", CHANGE.c.detail != "")
    connection.execute(update(CHANGE).where(said).values(reason="", detail=""))
    old = RUN.c.began < cut.runs
    counts["holds"] = _gone(connection, HOLD, HOLD.c.run.in_(select(RUN.c.id).where(old)))
    counts["approvals"] = _gone(connection, APPROVAL, APPROVAL.c.expires < cut.runs)
    of_a_time = (DECISION.c.subject.startswith(each, autoescape=True) for each in ("word ", consent.NO))
    expired = or_(*of_a_time) & (DECISION.c.decided < cut.runs)
    counts["decisions"] = _gone(connection, DECISION, expired)
    used = select(CHANGE.c.run).union(select(APPROVAL.c.used_by).where(APPROVAL.c.used_by.is_not(None)))
    counts["runs"] = _gone(connection, RUN, old & RUN.c.id.not_in(used))
    connection.execute(update(RUN).where(old, RUN.c.summary != _EMPTY).values(summary=_EMPTY))
    return counts + passing.end(connection, cut.runs, cut.now)


def _gone(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    """Deletes these rows; how many."""
    return connection.execute(delete(table).where(which)).rowcount


def _over(body: Mapping[str, Any], cut: Cut, wanted: Sought) -> bool:
    return body["at"] < cut.runs or any(wanted.found_in(text) for text in mentions.texts_of_audit(body))


def _compact(store: Store) -> str:
    if store.file is None:
        return _ON_A_SERVER
    with store.alone() as connection:
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    return _IN_USE if busy else ""

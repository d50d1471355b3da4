"""The audit chain: each record's hash covers the one before, so that none is altered, dropped or moved unseen.

A record may be erased: in place of its content then stands a keyed hash of both ends of its link, by which whoever has
the secret vouches that a record was there. What was before and what comes after stays as provable.
"""

import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from provision.errors import JournalError
from provision.journal.codec import canonical
from provision.journal.store import Store
from provision.journal.tables import AUDIT, META

START: Final = ""
ERASED: Final = "erased "


@dataclass(frozen=True, slots=True)
class Record:
    """One record by its number; `body` is None where its content was erased."""

    seq: int
    body: Mapping[str, Any] | None


def append(connection: Connection, store: Store, records: Iterable[Mapping[str, Any]]) -> None:
    """Adds records (ids only, never personal data) to the chain, in the caller's transaction."""
    # Elsewhere than in SQLite two writers could read the same end of the chain; this row makes them take turns.
    connection.execute(select(META.c.value).where(META.c.name == "key_check").with_for_update())
    seq, last = _end(connection)
    at = store.now()
    rows = []
    for record in records:
        seq += 1
        body = canonical({"at": at, **record})
        last = link(store.secret, last, body)
        rows.append({"seq": seq, "body": body, "hash": last})
    if rows:
        connection.execute(insert(AUDIT), rows)


def head(connection: Connection) -> str:
    """The end of the chain as "number:hash"; kept elsewhere, it proves that nothing was cut off."""
    seq, last = _end(connection)
    return f"{seq}:{last}"


def first_break(connection: Connection, secret: bytes, *known_heads: str) -> str | None:
    """None, or where the chain is not as it was written. `known_heads` are heads kept from earlier days."""
    known: defaultdict[int, set[str]] = defaultdict(set)
    for each in filter(None, known_heads):
        number, _, kept = each.partition(":")
        known[int(number)].add(kept)
    seq, last = 0, START
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).yield_per(5000):
        if row.seq != seq + 1:
            return f"audit record {seq + 1} is missing"
        seq, before, last = row.seq, last, row.hash
        if not _holds(secret, before, row.body, last):
            return f"audit record {seq} is not as it was written, or not where it was"
        if known.get(seq, {last}) != {last}:
            return f"audit record {seq} is not the one whose hash was kept elsewhere"
    if known and seq < max(known):
        return f"audit records {seq + 1} to {max(known)} were cut off"
    return None


def records(connection: Connection) -> Iterator[Record]:
    """Every record in the order in which it was written."""
    for row in connection.execute(select(AUDIT.c.seq, AUDIT.c.body).order_by(AUDIT.c.seq)).yield_per(5000):
        yield Record(row.seq, None if row.body.startswith(ERASED) else json.loads(row.body))


def records_back(connection: Connection, before: int | None, text: str) -> Iterator[Record]:
    """The records that hold this text as it is written, and may be what is sought, the latest first; none erased."""
    wanted = select(AUDIT.c.seq, AUDIT.c.body).where(AUDIT.c.body.not_like(f"{ERASED}%"))
    if before is not None:
        wanted = wanted.where(AUDIT.c.seq < before)
    if text:
        wanted = wanted.where(func.lower(AUDIT.c.body).contains(text.lower(), autoescape=True))
    for row in connection.execute(wanted.order_by(AUDIT.c.seq.desc())).yield_per(500):
        yield Record(row.seq, json.loads(row.body))


def count_erased(connection: Connection) -> int:
    return connection.scalar(select(func.count()).where(AUDIT.c.body.startswith(ERASED))) or 0


def link(secret: bytes, previous: str, body: str) -> str:
    return hmac.digest(secret, f"{previous}\0{body}".encode(), "sha256").hex()


def erase(connection: Connection, store: Store, is_over: Callable[[Mapping[str, Any]], bool]) -> int:
    """Takes out the content of the records that are over; how many. Raises JournalError where the chain is broken."""
    if fault := first_break(connection, store.secret):
        raise JournalError(f"journal {store.place}: {fault}, so nothing is erased; put back the journal as it was")
    before, rows = START, []
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).yield_per(5000):
        if not row.body.startswith(ERASED) and is_over(json.loads(row.body)):
            rows.append({"number": row.seq, "left": _left(store.secret, before, row.hash)})
        before = row.hash
    if rows:
        blank = update(AUDIT).where(AUDIT.c.seq == bindparam("number")).values(body=bindparam("left"))
        connection.execute(blank, rows)
    return len(rows)


def _holds(secret: bytes, before: str, body: str, found: str) -> bool:
    if body.startswith(ERASED):
        return hmac.compare_digest(body.encode(), _left(secret, before, found).encode())
    return hmac.compare_digest(link(secret, before, body).encode(), found.encode())


def _left(secret: bytes, before: str, after: str) -> str:
    """What is left of a record; no content looks like it, since each begins with a brace."""
    return ERASED + link(secret, before, ERASED + after)


def _end(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return (0, START) if row is None else (row.seq, row.hash)

"""The audit chain: each record's hash covers the one before, so that none is altered, dropped or moved unseen."""

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from provision.journal.codec import canonical
from provision.journal.store import Store
from provision.journal.tables import AUDIT, META

START: Final = ""


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


def first_break(connection: Connection, secret: bytes, known_head: str = "") -> str | None:
    """None, or where the chain is not as it was written. `known_head` is a head kept from an earlier day."""
    known_seq, _, known_hash = known_head.partition(":")
    seq, last = 0, START
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).yield_per(5000):
        if row.seq != seq + 1:
            return f"audit record {seq + 1} is missing"
        seq, last = row.seq, link(secret, last, row.body)
        if not hmac.compare_digest(last, row.hash):
            return f"audit record {seq} is not as it was written, or not where it was"
        if str(seq) == known_seq and last != known_hash:
            return f"audit record {seq} is not the one whose hash was kept elsewhere"
    if known_seq and seq < int(known_seq):
        return f"audit records {seq + 1} to {known_seq} were cut off"
    return None


def link(secret: bytes, previous: str, body: str) -> str:
    return hmac.digest(secret, f"{previous}\0{body}".encode(), "sha256").hex()


def _end(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return (0, START) if row is None else (row.seq, row.hash)

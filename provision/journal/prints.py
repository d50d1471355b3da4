"""By what people are known again: keyed hashes, which tell nobody who they are."""

from collections.abc import Mapping
from hashlib import blake2b

from sqlalchemy import Connection, bindparam, insert, select, update

from provision.core.relinks import Prints
from provision.journal.store import Store
from provision.journal.tables import PRINT


def keyed(store: Store, text: str) -> str:
    """Sixteen letters that the same text always gives, and that say nothing without the site's secret."""
    return blake2b(text.encode(), key=store.secret[:64], digest_size=8, person=b"print").hexdigest()


def stored(connection: Connection) -> dict[str, Prints]:
    return {sourced_id: Prints(*prints) for sourced_id, *prints in connection.execute(select(PRINT)).all()}


def remember(connection: Connection, known: Mapping[str, Prints]) -> None:
    """Stores what differs; what is not said of somebody any more stays as it was last said."""
    before = stored(connection)
    fresh, changed = [], []
    for sourced_id, prints in known.items():
        old = before.get(sourced_id)
        if old is None:
            fresh.append({"sourced_id": sourced_id, **prints._asdict()})
        elif (merged := Prints(*(new or kept for new, kept in zip(prints, old, strict=True)))) != old:
            changed.append({"who": sourced_id, **merged._asdict()})
    if fresh:
        connection.execute(insert(PRINT), fresh)
    if changed:
        connection.execute(update(PRINT).where(PRINT.c.sourced_id == bindparam("who")), changed)

"""Names of people who are forgotten: never given again, and told to nobody but whoever comes back under the same id."""

import hmac
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection, delete, func, insert, select

from provision.errors import JournalError
from provision.journal.codec import chunks
from provision.journal.seal import seal, unseal
from provision.journal.store import Store
from provision.journal.tables import RETIRED_NAME, USERNAME


def retire(connection: Connection, store: Store, owners: Iterable[str]) -> int:
    """Of the names of these ids only keyed hashes stay; how many there were."""
    retired = 0
    for some in chunks(owners):
        named = connection.execute(
            delete(USERNAME).where(USERNAME.c.sourced_id.in_(some)).returning(USERNAME.c.name, USERNAME.c.sourced_id)
        ).all()
        rows = [
            {
                "name": _hash(store, "name", name),
                "owner": _hash(store, "owner", owner),
                "sealed": seal(_key(store, owner), name.encode()),
            }
            for name, owner in named
        ]
        if rows:
            connection.execute(insert(RETIRED_NAME), rows)
        retired += len(rows)
    return retired


def is_retired(connection: Connection, store: Store) -> Callable[[str], bool]:
    """Says of a name whether it was the name of somebody who is forgotten."""
    hashes = frozenset(connection.scalars(select(RETIRED_NAME.c.name)))
    return lambda name: bool(hashes) and _hash(store, "name", name.lower()) in hashes


def returning(connection: Connection, store: Store, ids: Iterable[str]) -> dict[str, str]:
    """The names that those of these ids who were forgotten had, each with the id."""
    if not connection.scalar(select(func.count()).select_from(RETIRED_NAME)):
        return {}
    owners = {_hash(store, "owner", each): each for each in ids}
    rows = connection.execute(select(RETIRED_NAME.c.owner, RETIRED_NAME.c.sealed)).all()
    found = [(owners[row.owner], row.sealed) for row in rows if row.owner in owners]
    return {_opened(store, owner, sealed): owner for owner, sealed in found}


def restore(connection: Connection, store: Store, names: Mapping[str, str]) -> None:
    """These names are about to be given to these ids: one that is retired becomes its owner's again.

    Raises JournalError where it was somebody else's.
    """
    hashes = {_hash(store, "name", name): owner for name, owner in names.items()}
    for some in chunks(hashes):
        rows = connection.execute(select(RETIRED_NAME).where(RETIRED_NAME.c.name.in_(some))).all()
        for row in rows:
            if row.owner != _hash(store, "owner", hashes[row.name]):
                fault = f"the username meant for {hashes[row.name]} was given to somebody who is forgotten"
                raise JournalError(f"journal {store.place}: {fault}, and is never given again; choose another name")
        connection.execute(delete(RETIRED_NAME).where(RETIRED_NAME.c.name.in_([row.name for row in rows])))


def _hash(store: Store, what: str, text: str) -> str:
    return hmac.digest(store.secret, f"retired {what}\0{text}".encode(), "sha256").hex()[:32]


def _opened(store: Store, owner: str, sealed: str) -> str:
    try:
        return unseal(_key(store, owner), sealed).decode()
    except ValueError:
        fault = f"the username that {owner} had is not as it was written; put back the journal as it was"
        raise JournalError(f"journal {store.place}: {fault}") from None


def _key(store: Store, owner: str) -> bytes:
    """Of the site's secret and the owner's id together, so that the journal alone names nobody."""
    return hmac.digest(store.secret, f"retired seal\0{owner}".encode(), "sha256")

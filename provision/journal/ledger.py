"""The username ledger: every name ever given, to whom, for ever."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from provision.core.state import Key, Kind
from provision.errors import JournalError
from provision.journal import audit, retired
from provision.journal.codec import chunks
from provision.journal.evidence import move_sightings
from provision.journal.store import Store
from provision.journal.tables import USERNAME


def usernames(connection: Connection) -> dict[str, str]:
    return dict(connection.execute(select(USERNAME.c.name, USERNAME.c.sourced_id)).all())


def reserve(connection: Connection, store: Store, names: Mapping[str, str]) -> None:
    """Gives names to ids, all or none. Names are compared in lower case, as every target does.

    Raises JournalError where a name is somebody else's.
    """
    wanted = _lower(names, store)
    missing = _missing(wanted, _stored(connection, wanted), store)
    if not missing:
        return
    retired.restore(connection, store, missing)
    now = store.now()
    rows = [{"name": name, "sourced_id": missing[name], "reserved": now} for name in sorted(missing)]
    try:
        connection.execute(insert(USERNAME), rows)
    except IntegrityError:
        raise JournalError(f"journal {store.place}: another run has just given away a name; run again") from None
    audit.append(connection, store, [{"event": "reserve", "id": row["sourced_id"]} for row in rows])


def rekey(connection: Connection, store: Store, moved: Mapping[Key, Key]) -> None:
    """Records have other ids now: sightings follow, and the names of accounts. Twice does no harm."""
    for old, new in moved.items():
        if old.kind is Kind.ACCOUNT:
            owned = USERNAME.c.sourced_id == old.sourced_id
            connection.execute(update(USERNAME).where(owned).values(sourced_id=new.sourced_id))
    move_sightings(connection, moved)
    audit.append(connection, store, ({"event": "rekey", "old": str(o), "new": str(n)} for o, n in moved.items()))


def follow(connection: Connection, store: Store, moved: Mapping[Key, Key]) -> None:
    """The same where it was not recorded: only what is still under a former id moves."""
    named = set(connection.scalars(select(USERNAME.c.sourced_id)))
    rekey(connection, store, {old: new for old, new in moved.items() if old.sourced_id in named})


def _lower(names: Mapping[str, str], store: Store) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for name, sourced_id in names.items():
        if wanted.setdefault(name.lower(), sourced_id) != sourced_id:
            raise _contradiction(store, wanted[name.lower()], sourced_id)
    return wanted


def _stored(connection: Connection, wanted: Mapping[str, str]) -> dict[str, str]:
    columns = select(USERNAME.c.name, USERNAME.c.sourced_id)
    stored: dict[str, str] = {}
    for some in chunks(wanted):
        stored.update(connection.execute(columns.where(USERNAME.c.name.in_(some))).all())
    return stored


def _missing(wanted: Mapping[str, str], stored: Mapping[str, str], store: Store) -> dict[str, str]:
    for name, owner in stored.items():
        if wanted[name] != owner:
            raise _contradiction(store, owner, wanted[name])
    return {name: owner for name, owner in wanted.items() if name not in stored}


def _contradiction(store: Store, owner: str, other: str) -> JournalError:
    return JournalError(
        f"journal {store.place}: the username meant for {other} was given to {owner} and stays theirs; "
        "choose another name, or announce the id change"
    )

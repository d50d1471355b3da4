"""What the nights have seen: sightings, how far each source has come, and since when who is disabled where."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from provision.core.history import History, Sighting
from provision.core.state import Key
from provision.journal.codec import read_key, read_names, write_names
from provision.journal.tables import ACCOUNT_STATE, SIGHTING, SOURCE


def history(connection: Connection) -> History:
    return History(
        sightings={read_key(key): _sighting(*columns) for key, *columns in connection.execute(select(SIGHTING)).all()},
        as_of=as_of(connection),
        disabled={
            (row.target, read_key(row.key)): date.fromisoformat(row.disabled_since)
            for row in connection.execute(select(ACCOUNT_STATE))
        },
        sizes=dict(connection.execute(select(SOURCE.c.name, SOURCE.c.size)).all()),
    )


def as_of(connection: Connection) -> dict[str, datetime]:
    """By source, when the content that was last accepted from it was true."""
    return {row.name: datetime.fromisoformat(row.as_of) for row in connection.execute(select(SOURCE))}


def remember(
    connection: Connection,
    sightings: Mapping[Key, Sighting],
    as_of: Mapping[str, datetime],
    sizes: Mapping[str, int],
) -> None:
    """Stores what differs from what is stored; nothing is ever taken away. `sizes` are the people in each source."""
    _write_differences(connection, sightings)
    stored = {row.name: row for row in connection.execute(select(SOURCE))}
    for name, moment in as_of.items():
        # As the source's own clock has it, with or without a time zone: it is only ever compared with itself.
        row = {"name": name, "as_of": moment.isoformat(), "size": sizes.get(name, 0)}
        if name not in stored:
            connection.execute(insert(SOURCE), row)
        elif (stored[name].as_of, stored[name].size) != (row["as_of"], row["size"]):
            connection.execute(update(SOURCE).where(SOURCE.c.name == name).values(row))


def note_disabled(connection: Connection, target: str, since: Mapping[Key, date]) -> None:
    """Records since when accounts are locked out; of those already known the earlier record stays."""
    if not since:
        return
    stored = set(connection.scalars(select(ACCOUNT_STATE.c.key).where(ACCOUNT_STATE.c.target == target)))
    rows = [
        {"target": target, "key": str(key), "disabled_since": day.isoformat()}
        for key, day in since.items()
        if str(key) not in stored
    ]
    if rows:
        connection.execute(insert(ACCOUNT_STATE), rows)


def forget_disabled(connection: Connection, target: str, keys: Iterable[Key]) -> None:
    """These accounts are active again, or gone: should they be disabled once more, the time starts anew."""
    rows = [{"the_key": str(key)} for key in keys]
    if rows:
        gone = delete(ACCOUNT_STATE).where(
            ACCOUNT_STATE.c.target == target, ACCOUNT_STATE.c.key == bindparam("the_key")
        )
        connection.execute(gone, rows)


def move_disabled(connection: Connection, target: str, moved: Mapping[Key, Key]) -> None:
    """Accounts got other ids at this target; since when they are locked out follows."""
    for old, new in moved.items():
        at_target = ACCOUNT_STATE.c.target == target
        since = connection.scalar(
            delete(ACCOUNT_STATE)
            .where(at_target, ACCOUNT_STATE.c.key == str(old))
            .returning(ACCOUNT_STATE.c.disabled_since)
        )
        if since is not None:
            note_disabled(connection, target, {new: date.fromisoformat(since)})


def move_sightings(connection: Connection, moved: Mapping[Key, Key]) -> None:
    """What was seen of one key now counts for the other; where both were seen, the new key's own sighting stands."""
    for old, new in moved.items():
        before, after = str(old), str(new)
        if connection.scalar(select(SIGHTING.c.key).where(SIGHTING.c.key == after)) is None:
            connection.execute(update(SIGHTING).where(SIGHTING.c.key == before).values(key=after))
        else:
            connection.execute(delete(SIGHTING).where(SIGHTING.c.key == before))


def _write_differences(connection: Connection, sightings: Mapping[Key, Sighting]) -> None:
    stored = {row[0]: tuple(row) for row in connection.execute(select(SIGHTING)).all()}
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for key, sighting in sightings.items():
        text, columns = str(key), _columns(sighting)
        known = stored.get(text)
        if known is None:
            fresh.append({"the_key": text, **columns})
        elif known != (text, *columns.values()):
            changed.append({"the_key": text, **columns})
    if fresh:
        connection.execute(insert(SIGHTING).values(key=bindparam("the_key")), fresh)
    if changed:
        connection.execute(update(SIGHTING).where(SIGHTING.c.key == bindparam("the_key")), changed)


# A municipality's sightings have few distinct contents: most people were seen last night, at one school.
@lru_cache(maxsize=4096)
def _columns(sighting: Sighting) -> dict[str, Any]:
    """All but the key, in the order of the table."""
    return {
        "last_seen": sighting.last_seen.isoformat(),
        "orgs": write_names(sighting.orgs),
        "role": sighting.role,
        "until": sighting.until.isoformat() if sighting.until else None,
        "nights": sighting.nights,
        "counted": sighting.counted.isoformat() if sighting.counted else None,
        "leaving": sighting.leaving,
        "homeroom": sighting.homeroom,
    }


@lru_cache(maxsize=4096)
def _sighting(  # noqa: PLR0913, PLR0917 - a row of the table as it comes
    last_seen: str,
    orgs: str,
    role: str,
    until: str | None,
    nights: int,
    counted: str | None,
    leaving: str,
    homeroom: str,
) -> Sighting:
    return Sighting(
        last_seen=date.fromisoformat(last_seen),
        orgs=read_names(orgs),
        role=role,
        until=date.fromisoformat(until) if until else None,
        nights=nights,
        counted=date.fromisoformat(counted) if counted else None,
        leaving=leaving,
        homeroom=homeroom,
    )

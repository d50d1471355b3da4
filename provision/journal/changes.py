"""Changes: the intent before the target is touched, and what became of it after."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update
from sqlalchemy.sql import dml

from provision.core.outcome import Result, Status
from provision.core.plan import Change, Create, Delete, Disable, Rekey, Update, Withdraw
from provision.core.state import Key, Kind, Record
from provision.errors import JournalError
from provision.journal import audit, evidence, ledger
from provision.journal.codec import (
    Image,
    before_image,
    read_image,
    read_key,
    read_moment,
    read_names,
    redact,
    verb,
    write_image,
    write_names,
)
from provision.journal.runs import INTENDED, LEFT, RUNNING
from provision.journal.store import Store
from provision.journal.tables import CHANGE, RUN


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as it was recorded: what it is called, what it replaced, and what became of it."""

    run: str
    target: str
    verb: str
    key: Key
    orgs: frozenset[str]
    role: str
    reason: str
    before: Image
    intended: datetime
    status: str
    settled: datetime | None
    detail: str


def intend(
    connection: Connection, store: Store, secret_fields: Set[str], place: tuple[str, str], changes: Sequence[Change]
) -> None:
    """Records what is about to be done; `place` is run and target."""
    if not changes:
        return
    run, target = place
    now = store.now()
    connection.execute(
        insert(CHANGE),
        [
            {
                "run": run,
                "target": target,
                "verb": verb(change),
                "key": str(change.key),
                "orgs": write_names(change.orgs),
                "role": change.role,
                "reason": redact(change.reason),
                "before": write_image(before_image(change, secret_fields)),
                "intended": now,
                "status": INTENDED,
                "settled": None,
                "detail": "",
            }
            for change in changes
        ],
    )
    audit.append(connection, store, (_entry("intend", place, change) for change in changes))


def settle(connection: Connection, store: Store, place: tuple[str, str], results: Sequence[Result]) -> None:
    """Records what became of intended changes, who is locked out since when, and which id is another now.

    A result may come after its run was taken for dead, and a better one after an unknown one.
    """
    if not results:
        return
    run, target = place
    now = store.now()
    rows = [
        {
            "the_verb": verb(result.change),
            "the_key": str(result.change.key),
            "status": str(result.status),
            "settled": now,
            "detail": _storable(redact(result.detail)),
        }
        for result in results
    ]
    if connection.execute(_settling(run, target), rows).rowcount < len(rows):
        raise JournalError(f"journal {store.place}: run {run} has a result for {target} that it never intended")
    done = [result.change for result in results if result.status is Status.DONE]
    _keep_account_state(connection, place, done)
    ledger.rekey(connection, store, _moved(done))
    audit.append(
        connection,
        store,
        (_entry("settle", place, result.change) | {"status": str(result.status)} for result in results),
    )


def latest(connection: Connection, key: Key, limit: int) -> list[ChangeRow]:
    rows = connection.execute(select(CHANGE).where(CHANGE.c.key == str(key)).order_by(CHANGE.c.id.desc()).limit(limit))
    return [read_change(row) for row in rows]


def read_change(row: Row[Any]) -> ChangeRow:
    return ChangeRow(
        run=row.run,
        target=row.target,
        verb=row.verb,
        key=read_key(row.key),
        orgs=read_names(row.orgs),
        role=row.role,
        reason=row.reason,
        before=read_image(row.before),
        intended=read_moment(row.intended),
        status=row.status,
        settled=read_moment(row.settled) if row.settled else None,
        detail=row.detail,
    )


def knows_accounts(connection: Connection, target: str) -> bool:
    """Whether an account that was made or adopted at the target should still be there."""
    an_account = CHANGE.c.key.startswith(f"{Kind.ACCOUNT}:", autoescape=True)
    done = (CHANGE.c.target == target, CHANGE.c.status == str(Status.DONE), an_account)
    latest = select(func.max(CHANGE.c.id)).where(*done).group_by(CHANGE.c.key)
    gone = or_(CHANGE.c.verb == "delete", CHANGE.c.before == write_image(Image()))
    there = select(CHANGE.c.id).where(CHANGE.c.id.in_(latest), or_(CHANGE.c.verb.in_(("create", "rekey")), ~gone))
    return connection.scalar(there.limit(1)) is not None


def count_open(connection: Connection) -> int:
    running = select(RUN.c.id).where(RUN.c.status == RUNNING)
    return connection.scalar(select(func.count()).where(CHANGE.c.run.in_(running), CHANGE.c.status == INTENDED)) or 0


def _settling(run: str, target: str) -> dml.Update:
    """The statement without its new values: those are named as the columns, by whoever executes it."""
    return update(CHANGE).where(
        CHANGE.c.run == run,
        CHANGE.c.target == target,
        CHANGE.c.key == bindparam("the_key"),
        CHANGE.c.verb == bindparam("the_verb"),
        or_(*(CHANGE.c.status == status for status in (INTENDED, LEFT, str(Status.UNKNOWN)))),
    )


def _keep_account_state(connection: Connection, place: tuple[str, str], done: Sequence[Change]) -> None:
    run, target = place
    locked: list[Key] = []
    freed: list[Key] = []
    for change in done:
        match change:
            case Disable():
                locked.append(change.key)
            case Create(after=Record(active=True)) | Update(after=Record(active=True)) | Withdraw() | Delete():
                freed.append(change.key)
            case Create() | Update() | Rekey():
                pass  # a lock that others set is none of ours
    evidence.move_disabled(connection, target, _moved(done))
    evidence.forget_disabled(connection, target, freed)
    evidence.note_disabled(connection, target, dict.fromkeys(locked, _day_of(connection, run)))


def _moved(done: Iterable[Change]) -> dict[Key, Key]:
    """Former keys with those that took their place."""
    rekeyed = (change for change in done if isinstance(change, Rekey))
    return {change.previous: change.key for change in rekeyed if change.previous and change.previous != change.key}


def _day_of(connection: Connection, run: str) -> date:
    return date.fromisoformat(connection.execute(select(RUN.c.day).where(RUN.c.id == run)).scalar_one())


def _entry(event: str, place: tuple[str, str], change: Change) -> dict[str, Any]:
    run, target = place
    return {"event": event, "run": run, "target": target, "verb": verb(change), "key": str(change.key)}


def _storable(text: str) -> str:
    """A server's words as they are, save for what a database may refuse."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()

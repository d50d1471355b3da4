"""Runs: begun, finished, or found to have died, with what they left undone."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from provision.errors import JournalError
from provision.journal import audit
from provision.journal.codec import canonical, read_moment
from provision.journal.lease import Lease, fence_at_work
from provision.journal.store import Store
from provision.journal.tables import CHANGE, RUN

RUNNING: Final = "running"
FINISHED: Final = "finished"
DIED: Final = "died"

INTENDED: Final = "intended"
LEFT: Final = "left to the next run"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `ended` and `exit_code` are None while it runs and where it died."""

    id: str
    job: str
    mode: str
    day: date
    status: str
    began: datetime
    ended: datetime | None
    exit_code: int | None
    summary: Mapping[str, Any]


def begin(connection: Connection, store: Store, run: Mapping[str, str], lease: Lease) -> str:
    """A new run's id. Runs under an older fence can no longer be alive: they are marked as died."""
    lease.renew(connection)
    _bury(connection, store, lease.fence)
    identity = _new_id(connection, store)
    row = {"id": identity, "fence": lease.fence, "status": RUNNING, "began": store.now(), "summary": "{}", **run}
    connection.execute(insert(RUN), row)
    audit.append(connection, store, [{"event": "begin", "run": identity, "by": lease.owner, **run}])
    return identity


def finish(connection: Connection, store: Store, run: str, exit_code: int, summary: Mapping[str, Any]) -> str:
    """The run is over; intents without an answer are left to the next. Returns the head of the audit chain."""
    ended = {"status": FINISHED, "ended": store.now(), "exit_code": exit_code, "summary": canonical(summary)}
    if connection.execute(update(RUN).where(RUN.c.id == run).values(ended)).rowcount != 1:
        raise JournalError(f"journal {store.place}: it knows no run {run}; a run is begun before it is finished")
    _leave_open_intents(connection, [run])
    audit.append(connection, store, [{"event": "finish", "run": run, "exit_code": exit_code}])
    return audit.head(connection)


def leave(connection: Connection, store: Store, run: str, exit_code: int, summary: Mapping[str, Any]) -> None:
    """The run goes before it was done. One that is over stays as it ended."""
    if connection.scalar(select(RUN.c.status).where(RUN.c.id == run)) == RUNNING:
        finish(connection, store, run, exit_code, summary)


def latest(connection: Connection, store: Store, limit: int, skip: int = 0) -> list[RunRow]:
    """The latest first, without the first so many. One that is not over and no longer at work has died."""
    at_work = fence_at_work(connection, store.now())
    rows = connection.execute(select(RUN).order_by(RUN.c.began.desc(), RUN.c.id.desc()).limit(limit).offset(skip))
    return [_run(row, at_work) for row in rows]


def one(connection: Connection, store: Store, run: str) -> RunRow | None:
    row = connection.execute(select(RUN).where(RUN.c.id == run)).one_or_none()
    return _run(row, fence_at_work(connection, store.now())) if row else None


def _run(row: Row[Any], at_work: int) -> RunRow:
    return RunRow(
        id=row.id,
        job=row.job,
        mode=row.mode,
        day=date.fromisoformat(row.day),
        status=DIED if row.status == RUNNING and row.fence != at_work else row.status,
        began=read_moment(row.began),
        ended=read_moment(row.ended) if row.ended else None,
        exit_code=row.exit_code,
        summary=json.loads(row.summary),
    )


def last_night(rows: Iterable[RunRow], job: str) -> RunRow | None:
    """This job's latest run that was to put everything right, and not only what somebody asked for."""
    whole = (row for row in rows if row.job == job and "issues" in row.summary and "resync" not in row.summary)
    return next(whole, None)


def last_said(rows: Iterable[RunRow], job: str, subject: str) -> Any:
    """What the summary of this job's latest run says, of those runs that say anything of it; None where none does."""
    return next((row.summary[subject] for row in rows if row.job == job and subject in row.summary), None)


def _bury(connection: Connection, store: Store, fence: int) -> None:
    dead = list(connection.scalars(select(RUN.c.id).where(RUN.c.status == RUNNING, RUN.c.fence < fence)))
    if dead:
        connection.execute(update(RUN).where(RUN.c.id.in_(dead)).values(status=DIED))
        _leave_open_intents(connection, dead)
        audit.append(connection, store, [{"event": "died", "run": run} for run in dead])


def _leave_open_intents(connection: Connection, runs: list[str]) -> None:
    unanswered = update(CHANGE).where(CHANGE.c.run.in_(runs), CHANGE.c.status == INTENDED)
    connection.execute(unanswered.values(status=LEFT))


def _new_id(connection: Connection, store: Store) -> str:
    start = f"{store.clock():%Y%m%d-%H%M}-"
    taken = set(connection.scalars(select(RUN.c.id).where(RUN.c.id.startswith(start))))
    while (identity := start + secrets.token_hex(2)) in taken:
        pass
    return identity

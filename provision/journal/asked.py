"""What was asked for by hand: one at work and one that waits, by whom, why, and what became of it."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from provision.core.clocks import local
from provision.core.scope import Scope, Shown, scope_of
from provision.core.slots import Turn
from provision.errors import UsageError
from provision.journal import audit
from provision.journal.codec import read_moment, read_names, redact, write_names
from provision.journal.lease import fence_at_work
from provision.journal.slots import Slots
from provision.journal.store import Store
from provision.journal.tables import ASKED, RUN

WAITING: Final = "waiting"
RUNNING: Final = "running"
ENDED: Final = "ended"
# What the claim to a request is called among those to slots.
BY_HAND: Final = "asked"

_AN_HOUR: Final = timedelta(hours=1)
_AT_MOST: Final = 10
# In place of the digests of what was shown.
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be put right: at which targets (none: all), and exactly what of it they were shown.

    Where `shown` is None, all that the guard lets through when it is done.
    """

    job: str
    scope: Scope
    by: str
    reason: str
    shown: Shown | None
    targets: frozenset[str] = frozenset()
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish in the queue. `run` and `exit_code` are None until it has been carried out; `said` is what came of it."""

    id: int
    wish: Wish
    asked: datetime
    state: str
    run: str | None
    ended: datetime | None
    exit_code: int | None
    said: str


def free_again(asked: Sequence[datetime], now: datetime, at_most: int = _AT_MOST) -> datetime | None:
    """From when on somebody who asked at these moments may ask again; None where that is now."""
    recent = sorted(moment for moment in asked if moment > now - _AN_HOUR)
    return recent[-at_most] + _AN_HOUR if len(recent) >= at_most else None


@dataclass(frozen=True, slots=True)
class Asking:
    _store: Store = field(repr=False)

    def ask(self, wish: Wish, at_most: int = _AT_MOST) -> Asked:
        """Puts it in the queue; the same that waits already is the same. Raises UsageError where it must wait."""
        with self._store.write() as connection:
            waiting = _rows(connection, WAITING)
            if same := next((row for row in waiting if _is_same(row.wish, wish)), None):
                return same
            if waiting:
                raise UsageError("something else waits already, and one may wait at a time; ask again once it is over")
            self._refuse_often(connection, wish.by, at_most)
            return _added(connection, self._store, wish)

    def again(self, by: str, at_most: int = _AT_MOST) -> datetime | None:
        """From when on somebody may ask again; None where that is now."""
        with self._store.read() as connection:
            return self._again(connection, by, at_most)

    def _again(self, connection: Connection, by: str, at_most: int) -> datetime | None:
        moments = connection.scalars(select(ASKED.c.asked).where(ASKED.c.by == redact(by)))
        return free_again(list(map(read_moment, moments)), self._store.clock(), at_most)

    def _refuse_often(self, connection: Connection, by: str, at_most: int) -> None:
        if again := self._again(connection, by, at_most):
            raise UsageError(f"{at_most} times within an hour is the most; from {local(again):%H:%M} on again")

    def next(self, owner: str, seconds: int) -> tuple[Asked, Turn] | None:
        """What is to be carried out now, at work from here on, and the claim to it, which is to be renewed.

        None where nothing waits, or something is at work. What was at work when whoever did it died is carried out
        again, though not while a run is at work.
        """
        with self._store.write() as connection:
            first = next(iter([*_rows(connection, RUNNING), *_rows(connection, WAITING)]), None)
            if first is None:
                return None
            slots, which = Slots(self._store), (first.wish.job, BY_HAND, str(first.id))
            seen = slots.turn_within(connection, *which)
            claimed = seen is not None and seen.ended is None and not seen.lost
            if claimed or (first.state == RUNNING and fence_at_work(connection, self._store.now())):
                return None
            taken = slots.claim_within(connection, which, owner, seen, seconds)
            connection.execute(update(ASKED).where(ASKED.c.id == first.id).values(state=RUNNING))
            turn, now = slots.turn_within(connection, *which), _row(connection, first.id)
            return (now, turn) if taken and now and turn else None

    def take(self, identity: int, job: str) -> Asked:
        """This one is at work from here on. Raises UsageError where it is over, another job's, or not there."""
        with self._store.write() as connection:
            found = _row(connection, identity)
            if found is None or found.wish.job != job:
                asked_of = f"of {found.wish.job}: --job {found.wish.job}" if found else "for nothing"
                raise UsageError(f"request {identity} is {asked_of}")
            if found.state == ENDED:
                raise UsageError(f"request {identity} is over; ask again")
            connection.execute(update(ASKED).where(ASKED.c.id == identity).values(state=RUNNING))
            return found

    def put_back(self, identity: int) -> None:
        """It could not be begun, and waits again."""
        with self._store.write() as connection:
            mine = update(ASKED).where(ASKED.c.id == identity, ASKED.c.state == RUNNING)
            connection.execute(mine.values(state=WAITING))

    def finish(self, identity: int, run: str | None, exit_code: int, said: str = "") -> None:
        """It is over; once over it stays so."""
        with self._store.write() as connection:
            over = {"state": ENDED, "run": run, "ended": self._store.now(), "exit_code": exit_code, "said": said}
            mine = update(ASKED).where(ASKED.c.id == identity, ASKED.c.state != ENDED)
            if connection.execute(mine.values(over)).rowcount:
                entry = {"event": "answer", "request": identity, "run": run or "", "exit_code": exit_code}
                audit.append(connection, self._store, [entry])

    def row(self, identity: int) -> Asked:
        """Raises UsageError where nothing was asked under this number."""
        with self._store.read() as connection:
            if found := _row(connection, identity):
                return found
        raise UsageError(f"nothing was asked for as {identity}")

    def latest(self, limit: int = 20) -> list[Asked]:
        """The latest first."""
        with self._store.read() as connection:
            return [_asked(row) for row in connection.execute(select(ASKED).order_by(ASKED.c.id.desc()).limit(limit))]

    def behind(self, runs: Set[str]) -> Mapping[str, str]:
        """By run, of those that were asked for by hand: by whom, and why."""
        with self._store.read() as connection:
            rows = connection.execute(select(RUN.c.id, RUN.c.summary).where(RUN.c.id.in_(runs)))
            found = {row.id: json.loads(row.summary).get("resync") for row in rows}
        return {run: ": ".join(filter(None, (said["by"], said["reason"]))) for run, said in found.items() if said}

    def record(self, run: str, what: str, targets: Iterable[str], *, by: str, reason: str) -> None:
        """In the audit chain: what a run carries out alone, on whose word and why."""
        words = {"what": what, "targets": sorted(targets), "by": redact(by), "reason": redact(reason)}
        with self._store.write() as connection:
            audit.append(connection, self._store, [{"event": "resync", "run": run, **words}])


def _added(connection: Connection, store: Store, wish: Wish) -> Asked:
    row = {
        "job": wish.job,
        "what": str(wish.scope),
        "targets": write_names(wish.targets),
        "fresh": wish.fresh,
        "by": redact(wish.by),
        "reason": redact(wish.reason),
        "digest": write_names(wish.shown.digests) if wish.shown else _ALL,
        "asked": store.now(),
        "state": WAITING,
        "said": "",
    }
    (identity,) = connection.execute(insert(ASKED).values(row)).inserted_primary_key or (0,)
    entry = {name: row[name] for name in ("job", "what", "targets", "fresh", "by", "reason")}
    audit.append(
        connection,
        store,
        [{"event": "ask", "request": identity, "digest": wish.shown.digest if wish.shown else _ALL, **entry}],
    )
    found = _row(connection, int(identity))
    assert found is not None  # noqa: S101  the row was made in this transaction
    return found


def _rows(connection: Connection, state: str) -> list[Asked]:
    return [_asked(row) for row in connection.execute(select(ASKED).where(ASKED.c.state == state).order_by(ASKED.c.id))]


def _row(connection: Connection, identity: int) -> Asked | None:
    row = connection.execute(select(ASKED).where(ASKED.c.id == identity)).one_or_none()
    return _asked(row) if row else None


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        id=row.id,
        wish=Wish(
            job=row.job,
            scope=scope_of(row.what),
            by=row.by,
            reason=row.reason,
            shown=None if row.digest == _ALL else Shown(read_names(row.digest)),
            targets=read_names(row.targets),
            fresh=bool(row.fresh),
        ),
        asked=read_moment(row.asked),
        state=row.state,
        run=row.run,
        ended=read_moment(row.ended) if row.ended else None,
        exit_code=row.exit_code,
        said=row.said,
    )


def _is_same(one: Wish, other: Wish) -> bool:
    """Whoever asks, and whatever for: it is done once."""
    alike = (one.job, one.scope, one.targets, one.fresh) == (other.job, other.scope, other.targets, other.fresh)
    return alike and (one.shown is None or (other.shown is not None and one.shown.covers(other.shown)))

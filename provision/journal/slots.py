"""What of a schedule was done: one service claims a slot, and no other does it while that one lives."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, case, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from provision.core.slots import Turn
from provision.journal.codec import read_moment, write_moment
from provision.journal.processes import is_gone, this_process
from provision.journal.store import Store
from provision.journal.tables import SLOT

_BEGINNING: Final = "scheduled from here on"


@dataclass(frozen=True, slots=True)
class Slots:
    """Claims live for `seconds` unless renewed; that of a process on this host that is gone is over at once."""

    _store: Store = field(repr=False)

    def latest(self) -> dict[tuple[str, str], Turn]:
        """By job and kind, what was begun last; by a clock that was ahead only where there is nothing else."""
        past = case((SLOT.c.began <= self._store.now(), 1), else_=0)
        with self._store.read() as connection:
            rows = connection.execute(select(SLOT).order_by(past, SLOT.c.began, SLOT.c.slot))
            return {(row.job, row.kind): _turn(row, self._store.now()) for row in rows}

    def since(self, moment: datetime) -> list[Turn]:
        """What was not over by then, the latest begun first."""
        open_then = or_(SLOT.c.ended.is_(None), SLOT.c.ended >= write_moment(moment))
        with self._store.read() as connection:
            rows = connection.execute(select(SLOT).where(open_then).order_by(SLOT.c.began.desc()))
            return [_turn(row, self._store.now()) for row in rows]

    def turn(self, job: str, kind: str, slot: str) -> Turn | None:
        """What is recorded of one slot."""
        with self._store.read() as connection:
            return self.turn_within(connection, job, kind, slot)

    def turn_within(self, connection: Connection, job: str, kind: str, slot: str) -> Turn | None:
        """The same in the caller's transaction."""
        row = connection.execute(select(SLOT).where(_of(job, kind, slot))).one_or_none()
        return _turn(row, self._store.now()) if row else None

    def begin_after(self, job: str, kind: str, slot: str) -> None:
        """A schedule is new: what it would have wanted up to this slot is not made up for."""
        with self._store.write() as connection:
            if connection.execute(select(SLOT.c.slot).where(_of(job, kind, slot))).one_or_none() is None:
                done = {"ended": self._store.now(), "said": _BEGINNING, "attempts": 0}
                connection.execute(insert(SLOT), {**self._claimed(job, kind, slot, "", 0), **done})

    def claim(self, job: str, kind: str, slot: str, owner: str, seen: Turn | None, seconds: int) -> Turn | None:
        """The slot, as ours; None where somebody else took it since it was `seen` (None: nobody had)."""
        with self._store.write() as connection:
            taken = self.claim_within(connection, (job, kind, slot), owner, seen, seconds)
            return self.turn_within(connection, job, kind, slot) if taken else None

    def claim_within(
        self, connection: Connection, which: tuple[str, str, str], owner: str, seen: Turn | None, seconds: int
    ) -> bool:
        """Whether it is ours now, in the caller's transaction."""
        mine = {**self._claimed(*which, owner, seconds), "attempts": (seen.attempts if seen else 0) + 1}
        try:
            with connection.begin_nested():  # a refusal must not spoil what is around it
                if seen is None:  # of a new row PostgreSQL's driver counts nothing
                    connection.execute(insert(SLOT), mine)
                    return True
                return connection.execute(update(SLOT).where(_as(seen)).values(mine)).rowcount == 1
        except IntegrityError:
            return False

    def renew(self, mine: Turn, seconds: int) -> bool:
        """Whether the slot is still ours, for so long from now."""
        with self._store.write() as connection:
            ours = update(SLOT).where(_held(mine)).values(expires=self._expiry(seconds))
            return connection.execute(ours).rowcount == 1

    def finish(self, mine: Turn, exit_code: int, said: str, again: datetime | None) -> bool:
        """Whether it was still ours to say how it ended; `again` is when it is to be tried once more."""
        ended = {
            "ended": self._store.now(),
            "exit_code": exit_code,
            "said": said,
            "again": write_moment(again) if again else None,
        }
        with self._store.write() as connection:
            return connection.execute(update(SLOT).where(_held(mine)).values(ended)).rowcount == 1

    def _claimed(self, job: str, kind: str, slot: str, owner: str, seconds: int) -> dict[str, Any]:
        return {
            "job": job,
            "kind": kind,
            "slot": slot,
            "owner": owner,
            "host": this_process(),
            "pid": os.getpid(),
            "expires": self._expiry(seconds),
            "began": self._store.now(),
            "ended": None,
            "exit_code": None,
            "said": "",
            "again": None,
        }

    def _expiry(self, seconds: int) -> str:
        return write_moment(self._store.clock() + timedelta(seconds=seconds))


def _of(job: str, kind: str, slot: str) -> ColumnElement[bool]:
    return and_(SLOT.c.job == job, SLOT.c.kind == kind, SLOT.c.slot == slot)


def _as(seen: Turn) -> ColumnElement[bool]:
    """The row as it was seen: neither taken, renewed nor ended since."""
    ended = SLOT.c.ended.is_(None) if seen.ended is None else SLOT.c.ended == write_moment(seen.ended)
    same = and_(SLOT.c.owner == seen.owner, SLOT.c.attempts == seen.attempts)
    return and_(_of(seen.job, seen.kind, seen.slot), same, SLOT.c.expires == write_moment(seen.expires), ended)


def _held(mine: Turn) -> ColumnElement[bool]:
    ours = and_(SLOT.c.owner == mine.owner, SLOT.c.attempts == mine.attempts, SLOT.c.ended.is_(None))
    return and_(_of(mine.job, mine.kind, mine.slot), ours)


def _turn(row: Row[Any], now: str) -> Turn:
    return Turn(
        job=row.job,
        kind=row.kind,
        slot=row.slot,
        owner=row.owner,
        attempts=row.attempts,
        began=read_moment(row.began),
        expires=read_moment(row.expires),
        ended=read_moment(row.ended) if row.ended else None,
        exit_code=row.exit_code,
        said=row.said,
        again=read_moment(row.again) if row.again else None,
        lost=row.ended is None and (is_gone(row.host, row.pid) or row.expires <= now),
    )

"""How far what is at work has come, for whoever looks on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from provision.journal.codec import read_moment
from provision.journal.store import Store
from provision.journal.tables import PROGRESS


@dataclass(frozen=True, slots=True)
class Step:
    """What is being worked on, how much of it is done, of how much (0 where nobody knows), and when that was so."""

    work: str
    stage: str
    done: int
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    _store: Store = field(repr=False)

    def note(self, work: str, stage: str, done: int, total: int) -> None:
        """Replaces what was known of this work."""
        found: dict[str, Any] = {"stage": stage, "done": done, "total": total, "at": self._store.now()}
        with self._store.write() as connection:
            if not connection.execute(update(PROGRESS).where(PROGRESS.c.work == work).values(found)).rowcount:
                connection.execute(insert(PROGRESS), {"work": work, **found})

    def steps(self) -> dict[str, Step]:
        """Everything that is at work."""
        with self._store.read() as connection:
            rows = connection.execute(select(PROGRESS)).all()
        return {row.work: Step(row.work, row.stage, row.done, row.total, read_moment(row.at)) for row in rows}

    def forget(self, work: str) -> None:
        """It is over."""
        with self._store.write() as connection:
            connection.execute(delete(PROGRESS).where(PROGRESS.c.work == work))

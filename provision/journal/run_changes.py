"""What became of a run's changes: counted, and those that a target did not take."""

from dataclasses import dataclass, field

from sqlalchemy import func, select

from provision.core.outcome import Status
from provision.journal.changes import ChangeRow, read_change
from provision.journal.store import Store
from provision.journal.tables import CHANGE


@dataclass(frozen=True, slots=True)
class Tally:
    """So many changes of one kind at one target ended so."""

    target: str
    verb: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class RunChanges:
    _store: Store = field(repr=False)
    run: str

    def tallies(self) -> list[Tally]:
        """By target, kind of change and what became of it."""
        by = (CHANGE.c.target, CHANGE.c.verb, CHANGE.c.status)
        with self._store.read() as connection:
            counted = select(*by, func.count()).where(CHANGE.c.run == self.run).group_by(*by).order_by(*by)
            return [Tally(*row) for row in connection.execute(counted)]

    def refused(self, limit: int) -> list[ChangeRow]:
        """Those that were tried and are not done, in the order in which they were tried."""
        mine = select(CHANGE).where(CHANGE.c.run == self.run, CHANGE.c.status != str(Status.DONE))
        with self._store.read() as connection:
            return [read_change(row) for row in connection.execute(mine.order_by(CHANGE.c.id).limit(limit))]

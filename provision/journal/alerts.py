"""Which conditions were told to somebody, whose turn it is to tell, and when the audit chain was looked at last."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from provision.core.telling import Told
from provision.journal.codec import canonical, read_moment, write_moment
from provision.journal.runs import INTENDED, RUNNING
from provision.journal.store import Store
from provision.journal.tables import ALERT, CHANGE, META, RUN

_LONGEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What one look for conditions leaves for the next.

    `until` then nobody else is to tell. `undelivered` is by channel why nothing gets through. `verified` is when the
    whole audit chain was looked at last, `audit` where it broke.
    """

    until: datetime | None = None
    undelivered: Mapping[str, str] = field(default_factory=dict)
    verified: datetime | None = None
    audit: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What was told of one job; of several in one journal each has its own."""

    _store: Store
    job: str

    @property
    def _scope(self) -> str:
        """What the subjects of this job begin with; no file's name, hence no job's, has a slash."""
        return f"{self.job}/"

    @property
    def _watch(self) -> str:
        return f"watch {self.job}"

    def rows(self) -> list[Told]:
        """Which conditions hold, or were over a moment ago, and what was told of each."""
        with self._store.read() as connection:
            found = connection.execute(select(ALERT).order_by(ALERT.c.kind, ALERT.c.subject))
            return [_told(row, self._scope) for row in found if row.subject.startswith(self._scope)]

    def watch(self) -> Watch:
        """What the last look left."""
        with self._store.read() as connection:
            return _watch(connection, self._watch)

    def take_turn(self, now: datetime, seconds: int) -> Watch | None:
        """The right to tell for so long from now, with what the last look left; None while another has it."""
        with self._store.write() as connection:
            # Elsewhere than in SQLite two could read the same turn; this row makes them take turns.
            connection.execute(select(META.c.value).where(META.c.name == "key_check").with_for_update())
            found = _watch(connection, self._watch)
            # One that lies further off than any turn lasts was set by a clock that was wrong.
            if found.until and now < found.until <= now + _LONGEST:
                return None
            _leave(connection, self._watch, replace(found, until=now + timedelta(seconds=seconds)))
            return found

    def save(self, rows: Iterable[Told], left: Watch) -> None:
        """These are the conditions now, and what is left for the next look; whatever else was there is gone."""
        with self._store.write() as connection:
            connection.execute(delete(ALERT).where(ALERT.c.subject.startswith(self._scope, autoescape=True)))
            if written := [_row(each, self._scope) for each in rows]:
                connection.execute(insert(ALERT), written)
            _leave(connection, self._watch, left)

    def open_since(self) -> datetime | None:
        """When the oldest change was begun that has no answer yet."""
        running = select(RUN.c.id).where(RUN.c.status == RUNNING)
        oldest = select(func.min(CHANGE.c.intended)).where(CHANGE.c.run.in_(running), CHANGE.c.status == INTENDED)
        with self._store.read() as connection:
            return _moment(connection.scalar(oldest))


def _watch(connection: Connection, name: str) -> Watch:
    found = connection.scalar(select(META.c.value).where(META.c.name == name))
    said = json.loads(found) if found else {}
    return Watch(
        until=_moment(said.get("until")),
        undelivered=said.get("undelivered", {}),
        verified=_moment(said.get("verified")),
        audit=said.get("audit"),
    )


def _leave(connection: Connection, name: str, left: Watch) -> None:
    value = canonical(
        {
            "until": _written(left.until),
            "undelivered": dict(left.undelivered),
            "verified": _written(left.verified),
            "audit": left.audit,
        }
    )
    if connection.execute(update(META).where(META.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(META), {"name": name, "value": value})


def _told(row: Row[Any], scope: str) -> Told:
    return Told(
        what=row.kind,
        subject=row.subject.removeprefix(scope),
        since=read_moment(row.since),
        facts=json.loads(row.said),
        told=_moment(row.told),
        over=_moment(row.over),
        over_told=_moment(row.over_told),
    )


def _row(each: Told, scope: str) -> dict[str, Any]:
    return {
        "kind": each.what,
        "subject": f"{scope}{each.subject}",
        "since": write_moment(each.since),
        "said": canonical(dict(each.facts)),
        "told": _written(each.told),
        "over": _written(each.over),
        "over_told": _written(each.over_told),
    }


def _moment(text: str | None) -> datetime | None:
    return read_moment(text) if text else None


def _written(moment: datetime | None) -> str | None:
    return write_moment(moment) if moment else None

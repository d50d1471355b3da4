"""Erases what serves for a while only: sessions and begun logins, what was scheduled, told and noted on the way."""

from collections import Counter

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, or_

from provision.journal.tables import ALERT, ASKED, PROGRESS, SLOT, WEB_LOGIN, WEB_SESSION


def end(connection: Connection, runs: str, now: str) -> Counter[str]:
    """Takes out what is over: sessions and logins as soon as that is so, the rest as the runs that it was for.

    Of each kind of scheduled work the last slot stays.
    """
    return Counter(
        {
            "sessions": _gone(connection, WEB_SESSION, or_(WEB_SESSION.c.ended.is_not(None), _over(WEB_SESSION, now))),
            "logins": _gone(connection, WEB_LOGIN, _over(WEB_LOGIN, now)),
            "requests": _gone(connection, ASKED, ASKED.c.asked < runs),
            "slots": _gone(connection, SLOT, and_(SLOT.c.began < runs, _followed())),
            "progress": _gone(connection, PROGRESS, PROGRESS.c.at < runs),
            "alerts": _gone(connection, ALERT, ALERT.c.over < runs),
        }
    )


def _over(table: Table, now: str) -> ColumnElement[bool]:
    return table.c.expires <= now


def _followed() -> ColumnElement[bool]:
    """Whether a later slot of the same kind was begun."""
    later = SLOT.alias("later")
    after = or_(later.c.began > SLOT.c.began, and_(later.c.began == SLOT.c.began, later.c.slot > SLOT.c.slot))
    return exists().where(later.c.job == SLOT.c.job, later.c.kind == SLOT.c.kind, after)


def _gone(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount

"""Logins to the pages. Of what a browser holds only hashes are stored, so that the journal opens no session."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from provision.journal import audit
from provision.journal.codec import canonical, read_moment, write_moment
from provision.journal.store import Store
from provision.journal.tables import WEB_LOGIN, WEB_SESSION

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=8)
# That somebody is there is noted no more often, so that reading a page is no write.
_NOTED: Final = timedelta(minutes=1)
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class WebSession:
    """`id` names it to IT; `claims` is what the login proved, `csrf` what every form of it carries."""

    id: str
    issuer: str
    subject: str
    person: str
    claims: Mapping[str, Any] = field(repr=False)
    csrf: str = field(repr=False)
    began: datetime
    seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class WebSessions:
    _store: Store

    def begin(self, issuer: str, subject: str, person: str, claims: Mapping[str, Any]) -> str:
        """A new session; what its browser is to hold. What is over is forgotten."""
        token, now = secrets.token_urlsafe(_BYTES), self._store.clock()
        row = {
            "hash": self._hash(token),
            "issuer": issuer,
            "subject": subject,
            "person": person,
            "claims": canonical(claims),
            "csrf": secrets.token_urlsafe(_BYTES),
            "began": write_moment(now),
            "seen": write_moment(now),
            "expires": write_moment(now + ABSOLUTE),
        }
        with self._store.write() as connection:
            _forget(connection, now)
            connection.execute(insert(WEB_SESSION), row)
            self._note(connection, "login", row["hash"], person)
        return token

    def find(self, token: str) -> WebSession | None:
        """The session that a browser holds, if it lives; that it was used is noted."""
        now, hashed = self._store.clock(), self._hash(token)
        with self._store.read() as connection:
            row = connection.execute(select(WEB_SESSION).where(_lives(hashed, now))).first()
        if row is None:
            return None
        if now - read_moment(row.seen) >= _NOTED:
            with self._store.write() as connection:
                noted = update(WEB_SESSION).where(_lives(hashed, now)).values(seen=write_moment(now))
                connection.execute(noted)
        return _session(row)

    def living(self) -> list[WebSession]:
        """The latest first."""
        now = self._store.clock()
        wanted = select(WEB_SESSION).where(_alive(now)).order_by(WEB_SESSION.c.began.desc())
        with self._store.read() as connection:
            return [_session(row) for row in connection.execute(wanted)]

    def end(self, session: str, by: str) -> bool:
        """The session with this id is over; False where there is none."""
        with self._store.write() as connection:
            living = WEB_SESSION.c.hash.startswith(session, autoescape=True)
            ids = connection.scalars(select(WEB_SESSION.c.hash).where(living, WEB_SESSION.c.ended.is_(None))).all()
            if len(session) != _SHOWN or len(ids) != 1:
                return False
            connection.execute(update(WEB_SESSION).where(WEB_SESSION.c.hash == ids[0]).values(ended=self._store.now()))
            self._note(connection, "logout", ids[0], by)
        return True

    # Logins that were begun

    def begin_login(self, content: Mapping[str, Any], lives: timedelta) -> str:
        """Keeps `content` for once; what fetches it."""
        token, now = secrets.token_urlsafe(_BYTES), self._store.clock()
        row = {"hash": self._hash(token), "content": canonical(content), "expires": write_moment(now + lives)}
        with self._store.write() as connection:
            connection.execute(delete(WEB_LOGIN).where(WEB_LOGIN.c.expires <= write_moment(now)))
            connection.execute(insert(WEB_LOGIN), row)
        return token

    def take_login(self, token: str) -> Mapping[str, Any] | None:
        """What was kept under it, once and in time."""
        here = WEB_LOGIN.c.hash == self._hash(token)
        with self._store.write() as connection:
            row = connection.execute(select(WEB_LOGIN).where(here)).first()
            taken = connection.execute(delete(WEB_LOGIN).where(here)).rowcount
        in_time = row is not None and taken == 1 and row.expires > write_moment(self._store.clock())
        found: Mapping[str, Any] | None = json.loads(row.content) if row is not None and in_time else None
        return found

    def _hash(self, token: str) -> str:
        return blake2b(token.encode(), key=self._store.secret[:64], digest_size=32, person=b"session").hexdigest()

    def _note(self, connection: Connection, event: str, hashed: str, by: str) -> None:
        audit.append(connection, self._store, [{"event": event, "session": hashed[:_SHOWN], "by": by}])


# Of a hash as much as tells sessions apart, and opens none.
_SHOWN: Final = 12


def _alive(now: datetime) -> Any:
    since, moment = write_moment(now - IDLE), write_moment(now)
    return and_(WEB_SESSION.c.ended.is_(None), WEB_SESSION.c.expires > moment, WEB_SESSION.c.seen > since)


def _lives(hashed: str, now: datetime) -> Any:
    return and_(WEB_SESSION.c.hash == hashed, _alive(now))


def _forget(connection: Connection, now: datetime) -> None:
    """Sessions that ended a day ago hold names of logins that nothing needs."""
    over = write_moment(now - timedelta(days=1))
    connection.execute(delete(WEB_SESSION).where(WEB_SESSION.c.expires <= over))


def _session(row: Row[Any]) -> WebSession:
    return WebSession(
        id=row.hash[:_SHOWN],
        issuer=row.issuer,
        subject=row.subject,
        person=row.person,
        claims=json.loads(row.claims),
        csrf=row.csrf,
        began=read_moment(row.began),
        seen=read_moment(row.seen),
        expires=read_moment(row.expires),
    )

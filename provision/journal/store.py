"""The database under the journal: how it is opened, read and written, and what its faults mean to a person."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from provision.errors import ConfigurationError, JournalError
from provision.journal.codec import write_moment

BUSY_SECONDS: Final = 30

# What SQLite (the start of its error name) or PostgreSQL (that of its SQLSTATE) says, and what whoever runs us can do.
_ADVICE: Final = (
    ("SQLITE_FULL", "the disk is full; free some space and run again"),
    ("SQLITE_BUSY", "another program has it locked; close that program (a database browser, a backup) and run again"),
    ("SQLITE_LOCKED", "another program has it locked; close that program (a database browser, a backup) and run again"),
    ("SQLITE_READONLY", "it may not be written; give the user who runs this write permission to it and its folder"),
    ("SQLITE_PERM", "it may not be written; give the user who runs this write permission to it and its folder"),
    ("SQLITE_CANTOPEN", "it cannot be opened; check that its folder exists and may be written"),
    ("SQLITE_IOERR", "the disk refuses to read or write, being full or failing; mend that and run again"),
    ("SQLITE_CORRUPT", "the file is damaged; put the latest backup in its place"),
    ("SQLITE_NOTADB", "the file is not a journal, or is damaged; put the latest backup in its place or name another"),
    ("SQLITE_CONSTRAINT", "what is to be recorded contradicts what is recorded already"),
    ("23", "what is to be recorded contradicts what is recorded already"),
    ("53100", "the server's disk is full; free some space and run again"),
    ("53", "the server has no more connections or memory for us; give it more, or run again later"),
    ("55P03", "another program has it locked; close that program (a database client, a backup) and run again"),
    ("25P03", "the server ended a transaction that stood still for too long; run again"),
    ("25006", "it may not be written, being a standby or set to read only; name the server that may"),
    ("42501", "it may not be written; let the user in the address own the database"),
    ("57P", "the server was stopped or is starting; run again when it is up"),
    ("XX001", "the database is damaged; put the latest backup in its place"),
)
# Seconds, and milliseconds, until the driver gives up a server that does not answer.
_PATIENCE: Final = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 60_000}
# So long PostgreSQL lets us wait for a turn, and stand still in the middle of one.
_LIMITS: Final = {"lock_timeout": BUSY_SECONDS, "idle_in_transaction_session_timeout": 120}
# The number under which those who write wait for each other, each database for itself.
_TURN: Final = 6_018_115


@dataclass(frozen=True, slots=True)
class Store:
    """One open database. `file` is None where a server keeps it; `place` names it in messages, without password."""

    engine: Engine
    place: str
    file: Path | None
    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view. Raises JournalError."""
        with self._spoken(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: everything in it is committed at the end, or nothing. Raises JournalError."""
        with self._spoken(), self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """No transaction, for what may be in none. Raises JournalError."""
        with self._spoken(), self.engine.execution_options(alone=True).connect() as connection:
            yield connection

    def now(self) -> str:
        return write_moment(self.clock())

    def today(self) -> date:
        return self.clock().date()

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            # Not chained: a server's own message may hold the values of the statement.
            raise JournalError(f"journal {self.place}: {advice(error)}") from None


def advice(error: DBAPIError) -> str:
    """What happened and what to do, without the values of the statement."""
    cause = error.orig
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    for start, text in _ADVICE:
        if name.startswith(start):
            return text
    return f"the database refused ({name or type(cause).__name__}); see that it is up and let us in, then run again"


def connect(url: str, secret: bytes, clock: Callable[[], datetime]) -> Store:
    """A store that has opened nothing yet, save that a missing SQLite file was made, for its owner only."""
    address = _address(url)
    place = address.render_as_string(hide_password=True)
    if address.get_backend_name() != "sqlite":
        return Store(_on_a_server(address, place), place, None, secret, clock)
    if not address.database or address.database == ":memory:":
        raise ConfigurationError([f"journal {place}: a file is needed, as in sqlite:////srv/site/var/journal.db"])
    file = Path(address.database)
    _make_private(file)
    engine = _engine(address, place)
    _configure_sqlite(engine, keep_timeout="timeout" in address.query)
    return Store(engine, str(file), file, secret, clock)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        fault = "the journal's address is no database URL; write sqlite:////srv/site/var/journal.db"
        raise ConfigurationError([fault]) from None
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _engine(address: URL, place: str, **options: Any) -> Engine:
    try:
        return create_engine(address, hide_parameters=True, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        missing = f"journal {place}: its driver is not installed ({error})"
        if address.get_backend_name() == "postgresql":
            missing += '; for PostgreSQL install the extra "postgres" (psycopg)'
        raise ConfigurationError([missing]) from None


def _on_a_server(address: URL, place: str) -> Engine:
    if address.get_backend_name() != "postgresql":
        return _engine(address, place)
    # A server that went away without a word is noticed, and one that was restarted meanwhile is not.
    given = {name: value for name, value in _PATIENCE.items() if name not in address.query}
    engine = _engine(address, place, pool_pre_ping=True, connect_args=given)
    _configure_postgresql(engine, str(address.query.get("options", "")))
    return engine


def _make_private(file: Path) -> None:
    """One that is there is not opened: closing it would end the locks of whoever in this process has it open.

    Another process that closed it then would take the write-ahead log away from under them.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(file, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        file.chmod(0o600)
    except OSError as error:
        raise JournalError(f"journal {file}: it cannot be made or opened for writing ({error.strerror})") from None


def _configure_sqlite(engine: Engine, *, keep_timeout: bool) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes late and is deferred: a read that turns into a write then fails at once.
        connection.isolation_level = None
        if not keep_timeout:
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("alone", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")


def _configure_postgresql(engine: Engine, options: str) -> None:
    # In each transaction, since a pooler may give each another session. What the address names stays as it says.
    limits = [f"SET LOCAL {name} = '{seconds}s'" for name, seconds in _LIMITS.items() if name not in options]

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return
        for limit in limits:
            connection.exec_driver_sql(limit)
        # As in SQLite one writes at a time: what a transaction has read stays true until it has written.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")

"""Journals for tests: in a folder of the test, with a clock that stands still until it is set."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import create_engine, text

from provision.core.guard import Hold
from provision.journal import Journal, Lease, open_journal
from tests.servers.postgres import Postgres

SECRET: Final = b"not a secret, only long enough: 32"
NIGHT: Final = date(2026, 11, 23)
REPOSITORY: Final = Path(__file__).parents[2]

# The test runs twice: with its journals in files, and on a server.
on_both: Final = pytest.mark.usefixtures("either_kind")

# What a journal in another process starts with; it then says "ready" and goes on when told.
PRELUDE: Final = """
import sys
from datetime import UTC, date, datetime
from provision.journal import open_journal
from tests import builders
def pause():
    print("ready", flush=True)
    sys.stdin.readline()
journal = open_journal(sys.argv[1], sys.argv[2].encode(), lambda: datetime(2026, 11, 23, 0, 15, tzinfo=UTC))
"""


@dataclass(slots=True)
class Clock:
    now: datetime = field(default=datetime(2026, 11, 23, 0, 15, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **amount: int) -> None:
        self.now += timedelta(**amount)


@dataclass(frozen=True, slots=True)
class Served:
    """The database that stands in for the file of a folder."""

    server: Postgres
    database: str

    @property
    def url(self) -> str:
        return self.server.url(self.database, lock_timeout="200")


_served: Final[dict[Path, Served]] = {}


@contextmanager
def on_a_server(folder: Path, server: Postgres, template: str) -> Iterator[Served]:
    """Meanwhile the journal of this folder is a database with what is in the template."""
    _served[folder] = Served(server, server.new(template))
    try:
        yield _served[folder]
    finally:
        server.drop(_served.pop(folder).database)


def url(folder: Path) -> str:
    served = _served.get(folder)
    return served.url if served else f"sqlite:///{folder}/var/journal.db?timeout=0.2"


def database(folder: Path) -> Path:
    assert folder not in _served, "this journal is no file"
    return folder / "var" / "journal.db"


def written(folder: Path) -> bytes:
    """All that the journal stores, as somebody finds it who has its files or a copy."""
    if served := _served.get(folder):
        return served.server.dump(served.database)
    return b"".join(file.read_bytes() for file in database(folder).parent.iterdir())


def execute(folder: Path, *statements: str, **values: str) -> int:
    """As somebody who is not the program; how many rows they touched."""
    engine = create_engine(url(folder))
    try:
        with engine.begin() as connection:
            return sum(connection.execute(text(each), values).rowcount for each in statements)
    finally:
        engine.dispose()


@cache
def _template() -> Path:
    """A new journal, made once: to make one takes longer than most tests."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    open_journal(url(folder), SECRET, Clock()).close()
    return database(folder)


def opened(folder: Path, clock: Clock | None = None) -> Journal:
    """The journal of this folder; a new one where there is none."""
    if folder not in _served and not database(folder).parent.exists():
        database(folder).parent.mkdir(parents=True)
        shutil.copy(_template(), database(folder))
    return open_journal(url(folder), SECRET, clock or Clock(), frozenset({"norEduPersonNIN", "favouriteColour"}))


def begun(journal: Journal, lease: Lease, day: date = NIGHT) -> str:
    return journal.begin("nightly", "run", day, lease)


def a_hold(digest: str = "0a1b2c3d4e5f", *, org: str = "974588145", loss: str = "disable account") -> Hold:
    return Hold("feide", org, loss, 212, 6, 545, digest, frozenset({f"{digest}-1", f"{digest}-2"}), ("account:p1",))


@contextmanager
def another_process(folder: Path, code: str, address: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process with a journal of its own, running `code`; it has said "ready" and waits. Killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, address or url(folder), SECRET.decode()],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()

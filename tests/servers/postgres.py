"""A real PostgreSQL for tests: an ordinary process on a Unix socket, in its own folder, that sorts as Norwegians do."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import psycopg
from sqlalchemy import URL

from tests.servers.lacking import leave_out

READY_WITHIN: Final = 20.0
OWNER: Final = "postgres"
# Nothing here outlives its test, so nothing need reach a disk.
SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
}


@cache
def programs() -> Path | None:
    """The folder of initdb, postgres and pg_dump, of the newest version; None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((each.parent for each in versions), key=lambda folder: float(folder.parent.name), default=None)


def require_postgres() -> Path:
    """Where its programs are; leaves the test out where there are none."""
    return programs() or leave_out("PostgreSQL is not installed (apt install postgresql)")


class Postgres:
    """One server. `start` returns when it answers; every end is by process id, and the folder goes with it."""

    def __init__(self) -> None:
        self._programs = require_postgres()
        # Short, as a socket's path must be, and not below a folder that is root's alone.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._numbers = count(1)
        self._server: subprocess.Popen[bytes] | None = None
        # The server refuses to run as root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = _somebody()
            self._user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
            os.chown(self.folder, who.pw_uid, who.pw_gid)

    def __enter__(self) -> Self:
        try:
            self._run("initdb", "-D", "cluster", "-U", OWNER, "-E", "UTF8", "-A", "trust", "--no-sync", *_sorting())
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def pid(self) -> int:
        assert self._server is not None, "PostgreSQL is not running"
        return self._server.pid

    def url(self, database: str, **options: str) -> str:
        """How a journal gets to this database; `options` are settings of its sessions, such as lock_timeout."""
        query = {"host": str(self.folder)}
        if options:
            query["options"] = " ".join(f"-c {name}={value}" for name, value in options.items())
        return URL.create("postgresql+psycopg", OWNER, database=database, query=query).render_as_string()

    def start(self) -> None:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        command = [self._programs / "postgres", "-D", "cluster", "-k", self.folder, *settings]
        with (self.folder / "postgres.log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._user)
        self._wait_until_ready(self._server)

    def stop(self) -> None:
        """As an administrator does it: transactions at work are rolled back, connections cut."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """As after a power cut: nothing is written any more, and the next start recovers."""
        self._end(signal.SIGQUIT)

    def new(self, template: str = "template1") -> str:
        """A database of its own, with what is in the other one."""
        name = f"journal{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE {database} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """As the server's owner, in no transaction."""
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def dump(self, database: str) -> bytes:
        """As pg_dump writes it, save for the random words by which newer ones fence in what psql may do with it."""
        dumped = self._run("pg_dump", "-h", str(self.folder), "-U", OWNER, database)
        return re.sub(rb"(?m)^\\(un)?restrict .*$", b"", dumped)

    def restore(self, dumped: bytes) -> str:
        """A new database with what pg_dump wrote."""
        name = self.new("template0")
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", OWNER, name, given=dumped)
        return name

    def _run(self, program: str, *arguments: str, given: bytes = b"") -> bytes:
        command = [self._programs / program, *arguments]
        done = subprocess.run(command, cwd=self.folder, input=given, capture_output=True, check=False, **self._user)
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}"
        return done.stdout

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(how)
            try:
                self._server.wait(READY_WITHIN)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._server = None

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            assert server.poll() is None, f"PostgreSQL ended: {(self.folder / 'postgres.log').read_text()}"
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.02)
            else:
                return


def _somebody() -> pwd.struct_passwd:
    """Who is not root."""
    try:
        return pwd.getpwnam(OWNER)
    except KeyError:
        return pwd.getpwnam("nobody")


def _sorting() -> list[str]:
    """In an order that is not that of bytes, so that whatever leans on that one shows."""
    return ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=nb-NO"]

"""A real OpenLDAP server for tests: an ordinary process on a free loopback port, with its own temporary folder."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import ldap3
import pytest

from provision.directory import DirectorySettings
from tests.servers.lacking import leave_out
from tests.servers.slapd_config import POLICY_DN, SECRET, SERVICE_DN, SUFFIX, SlapdOptions, base, config, system

__all__ = ["SUFFIX", "Slapd", "SlapdOptions", "require_slapd"]

BINARY = shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec")
READY_WITHIN = 10.0

Entries = dict[str, dict[str, frozenset[str]]]


def require_slapd() -> None:
    """Leave the test out where there is no slapd."""
    if BINARY is None or shutil.which("ldapmodify") is None:
        leave_out("slapd and ldap-utils are not installed (apt install slapd ldap-utils)")


class Slapd:
    """One server. `start` returns when it answers; every end is by process id."""

    def __init__(self, folder: Path, options: SlapdOptions | None = None) -> None:
        require_slapd()
        self.options = options or SlapdOptions()
        self.folder = folder
        self.suffix = self.options.suffix
        self.root_dn = self.options.root_dn
        self.service_dn = SERVICE_DN
        self.policy_dn = POLICY_DN
        self.password = SECRET
        self.port, self.tls_port = _free_ports()
        self._server: subprocess.Popen[bytes] | None = None
        self._configure()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://localhost:{self.tls_port}"

    def settings(self, **other: Any) -> DirectorySettings:
        """How the service account gets here; with short times, since nothing is far away."""
        ordinary = DirectorySettings(self.url, self.service_dn, self.password, timeout=5.0, retry_for=2.0)
        return replace(ordinary, **other)

    @property
    def pid(self) -> int:
        assert self._server is not None, "slapd is not running"
        return self._server.pid

    def start(self) -> None:
        assert self._server is None or self._server.poll() is not None, f"slapd {self.pid} is running already"
        urls = f"ldap://127.0.0.1:{self.port}/"
        if self.options.certificate:
            urls += f" ldaps://localhost:{self.tls_port}/"
        command = [str(BINARY), "-F", str(self.folder / "config"), "-h", urls, "-d", "0"]
        with (self.folder / "slapd.log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_until_ready(self._server)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop it where it stands; by then none of its threads is at work any more."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def admin(self) -> AbstractContextManager[ldap3.Connection]:
        """A connection that may do everything below the suffix."""
        return self._connection(self.root_dn)

    def can_log_in(self, dn: str, password: str) -> bool:
        """Whether a simple bind with this password succeeds: what a login at Feide comes down to."""
        connection = ldap3.Connection(_server(self.url), dn, password.encode(), client_strategy=ldap3.SYNC)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def entries(self, base: str = "", attributes: Iterable[str] = ("*",)) -> Entries:
        """What the server holds at and below `base`, user attributes by default."""
        with self.admin() as connection:
            connection.search(base or self.suffix, "(objectClass=*)", attributes=list(attributes), paged_size=None)
            result, response = connection.result, connection.response
        assert result["result"] in (0, 32), result["description"]
        return {
            item["raw_dn"].decode(): {
                name: frozenset(value.decode("utf-8", "backslashreplace") for value in values)
                for name, values in item["raw_attributes"].items()
            }
            for item in response
            if item["type"] == "searchResEntry"
        }

    def add(self, dn: str, attributes: Mapping[str, str | list[str]]) -> None:
        """What somebody else puts there."""
        with self.admin() as connection:
            connection.add(dn, attributes=dict(attributes))

    def modify(self, dn: str, changes: Mapping[str, tuple[str, list[str]]]) -> None:
        """What somebody else changes there: {attribute: ("MODIFY_REPLACE", values)}."""
        with self.admin() as connection:
            connection.modify(dn, {name: [change] for name, change in changes.items()})

    def delete(self, dn: str) -> None:
        with self.admin() as connection:
            connection.delete(dn)

    def read_only(self, *, on: bool) -> None:
        """The database takes no writes, as while a backup runs or on a replica."""
        with self._connection("cn=config") as connection:
            change = [("MODIFY_REPLACE", ["TRUE" if on else "FALSE"])]
            connection.modify("olcDatabase={2}mdb,cn=config", {"olcReadOnly": change})

    def allow_reading(self, dn: str) -> None:
        """From now on this account may read everything but passwords."""
        rule = f'{{1}}to * by dn.exact="{self.service_dn}" write by dn.exact="{dn}" read by * none'
        with self._connection("cn=config") as connection:
            connection.modify("olcDatabase={2}mdb,cn=config", {"olcAccess": [("MODIFY_DELETE", ["{1}"])]})
            connection.modify("olcDatabase={2}mdb,cn=config", {"olcAccess": [("MODIFY_ADD", [rule])]})

    def ldapmodify(self, ldif: Path) -> None:
        """Give change records to OpenLDAP's own tool, as the root DN; fails with its message when it refuses one."""
        command = ["ldapmodify", "-x", "-H", self.url, "-D", self.root_dn, "-w", SECRET, "-f", str(ldif)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"ldapmodify: {done.stderr}"

    @contextmanager
    def _connection(self, dn: str) -> Iterator[ldap3.Connection]:
        connection = ldap3.Connection(
            _server(self.url),
            dn,
            SECRET,
            auto_bind="NO_TLS",
            client_strategy=ldap3.SYNC,
            raise_exceptions=True,
            check_names=False,
            return_empty_attributes=False,
        )
        try:
            yield connection
        finally:
            connection.unbind()

    def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        if self._server.poll() is None:
            self._server.send_signal(how)
            self._server.send_signal(signal.SIGCONT)  # a stopped process cannot end
            self._server.wait(READY_WITHIN)
        self._server = None

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert server.poll() is None, f"slapd ended: {(self.folder / 'slapd.log').read_text()}"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        self.kill()
        pytest.fail(f"slapd did not answer within {READY_WITHIN} s")

    def _configure(self) -> None:
        for name in ("config", "system", "data"):
            (self.folder / name).mkdir(parents=True)
        self._load(0, config(self.options, self.folder))
        self._load(1, system(self.options))
        if self.options.base_entry:
            self._load(2, base(self.suffix))

    def _load(self, database: int, ldif: str) -> None:
        path = self.folder / f"{database}.ldif"
        path.write_text(ldif)
        # slapadd is a name of slapd itself; -q leaves out checks that only matter to data that has to last
        command = [str(BINARY), "-T", "add", "-n", str(database), "-F", str(self.folder / "config"), "-l", str(path)]
        done = subprocess.run([*command, "-q"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"slapadd: {done.stderr}"


def _server(url: str) -> ldap3.Server:
    return ldap3.Server(url, get_info="NO_INFO", connect_timeout=READY_WITHIN)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]

"""Services that are listened to and killed, and the directories that their nights fill."""

import os
import queue
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Final

from ldap3.core.exceptions import LDAPException

from provision.wiring import open_journal_of, open_place
from tests.app.directories import OnServer
from tests.app.sites import Held, Site, call, copy, on_ldap
from tests.servers.slapd import Slapd, SlapdOptions
from tests.servers.waits import Waits, impatient
from tests.service.benches import scheduled

WITHIN: Final = 60.0
# What is another each time: made by chance, or by the clock.
ANOTHER: Final = frozenset({"userPassword", "entryUUID"})


@dataclass
class Heard:
    """What a service says, as it says it."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _said: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with suppress(ValueError):  # closed under us once it is dead
            for line in self.process.stderr:
                self._said.put(line)

    def so_far(self) -> list[str]:
        """Every line until now."""
        while not self._said.empty():
            self.lines.append(self._said.get())
        return self.lines

    def steps(self) -> int:
        """How many of its own the run has told."""
        return sum(" nightly/sync/" in line and "INFO" in line for line in self.so_far())

    def must_not_say(self, text: str) -> None:
        """Fails where it has said so by now; a moment passes."""
        assert not [line for line in self.so_far() if text in line], "".join(self.lines)
        time.sleep(0.01)

    def wait_for(self, text: str) -> str:
        """The first line with this text."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            if found := next((line for line in self.so_far() if text in line), ""):
                return found
            time.sleep(0.01)
        raise AssertionError("".join(self.lines))


def begun_by(parent: int) -> list[int]:
    """The processes that this one began and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, _, rest = stat.read_text().partition(" (")
            state, ppid = rest.rpartition(") ")[2].split()[:2]
            if int(ppid) == parent and state != "Z":
                found.append(int(pid))
    return found


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + WITHIN
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill(process: subprocess.Popen[str], *, with_its_command: bool) -> None:
    """Kill -9; the command that it had begun goes with it, or is told by the kernel to leave."""
    children = begun_by(process.pid)
    process.kill()
    for pid in children if with_its_command else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(30)
    wait_until_gone(children)


def missed_night(folder: Path, pupils: int) -> Site:
    """A new site before its first night, which was missed."""
    assert call("sample", str(folder), "--pupils", str(pupils), "--schools", "2", "--json").code == 0
    scheduled(folder, 'sync = "0 1 * * *"')
    return Site(folder, (folder / "data" / "sis.xml").read_bytes())


def wanted_since_long(site: Site) -> None:
    """The service knows the schedule, and has not kept to it."""
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        journal.slots().begin_after("nightly", "sync", "2000-01-01T01:00")


@dataclass
class World:
    """A site and its directory."""

    site: Site
    slapd: Slapd

    def entries(self) -> Mapping[str, Held]:
        """What it holds, save for what no two directories share."""
        found = OnServer(self.slapd).entries()
        return {dn: {n: v for n, v in held.items() if n not in ANOTHER} for dn, held in found.items()}

    def count(self) -> int:
        """How many entries it holds by now."""
        try:
            return len(self.slapd.entries("", ("1.1",)))
        except LDAPException:
            return 0


@contextmanager
def directories(folder: Path, sites: Iterable[Site]) -> Iterator[list[World]]:
    """A copy of each site, with an empty directory of its own."""
    with impatient(Waits(timeout=5.0, retry_for=0.3)), ExitStack() as stack:
        made = []
        for number, site in enumerate(sites):
            slapd = stack.enter_context(Slapd(folder / f"slapd{number}", SlapdOptions(base_entry=False)))
            mine = copy(site, folder / f"site{number}")
            on_ldap(mine, slapd)
            made.append(World(mine, slapd))
        yield made

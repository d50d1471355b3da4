"""Fail-points: wherever a run touches the world outside its own memory, counted as it passes them."""

import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

import provision
from tests.servers.proxy import OPERATIONS, operations

BEFORE_COMMIT: Final = "before the commit"
AFTER_COMMIT: Final = "after the commit"
PRINT: Final = "print"
_NEXT: Final = ": next"
_SENT: Final = ": sent"
_ANSWERED: Final = ": answered"

RESERVE: Final = "reserve"
PLAN: Final = "plan"
APPLY: Final = "apply"
REPORT: Final = "report"
# Which of our functions are at work says how far the run has come; before and between these it is planning.
_PHASES: Final = {
    APPLY: {"_apply", "deliver", "carry_out"},
    RESERVE: {"reserve", "remember_id_changes"},
    REPORT: {"finish", "release"},
}

_PACKAGE: Final = str(Path(provision.__file__).parent) + os.sep
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What the interpreter tells of before it is done to a file, by where the file's name stands in what it tells.
_ON_FILES: Final = {"os.rename": ("put in place", 1), "os.link": ("link", 1)}
# How files are written and transactions made, which says nothing of why.
_MEANS: Final = ("files.py", "journal/store.py")
# What a server is asked without anything being different from before until it has answered.
_HARMLESS: Final = frozenset({"bind", "search", "unbind"})
_NAMES: Final = {tag: name for name, tag in OPERATIONS.items()}
# Files are named after runs and processes, which differ from one run to the next.
_VARIES: Final = re.compile(r"\d{8}-\d{4}-[0-9a-f]{4}|(?<=pepper-)\d+")


class Point(NamedTuple):
    """One fail-point: how many came before it, in which phase, what happens there, in which function of ours.

    `path` is of a file whose content is not yet on the disk.
    """

    number: int
    phase: str
    what: str
    where: str
    path: str = ""

    def __str__(self) -> str:
        return f"fail-point {self.number}, {self.phase}: {self.what} ({self.where})"

    def line(self) -> str:
        return json.dumps(self)

    @classmethod
    def of(cls, line: str) -> Self:
        return cls(*json.loads(line))

    @property
    def is_write(self) -> bool:
        """Whether a directory is about to be told to change something."""
        return self.what.endswith(_NEXT)

    @property
    def is_commit(self) -> bool:
        return self.what == BEFORE_COMMIT

    @property
    def was_sent(self) -> bool:
        """Whether it was just told."""
        return self.what.endswith(_SENT)

    @property
    def was_written(self) -> bool:
        """Whether a directory has just said that something is changed."""
        told, _, rest = self.what.partition(_ANSWERED)
        return not rest and self.what != told and told not in _HARMLESS

    def is_of_file(self, below: str) -> bool:
        """Whether a file below this folder is about to be made, kept or put in place."""
        return any(self.what.startswith(f"{verb} {below}") for verb in ("open", "flush", "put in place"))


Passing = Callable[..., None]  # what happens there, and the path


def watch(folder: Path, tell: Callable[[Point], None]) -> Passing:
    """From now on this process tells of every fail-point, without a way back: for children that are soon over.

    Of files those below the folder count. Returns what tells of further ones.
    """
    passing = _counter(tell)
    _watch_commits(passing)
    _watch_files(f"{folder}{os.sep}", passing)
    _watch_sockets(passing)
    return passing


def _counter(tell: Callable[[Point], None]) -> Passing:
    """Numbers what it is told of; whatever is done about a fail-point is itself none.

    Prints in a row are one, since nothing is different in the world between them.
    """
    passed = 0
    busy = False
    latest = ""

    def passing(what: str, path: str = "") -> None:
        nonlocal passed, busy, latest
        if busy or what == latest == PRINT:
            return
        busy, latest = True, what
        try:
            phase, where = _position(what)
            point = Point(passed, phase, _VARIES.sub("…", what), where, path)
            passed += 1
            tell(point)
        finally:
            busy = False

    return passing


def _position(what: str) -> tuple[str, str]:
    """The phase, and the innermost function of ours that knows what it is for."""
    ours = [(file.removeprefix(_PACKAGE), name) for file, name in _stack() if file.startswith(_PACKAGE)]
    names = {name for _, name in ours}
    phase = next((phase for phase, at_work in _PHASES.items() if names & at_work), REPORT if what == PRINT else PLAN)
    return phase, next((f"{file}, {name}" for file, name in ours if file not in _MEANS), "the command line")


def _stack() -> Iterator[tuple[str, str]]:
    """File and function, the innermost first."""
    frame = sys._getframe()
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_code.co_name
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop


def _watch_commits(passing: Passing) -> None:
    """Those of transactions that write; what only reads has nothing to lose."""
    really = DefaultDialect.do_commit
    writes = False

    @event.listens_for(Engine, "commit")
    def _before(connection: Connection) -> None:
        nonlocal writes
        writes = bool(connection.get_execution_options().get("writes"))

    def commit(self: DefaultDialect, connection: Any) -> None:
        if writes:
            passing(BEFORE_COMMIT)
        really(self, connection)
        if writes:
            passing(AFTER_COMMIT)

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]  # in a process of its own


def _watch_files(below: str, passing: Passing) -> None:
    def hook(name: str, given: tuple[Any, ...]) -> None:
        if name == "open" and given[2] & _WRITING and isinstance(given[0], str) and given[0].startswith(below):
            passing(f"open {given[0].removeprefix(below)}")
        elif name in _ON_FILES:
            verb, at = _ON_FILES[name]
            if (path := os.fsdecode(given[at])).startswith(below):
                passing(f"{verb} {path.removeprefix(below)}")

    really = os.fsync

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        passing(f"flush {str(path).removeprefix(below)}", str(path) if path.is_file() else "")
        really(descriptor)

    sys.addaudithook(hook)
    os.fsync = fsync  # type: ignore[assignment]  # in a process of its own


def _watch_sockets(passing: Passing) -> None:
    """What is asked of a directory server and what it answers, whatever client asks."""
    send, receive = socket.socket.sendall, socket.socket.recv
    asked: list[str] = []

    def sendall(self: socket.socket, octets: Any, *flags: int) -> None:
        names = [_NAMES.get(tag, "?") for tag in operations(bytes(octets))]
        told, changes = "+".join(names), not _HARMLESS.issuperset(names)
        if changes:
            passing(f"{told}{_NEXT}")
        send(self, octets, *flags)
        asked[:] = [told] if names != ["unbind"] else []
        if changes:
            passing(f"{told}{_SENT}")

    def recv(self: socket.socket, size: int, *flags: int) -> bytes:
        octets = receive(self, size, *flags)
        if octets and asked:
            passing(f"{asked.pop()}{_ANSWERED}")
        return octets

    socket.socket.sendall = sendall  # type: ignore[assignment,method-assign]  # in a process of its own
    socket.socket.recv = recv  # type: ignore[method-assign]  # in a process of its own

"""The command line in a child of this warm process, which tells of every fail-point and may be harmed at each."""

import io
import os
import select
import signal
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

import typer.main

import provision.cli.show_run  # noqa: F401  a warm process has it all
from provision.cli.main import main
from tests.crashes.points import PRINT, Point, watch
from tests.forks import fork
from tests.servers.waits import Waits, impatient

# Nor does it work out anew each time what the command line is, or where Python's libraries are.
typer.main.get_command = cache(typer.main.get_command)
sysconfig.get_paths = cache(sysconfig.get_paths)

WITHIN: Final = 60.0
IMPATIENT: Final = Waits()
_ASKS: Final = b"?"

Go = Callable[[], None]
# In the child, at a fail-point; the second argument asks the parent to act and waits until it says go.
Act = Callable[[Point, Go], None]
# In the parent, when asked; calls `go` itself where it has more to do after that.
Answer = Callable[[Point, Go], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code, or minus the signal that killed it; what it said, and what it passed."""

    code: int
    out: str
    err: str
    points: tuple[Point, ...]
    seconds: float


def nothing(_point: Point, _go: Go) -> None:
    """The child is left alone."""


def run_child(
    arguments: Sequence[str],
    site: Path,
    act: Act = nothing,
    answer: Answer = nothing,
    waits: Waits = IMPATIENT,
) -> Ended:
    """The command on this site, in a child; `act` is done there at each fail-point, `answer` here when asked."""
    began = time.monotonic()
    ours, theirs = zip(*(os.pipe() for _ in range(3)), strict=True)  # fail-points, standard output, standard error
    hearing, heard = os.pipe()
    child = fork()
    if child == 0:
        for end in (*ours, heard):
            os.close(end)
        _be_the_child((*arguments, "--site", str(site)), site, _Line(hearing, *theirs), act, waits)
    for end in (*theirs, hearing):
        os.close(end)
    talk = _Talk(ours[0], heard, answer)
    try:
        out, err = talk.listen(*ours[1:])
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        for end in (*ours, heard):
            os.close(end)
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, out, err, tuple(talk.points), time.monotonic() - began)


class _Talk:
    """The parent's end: hears everything that the child says until it ends, and answers."""

    def __init__(self, telling: int, heard: int, answer: Answer) -> None:
        self.points: list[Point] = []
        self._telling, self._heard, self._answer = telling, heard, answer
        self._rest = b""

    def listen(self, *others: int) -> list[str]:
        """What came out of the others."""
        said = {end: b"" for end in (self._telling, *others)}
        silent = set[int]()
        while open_ends := said.keys() - silent:
            ready, _, _ = select.select(list(open_ends), [], [], WITHIN)
            assert ready, f"the child has said nothing for {WITHIN} s since {self.points[-1:]}"
            for end in ready:
                if not (chunk := os.read(end, 1 << 16)):
                    silent.add(end)
                elif end == self._telling:
                    self._hear(chunk)
                else:
                    said[end] += chunk
        return [said[end].decode("utf-8", "replace") for end in others]

    def _hear(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if line == _ASKS:
                go = _once(self._go)
                self._answer(self.points[-1], go)
                go()
            else:
                self.points.append(Point.of(line.decode()))

    def _go(self) -> None:
        with suppress(BrokenPipeError):  # it may have been killed instead
            os.write(self._heard, b"!")


def _once(do: Go) -> Go:
    done: list[bool] = []

    def go() -> None:
        if not done:
            done.append(True)
            do()

    return go


@dataclass(frozen=True, slots=True)
class _Line:
    """The child's end. All of it are pipes: what is said gets out when no file can be written any more."""

    hearing: int
    telling: int
    out: int
    err: int

    def tell(self, point: Point) -> None:
        os.write(self.telling, point.line().encode() + b"\n")

    def ask(self) -> None:
        os.write(self.telling, _ASKS + b"\n")
        os.read(self.hearing, 1)


class _Report(io.TextIOWrapper):
    """Standard output whose prints are fail-points."""

    passing: Callable[[str], None]

    def write(self, text: str) -> int:
        self.passing(PRINT)
        written = super().write(text)
        self.flush()
        return written


def _be_the_child(arguments: Sequence[str], site: Path, line: _Line, act: Act, waits: Waits) -> NoReturn:
    code = -1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ours may be ignored
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

        def tell(point: Point) -> None:
            line.tell(point)
            act(point, line.ask)

        sys.stderr = os.fdopen(line.err, "w", encoding="utf-8", buffering=1)
        sys.stdout = _Report(os.fdopen(line.out, "wb", buffering=0), encoding="utf-8")
        sys.stdout.passing = watch(site, tell)
        sys.argv = ["provision", *arguments]
        with impatient(waits):
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)

"""Commands in processes of their own: begun, listened to, ended. What happens in one cannot take the service along."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import IO, Final

from provision.child import command
from provision.service.work import Work, summary

# In its environment: what a command notes its progress under.
WORK: Final = "PROVISION_WORK"
# What it is when it could not even be begun.
_NOT_BEGUN: Final = 1
_DIED: Final = 128

# What ended, with its exit code and what it said in a line; told from the command's own thread.
Ended = Callable[["Child", int, str], None]
Log = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """A command at work. Its thread begins it and lives as long: to Linux, the thread that began it is its parent."""

    work: Work
    log: Log = field(repr=False)
    ended: Ended = field(repr=False)
    command: Sequence[str] = field(default_factory=command, repr=False)
    thread: Thread | None = field(default=None, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _begun: Event = field(default_factory=Event, repr=False)

    def begin(self) -> None:
        self.thread = Thread(target=self._run, name=self.work.name)
        self.thread.start()
        self._begun.wait()

    def stop(self) -> None:
        """Asks it to leave; what it was at is finished by the next run."""
        if self._process:
            self._process.terminate()

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def join(self, seconds: float) -> None:
        """Waits until it has ended, but no longer."""
        if self.thread:
            self.thread.join(seconds)

    def _run(self) -> None:
        code, said = _NOT_BEGUN, ""
        try:
            with tempfile.TemporaryFile() as out:
                code = self._follow(out)
                out.seek(0)
                said = summary(out.read())
        except OSError as error:
            said = f"it could not be begun: {error.strerror}"
        finally:
            self._begun.set()
        self.ended(self, code if code >= 0 else _DIED - code, said)

    def _follow(self, out: IO[bytes]) -> int:
        """The exit code; what it writes to standard error goes to our log, line by line."""
        with subprocess.Popen(  # noqa: S603  our own command line, and no shell
            [*self.command, *self.work.arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            env={**os.environ, WORK: self.work.name},
            start_new_session=True,  # Ctrl-C at a terminal is for us, who then end what we began
        ) as process:
            self._process = process
            self._begun.set()
            with suppress(OSError, ValueError):
                for line in process.stderr or ():
                    self.log(f"{self.work.site.name} {self.work.name}: {line.decode('utf-8', 'replace').rstrip()}")
            return process.wait()

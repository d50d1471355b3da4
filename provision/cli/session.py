"""What every command needs: the site, its journal, a log, and progress for what takes longer than a second."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from loguru import logger

from provision import audit_heads
from provision.apply import Progress
from provision.cli.signals import LEAVING
from provision.cli.suggested import Here, completed
from provision.cli.terminal import here
from provision.errors import ConfigurationError, JournalError, ProvisionError
from provision.journal.journal import Journal
from provision.leaving import Leave
from provision.request import Mode, RunRequest
from provision.wiring import Asks, Place, clock, kept, open_journal_of, open_place, owner, pepper

_FORMAT: Final = "{time:YYYY-MM-DD HH:mm:ss} {level: <7} {extra[run]} {message}"
_SHOW_AFTER: Final = 1.0
# Set by the service: what the progress of a command that nobody watches is noted under, so that the pages see it.
WORK: Final = "PROVISION_WORK"
_NOTES: Final[ContextVar[Progress | None]] = ContextVar("notes", default=None)
# Modules whose warnings the report of a run repeats.
_TOLD_BY_THE_REPORT: Final[dict[str | None, str | int | bool]] = {"provision.run": False, "provision.delivery": False}


@contextmanager
def session(folder: Path, job: str, asks: Asks = Asks.NIGHT, *, log: bool = False) -> Iterator[tuple[Place, Journal]]:
    """The site and its journal. With `log`, the steps go to var/log and, where nobody watches, to standard error.

    Warnings always go to standard error.
    """
    place = open_place(folder, job, asks)
    logger.remove()
    logger.configure(extra={"run": "-"})
    if log:
        _open_log(place)
    steps = log and not sys.stderr.isatty()
    logger.add(
        partial(_say, here(place)),
        format=_FORMAT if steps else "provision: {message}",
        level="INFO" if steps else "WARNING",
        filter=None if steps else _TOLD_BY_THE_REPORT,
        diagnose=False,
        backtrace=False,
        colorize=False,
    )
    with open_journal_of(place) as journal:
        noted = _NOTES.set(_noting(journal))
        try:
            yield place, journal
        except (ProvisionError, Leave) as error:
            _complete(error, here(place))
            raise
        finally:
            _NOTES.reset(noted)
            if log:
                _keep_head(place, journal)


def _noting(journal: Journal) -> Progress | None:
    """Notes progress, at most once a second; that it cannot be noted stops nothing."""
    work, last = os.environ.get(WORK, ""), 0.0

    def note(what: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SHOW_AFTER:
            last = time.monotonic()
            with suppress(JournalError):
                journal.progress().note(work, what, done, total)

    return note if work else None


def _keep_head(place: Place, journal: Journal) -> None:
    """What is done is done, whether its end can be kept elsewhere or not."""
    path = audit_heads.file_of(place)
    try:
        if path:
            audit_heads.keep(path, journal.audit_head(), clock().date())
    except (OSError, JournalError) as error:
        why = error.strerror if isinstance(error, OSError) else "the journal cannot say it"
        logger.warning("the audit chain's end is not kept in {}: {}; see `provision doctor`", path, why)


def _complete(error: ProvisionError | Leave, here: Here) -> None:
    """Whatever an error suggests means this site and job."""
    error.args = (completed(str(error), here),)
    if isinstance(error, ConfigurationError):
        error.faults = tuple(completed(fault, here) for fault in error.faults)
    if notes := getattr(error, "__notes__", None):
        error.__notes__ = [completed(note, here) for note in notes]


def _open_log(place: Place) -> None:
    """One line a step, ids only, for machines."""
    from provision.cli.log_file import LogFile

    logger.add(
        LogFile(place.folder / "var" / "log"), format="{message}", serialize=True, diagnose=False, backtrace=False
    )


def _say(here: Here, line: str) -> None:
    # Looked up anew each time: a progress bar stands in for it, and keeps itself below what is said.
    sys.stderr.write(completed(line, here))


def request(place: Place, mode: Mode, day: date, bar: "Bar") -> RunRequest:
    kept_there = kept(place)
    return RunRequest(place.job_name, mode, day, owner(), clock, pepper(place), kept_there, bar, leaving=LEAVING)


class Bar:
    """A progress bar on standard error, on a terminal only, and only once something has taken a second.

    What the service has begun notes its progress in the journal instead.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._progress: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if note := _NOTES.get():
            note(what, done, total)
        if not sys.stderr.isatty() or time.monotonic() - self._began < _SHOW_AFTER:
            return
        if self._progress is None:
            self._progress = _new_progress()
            self._progress.start()
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self._progress.add_task(what, total=total or None)
        self._progress.update(task, completed=done, total=total or None)

    def reading(self, done: int, total: int) -> None:
        """The part of a source that has been read, in bytes."""
        self("reading the export", done, total)

    def writing(self, done: int, total: int) -> None:
        """The schools of a sample that are written."""
        self("writing schools", done, total)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _new_progress() -> Any:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)

"""What is asked of a run, and its place in the journal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from loguru import logger

from provision.apply import Progress
from provision.errors import AlreadyRunning, JournalError, ProvisionError
from provision.journal.journal import Journal
from provision.journal.lease import Lease
from provision.sources.kept import Kept


class Mode(StrEnum):
    PLAN = "plan"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, for which day, by whom; `now` is the one clock, `kept` where what was accepted last is kept."""

    job: str
    mode: Mode
    day: date
    owner: str
    now: Callable[[], datetime]
    secret: bytes
    kept: Kept
    progress: Progress = lambda *_: None


@contextmanager
def begun(request: RunRequest, journal: Journal) -> Iterator[tuple[str, Lease]]:
    """A run in the journal, under the lease; whoever began it finishes it. One that ends with an error is recorded.

    Raises AlreadyRunning and JournalError.
    """
    with journal.lease(request.owner) as lease:
        identity = journal.begin(request.job, request.mode, request.day, lease)
        with logger.contextualize(run=identity):
            try:
                yield identity, lease
            except (AlreadyRunning, JournalError):
                raise  # neither may be, or can be, recorded
            except ProvisionError as error:
                journal.finish(identity, error.exit_code, {"error": str(error)})
                raise

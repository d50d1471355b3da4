"""What is asked of a run, and its place in the journal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from loguru import logger

from provision.apply import Progress
from provision.core.plan import Plan
from provision.core.roster import Roster
from provision.core.scope import NOTHING, Inside, Scope, Shown, inside
from provision.errors import AlreadyRunning, JournalError, ProvisionError
from provision.journal.journal import Journal
from provision.journal.lease import Lease
from provision.leaving import Leave, Leaving
from provision.night import Night
from provision.sources.kept import Kept


class Mode(StrEnum):
    PLAN = "plan"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Part:
    """What of everything somebody asks for: at which targets (none: all), by whom and why.

    `scope` says what is meant, once the night is known. Where `shown` is given, nothing is done that it does not cover.
    """

    scope: Callable[[Night], Scope]
    by: str
    reason: str = ""
    targets: frozenset[str] = frozenset()
    shown: Shown | None = None

    def inside(self, scope: Scope, plan: Plan, roster: Roster) -> Inside:
        """What of a target's plan this means."""
        return NOTHING if self.targets and plan.target not in self.targets else inside(scope, plan, roster)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, for which day, by whom; `now` is the one clock, `kept` where what was accepted last is kept.

    With a `part`, all of it is read, planned and judged, and that part alone is carried out.
    """

    job: str
    mode: Mode
    day: date
    owner: str
    now: Callable[[], datetime]
    secret: bytes
    kept: Kept
    progress: Progress = lambda *_: None
    part: Part | None = None
    leaving: Leaving = field(default_factory=Leaving)

    def asked(self, scope: Scope | None) -> dict[str, Any]:
        """What the journal keeps of a part with the run's summary: nothing where everything was asked for."""
        if (part := self.part) is None:
            return {}
        what = str(scope) if scope else ""  # a run that ended before it knew
        return {"resync": {"what": what, "targets": sorted(part.targets), "by": part.by, "reason": part.reason}}


@contextmanager
def begun(request: RunRequest, journal: Journal, mode: str = "") -> Iterator[tuple[str, Lease]]:
    """A run in the journal, under the lease; whoever began it finishes it.

    One that ends with an error, or leaves because it was asked to, is recorded. Raises AlreadyRunning and JournalError.
    """
    request.leaving.check()
    with journal.lease(request.owner) as lease:
        identity = journal.begin(request.job, mode or request.mode, request.day, lease)
        with logger.contextualize(run=identity):
            try:
                yield identity, lease
            except (AlreadyRunning, JournalError):
                raise  # neither may be, or can be, recorded
            except ProvisionError as error:
                with request.leaving.in_order():
                    journal.finish(identity, error.exit_code, {"error": str(error), **request.asked(None)})
                raise
            except Leave as left:
                journal.leave(identity, left.exit_code, {"error": str(left), **request.asked(None)})
                raise

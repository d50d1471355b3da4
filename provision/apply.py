"""Carry out the changes that the guard allowed: intent first, then the write, then what became of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from provision.core.outcome import Result
from provision.core.plan import Change, stage
from provision.core.ports import Target
from provision.errors import TargetUnavailable
from provision.journal.journal import Journal
from provision.journal.lease import Lease

# So many intents are committed at once; after a crash at most as many are read back.
_BATCH: Final = 200

# What is being worked on, how much of it is done, and how much there is (0 where nobody knows).
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Applied:
    """What was answered, and why it stopped there ("" where everything was)."""

    results: list[Result] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, under which lease, and where it is recorded."""

    run: str
    journal: Journal
    lease: Lease
    progress: Progress


def carry_out(target: Target, changes: Sequence[Change], hand: Hand) -> Applied:
    """Carry the changes out stage by stage; every result is recorded. A target that fails stops here, and says so.

    A target that writes all it is given as one gets all stages at once, so that nobody ever sees half of them there.
    A target hears also of a run without changes: what it says of its latest run must not be of an earlier one.
    Raises AlreadyRunning when another run took over, JournalError when nothing can be recorded any more.
    """
    applied = Applied()
    stages = [list(each) for _, each in groupby(changes, key=stage)] or [[]]
    for each in [list(changes)] if target.atomic else stages:
        answered: list[Result] = []
        try:
            for result in target.apply(_permitted(target.name, each, hand)):
                answered.append(result)
                if len(answered) == _BATCH:
                    _settle(target.name, answered, applied, hand, len(changes))
        except TargetUnavailable as error:
            applied.failure = str(error)
            break
        finally:
            _settle(target.name, answered, applied, hand, len(changes))
    return applied


def _permitted(target: str, changes: Sequence[Change], hand: Hand) -> Iterator[Change]:
    """The changes, each once its intent is committed and the lease has been checked."""
    for start in range(0, len(changes), _BATCH):
        batch = changes[start : start + _BATCH]
        hand.journal.intend(hand.run, target, batch, hand.lease)
        yield from batch


def _settle(target: str, answered: list[Result], applied: Applied, hand: Hand, total: int) -> None:
    if answered:
        hand.journal.settle(hand.run, target, answered)
        applied.results += answered
        answered.clear()
        hand.progress(target, len(applied.results), total)

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
from provision.leaving import Leave, Leaving

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
    leaving: Leaving = field(default_factory=Leaving)


def carry_out(target: Target, changes: Sequence[Change], hand: Hand) -> Applied:
    """Carry the changes out stage by stage; every result is recorded. A target that fails stops here, and says so.

    A target that writes all it is given as one gets all stages at once, so that nobody ever sees half of them there.
    A target hears also of a run without changes: what it says of its latest run must not be of an earlier one.
    Raises AlreadyRunning when another run took over, JournalError when nothing can be recorded any more, and Leave when
    we were asked to leave: then the change at work has come to its end, and no other was begun.
    """
    applied = Applied()
    stages = [list(each) for _, each in groupby(changes, key=stage)] or [[]]
    with hand.leaving.in_order():
        for each in [list(changes)] if target.atomic else stages:
            if applied.failure or (changes and hand.leaving.number):
                break
            _carry_out(target, each, hand, applied, len(changes))
    if hand.leaving.number and len(applied.results) < len(changes):
        done = f"{len(applied.results)} of {len(changes)} changes at {target.name} are carried out and recorded"
        raise Leave(hand.leaving.number, f"{done}; the next run does the rest: `provision run`")
    return applied


def _carry_out(target: Target, changes: Sequence[Change], hand: Hand, applied: Applied, total: int) -> None:
    """One stage; what became of it is added to what was applied."""
    answered: list[Result] = []
    try:
        for result in target.apply(_permitted(target, changes, hand)):
            answered.append(result)
            if len(answered) == _BATCH:
                _settle(target.name, answered, applied, hand, total)
    except TargetUnavailable as error:
        applied.failure = str(error)
    finally:
        _settle(target.name, answered, applied, hand, total)


def _permitted(target: Target, changes: Sequence[Change], hand: Hand) -> Iterator[Change]:
    """The changes, each once its intent is committed and the lease has been checked, until we are asked to leave.

    What is written as one is one change.
    """
    for start in range(0, len(changes), _BATCH):
        batch = changes[start : start + _BATCH]
        hand.journal.intend(hand.run, target.name, batch, hand.lease)
        for change in batch:
            if hand.leaving.number and not target.atomic:
                return
            hand.lease.keep()
            yield change


def _settle(target: str, answered: list[Result], applied: Applied, hand: Hand, total: int) -> None:
    if answered:
        hand.journal.settle(hand.run, target, answered)
        applied.results += answered
        answered.clear()
        hand.progress(target, len(applied.results), total)

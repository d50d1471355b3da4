"""A fault somewhere in the night, an ordinary run after it, and everything that must be true then."""

import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from itertools import count, islice

from tests.crashes.children import IMPATIENT, Act, Answer, Ended, Go, nothing
from tests.crashes.criteria import Terms, wrong_after
from tests.crashes.points import Point
from tests.crashes.stage import Stage
from tests.crashes.world import World
from tests.forks import fork
from tests.servers.waits import Waits

SHOWN = 5
NICE = 5  # all other tests run meanwhile, and one at a time

Wanted = Callable[[Point], bool]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the night comes to without any fault: the eve, the morning after, what it allows, every fail-point."""

    eve: World
    morning: World
    terms: Terms
    points: tuple[Point, ...]


def ask(_point: Point, go: Go) -> None:
    """The child waits while its parent does something."""
    go()


@dataclass(frozen=True, slots=True)
class Blow:
    """What is done at a fail-point, by the child itself or by its parent; how the run may then end; what mends it.

    It may last, from that point on at every one that is wanted; and the journal may lose what was `recorded`.
    """

    codes: Set[int]
    act: Act = ask
    answer: Answer = nothing
    mend: Callable[[], object] = lambda: None
    waits: Waits = IMPATIENT
    within: float = 30.0
    lasts: bool = False
    recorded: bool = True


Fault = Callable[[Stage], AbstractContextManager[Blow]]


def any_point(_point: Point) -> bool:
    return True


def at_every(
    stages: Sequence[Stage], known: Undisturbed, wanted: Wanted, fault: Fault, numbers: Iterable[int] | None = None
) -> list[Point]:
    """Strikes at the first, the second, … of the wanted fail-points until a run passes no more of them.

    Each stage takes its share, all at the same time. Fails with what was wrong anywhere, else the points struck at.
    """
    at_work = [
        _at_work(stage, islice(count() if numbers is None else numbers, share, None, len(stages)), known, wanted, fault)
        for share, stage in enumerate(stages)
    ]
    try:
        told = [each for _, reading in at_work for each in _heard(reading)]
    except BaseException:
        for child, _ in at_work:
            os.kill(child, signal.SIGTERM)
        raise
    finally:
        ended = [os.waitpid(child, 0)[1] for child, _ in at_work]
    assert not any(ended), "whoever made the trials died"
    points, wrong = sorted(point for point, _ in told if point), [words for _, words in told if words]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(points)} went wrong:", *wrong[:SHOWN]])
    return points


def _heard(reading: int) -> Iterator[tuple[Point | None, str]]:
    """Where each trial struck, and what was wrong then."""
    with os.fdopen(reading, encoding="utf-8") as fh:
        for line in fh:
            point, wrong = json.loads(line)
            yield Point(*point) if point else None, wrong


def _at_work(stage: Stage, numbers: Iterable[int], known: Undisturbed, wanted: Wanted, fault: Fault) -> tuple[int, int]:
    """A process that makes these trials, and where it tells what came of them."""
    reading, writing = os.pipe()
    if child := fork():
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        os.nice(NICE)
        gc.freeze()  # else every child would copy whatever its collector looks at
        # By lines, so that it is over as soon as nobody reads any more.
        with closing(stage), os.fdopen(writing, "w", encoding="utf-8", buffering=1) as fh:
            for number in numbers:
                point, wrong = _told(stage, known, wanted, number, fault)
                fh.write(json.dumps([point, wrong]) + "\n")
                if point is None:
                    break
        os._exit(0)
    finally:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)


def _told(stage: Stage, known: Undisturbed, wanted: Wanted, number: int, fault: Fault) -> tuple[Point | None, str]:
    """The trial, with whatever was wrong with it in words; one that could not be made is the last."""
    try:
        point, wrong = trial(stage, known, wanted, number, fault)
    except Exception:  # noqa: BLE001  told to the parent, whose test then fails with it
        return None, f"number {number}: {traceback.format_exc()}"
    return point, "\n  ".join([f"number {number}, {point}", *wrong]) if wrong else ""


def trial(
    stage: Stage, known: Undisturbed, wanted: Wanted, number: int, fault: Fault
) -> tuple[Point | None, list[str]]:
    """Strikes at the `number`th of the wanted fail-points. Where (None where there is none), and what is wrong then."""
    stage.restore()
    with fault(stage) as blow:
        act = _from(wanted, number, blow.act, lasts=blow.lasts)
        ended = stage.harmed(act, blow.answer, waits=blow.waits)
        blow.mend()
        during = stage.look()
        again = stage.run()
        after = stage.look()
        stage.search(ended, again)
        point = next(islice(filter(wanted, ended.points), number, None), None)
        wrong = list(_ended_otherwise(ended, blow if point else Blow({stage.done})))
        wrong += _ended_otherwise(again, Blow({stage.done}))
        wrong += [f"P1 is not let in with the password handed over: {who}" for who in stage.shut_out(after)]
        terms = replace(known.terms, recorded=blow.recorded)
        wrong += wrong_after(terms, (known.eve, during, after), known.morning, stage.plan())
    return point, wrong


def _from(wanted: Wanted, number: int, do: Act, *, lasts: bool) -> Act:
    seen = count()

    def act(point: Point, go: Go) -> None:
        if wanted(point) and ((here := next(seen)) == number or (lasts and here > number)):
            do(point, go)

    return act


def _ended_otherwise(ended: Ended, blow: Blow) -> Iterable[str]:
    if ended.code not in blow.codes:
        yield f"P8 a run ended with {ended.code} and not one of {sorted(blow.codes)}: {ended.err[-500:]}"
    if ended.seconds > blow.within:
        yield f"P8 a run took {ended.seconds:.1f} s and not {blow.within} at most"

"""A run that is killed or stopped, anywhere: the next one finishes, as if nothing had happened."""

import os
import secrets
import signal
from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from pathlib import Path

from tests.crashes.children import Go
from tests.crashes.conftest import Staged
from tests.crashes.points import APPLY, PLAN, REPORT, RESERVE, Point
from tests.crashes.stage import DONE, Stage
from tests.crashes.trials import Blow, Fault, any_point, at_every

ROUNDS = 15


def sent(what: signal.Signals) -> Fault:
    """The run gets this signal, and leaves, unless it has nothing left to do but to say so."""

    def fault(stage: Stage) -> AbstractContextManager[Blow]:
        return nullcontext(Blow({128 + what, stage.done}, act=lambda _point, _go: os.kill(os.getpid(), what)))

    return fault


def loses_power(point: Point, _go: Go) -> None:
    """Killed, and of what was not yet on the disk half is gone."""
    if point.path:
        os.truncate(point.path, Path(point.path).stat().st_size // 2)
    os.kill(os.getpid(), signal.SIGKILL)


def without_power(_stage: Stage) -> AbstractContextManager[Blow]:
    return nullcontext(Blow({-signal.SIGKILL}, act=loses_power))


def test_a_run_killed_at_any_fail_point_is_finished_by_the_next(everywhere: Staged) -> None:
    stages, known = everywhere
    points = at_every(stages, known, any_point, without_power)
    assert {point.phase for point in points} == {RESERVE, PLAN, APPLY, REPORT}
    assert len(points) == len(known.points) > 60


def test_the_first_run_of_all_killed_as_it_sets_out_is_finished_by_the_next(unbegun: Staged) -> None:
    """While key and journal are made, names are given away, and before any file is put in place."""

    def setting_out(point: Point) -> bool:
        return point.phase in (PLAN, RESERVE) or point.what.startswith("put in place ")

    stages, known = unbegun
    points = at_every(stages, known, setting_out, without_power)
    assert {"link var/pepper", "open var/journal.db", "put in place out/feide.ldif"} <= {point.what for point in points}


def test_a_run_killed_at_any_time_is_finished_by_the_next(everywhere: Staged) -> None:
    """Between fail-points as well: while something is decided, or in the middle of a system's call."""
    stages, known = everywhere
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201  shown where it fails
    numbers = [_drawn(seed, each) % len(known.points) for each in range(ROUNDS)]

    def soon(point: Point, _go: Go) -> None:
        """The system then ends the process as it does when told to kill it."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + _drawn(seed, point.number) % 20_000))

    def fault(_stage: Stage) -> AbstractContextManager[Blow]:
        return nullcontext(Blow({-signal.SIGALRM, DONE}, act=soon))

    assert len(at_every(stages, known, any_point, fault, numbers)) == ROUNDS


def _drawn(seed: int, number: int) -> int:
    return int.from_bytes(blake2b(f"{seed} {number}".encode(), digest_size=4).digest())


def something_is_done(point: Point) -> bool:
    return point.phase == APPLY and (point.is_commit or point.was_written or point.what.startswith("put in place "))


def test_a_run_interrupted_while_it_applies_is_finished_by_the_next(everywhere: Staged) -> None:
    stages, known = everywhere
    points = at_every(stages, known, something_is_done, sent(signal.SIGINT))
    assert len(points) == sum(map(something_is_done, known.points)) > 10


def test_a_run_told_to_end_while_it_applies_is_finished_by_the_next(served: Staged) -> None:
    stages, known = served
    at_every(stages, known, lambda point: point.was_written, sent(signal.SIGTERM), range(0, 10, 3))

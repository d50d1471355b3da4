"""The directory server dies, hangs or loses its answer at every write: the run says so, and the next one finishes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from tests.crashes.children import Go
from tests.crashes.conftest import Staged
from tests.crashes.points import Point
from tests.crashes.stage import DONE, Stage
from tests.crashes.trials import Blow, Fault, at_every
from tests.servers.proxy import Mode, Proxy
from tests.servers.slapd import Slapd
from tests.servers.waits import Waits

UNAVAILABLE = 7
TIMELY = 10.0


def server_of(stage: Stage) -> Slapd:
    assert stage.slapd is not None
    return stage.slapd


def stays_down(stage: Stage) -> AbstractContextManager[Blow]:
    slapd = server_of(stage)

    def mend() -> None:
        slapd.kill()  # in case it was left alone
        slapd.start()

    return nullcontext(Blow({UNAVAILABLE}, answer=lambda _point, _go: slapd.kill(), mend=mend, within=TIMELY))


def comes_back(stage: Stage) -> AbstractContextManager[Blow]:
    slapd = server_of(stage)

    def restart(_point: Point, go: Go) -> None:
        slapd.kill()
        go()
        slapd.start()

    return nullcontext(Blow({DONE}, answer=restart, waits=Waits(retry_for=20.0)))


def hangs(stage: Stage) -> AbstractContextManager[Blow]:
    """What was asked of it meanwhile it does when it goes on."""
    slapd = server_of(stage)
    waits = Waits(timeout=1.0)
    return nullcontext(
        Blow({UNAVAILABLE}, answer=lambda _point, _go: slapd.pause(), mend=slapd.resume, waits=waits, within=TIMELY)
    )


@contextmanager
def loses_the_answer(stage: Stage) -> Iterator[Blow]:
    with between(stage) as proxy:
        yield Blow({DONE}, answer=lambda _point, _go: proxy.swallow_write())
        assert proxy.swallowed < 2


@contextmanager
def loses_the_answer_and_is_gone(stage: Stage) -> Iterator[Blow]:
    with between(stage) as proxy:

        def mend() -> None:
            proxy.mode = Mode.PASS

        yield Blow({UNAVAILABLE}, answer=lambda _p, _go: proxy.swallow_write(Mode.CUT_AFTER_SWALLOW), mend=mend)


@contextmanager
def between(stage: Stage) -> Iterator[Proxy]:
    with Proxy(server_of(stage).port) as proxy:
        stage.between = proxy.url
        try:
            yield proxy
        finally:
            stage.between = ""


FAULTS: dict[str, Fault] = {
    "dies and stays down": stays_down,
    "dies and comes back": comes_back,
    "hangs": hangs,
    "loses the answer": loses_the_answer,
    "loses the answer and is gone": loses_the_answer_and_is_gone,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_whatever_the_server_does_at_a_write_costs_a_night_at_most(served: Staged, fault: Fault) -> None:
    stages, known = served
    points = at_every(stages, known, lambda point: point.is_write, fault)
    assert {point.what.partition(":")[0] for point in points} >= {"add", "modify", "delete"}
    assert len(points) == sum(point.is_write for point in known.points)


def test_a_server_that_dies_with_what_it_was_just_told_costs_a_night_at_most(served: Staged) -> None:
    """Whether it still did it or not is anybody's guess."""
    stages, known = served
    assert len(at_every(stages, known, lambda point: point.was_sent, comes_back)) > 10

"""The journal is lost, or yesterday's again: nobody has two accounts, no name is another's, nobody loses anything."""

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from tests.crashes.conftest import Staged
from tests.crashes.criteria import Terms, wrong_after
from tests.crashes.points import Point
from tests.crashes.stage import Stage
from tests.crashes.trials import DONE, Blow, Undisturbed, at_every
from tests.crashes.world import Holding, World

On = tuple[Stage, Undisturbed]


@pytest.fixture
def on(everywhere: Staged) -> Iterator[On]:
    """One stage, on the eve."""
    (stage, *_), known = everywhere
    stage.restore()
    yield stage, known
    stage.close()


def killed_and_forgotten(stage: Stage) -> AbstractContextManager[Blow]:
    """The run dies, and the disk with it: there is but the copy from before the night."""

    def die(_point: Point, _go: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return nullcontext(Blow({-signal.SIGKILL}, act=die, mend=stage.restore_journal, recorded=False))


def just_written(point: Point) -> bool:
    return point.was_written or point.what.startswith("put in place ")


def test_a_run_that_died_with_the_journal_is_finished_from_yesterdays(everywhere: Staged) -> None:
    stages, known = everywhere
    assert len(at_every(stages, known, just_written, killed_and_forgotten)) > 4


def test_yesterdays_journal_learns_anew_what_the_night_did(on: On) -> None:
    stage, known = on
    stage.harmed()
    morning = stage.look()
    stage.restore_journal()
    assert stage.run().code == DONE
    assert stage.shut_out(after := stage.look()) == []
    terms = Terms.of(stage.cast, recorded=False)
    assert wrong_after(terms, (known.eve, morning, after), known.morning, stage.plan()) == []


def test_without_a_journal_nobody_is_locked_out_and_nothing_else_is_missing(on: On) -> None:
    """Only absence is proven anew; who is protected goes all the same, and an announced id is announced again."""
    stage, known = on
    stage.lose_journal()
    assert stage.run().code == 0
    assert stage.shut_out(after := stage.look()) == []
    patient = {*stage.cast.leavers, stage.cast.gone}
    expected = _but(known.morning, known.eve, patient)
    terms = replace(Terms.of(stage.cast, recorded=False), held=frozenset())
    assert wrong_after(terms, (_unread(known.eve), _unread(after), after), expected, stage.plan()) == []


def test_a_journal_lost_after_the_night_costs_nobody_anything(on: On) -> None:
    stage, known = on
    stage.harmed()
    stage.lose_journal()
    assert stage.run().code == 0
    after = stage.look()
    terms = replace(Terms.of(stage.cast, recorded=False), held=frozenset())
    assert wrong_after(terms, (_unread(known.eve), _unread(after), after), known.morning, stage.plan()) == []


def _unread(world: World) -> World:
    """Whose names were known to a journal that is gone is not asked for."""
    return replace(world, journal=replace(world.journal, names={}))


def _but(world: World, earlier: World, people: set[str]) -> World:
    """The same, with these people as they were earlier."""

    def mixed(name: str, holding: Holding) -> Holding:
        was = earlier.targets[name]
        kept = {place: was.content[place] for place, account in was.accounts.items() if account.person in people}
        return replace(holding, content={**holding.content, **kept})

    return replace(world, targets={name: mixed(name, holding) for name, holding in world.targets.items()})

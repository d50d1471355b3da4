"""The journal is lost, or yesterday's again: nobody has two accounts, no name is another's, nobody loses anything."""

import os
import signal
from collections.abc import Iterator, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from tests.crashes.conftest import Staged
from tests.crashes.criteria import Terms, losses, wrong_after
from tests.crashes.points import Point
from tests.crashes.stage import DONE, Stage
from tests.crashes.trials import Blow, Undisturbed, at_every
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
    after = stage.look()
    assert stage.shut_out(after) == []
    terms = replace(known.terms, recorded=False)
    assert wrong_after(terms, (known.eve, morning, after), known.morning, stage.plan()) == []


def test_without_a_journal_only_the_protected_go_and_nothing_else_is_missing(on: On) -> None:
    """Absence is proven anew, and an announced id is announced again."""
    stage, known = on
    stage.lose_journal()
    assert stage.run().code == 0
    after = stage.look()
    assert stage.shut_out(after) == []
    lost = losses(known.eve, after, known.terms.ids)
    assert lost["feide"] == {stage.cast.hidden}
    stay = {name: may_lose - lost[name] for name, may_lose in known.terms.may_lose.items()}
    expected = _but(known.morning, known.eve, stay)
    worlds = (_unread(known.eve), _unread(after), after)
    assert wrong_after(_unrecorded(known), worlds, expected, stage.plan()) == []


def test_a_journal_lost_after_the_night_costs_nobody_anything(on: On) -> None:
    stage, known = on
    stage.harmed()
    stage.lose_journal()
    assert stage.run().code == 0
    after = stage.look()
    worlds = (_unread(known.eve), _unread(after), after)
    assert wrong_after(_unrecorded(known), worlds, known.morning, stage.plan()) == []


def _unread(world: World) -> World:
    """Whose names were known to a journal that is gone is not asked for."""
    return replace(world, journal=replace(world.journal, names={}))


def _unrecorded(known: Undisturbed) -> Terms:
    """Nobody waits for a yes who has been missed for one night only."""
    return replace(known.terms, recorded=False, waiting={name: frozenset() for name in known.terms.waiting})


def _but(world: World, earlier: World, people: Mapping[str, Set[str]]) -> World:
    """The same, with whatever is about these people as it was earlier."""

    def mixed(name: str, holding: Holding) -> Holding:
        was, who = earlier.targets[name], {f"account:{person}" for person in people[name]}
        kept = {place: held for place, held in was.content.items() if was.keys[place] & who}
        return replace(holding, content={**holding.content, **kept})

    return replace(world, targets={name: mixed(name, holding) for name, holding in world.targets.items()})

"""How far a target or school has been let in, and freezes: the strictest counts, and withdrawals always go."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provision.core.cause import Cause
from provision.core.losses import Losses
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw
from provision.core.stages import Freeze, Stage, Stages, permitted
from provision.core.state import Key, Kind, Record
from provision.core.traits import Traits
from tests.town import DAY, NORTH, SOUTH

TRAITS = Traits(fields=frozenset({"cn", "groups"}), membership=frozenset({"groups"}))
HERE, BOTH = frozenset({NORTH}), frozenset({NORTH, SOUTH})
OLD = Record(Key(Kind.ACCOUNT, "p1"), {"cn": "x", "groups": frozenset({"a", "b"})})
MIXED = Update(OLD, replace(OLD, fields={"cn": "y", "groups": frozenset({"c"})}), HERE, "student", "changed")
CREATE = Create(OLD, HERE, "student", "new")
REKEY = Rekey(OLD.key, "", Key(Kind.ACCOUNT, "p0"), HERE, "student", "a new id")
DISABLE = Disable(OLD, replace(OLD, active=False), HERE, "student", "gone")
DELETE = Delete(OLD, HERE, "student", "gone")
WITHDRAW = Withdraw(OLD, HERE, "student", "out of scope")
STRIP = replace(MIXED, cause=Cause.WITHHELD)
ALL = (CREATE, REKEY, MIXED, DISABLE, DELETE, WITHDRAW, STRIP)


def goes(stages: Stages, *changes: Change, day: date = DAY) -> tuple[Change, ...]:
    return permitted("lms", changes, stages, Losses(Plan("lms", changes), TRAITS), day)


def test_without_a_word_everything_goes() -> None:
    assert goes(Stages(), *ALL) == ALL
    assert goes(Stages(targets={"feide": Stage.OFF}, schools={SOUTH: Stage.OFF}), *ALL) == ALL


@pytest.mark.parametrize("stage", [Stage.OFF, Stage.SHADOW])
def test_a_target_that_is_only_looked_at_is_never_written(stage: Stage) -> None:
    assert goes(Stages(targets={"lms": stage}), *ALL) == ()


@pytest.mark.parametrize("stage", [Stage.OFF, Stage.SHADOW])
def test_at_a_school_that_is_only_looked_at_nobody_changes_but_who_must_be_taken_out(stage: Stage) -> None:
    stages = Stages(schools={NORTH: stage})
    assert goes(stages, *ALL) == (WITHDRAW, STRIP)
    at_both, elsewhere = replace(CREATE, orgs=BOTH), replace(CREATE, orgs=frozenset({SOUTH}))
    assert goes(stages, at_both, elsewhere) == (elsewhere,)


@pytest.mark.parametrize(
    "stages",
    [Stages(targets={"lms": Stage.ADD_ONLY}), Stages(schools={NORTH: Stage.ADD_ONLY})],
    ids=["target", "school"],
)
def test_what_is_only_added_to_loses_nothing(stages: Stages) -> None:
    added = goes(stages, *ALL)
    assert [type(change) for change in added] == [Create, Rekey, Update, Withdraw, Update]
    [kept] = [change for change in added if isinstance(change, Update) and change.cause is not Cause.WITHHELD]
    assert kept.after.fields == {"cn": "y", "groups": frozenset({"a", "b", "c"})}


def test_the_strictest_of_target_and_schools_counts() -> None:
    add_only = Stages(targets={"lms": Stage.ADD_ONLY}, schools={NORTH: Stage.FULL, SOUTH: Stage.SHADOW})
    assert goes(add_only, DISABLE) == ()
    assert goes(add_only, CREATE) == (CREATE,)
    assert goes(add_only, replace(CREATE, orgs=BOTH)) == ()


@pytest.mark.parametrize(("days", "frozen"), [(-1, False), (0, True), (9, True), (10, False)])
@pytest.mark.parametrize("schools", [frozenset(), frozenset({NORTH})], ids=["everywhere", "at this school"])
def test_a_freeze_lets_only_withdrawals_through_from_its_first_day_to_its_last(
    days: int,
    frozen: bool,  # noqa: FBT001 - a column
    schools: frozenset[str],
) -> None:
    stages = Stages(freezes=(Freeze(DAY, DAY + timedelta(days=9), schools),))
    expected = (WITHDRAW, STRIP) if frozen else ALL
    assert goes(stages, *ALL, day=DAY + timedelta(days=days)) == expected


def test_a_freeze_at_one_school_is_none_at_another() -> None:
    elsewhere = replace(DISABLE, orgs=frozenset({SOUTH}))
    assert goes(Stages(freezes=(Freeze(DAY, DAY, HERE),)), elsewhere) == (elsewhere,)

"""How far a target or school has been let in, and freezes: the strictest counts, and withdrawals always go."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provision.core.cause import Cause
from provision.core.guard import Hold
from provision.core.losses import Losses
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw
from provision.core.stages import Freeze, Stage, Stages, permitted
from provision.core.state import Key, Kind, Member, Record
from provision.core.traits import Traits
from tests.town import DAY, NORTH, SOUTH

TRAITS = Traits(
    fields=frozenset({"cn", "groups", "agents", "guardian"}),
    membership=frozenset({"groups", "agents", "guardian"}),
    kin=frozenset({"guardian"}),
)
HERE, THERE, BOTH = frozenset({NORTH}), frozenset({SOUTH}), frozenset({NORTH, SOUTH})
OLD = Record(Key(Kind.ACCOUNT, "p1"), {"cn": "x", "groups": frozenset({"a", "b"})})
MIXED = Update(OLD, replace(OLD, fields={"cn": "y", "groups": frozenset({"c"})}), HERE, "student", "changed")
CREATE = Create(OLD, HERE, "student", "new")
REKEY = Rekey(OLD.key, "", Key(Kind.ACCOUNT, "p0"), HERE, "student", "a new id")
DISABLE = Disable(OLD, replace(OLD, active=False), HERE, "student", "gone")
DELETE = Delete(OLD, HERE, "student", "gone")
WITHDRAW = Withdraw(OLD, HERE, "student", "out of scope")
STRIP = replace(MIXED, cause=Cause.WITHHELD)
ALL = (CREATE, REKEY, MIXED, DISABLE, DELETE, WITHDRAW, STRIP)
ADD_ONLY = Stages(targets={"lms": Stage.ADD_ONLY})
FROZEN_HERE, FROZEN_THERE = (Stages(freezes=(Freeze(DAY, DAY, orgs),)) for orgs in (HERE, THERE))


def goes(stages: Stages, *changes: Change, day: date = DAY) -> tuple[Change, ...]:
    parts = permitted(changes, Losses(Plan("lms", changes), TRAITS), stages, day)
    assert len(parts) == len(changes)
    return tuple(part for part in parts if part)


def account(name: str, **fields: str | Key | frozenset[Key]) -> Record:
    return Record(Key(Kind.ACCOUNT, name), {"cn": name, **fields})


def group(name: str, *members: str, **fields: Key) -> Record:
    there = frozenset(Member(Key(Kind.ACCOUNT, each), "student") for each in members)
    return Record(Key(Kind.GROUP, name), {"cn": name, **fields}, there)


def class_changes(name: str, before: str, after: str, orgs: frozenset[str] = HERE) -> Update:
    return Update(group(name, *before.split()), group(name, *after.split()), orgs, "", "changed")


def members(change: Change) -> set[str]:
    assert isinstance(change, Create | Update)
    return {member.account.sourced_id for member in change.after.members}


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
    at_both, elsewhere = replace(CREATE, orgs=BOTH), Create(account("p2"), THERE, "student", "new")
    assert goes(stages, at_both, elsewhere) == (elsewhere,)


@pytest.mark.parametrize("stages", [ADD_ONLY, Stages(schools={NORTH: Stage.ADD_ONLY})], ids=["target", "school"])
def test_what_is_only_added_to_loses_nothing(stages: Stages) -> None:
    added = goes(stages, *ALL)
    assert [type(change) for change in added] == [Create, Rekey, Update, Withdraw, Update]
    [kept] = [change for change in added if isinstance(change, Update) and change.cause is not Cause.WITHHELD]
    assert kept.after.fields == {"cn": "y", "groups": frozenset({"a", "b", "c"})}


def test_where_only_is_added_nobody_leaves_a_class_or_group_even_for_another() -> None:
    one = Record(OLD.key, {"groups": frozenset({"a"})})
    moved = Update(one, replace(one, fields={"groups": frozenset({"b"})}), HERE, "student", "moved")
    old, new = class_changes("5A", "p1 p2", "p2"), class_changes("5B", "p3", "p1 p3")
    added = goes(ADD_ONLY, moved, old, new)
    assert [change.key.sourced_id for change in added] == ["p1", "5B"], "nothing is left of a class that only loses"
    assert isinstance(added[0], Update)
    assert added[0].after.fields == {"groups": frozenset({"a", "b"})}
    assert added[1] == new
    assert "nothing is taken away yet" in added[0].reason


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
    elsewhere = replace(DISABLE, orgs=THERE)
    assert goes(FROZEN_HERE, elsewhere) == (elsewhere,)


@pytest.mark.parametrize("own", [True, False], ids=["with", "without"])
def test_who_moves_to_a_school_that_stands_still_stays_in_the_old_class_and_nobody_else_does(
    own: bool,  # noqa: FBT001 - a column
) -> None:
    old, new = class_changes("6A", "p1 p2 p3", "p3"), class_changes("6B", "p4", "p1 p4", THERE)
    changes = (replace(MIXED, orgs=BOTH), old, new) if own else (old, new)
    [left] = goes(FROZEN_THERE, *changes)
    assert members(left) == {"p1", "p3"}
    assert "p1" not in left.reason


def test_whose_own_change_is_kept_back_leaves_no_class_elsewhere() -> None:
    [left] = goes(FROZEN_HERE, replace(MIXED, orgs=BOTH), class_changes("6B", "p1 p2 p3", "p3", THERE))
    assert members(left) == {"p1", "p3"}


def test_a_class_that_ends_waits_while_the_next_one_of_a_member_is_kept_back() -> None:
    ended = Delete(group("6A", "p1", "p2"), HERE, "", "over")
    come = Create(group("6B", "p1"), THERE, "", "new")
    assert goes(FROZEN_THERE, ended, come) == ()
    assert goes(FROZEN_THERE, ended, Create(group("6B", "p3"), THERE, "", "new")) == (ended,)


def test_who_moves_from_a_school_that_stands_still_is_in_both_classes_meanwhile() -> None:
    old, new = class_changes("6A", "p1 p2", "p2"), class_changes("6B", "p3", "p1 p3", THERE)
    assert goes(FROZEN_HERE, old, new) == (new,)


def test_whoever_is_kept_back_before_they_have_an_account_is_in_no_class_yet() -> None:
    newcomer = Create(account("p1"), BOTH, "student", "new")
    new, grown = Create(group("6B", "p1", "p2"), THERE, "", "new"), class_changes("6C", "p2", "p1 p2", THERE)
    [left] = goes(FROZEN_HERE, newcomer, new, grown)
    assert members(left) == {"p2"}
    assert left.key == new.key, "of the other nothing is left"


def test_what_needs_a_course_that_is_kept_back_waits_for_it_and_so_does_whoever_comes_there() -> None:
    course = Record(Key(Kind.COURSE, "math"), {"cn": "math"})
    made = Create(course, HERE, "", "new")
    new = Create(group("6B", "p1", course=course.key), THERE, "", "new")
    old = class_changes("6A", "p1 p2", "p2", THERE)
    assert goes(FROZEN_HERE, made, new, old) == ()
    assert goes(FROZEN_HERE, new, old) == (new, old), "it is there already"


def test_a_course_stays_while_a_class_that_needs_it_is_kept_back() -> None:
    course = Record(Key(Kind.COURSE, "math"), {"cn": "math"})
    ended, unused = Delete(group("6A", course=course.key), HERE, "", "over"), Delete(course, THERE, "", "unused")
    assert goes(FROZEN_HERE, ended, unused) == ()
    assert goes(Stages(), ended, unused) == (ended, unused)


def test_a_guardian_stays_while_the_child_who_leaves_is_kept_back() -> None:
    kin = account("g1", guardian=frozenset({Key(Kind.ORG, SOUTH)}))
    goes_too = Disable(kin, replace(kin, active=False), THERE, "guardian", "nobody's")
    child = account("p1", agents=frozenset({kin.key}))
    leaves = Disable(child, replace(child, active=False), BOTH, "student", "gone")
    assert goes(FROZEN_HERE, leaves, goes_too) == ()
    assert goes(FROZEN_HERE, goes_too) == (goes_too,)


def test_others_know_an_account_by_its_old_id_while_the_new_one_is_kept_back() -> None:
    rekey = Rekey(Key(Kind.ACCOUNT, "new"), "", Key(Kind.ACCOUNT, "old"), HERE, "student", "a new id")
    [left] = goes(FROZEN_HERE, rekey, class_changes("6B", "new p2", "new p2 p3", THERE))
    assert isinstance(left, Update)
    assert members(left) == {"old", "p2", "p3"}
    assert {member.account.sourced_id for member in left.before.members} == {"old", "p2"}
    assert goes(FROZEN_HERE, rekey, class_changes("6B", "new p2", "new", THERE)) != (), "p2 may leave"


@pytest.mark.parametrize(
    ("stages", "loss", "why"),
    [
        (Stages(), "disable", ""),
        (Stages(targets={"feide": Stage.SHADOW}, schools={SOUTH: Stage.SHADOW}), "disable", ""),
        (Stages(targets={"lms": Stage.SHADOW}), "id", "while lms is let in as shadow ([stages])"),
        (Stages(schools={NORTH: Stage.OFF}), "disable", f"while {NORTH} is let in as off ([stages])"),
        (ADD_ONLY, "memberships", "while lms is let in as add-only ([stages])"),
        (ADD_ONLY, "id", ""),
        (FROZEN_THERE, "disable", ""),
        (FROZEN_HERE, "disable", f"until {DAY} ([[freezes]])"),
        (
            Stages(freezes=(Freeze(DAY, DAY), Freeze(DAY, DAY + timedelta(days=3)))),
            "id",
            "until 2026-11-26 ([[freezes]])",
        ),
    ],
)
def test_a_hold_says_how_long_it_is_kept_back(stages: Stages, loss: str, why: str) -> None:
    hold = Hold("lms", NORTH, loss, 3, 1, 20, "digest", frozenset(), ())
    assert stages.why_kept_back(hold, DAY) == why


def test_a_class_in_which_somebody_stays_for_now_says_so() -> None:
    moves = Update(account("p1", cn="x"), account("p1", cn="y"), THERE, "student", "changed")
    [left] = goes(FROZEN_THERE, moves, class_changes("6A", "p1 p2", "p2 p3"))
    assert members(left) == {"p1", "p2", "p3"}
    assert left.reason == "changed; who is kept back elsewhere stays"


def test_a_course_goes_once_the_class_that_had_it_takes_another_and_not_before() -> None:
    art, math = Key(Kind.COURSE, "art"), Key(Kind.COURSE, "math")
    takes = Update(group("6A", "p1", course=art), group("6A", "p1", course=math), HERE, "", "changed")
    over = Delete(Record(art, {"cn": "art"}), THERE, "", "over")
    assert goes(Stages(), takes, over) == (takes, over)
    assert goes(FROZEN_HERE, takes, over) == ()

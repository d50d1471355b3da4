"""What explains a loss: each explanation where it holds, and none where it does not."""

from dataclasses import replace

import pytest

from provision.core.clues import Clues, by_homeroom, shrunk
from provision.core.history import History
from provision.core.state import Key, Kind
from tests.core.nights import World
from tests.town import NORTH, SOUTH, Town, school_class


def people(*numbers: int) -> frozenset[Key]:
    return frozenset(Key(Kind.ACCOUNT, f"p{n}") for n in numbers)


@pytest.mark.parametrize(
    ("leavers", "pupils", "likely"),
    [
        ((1, 2, 3, 4), (1, 2, 9), "most of them are of class 10B"),
        ((1, 2, 3, 4, 5), (1, 2, 9), ""),
        ((1, 2, 3), (1, 6, 7, 8, 9), ""),
        ((1,), (1, 9), ""),
        ((1, 2), (1, 2, 9), "most of them are of class 10B"),
        ((1, 2), (1, 2), "all of class 10B"),
    ],
    ids=["half of them", "less than half", "many who stay do not count", "one alone", "two", "everybody"],
)
def test_a_class_explains_a_loss_from_half_of_those_who_go(
    leavers: tuple[int, ...], pupils: tuple[int, ...], likely: str
) -> None:
    assert Clues({"10B": people(*pupils)}).likely(people(*leavers), NORTH) == likely


def test_two_whole_classes_are_both_named() -> None:
    clues = Clues({"10B": people(3, 4), "10A": people(1, 2), "9A": people(5, 6)})
    assert clues.likely(people(1, 2, 3, 4, 5), NORTH) == "all of class 10A, 10B"


def test_newcomers_at_another_school_explain_nothing() -> None:
    clues = Clues(newcomers={SOUTH: 9})
    assert clues.likely(people(1), NORTH) == ""
    assert clues.likely(people(1), SOUTH).startswith("as many people are new at this school")


@pytest.mark.parametrize(
    ("before", "tonight", "told"),
    [
        ({"sis": 100}, {"sis": 60}, "sis holds 40% fewer people than last night"),
        ({"sis": 100}, {"sis": 89}, "sis holds 11% fewer people than last night"),
        ({"sis": 100}, {"sis": 91}, ""),
        ({"sis": 100}, {"sis": 200}, ""),
        ({"sis": 0}, {"sis": 10}, ""),
        ({}, {"sis": 10}, ""),
        ({"one": 100, "other": 100}, {"one": 80, "other": 70}, "other holds 30% fewer people than last night"),
        ({"one": 100, "other": 100}, {"one": 70, "other": 80}, "one holds 30% fewer people than last night"),
    ],
)
def test_the_source_that_shrank_most_is_told_of_where_it_is_by_more_than_a_tenth(
    before: dict[str, int], tonight: dict[str, int], told: str
) -> None:
    assert shrunk(replace(Town().roster(), sizes=tonight), History(sizes=before)) == told


def test_pupils_are_listed_by_the_classes_that_are_asked_for() -> None:
    [one], [two], [three] = people(1), people(2), people(3)
    listed = by_homeroom([(one, "6A"), (two, "6B"), (three, "6A")], {"6A", "7A"})
    assert listed == {"6A": people(1, 3)}


def classes_of(sizes: dict[str, int]) -> Town:
    made = Town(classes=[school_class(name) for name in sizes])
    for name, size in sizes.items():
        made.add_pupils(size, NORTH, name, f"{name}-")
    return made


def test_a_plan_knows_what_explains_its_losses() -> None:
    here, told = World(), classes_of({"6A": 40, "6B": 3})
    here.run(told)
    left = told.without("6B-1", "6B-2", "6B-3")
    for _ in range(2):
        assert here.run(left)[1].holds == ()
    plan, verdict = here.run(left)
    gone = frozenset(Key(Kind.ACCOUNT, f"6B-{n}") for n in (1, 2, 3))
    assert plan.clues.homerooms == {"6B": gone}
    assert plan.clues.newcomers == {}, "who goes is no newcomer"
    [hold] = verdict.holds
    assert (hold.count, hold.limit, hold.likely) == (3, 0, "all of class 6B"), "a few, and yet nobody is left of 6B"


def test_a_plan_tells_of_newcomers_missing_classes_and_a_shorter_source() -> None:
    here, told = World(), classes_of({"6A": 40, "6B": 3})
    here.run(told)
    here.history = replace(here.history, sizes={"sis": 100})
    after = classes_of({"6A": 40}).add_pupil("new", SOUTH, "")
    plan, _, _ = here.plan(after)
    assert (plan.clues.newcomers, plan.clues.missing) == ({SOUTH: 1}, {"6B"})
    assert plan.clues.shorter == "sis holds 59% fewer people than last night"


def test_whoever_is_in_no_class_is_no_class_together() -> None:
    here, told = World(), classes_of({"6A": 40}).add_teacher("t1").add_teacher("t2")
    here.run(told)
    for _ in range(2):
        here.run(told.without("t1"))
    plan, verdict = here.run(told.without("t1"))
    assert [change.key.sourced_id for change in plan.changes] == ["t1"]
    assert (plan.clues.homerooms, verdict.holds) == ({}, ())

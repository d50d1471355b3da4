"""Whether a school is about as large as it was: what vanishes from one night to the next is no proof of anything."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provision.core.cause import Cause
from provision.core.history import Sighting
from provision.core.plan import Disable
from provision.core.policy import GuardianLinks, Policy
from provision.core.sightings import seen_tonight
from provision.core.sizes import shrunken
from provision.core.state import Key
from provision.core.subjects import placed_people
from tests.core.nights import World, shipped
from tests.town import DAY, NORTH, SOUTH, Town, person, place, school_class


def town(*sizes: int) -> Town:
    made = Town(classes=[])
    for number, size in enumerate(sizes):
        made.classes.append(school_class(f"c{number}"))
        made.add_pupils(size, NORTH, f"c{number}", f"c{number}-")
    return made


def doubts(before: Town, after: Town, *, nights_later: int = 1) -> dict[str, str]:
    return shrunken(after.roster(nights_later), seen(before), 3)


def seen(told: Town) -> dict[Key, Sighting]:
    roster = told.roster()
    return seen_tonight(roster, placed_people(roster))


def gone(count: int, group: str = "c0") -> list[str]:
    return [f"{group}-{n}" for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("sizes", "leavers", "doubted"),
    [
        ((50, 50), gone(20), False),
        ((50, 50), gone(21), True),
        ((10, 40), gone(5), False),
        ((10, 40), gone(6), True),
        ((12, 40), gone(6), False),
        ((12, 40), gone(7), True),
        ((5,), gone(5), False),
        ((6,), gone(6), True),
    ],
    ids=[
        "a fifth",
        "more than a fifth",
        "five of a class",
        "most of a class",
        "half",
        "over half",
        "few",
        "all of six",
    ],
)
def test_more_than_a_fifth_of_a_school_or_half_a_class_does_not_vanish_in_a_night(
    sizes: tuple[int, ...],
    leavers: list[str],
    doubted: bool,  # noqa: FBT001 - a column
) -> None:
    found = doubts(town(*sizes), town(*sizes).without(*leavers))
    assert (NORTH in found) is doubted
    assert found.keys() <= {NORTH}


def test_the_doubt_says_how_many_of_whom() -> None:
    assert doubts(town(50, 50), town(50, 50).without(*gone(21))) == {
        NORTH: "21 of 100 people who were there some nights ago are not in the export"
    }
    assert doubts(town(10, 40), town(10, 40).without(*gone(6))) == {
        NORTH: "6 of 10 pupils of class c0 are not in the export"
    }


def test_the_figures_are_those_of_a_school_without_the_protected() -> None:
    before, after = town(50, 50), town(50, 50).without(*gone(21))
    after.care = [{"sourced_id": who, "protected": "1"} for who in ("c1-1", "c0-1")]
    assert doubts(before, after)[NORTH].startswith("20 of 98 ")
    after.care = [{"sourced_id": "c1-1", "protected": "1"}]
    assert doubts(before, after)[NORTH].startswith("21 of 99 ")


def test_who_moved_or_has_a_new_id_is_not_missing() -> None:
    before = town(30)
    before.classes = [school_class("c0", end=DAY.isoformat())]
    assert doubts(before, town(30).without(*gone(30))), "a class that ends in November is nobody's graduation"
    moved = town(30).without(*gone(30))
    moved.users, moved.enrollments = before.users, [place(p, SOUTH, "6B") for p in gone(30)]
    moved.classes.append(school_class("6B", SOUTH))
    assert doubts(town(30), moved) == {}
    renamed = town(30).without(*gone(30))
    renamed.id_changes = [{"old": p, "new": f"new-{p}"} for p in gone(30)]
    for p in gone(30):
        renamed.add_pupil(f"new-{p}", NORTH, "c0")
    assert doubts(town(30), renamed) == {}


@pytest.mark.parametrize(("later", "doubted"), [(1, True), (3, True), (4, False)])
def test_what_stays_away_for_all_its_nights_is_the_schools_size_by_then(later: int, doubted: bool) -> None:  # noqa: FBT001  a column
    left = town(50).without(*gone(30))
    since = left.roster(later - 1)
    before = seen(town(50)) | (seen_tonight(since, placed_people(since)) if later > 1 else {})
    assert bool(shrunken(left.roster(later), before, 3)) is doubted


def test_nights_in_which_nothing_was_read_do_not_count() -> None:
    assert NORTH in doubts(town(50), town(50).without(*gone(30)), nights_later=20)


def test_whoever_is_still_listed_but_has_no_place_any_more_is_gone_too() -> None:
    without_places = town(50)
    without_places.enrollments = [e for e in without_places.enrollments if e["user"] not in gone(30)]
    assert NORTH in doubts(town(50), without_places)


def test_nobody_loses_anything_while_the_size_is_in_doubt_and_then_the_nights_begin_to_count() -> None:
    world, left = World(), town(50).without(*gone(30))
    world.run(town(50))
    for night in range(1, 6):
        plan, verdict = world.run(left)
        assert not any(isinstance(c, Disable) for c in plan.changes), night
        assert bool(plan.held) is (night <= 3), night
    plan, verdict = world.run(left)
    assert sum(isinstance(c, Disable) for c in plan.changes) == 30
    assert [(hold.count, hold.limit) for hold in verdict.holds] == [(30, 5)], "the nights are proven, and it is held"
    assert len(world.active()) == 50
    assert world.day == DAY + timedelta(days=7)


def test_parents_who_go_with_their_children_are_no_people_of_the_school() -> None:
    world = World(policy=Policy(guardians=GuardianLinks.LINKED), mapping=shipped("oneroster"))
    family = town(50)
    for n in range(1, 51):
        family.users.append(person(f"g{n}", birth_date="1980-02-03"))
        family.relationships.append({"user": f"c0-{n}", "related": f"g{n}", "relation": "guardian"})
    world.run(family)
    left = family.without(*gone(9), *(f"g{n}" for n in range(1, 10)))
    for night in range(1, 4):
        plan, _ = world.run(left)
        assert not plan.held, night
    assert {c.key.sourced_id for c in plan.changes if isinstance(c, Disable)} >= set(gone(9))


@pytest.mark.parametrize(("last", "doubted"), [("2026-11-22", False), ("2026-11-23", True)], ids=["over", "not yet"])
def test_who_has_graduated_is_not_missing(last: str, *, doubted: bool) -> None:
    before = town(30)
    roster = before.roster()
    accounts = {
        key: replace(each, until=date.fromisoformat(last), leaving=Cause.GRADUATED)
        for key, each in seen_tonight(roster, placed_people(roster)).items()
    }
    assert bool(shrunken(town(30).without(*gone(30)).roster(), accounts, 3)) is doubted


def test_a_second_plan_in_one_night_is_as_sure_of_a_school_as_the_first() -> None:
    here, town = World(), Town().add_pupils(50)
    gone = town.without(*(f"p{n}" for n in range(1, 31)))
    here.run(town)
    for night in range(1, 8):
        first, _ = here.run(gone)
        here.night -= 1
        again, _, _ = here.plan(gone)
        here.night += 1
        assert len(again.changes) == len(first.changes), (night, len(first.changes), len(again.changes))

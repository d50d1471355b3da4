"""Schools that exchange their people overnight: whom that is said of, and when it is no accident."""

from dataclasses import replace
from datetime import date

import pytest

from provision.core.sightings import seen_tonight
from provision.core.sizes import relocated
from provision.core.state import Key, Kind
from provision.core.subjects import placed_people
from tests.town import DAY, NORTH, SOUTH, Town, place, school_class

AUGUST = (date(2027, 8, 20) - DAY).days


def moved(sizes: tuple[int, int], leavers: int, *, elsewhere: str = SOUTH) -> Town:
    """Two schools with a class each, where so many of the first are at another tonight."""
    made = Town().add_pupils(sizes[0]).add_pupils(sizes[1], SOUTH, "6B", "s")
    for row in made.enrollments[:leavers]:
        row |= {"org": elsewhere, "school_class": "6B" if elsewhere == SOUTH else "6A"}
    return made


def told_of(before: Town, after: Town, *, nights: int = 0, later: int = 1) -> str:
    roster = before.roster()
    seen = seen_tonight(roster, placed_people(roster))
    return relocated(after.roster(later), {key: replace(each, nights=nights) for key, each in seen.items()})


@pytest.mark.parametrize(
    ("there", "leavers", "told"),
    [(20, 11, True), (20, 10, False), (20, 20, True), (11, 6, True), (12, 6, False), (9, 5, False), (6, 6, True)],
)
def test_more_than_five_and_more_than_half_of_a_school_do_not_move_to_another_in_a_night(
    there: int, leavers: int, *, told: bool
) -> None:
    found = told_of(moved((there, 30), 0), moved((there, 30), leavers))
    assert found == (f"{leavers} of the {there} people of school {NORTH} are at {SOUTH}" if told else "")


def test_nobody_has_moved_who_is_at_both_schools_or_where_they_were() -> None:
    assert told_of(moved((20, 20), 0), moved((20, 20), 0)) == ""
    both = moved((20, 20), 0)
    both.enrollments += [place(row["user"], SOUTH) for row in both.enrollments[:20]]
    assert told_of(moved((20, 20), 0), both) == ""


def test_only_people_who_were_there_last_night_and_are_not_protected_tell_of_a_move() -> None:
    before, after = moved((20, 30), 0), moved((20, 30), 11)
    assert told_of(before, after, nights=1) == ""
    after.care = [{"sourced_id": "p1", "protected": "1"}]
    assert told_of(before, after) == f"10 of the 19 people of school {NORTH} are at {SOUTH}"
    after = moved((20, 30), 10)
    before.classes += [school_class(row["user"]) for row in after.enrollments[:10]]
    assert Key(Kind.GROUP, "p1") in seen_tonight(before.roster(), {})
    assert told_of(before, after) == "", "a class is nobody, whatever its id"


@pytest.mark.parametrize("new", [{NORTH}, {SOUTH}, {NORTH, SOUTH}, set()], ids=["old", "new", "both", "neither"])
def test_at_the_beginning_of_a_school_year_schools_may_merge(new: set[str]) -> None:
    before, after = moved((20, 30), 0), moved((20, 30), 20)
    after.classes = [
        school_class(name, org, begin="2027-08-01" if org in new else "2026-08-01", end="2028-07-31")
        for name, org in (("6A", NORTH), ("6B", SOUTH))
    ]
    assert bool(told_of(before, after, later=AUGUST)) is not bool(new)

"""Why somebody goes, by what the SIS said before it stopped showing them; a school year in which each cause occurs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.cause import Cause, cause_of, cause_of_loss, expected_end, final_grades, homerooms_of, new_year_at
from provision.core.history import Sighting
from provision.core.plan import Delete, Disable, Update
from provision.core.policy import Ladder, Policy
from provision.core.roster import Roster
from provision.core.state import Key, Kind
from tests.core.nights import World
from tests.town import DAY, NORTH, SOUTH, Town, place, school_class

YEAR_END = date(2027, 7, 31)
GRADUATE = Sighting(YEAR_END, frozenset({NORTH}), "student", YEAR_END, leaving=Cause.GRADUATED)


def said_end(roster: Roster) -> tuple[date | None, str]:
    places = roster.enrollments["p1"]
    return expected_end(places, homerooms_of(places, roster), roster, final_grades(roster))


def account(sourced_id: str) -> Key:
    return Key(Kind.ACCOUNT, sourced_id)


@pytest.mark.parametrize(
    ("sighting", "day", "cause"),
    [
        (GRADUATE, date(2027, 8, 1), Cause.GRADUATED),
        (GRADUATE, YEAR_END, Cause.VANISHED),
        (replace(GRADUATE, last_seen=date(2027, 6, 18)), date(2027, 8, 1), Cause.GRADUATED),
        (replace(GRADUATE, last_seen=date(2027, 6, 1)), date(2027, 8, 1), Cause.GRADUATED),
        (replace(GRADUATE, last_seen=date(2027, 5, 31)), date(2027, 8, 1), Cause.VANISHED),
        (replace(GRADUATE, last_seen=date(2027, 2, 3)), date(2027, 8, 20), Cause.VANISHED),
        (replace(GRADUATE, leaving=Cause.ENDED), date(2027, 8, 1), Cause.ENDED),
        (replace(GRADUATE, leaving=""), date(2027, 8, 1), Cause.VANISHED),
        (replace(GRADUATE, until=None), date(2027, 8, 1), Cause.VANISHED),
        (None, date(2027, 8, 1), Cause.VANISHED),
    ],
)
def test_only_who_was_there_until_shortly_before_an_announced_end_has_a_reason(
    sighting: Sighting | None, day: date, cause: Cause
) -> None:
    assert cause_of(sighting, day) is cause


@given(st.dates(date(2026, 8, 1), YEAR_END), st.dates(date(2026, 8, 1), date(2028, 8, 1)))
def test_who_disappears_in_the_middle_of_a_year_never_graduates_afterwards(last_seen: date, day: date) -> None:
    sighting = replace(GRADUATE, last_seen=last_seen)
    if cause_of(sighting, day) is not Cause.VANISHED:
        assert day > YEAR_END
        assert YEAR_END - last_seen <= timedelta(days=60)


@pytest.mark.parametrize(
    ("places", "until", "leaving"),
    [
        ([place("p1", school_class="6A")], YEAR_END, "graduated"),
        ([place("p1", school_class="6A"), place("p1", school_class="Kor")], YEAR_END, "graduated"),
        ([place("p1", school_class="6A"), place("p1", end="2027-01-31")], date(2027, 1, 31), "ended"),
        ([place("p1", school_class="6A"), place("p1", end="2027-07-31")], YEAR_END, "graduated"),
        ([place("p1", end="2027-01-31")], date(2027, 1, 31), "ended"),
        ([place("p1")], None, ""),
        ([place("p1", role="teacher", end="2027-01-31"), place("p1", SOUTH, role="teacher")], None, ""),
        ([place("p1", role="teacher", end="2027-01-31")], date(2027, 1, 31), "ended"),
        ([place("p1", school_class="6A", role="teacher")], None, ""),
        ([place("p1", school_class="open")], None, ""),
        ([place("p1", school_class="june")], date(2027, 6, 18), "graduated"),
        ([place("p1", school_class="november")], date(2026, 11, 30), "ended"),
    ],
)
def test_what_the_sis_says_of_somebodys_end(places: list[dict[str, str]], until: date | None, leaving: str) -> None:
    town = Town().add_pupil("p1")
    town.enrollments = places
    town.classes += [school_class("june", end="2027-06-18"), school_class("november", end="2026-11-30")]
    town.classes += [school_class("open", end=""), school_class("Kor", class_type="scheduled", end="2026-12-20")]
    roster = town.roster()
    assert said_end(roster) == (until, leaving)


def test_only_the_schools_last_grade_graduates() -> None:
    town = Town().add_pupil("p1")
    town.classes += [
        school_class("10A", grade="10"),
        school_class("9A", grade="9"),
        school_class("7B", SOUTH, grade="7"),
    ]
    assert final_grades(town.roster()) == {NORTH: "10", SOUTH: "7"}
    assert said_end(town.roster()) == (YEAR_END, "ended")


def test_only_a_current_class_of_pupils_says_what_the_last_grade_is() -> None:
    town = Town().add_pupil("p1")
    town.classes += [
        school_class("7C", grade="7", begin="2025-08-01", end="2026-07-31"),
        school_class("Kor", class_type="scheduled", grade="10"),
        school_class("mottak", grade=""),
    ]
    assert final_grades(town.roster()) == {NORTH: "6", SOUTH: "6"}


@pytest.mark.parametrize(
    ("end", "leaving"), [("2027-05-31", "ended"), ("2027-06-01", "graduated"), ("2027-07-31", "graduated")]
)
def test_a_class_is_over_with_the_year_from_sixty_days_before_its_end(end: str, leaving: str) -> None:
    town = Town(classes=[school_class("6A", end=end)]).add_pupil("p1")
    assert said_end(town.roster()) == (date.fromisoformat(end), leaving)


def test_a_class_without_an_end_is_over_with_the_sessions_of_the_source() -> None:
    town = Town(classes=[school_class("6A", end="")]).add_pupil("p1")
    town.sessions = [{"sourced_id": "y", "title": "2026/2027", "begin": "2026-08-17", "end": "2027-06-18"}]
    roster = town.roster()
    assert said_end(roster) == (date(2027, 6, 18), "graduated")


@pytest.mark.parametrize(
    ("night", "until"),
    [(-1, None), (0, DAY + timedelta(days=3)), (3, DAY + timedelta(days=3)), (4, None)],
    ids=["before it", "its first day", "its last day", "after it"],
)
def test_a_session_says_so_from_its_first_day_to_its_last(night: int, until: date | None) -> None:
    town = Town(classes=[school_class("6A", end="")]).add_pupil("p1")
    last = (DAY + timedelta(days=3)).isoformat()
    town.sessions = [{"sourced_id": "y", "title": "days", "begin": DAY.isoformat(), "end": last}]
    assert said_end(town.roster(night))[0] == until


def test_a_year_has_just_begun_where_no_class_of_pupils_is_older_than_some_weeks() -> None:
    town = Town(classes=[school_class("6A", begin="2027-08-01"), school_class("6B", SOUTH, begin="2027-08-18")])
    in_august = (date(2027, 8, 31) - DAY).days
    town.classes = [{**row, "end": "2028-07-31"} for row in town.classes]
    assert new_year_at(town.roster(in_august)) == {NORTH, SOUTH}
    assert new_year_at(town.roster(in_august + 1)) == {SOUTH}
    town.classes.append(school_class("7B", SOUTH, begin="2026-08-17", end="2028-07-31"))
    town.classes.append(school_class("Kor", NORTH, class_type="scheduled", begin="2020-08-01"))
    assert new_year_at(town.roster(in_august)) == {NORTH}
    town.classes.append(school_class("1A", NORTH, begin="", end=""))
    assert new_year_at(town.roster(in_august)) == frozenset()
    november = Town(classes=[school_class("6A", begin="2026-11-20")])
    assert new_year_at(november.roster()) == frozenset(), "whatever the classes say"


def test_a_year_begins_until_the_end_of_september_and_only_current_classes_of_pupils_say_so() -> None:
    in_september = (date(2027, 9, 30) - DAY).days
    town = Town(
        classes=[
            school_class("6A", begin="2027-09-15", end="2028-07-31"),
            school_class("6A before", begin="2026-08-01", end="2027-07-31"),
            school_class("Kor", class_type="scheduled", begin="2026-08-01", end="2028-07-31"),
        ]
    )
    assert new_year_at(town.roster(in_september)) == {NORTH}
    assert new_year_at(town.roster(in_september + 1)) == frozenset()


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ({NORTH}, {SOUTH}, Cause.MOVED),
        ({NORTH, SOUTH}, {SOUTH}, Cause.MOVED),
        ({NORTH}, {NORTH}, Cause.VANISHED),
        ({NORTH}, set(), Cause.VANISHED),
    ],
)
def test_who_loses_something_and_stays_has_moved_or_there_is_no_reason(
    before: set[str], after: set[str], cause: Cause
) -> None:
    assert cause_of_loss(before, after, frozenset()) is cause
    in_august = cause_of_loss(before, after, {NORTH, SOUTH})
    assert in_august is (Cause.GRADUATED if after else Cause.VANISHED)


def test_who_left_as_the_sis_said_is_disabled_as_that_and_stays_gone_as_that() -> None:
    world = World(policy=Policy(retention_days=2))
    town = Town().add_pupils(30).add_pupil("p31")
    town.enrollments[-1] = place("p31", end=(DAY + timedelta(days=1)).isoformat())
    world.run(town)
    world.run(town)
    for _ in range(2):
        assert world.run(town)[0].changes == ()
    [change] = world.run(town)[0].changes
    assert isinstance(change, Disable)
    assert (change.key, change.cause) == (account("p31"), Cause.ENDED)
    assert change.reason.startswith("left, as the SIS said, on 2026-11-24; missing 3 of 3")
    world.run(town)
    world.history = replace(world.history, disabled={("feide", account("p31")): world.day - timedelta(days=2)})
    [change] = world.run(town)[0].changes
    assert isinstance(change, Delete)
    assert change.cause is Cause.ENDED


def test_who_vanishes_is_let_in_for_the_days_of_their_role_and_who_left_is_not() -> None:
    policy = Policy(ladders={"student": Ladder(10, 5), "staff": Ladder(4, 5)})
    world = World(policy=policy)
    town = Town().add_pupils(30).add_teacher("t1").add_teacher("t2")
    world.run(town)
    gone = town.without("p7", "t1")
    waits = {}
    disabled: dict[str, int] = {}
    for night in range(1, 13):
        plan, _ = world.run(gone)
        disabled |= {c.key.sourced_id: night for c in plan.changes if isinstance(c, Disable)}
        waits |= {k.sourced_id: reason for k, reason in plan.waiting.items()}
    assert disabled == {"t1": 5, "p7": 11}
    assert waits["p7"].endswith(f"let in until {(DAY + timedelta(days=10)).isoformat()}")


def test_gone_at_one_school_and_seen_days_later_at_another_is_a_move_without_a_gap() -> None:
    world = World(policy=Policy(ladders={"student": Ladder(14, 180)}))
    town = Town().add_pupils(30).add_pupils(30, SOUTH, "6B", "s")
    world.run(town)
    username = world.records[account("p7")].fields["uid"]
    for _ in range(6):
        assert world.run(town.without("p7"))[0].changes == ()
    plan, _ = world.run(town.without("p7").add_pupil("p7", SOUTH, "6B"))
    [change] = [c for c in plan.changes if c.key == account("p7")]
    assert isinstance(change, Update)
    assert change.cause is Cause.MOVED
    moved = world.records[account("p7")]
    assert (moved.fields["uid"], moved.active) == (username, True)
    assert "6B" in str(moved.fields)
    assert "6A" not in str(moved.fields)


Ids = dict[str, list[str]]
GRADES: Ids = {str(grade): [f"c{grade}-{n}" for n in range(20)] for grade in range(1, 11)}


def school_of(first: int, pupils: Ids) -> Town:
    """One school in the school year that begins in `first`, a class to each grade."""
    town = Town(classes=[])
    for grade, ids in pupils.items():
        name = f"{grade}A{first}"
        town.classes.append(school_class(name, grade=grade, begin=f"{first}-08-01", end=f"{first + 1}-07-31"))
        for each in ids:
            town.add_pupil(each, NORTH, name)
    return town.add_teacher("t1")


def on(day: date) -> Town:
    """The export of one day: somebody moves away each month, and comes; in February an export lacks half a class."""
    months = (day.year - DAY.year) * 12 + day.month - DAY.month
    if day <= YEAR_END:
        town = school_of(2026, GRADES)
    else:
        risen = {str(grade): GRADES[str(grade - 1)] for grade in range(2, 11)}
        town = school_of(2027, {"1": [f"new-{n}" for n in range(20)], **risen})
    town = town.without(*(f"c{1 + month % 9}-{month}" for month in range(months)))
    for month in range(months):
        town.add_pupil(f"joined-{month}", NORTH, "5A2026" if day <= YEAR_END else "6A2027")
    if date(2027, 2, 8) <= day <= date(2027, 2, 12):
        town = town.without(*GRADES["6"][8:16])
    return town


def test_a_whole_school_year_day_by_day_is_held_in_february_and_not_in_august() -> None:
    """Grade 10 leaves, first-graders come, every class is a new one: nobody raises a limit for it."""
    world, held = World(), dict[date, set[tuple[str, str, int]]]()
    while world.day < date(2027, 9, 10):
        day = world.day
        _, verdict = world.run(on(day))
        if verdict.holds:
            held[day] = {(hold.loss, hold.cause, hold.count) for hold in verdict.holds}
    assert held == {date(2027, 2, day): {("disable", "vanished", 8)} for day in (10, 11, 12)}
    assert world.deleted_while_active == []
    locked = {k.sourced_id for k, r in world.records.items() if k.kind is Kind.ACCOUNT and not r.active}
    moved_away = {f"c{1 + month % 9}-{month}" for month in range(10)}
    deleted = moved_away - {key.sourced_id for key in world.records}
    assert locked == set(GRADES["10"]) | moved_away - deleted, "and only who has left is locked"
    assert deleted == {f"c{1 + month}-{month}" for month in range(4)}, "who left until February, half a year later"
    assert {k.sourced_id for k in world.records if k.kind is Kind.ACCOUNT} >= {f"new-{n}" for n in range(20)}

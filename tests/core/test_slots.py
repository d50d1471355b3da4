"""Which firing of a schedule is due: each slot is done once, and the latest one always, whatever the clock does."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.config.schedule_job import following
from provision.core.slots import Firing, Turn, again, is_due, latest, missed, slot_of, upcoming

OSLO = ZoneInfo("Europe/Oslo")
NIGHTLY = following("30 2 * * *", "Europe/Oslo")
CRONS = ("30 2 * * *", "0 2 * * *", "15 1 * * *", "*/20 2 * * *", "0 * * * *", "0 5 * * mon-fri", "0 3 1 * *")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
# Both nights in which the clock is changed, a year's end, a leap day, and any day.
STARTS = ("2026-10-24T20:00", "2027-03-27T20:00", "2026-12-31T20:00", "2028-02-28T20:00", "2026-11-23T00:00")
STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=9),
    timedelta(minutes=-40),
    timedelta(hours=-2),
    timedelta(days=-1),
)


def turn(slot: str = "2026-11-23T02:30", **more: object) -> Turn:
    given_ = {"attempts": 1, "began": NOW, "expires": NOW, **more}
    return Turn("nightly", "sync", slot, "somebody", **given_)  # type: ignore[arg-type]  by name, whatever a test says


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@given(st.sampled_from(CRONS), st.sampled_from(STARTS), st.lists(st.sampled_from(STEPS), max_size=40))
def test_on_any_walk_of_the_clock_each_slot_is_done_once_and_the_latest_always(
    cron: str, start: str, steps: list[timedelta]
) -> None:
    schedule, now, done = following(cron, "Europe/Oslo"), at(start).astimezone(UTC), Counter[str]()
    for step in (timedelta(), *steps):
        now += step
        firing = latest(schedule, now)
        assert firing is not None
        before = turn(firing.slot, ended=now) if done[firing.slot] else None
        if is_due(firing, before, now):
            done[firing.slot] += 1
        assert done[firing.slot] == 1
    assert set(done.values()) <= {1, 0}


@given(st.sampled_from(CRONS), st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)))  # noqa: DTZ001  UTC follows
def test_the_latest_firing_is_not_after_now_and_none_is_between(cron: str, moment: datetime) -> None:
    schedule, now = following(cron, "Europe/Oslo"), moment.replace(tzinfo=UTC)
    firing = latest(schedule, now)
    assert firing is not None
    assert firing.at <= now
    after = schedule(firing.at)
    assert after is not None
    assert after.astimezone(UTC) > now


@pytest.mark.parametrize(
    ("day", "slot"),
    [("2026-10-25", "2026-10-25T02:30"), ("2027-03-28", "2027-03-28T02:30"), ("2028-02-29", "2028-02-29T02:30")],
)
def test_a_night_in_which_the_clock_is_changed_has_one_slot(day: str, slot: str) -> None:
    evening = at(f"{day}T23:00")
    firing = latest(NIGHTLY, evening)
    assert firing is not None
    assert firing.slot == slot
    before = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=OSLO)
    slots = {firing.slot for firing in upcoming(NIGHTLY, before, 2)}
    assert slots == {slot, slot_of(datetime.fromisoformat(slot) + timedelta(days=1))}


def test_a_schedule_of_leap_days_finds_the_last_one() -> None:
    firing = latest(following("0 3 29 feb *", "Europe/Oslo"), datetime(2027, 11, 1, tzinfo=UTC))
    assert firing is not None
    assert firing.slot == "2024-02-29T03:00"


def test_of_a_week_of_sleep_one_night_is_made_up_for_and_the_others_are_counted() -> None:
    since = at("2026-11-16T02:30")
    assert missed(NIGHTLY, since, at("2026-11-23T08:00")) == 6
    assert missed(NIGHTLY, since, at("2026-11-17T08:00")) == 0
    assert missed(NIGHTLY, since, since) == 0


def test_nothing_is_due_where_nothing_ever_was() -> None:
    assert latest(lambda _: None, NOW) is None
    assert not is_due(None, None, NOW)
    assert upcoming(lambda _: None, NOW, 3) == []


@pytest.mark.parametrize(
    ("found", "due"),
    [
        (None, True),
        (turn(), False),  # at work
        (turn(lost=True), True),
        (turn(lost=True, attempts=20, began=NOW - timedelta(minutes=29)), False),
        (turn(lost=True, attempts=20, began=NOW - timedelta(minutes=30)), True),
        (turn(ended=NOW, exit_code=0), False),
        (turn(ended=NOW, exit_code=7, again=NOW), True),
        (turn(ended=NOW, exit_code=7, again=NOW + timedelta(microseconds=1)), False),
    ],
)
def test_a_slot_is_due_when_nobody_has_it_was_lost_or_is_to_be_tried_again(found: Turn | None, *, due: bool) -> None:
    assert is_due(Firing("2026-11-23T02:30", NOW), found, NOW) is due


@pytest.mark.parametrize("code", [0, 2, 3, 5, 6, 10])
def test_what_a_while_does_not_mend_is_not_tried_again(code: int) -> None:
    assert again(code, 1, NOW) is None


@pytest.mark.parametrize("code", [1, 4, 7, 8])
def test_what_may_be_over_after_a_while_is_tried_six_times_more(code: int) -> None:
    waits = [again(code, attempts, NOW) for attempts in range(1, 8)]
    first = timedelta(minutes=1 if code == 8 else 15)
    assert waits == [NOW + first, *[NOW + timedelta(minutes=30)] * 5, None]

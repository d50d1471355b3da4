"""What is told: that it began and that it is over, once each, whatever gets through."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from provision.core.conditions import Condition, What
from provision.core.telling import QUIET, News, Told, delivered, followed, news

START: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HELD: Final = Condition(What.HELD, "feide")
DOWN: Final = Condition(What.TARGET_DOWN, "lms")


@dataclass(slots=True)
class Desk:
    """Somebody who looks again and again, and what they were told."""

    now: datetime = START
    rows: list[Told] = field(default_factory=list)

    def look(self, *found: Condition, after: int = 1, through: bool = True) -> list[tuple[str, str]]:
        """What was told after so many minutes, while these hold."""
        self.now += timedelta(minutes=after)
        self.rows = followed(self.rows, found, self.now)
        told = news(self.rows, self.now) if through else News()
        self.rows = delivered(self.rows, told, self.now)
        return [("begun", row.what) for row in told.begun] + [("over", row.what) for row in told.over]


def test_what_holds_is_told_once_and_so_is_its_end() -> None:
    desk = Desk()
    assert desk.look(HELD) == [("begun", "held")]
    assert desk.look(HELD) == []
    assert desk.look() == [("over", "held")]
    assert desk.look() == []


def test_what_does_not_get_through_is_told_later() -> None:
    desk = Desk()
    assert desk.look(HELD, through=False) == []
    assert desk.look(HELD) == [("begun", "held")]
    assert desk.look(through=False) == []
    assert desk.look() == [("over", "held")]


def test_what_began_and_ended_while_nobody_could_be_told_is_not_told() -> None:
    desk = Desk()
    desk.look(HELD, through=False)
    assert desk.look() == []
    assert desk.rows == []


def test_what_comes_back_within_the_hour_waits_until_it_has_lasted() -> None:
    desk = Desk()
    desk.look(HELD)
    desk.look()
    assert desk.look(HELD, after=10) == []
    assert desk.look(HELD, after=49) == []
    assert desk.look(HELD, after=1) == [("begun", "held")]


def test_what_comes_back_is_told_along_with_something_else() -> None:
    desk = Desk()
    desk.look(HELD)
    desk.look()
    assert desk.look(HELD, DOWN, after=10) == [("begun", "held"), ("begun", "target_down")]


def test_what_comes_back_after_an_hour_is_told_at_once() -> None:
    desk = Desk()
    desk.look(HELD)
    desk.look()
    desk.look(after=59)
    assert desk.look(HELD, after=1) == [("begun", "held")]


def test_what_comes_back_before_its_end_was_told_never_ended() -> None:
    desk = Desk()
    desk.look(HELD)
    desk.look(through=False)
    assert desk.look(HELD) == []


def test_the_moment_since_when_it_holds_is_kept() -> None:
    desk = Desk()
    desk.look(Condition(What.HELD, "feide", {"count": "3"}, START - QUIET))
    desk.look(Condition(What.HELD, "feide", {"count": "5"}, START))
    (row,) = desk.rows
    assert (row.since, row.facts) == (START - QUIET, {"count": "5"})


steps = st.lists(
    st.tuples(st.sets(st.sampled_from((HELD.what, DOWN.what))), st.integers(1, 90), st.booleans()), max_size=40
)


@given(steps)
def test_begun_and_over_take_turns_and_everything_is_told_in_the_end(
    steps: Sequence[tuple[set[What], int, bool]],
) -> None:
    desk, by = Desk(), {HELD.what: HELD, DOWN.what: DOWN}
    heard: dict[str, list[tuple[str, datetime]]] = {"held": [], "target_down": []}
    last: set[What] = set()
    for last, after, through in steps:
        for said, what in desk.look(*(by[each] for each in sorted(last)), after=after, through=through):
            heard[what].append((said, desk.now))
    for _ in range(2):
        for said, what in desk.look(*(by[each] for each in sorted(last)), after=61):
            heard[what].append((said, desk.now))
    for what, told in heard.items():
        assert [said for said, _ in told] == [("begun", "over")[number % 2] for number in range(len(told))]
        assert bool(len(told) % 2) == (What(what) in last)

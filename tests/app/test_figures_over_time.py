"""The journal keeps the figures of every counted day, whatever the order in which days are counted."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.figures import Coverage, Figures, Group, Level, Link
from provision.core.trend import Point, thinned
from tests.app.journals import Clock, database, on_both, opened
from tests.town import DAY, NORTH

SCHOOL = Group(Level.SCHOOL, NORTH, "Nord skole")
CLASS = Group(Level.CLASS, NORTH, "6A", "6a")
LONG_AGO = date(2000, 1, 1)

COUNTS = st.builds(
    Figures,
    group=st.just(SCHOOL),
    pupils=st.integers(0, 3),
    counted=st.dictionaries(st.sampled_from(Counted), st.integers(1, 2), max_size=2),
    without=st.integers(0, 1),
    link=st.sampled_from([None, Link(128, 20)]),
)
Night = tuple[int, int, str, Figures]
NIGHTS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 2), st.sampled_from(["school", "class", "both", "none"]), COUNTS),
    max_size=8,
)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def coverage(number: int, definitions: int, groups: str, counts: Figures) -> Coverage:
    of = {"school": (SCHOOL,), "class": (CLASS,), "both": (SCHOOL, CLASS), "none": ()}[groups]
    return Coverage(day(number), definitions, tuple(_of(group, counts) for group in of))


def _of(group: Group, counts: Figures) -> Figures:
    return Figures(group, counts.pupils, counts.counted, counts.without, link=counts.link)


@given(NIGHTS)
@settings(max_examples=30)
def test_what_was_counted_on_each_day_can_be_read_whatever_the_order(nights: list[Night]) -> None:
    counted: dict[int, Coverage] = {}
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), Clock()) as journal:
        for number, definitions, groups, counts in nights:
            counted[number] = coverage(number, definitions, groups, counts)
            journal.remember_figures(counted[number])
        for group in (SCHOOL, CLASS):
            expected = tuple(
                Point(each.day, each.definitions, figures)
                for _, each in sorted(counted.items())
                for figures in each.figures
                if figures.group == group
            )
            assert journal.trends([group], LONG_AGO)[group] == expected


def test_days_on_which_nothing_changed_take_no_room(tmp_path: Path) -> None:
    counts = Figures(SCHOOL, 3)
    with opened(tmp_path, Clock()) as journal:
        for number in range(20):
            journal.remember_figures(coverage(number, 1, "both", counts))
        assert len(journal.trends([SCHOOL], LONG_AGO)[SCHOOL]) == 20
        assert [point.day for point in journal.trends([SCHOOL], day(18))[SCHOOL]] == [day(18), day(19)]
    with closing(sqlite3.connect(database(tmp_path))) as connection:
        assert connection.execute("select count(*) from figure").fetchone() == (2,)


@on_both
def test_of_many_days_as_many_are_told_as_are_wanted_the_same_for_all_and_as_they_were(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as journal:
        for number in range(40):
            journal.remember_figures(coverage(number, 1 + number // 25, "both", Figures(SCHOOL, number)))
        told = journal.trends([SCHOOL, CLASS], LONG_AGO, 5)
    days = [(point.day, point.figures.pupils) for point in told[SCHOOL]]
    assert days == [(day(n), n) for n in (0, 10, 20, 24, 25, 29, 39)], "both sides of a break are among them"
    assert [(point.day, point.figures.pupils) for point in told[CLASS]] == days


@given(st.lists(st.integers(1, 3), max_size=30).map(sorted), st.integers(2, 10))
def test_first_last_and_breaks_are_never_left_out(definitions: list[int], most: int) -> None:
    days = list(enumerate(definitions))
    told = thinned(days, most)
    assert set(told) <= set(days)
    assert told == sorted(told)
    assert len(told) <= most + 2 * (len(set(definitions)) - 1) if definitions else told == []
    for each in set(definitions):
        of = [one for one in days if one[1] == each]
        assert {of[0], of[-1]} <= set(told)


def test_without_a_limit_every_day_is_told() -> None:
    days = [(n, 1) for n in range(50)]
    assert thinned(days, 0) == thinned(days, 50) == days

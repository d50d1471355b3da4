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
from provision.core.trend import Point
from tests.app.journals import Clock, database, opened
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
            assert journal.trend(group, LONG_AGO) == expected


def test_days_on_which_nothing_changed_take_no_room(tmp_path: Path) -> None:
    counts = Figures(SCHOOL, 3)
    with opened(tmp_path, Clock()) as journal:
        for number in range(20):
            journal.remember_figures(coverage(number, 1, "both", counts))
        assert len(journal.trend(SCHOOL, LONG_AGO)) == 20
        assert [point.day for point in journal.trend(SCHOOL, day(18))] == [day(18), day(19)]
    with closing(sqlite3.connect(database(tmp_path))) as connection:
        assert connection.execute("select count(*) from figure").fetchone() == (2,)

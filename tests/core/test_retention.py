"""Nobody is forgotten before their time, or while they are needed; everybody else is."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from provision.core.retention import is_over, people, to_forget

TODAY = date(2026, 11, 23)
IDS = st.sampled_from([f"p{number}" for number in range(8)])
DAYS = st.dates(date(2024, 1, 1), TODAY) | st.none()
TRACES = st.dictionaries(IDS, DAYS)
CHANGES = st.dictionaries(IDS, IDS, max_size=4)


@given(TRACES, CHANGES, st.sets(IDS), st.integers(1, 700))
def test_nobody_goes_within_their_time_or_while_needed_and_nobody_else_stays(
    traces: dict[str, date | None], changes: dict[str, str], needed: set[str], days: int
) -> None:
    known = people(traces, changes)
    gone = to_forget(known, needed, days, TODAY)
    for person in known:
        last = max((day for each in person.ids if (day := traces.get(each))), default=None)
        within = last is not None and (TODAY - last).days <= days
        assert (person not in gone) == (within or bool(person.ids & needed))


@given(TRACES, CHANGES)
def test_everybody_is_one_person_with_all_their_ids(traces: dict[str, date | None], changes: dict[str, str]) -> None:
    known = people(traces, changes)
    ids = [each for person in known for each in person.ids]
    assert len(ids) == len(set(ids))
    assert traces.keys() <= set(ids)
    for old, new in changes.items():
        assert [old in person.ids for person in known] == [new in person.ids for person in known]


def test_days_are_whole_ones() -> None:
    assert not is_over(TODAY - timedelta(days=30), 30, TODAY)
    assert is_over(TODAY - timedelta(days=31), 30, TODAY)


def test_whose_day_nobody_knows_goes_unless_needed() -> None:
    known = people({"p1": None, "p2": None}, {})
    assert [person.ids for person in to_forget(known, {"p2"}, 30, TODAY)] == [{"p1"}]

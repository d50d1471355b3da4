"""What suddenly holds much less is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.figures import Tally
from provision.core.shrunk import shrunk


@pytest.mark.parametrize(
    ("before", "now", "is_less"),
    [
        (640, 512, False),
        (640, 511, True),
        (640, 0, True),
        (12, 2, False),
        (12, 1, True),
        (0, 0, False),
        (5, 500, False),
    ],
)
def test_a_fifth_less_is_too_much_and_a_few_never_are(before: int, now: int, *, is_less: bool) -> None:
    found = shrunk([Tally("list", before)], [Tally("list", now)], 20)
    assert found == ([Tally("list", before)] if is_less else [])


def test_a_person_may_allow_it_and_what_is_new_or_no_longer_asked_is_no_loss() -> None:
    before = [Tally("list", 100), Tally("intune", 100)]
    assert shrunk(before, [Tally("list", 0), Tally("snipe", 1)], 20, {"list"}) == []


tallies = st.lists(st.builds(Tally, st.sampled_from("abc"), st.integers(0, 500)), unique_by=lambda each: each.name)


@given(tallies, tallies, st.integers(1, 100))
def test_only_what_holds_less_is_told_and_what_grows_never_is(
    before: list[Tally], now: list[Tally], limit: int
) -> None:
    counts = {each.name: each.count for each in now}
    told = shrunk(before, now, limit)
    assert all(counts[each.name] < each.count * (1 - limit / 100) + 1e-9 for each in told)
    assert set(told) <= set(shrunk(before, [Tally(each.name, 0) for each in now], limit))
    assert shrunk(before, before, limit) == []

"""Announced id changes: chains, circles, ids that come back, and protection under every id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.id_changes import IdChanges


@pytest.mark.parametrize(
    ("changes", "present", "found"),
    [
        ({"a": "b"}, {"b"}, {"a": "b"}),
        ({"a": "b", "b": "c"}, {"c"}, {"a": "c", "b": "c"}),
        ({"a": "b", "b": "c"}, {"b", "c"}, {"a": "b"}),
        ({"a": "b"}, {"a", "b"}, {}),
        ({"a": "b", "b": "a"}, set(), {}),
        ({"a": "a"}, set(), {}),
        ({"a": "b"}, set(), {"a": "b"}),
    ],
)
def test_a_former_id_leads_to_the_one_that_counts(
    changes: dict[str, str], present: set[str], found: dict[str, str]
) -> None:
    assert IdChanges(changes).leading(present) == found


def test_a_person_is_the_same_under_every_id_before_and_after() -> None:
    assert IdChanges({"a": "b", "b": "c", "x": "y"}).all_of({"b"}) == {"a", "b", "c"}
    assert IdChanges().all_of({"b"}) == {"b"}


IDS = st.sampled_from("abcdef")


@given(st.dictionaries(IDS, IDS), st.sets(IDS))
def test_nobody_present_is_anybodys_former_id_and_every_end_is_an_end(
    changes: dict[str, str], present: set[str]
) -> None:
    found = IdChanges(changes).leading(present)
    assert not found.keys() & present
    assert all(new in present or new not in changes for new in found.values())


@given(st.dictionaries(IDS, IDS), IDS, IDS)
def test_two_ids_protect_each_other_or_neither(changes: dict[str, str], one: str, other: str) -> None:
    ids = IdChanges(changes)
    assert (other in ids.all_of({one})) == (one in ids.all_of({other}))


def test_an_id_that_came_back_may_be_another_persons_and_does_not_share_their_protection() -> None:
    assert IdChanges(void={"a": "b"}).all_of({"b"}) == {"b"}
    assert IdChanges(void={"a": "b"}).all_of({"a"}) == {"a", "b"}

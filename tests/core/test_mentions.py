"""Somebody is found wherever a text names them, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.mentions import ERASED, sought

TERMS = st.text("ab1-@ ø", min_size=1, max_size=6).filter(lambda text: any(c.isalnum() for c in text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("account:p12", {"p12"}),
        ("p12", {"p12"}),
        ("guardian_p12,", {"p12"}),
        ("P12!", {"p12"}),
        ("p123", set()),
        ("xp12", set()),
        ("p1", set()),
        ('{"cn":"Kari Nordmann"}', {"kari nordmann"}),
        ("kari nordmannsen", set()),
        ("kari@skole.no (p12)", {"kari@skole.no", "p12"}),
        ("", set()),
    ],
)
def test_a_term_is_found_as_a_whole_word(text: str, found: set[str]) -> None:
    assert sought(["p12", "Kari Nordmann", "kari@skole.no", " ", "-"]).found_in(text) == found


@given(TERMS, TERMS)
def test_what_is_taken_out_is_not_found_any_more(term: str, around: str) -> None:
    wanted = sought([term])
    text = f"{around} {term.upper()}, {term}"
    assert wanted.found_in(text)
    left = wanted.taken_out_of(text)
    assert not wanted.found_in(left)
    assert ERASED in left


def test_nothing_is_found_where_nothing_is_sought() -> None:
    assert not sought([])
    assert sought(["p1"])
    assert sought([]).taken_out_of("p1") == "p1"


def test_what_stands_for_somebody_may_be_said_and_ids_are_found_between_any_signs() -> None:
    text = "looks like 4712, … `provision adopt --same 4712=4711`; 4712. 4714/4712"
    assert sought({"4712"}).taken_out_of(text, "…") == "looks like …, … `provision adopt --same …=4711`; …. 4714/…"

"""Fingerprints: equal records, and only they, have equal ones, in whatever shape and order their parts come."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from provision.core.state import Key, Kind, Member, Record, Value, fingerprint

SECRET = b"the key of the fingerprints"
PUPIL = Key(Kind.ACCOUNT, "p1")
ONE, OTHER = Key(Kind.ORG, "a"), Key(Kind.ORG, "b")
VALUES: list[Value] = ["a", "b", "ab", "org:a", ONE, OTHER]
VALUES += [frozenset({"a", "b"}), frozenset({ONE, OTHER}), frozenset({ONE, "b"}), frozenset({"a", "b", "ab"})]
MEMBERS = [
    frozenset[Member](),
    frozenset({Member(PUPIL, "student")}),
    frozenset({Member(PUPIL, "student", primary=True)}),
    frozenset({Member(PUPIL, "student", "2026-08-01")}),
    frozenset({Member(PUPIL, "student", end="2026-08-01")}),
    frozenset({Member(PUPIL, "teacher")}),
    frozenset({Member(PUPIL, "student"), Member(PUPIL, "teacher")}),
    frozenset({Member(Key(Kind.ACCOUNT, "p2"), "student")}),
]
FIELDS = [{}, *({name: value} for name in ("cn", "sn") for value in VALUES), {"cn": "a", "sn": "b"}]
DIFFERENT = [Record(PUPIL, *parts) for parts in product(FIELDS, MEMBERS, (True, False))]
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True)


def test_no_two_records_that_differ_have_the_same_fingerprint() -> None:
    assert len({fingerprint(record, SECRET) for record in DIFFERENT}) == len(DIFFERENT) > 300


def test_equal_records_have_the_same_one_in_whatever_order_and_shape_their_parts_come() -> None:
    texts = [f"text {number}" for number in range(100)]
    members = [Member(Key(Kind.ACCOUNT, text), "student") for text in texts]
    one = Record(PUPIL, {"cn": "a", "sn": frozenset(texts)}, frozenset(members))
    same = Record(PUPIL, {"sn": frozenset(texts[::-1]), "cn": frozenset({"a"})}, frozenset(members[::-1]))
    assert fingerprint(one, SECRET) == fingerprint(same, SECRET)


@given(TEXTS, TEXTS)
def test_of_any_two_sets_of_texts_the_same_holds(some: list[str], others: list[str]) -> None:
    one, other = (fingerprint(Record(PUPIL, {"cn": frozenset(texts)}), SECRET) for texts in (some, others))
    assert (one == other) == (set(some) == set(others))


def test_a_fingerprint_cannot_be_made_without_the_key() -> None:
    assert fingerprint(DIFFERENT[0], SECRET) != fingerprint(DIFFERENT[0], b"another key")

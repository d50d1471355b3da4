"""New ids that nobody announced: who is the same person for certain, who may be, and when it is the whole export."""

from datetime import date, timedelta
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.nin import make_synthetic
from provision.core.relinks import Prints, Relinks, find_relinks, prints_of, waiting_for
from provision.core.roster import Roster
from tests.town import Town

BORN = date(2014, 3, 1)
NUMBERS = [n for serial in range(400) if (n := make_synthetic(BORN, serial))]


def keyed(text: str) -> str:
    return blake2b(text.encode(), key=b"site", digest_size=8).hexdigest()


def known(roster: Roster) -> dict[str, Prints]:
    return {p: prints_of(user, keyed) for p, user in roster.users.items()}


def relinks(before: Town, after: Town) -> Relinks:
    roster = after.roster(1)
    return find_relinks(roster, roster.users, known(before.roster()), keyed)


def town(*people: tuple[str, dict[str, str]]) -> Town:
    made = Town()
    for sourced_id, fields in people:
        made.add_pupil(sourced_id, **fields)
    return made


def of(number: int, **fields: str) -> dict[str, str]:
    return {"national_id": NUMBERS[number], "birth_date": BORN.isoformat(), "family_name": f"Prøve{number}", **fields}


def test_the_same_identity_number_is_the_same_person_whatever_else_is_new() -> None:
    found = relinks(town(("old", of(1)), ("stays", of(2))), town(("new", of(1, family_name="Ny")), ("stays", of(2))))
    assert (found.certain, found.proposed, found.ambiguous) == ({"old": "new"}, {}, {})


@pytest.mark.parametrize("number", ["", NUMBERS[9]], ids=["none", "another, as when a D-number became a fødselsnummer"])
def test_the_same_name_and_birth_date_is_a_proposal_only(number: str) -> None:
    found = relinks(town(("old", of(1))), town(("new", of(1, national_id=number))))
    assert (found.certain, found.proposed) == ({}, {"old": "new"})
    told = waiting_for(found)
    assert told["old"] == "kept, because new may be the same person"
    assert "provision adopt --same old=new" in told["new"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"old": of(1, national_id="")}, {"new": of(1, national_id=""), "twin": of(1, national_id="")}),
        ({"old": of(1, national_id=""), "other": of(1, national_id="")}, {"new": of(1, national_id="")}),
    ],
    ids=["one known, two new namesakes", "two known namesakes, one new"],
)
def test_two_candidates_are_held_and_never_guessed(
    before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> None:
    found = relinks(town(*before.items()), town(*after.items()))
    assert found.pairs == {}
    assert found.ambiguous.keys() == before.keys() | after.keys(), "nobody gets an account, and nobody loses one"
    assert all("say which" in found.ambiguous[new] for new in after)
    assert all(found.ambiguous[old].startswith("kept, because") for old in before)


@pytest.mark.parametrize("same", [{}, {"national_id": ""}, {"family_name": "Annan", "birth_date": ""}])
def test_when_one_of_two_records_of_a_person_goes_the_account_of_that_one_is_asked_about(same: dict[str, str]) -> None:
    twice, once = town(("one", of(1)), ("two", of(1, **same))), town(("two", of(1, **same)))
    found = relinks(twice, once)
    assert found.pairs == {}
    assert found.ambiguous.keys() == {"one"}
    assert "adopt --same one=two" in found.ambiguous["one"]
    said = find_relinks(once.roster(1), [], known(twice.roster()), keyed)
    assert said == Relinks(), "somebody has said that two is nobody else"


def test_the_same_number_with_another_birth_date_is_nobodys_until_it_is_corrected() -> None:
    found = relinks(town(("old", of(1))), town(("new", of(1, birth_date="2010-01-01"))))
    assert found.pairs == {}
    assert found.ambiguous["new"].startswith("has the identity number of old, but another birth date")
    unsaid = relinks(town(("old", of(1, birth_date=""))), town(("new", of(1))))
    assert (unsaid.certain, unsaid.proposed) == ({}, {"old": "new"}), "a number is typed, and may be typed for another"


@pytest.mark.parametrize("number", ["00000000000", "000000000000", "111111111111"])
def test_a_placeholder_is_nobodys_number(number: str) -> None:
    placeholder = of(1, national_id=number, family_name="Annen")
    assert relinks(town(("old", of(2, national_id=number))), town(("new", placeholder))).pairs == {}


def test_twins_and_namesakes_are_nobody_but_themselves() -> None:
    twins = town(("a", of(1, given_name="Siri")), ("b", of(1, given_name="Solveig", national_id=NUMBERS[2])))
    both_new = town(("a2", of(1, given_name="Siri")), ("b2", of(1, given_name="Solveig", national_id=NUMBERS[2])))
    assert relinks(twins, both_new).certain == {"a": "a2", "b": "b2"}
    later = (BORN + timedelta(days=1)).isoformat()
    assert relinks(town(("old", of(1))), town(("new", of(1, national_id="", birth_date=later)))) == Relinks()


def test_who_is_still_there_is_nobodys_former_self() -> None:
    both = town(("old", of(1)), ("new", of(2, family_name="Prøve1")))
    assert relinks(town(("old", of(1))), both) == Relinks()
    assert relinks(town(("new", of(1))), town(("new", of(2)))) == Relinks()


def test_without_numbers_and_birth_dates_nobody_is_recognised() -> None:
    nobody = {"national_id": "", "birth_date": ""}
    assert relinks(town(("old", of(1, **nobody))), town(("new", of(1, **nobody)))) == Relinks()


def test_what_is_kept_of_somebody_says_neither_number_nor_name() -> None:
    user = town(("p1", of(1))).roster().users["p1"]
    kept = " ".join(prints_of(user, keyed))
    assert NUMBERS[1] not in kept
    assert "Kari" not in kept
    assert prints_of(user, keyed) != prints_of(user, lambda text: keyed(f"other site {text}"))


@given(count=st.integers(1, 30), with_numbers=st.integers(0, 30), leavers=st.integers(0, 5), joiners=st.integers(0, 5))
def test_an_export_with_new_ids_for_everybody_pairs_each_with_themselves(
    count: int, with_numbers: int, leavers: int, joiners: int
) -> None:
    def people(prefix: str, extra: range) -> Town:
        numbered = {n: of(n) if n < with_numbers else of(n, national_id="") for n in (*range(count), *extra)}
        return town(*((f"{prefix}{n}", fields) for n, fields in numbered.items()))

    found = relinks(people("a", range(50, 50 + leavers)), people("b", range(60, 60 + joiners)))
    assert found.pairs == {f"a{n}": f"b{n}" for n in range(count)}
    assert found.certain.keys() == {f"a{n}" for n in range(min(count, with_numbers))}
    assert found.is_mass(count + leavers) is (count > max(5, 0.03 * (count + leavers)))


@pytest.mark.parametrize(
    ("count", "known", "mass"),
    [(5, 0, False), (6, 0, True), (5, 100, False), (6, 100, True), (30, 1000, False), (31, 1000, True)],
)
def test_more_than_five_and_more_than_three_in_a_hundred_are_the_export_and_not_the_people(
    count: int, known: int, *, mass: bool
) -> None:
    assert Relinks({f"a{n}": f"b{n}" for n in range(count)}).is_mass(known) is mass


def test_a_proposal_is_named_after_exactly_its_pairs() -> None:
    one = Relinks({"a": "b"}, {"c": "d"})
    assert one.id == Relinks({"c": "d"}, {"a": "b"}).id
    assert one.id != Relinks({"a": "b"}, {"c": "e"}).id

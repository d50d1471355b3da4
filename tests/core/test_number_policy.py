"""No real person's number reaches a test, no made-up one a production directory, and no hospital's anything."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provision.core.desired import Desired, desired_state
from provision.core.nin import SYNTHETIC, NinKind, check, is_synthetic, kind
from provision.core.number_policy import may_be_used, refusal
from provision.core.policy import GuardianLinks, IdentityNumbers, Policy
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, values
from provision.core.subjects import placed_people
from provision.core.usernames import Usernames
from tests.core.nights import MAPPING, REALM
from tests.town import DAY, Town, person

PRODUCTION, TEST, ANY = (Policy(identity_numbers=each) for each in IdentityNumbers)
REAL = frozenset({NinKind.FNR, NinKind.D, NinKind.DUF})
HOSPITALS = frozenset({NinKind.H, NinKind.FH})
NEW_YEAR_2032 = date(2032, 1, 1)


def signed(nine: str, *, remainder: int = 0) -> str | None:
    """The nine digits with the control digits that the weights ask for; a `remainder` of 1 to 3 is of 2032."""
    first = (remainder - sum(w * int(c) for w, c in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), nine, strict=True))) % 11
    if first > 9:
        return None
    ten = f"{nine}{first}"
    second = -sum(w * int(c) for w, c in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten, strict=True)) % 11
    return f"{ten}{second}" if second <= 9 else None


@st.composite
def numbers(draw: st.DrawFn, *, remainder: int = 0) -> str:
    """Eleven digits of any kind. With individual numbers 500 to 749 and these years they can belong to nobody."""
    day, month = draw(st.integers(1, 28)), draw(st.integers(1, 12))
    day += draw(st.sampled_from([0, 40]))
    month += draw(st.sampled_from([0, 40, 65, 80]))
    body = f"{day:02}{month:02}{draw(st.integers(40, 53))}{draw(st.integers(500, 749))}"
    made = signed(draw(st.sampled_from([body, f"8{body[1:]}", f"9{body[1:]}"])), remainder=remainder)
    assume(made is not None)
    return made or ""


def duf(year: int, serial: int) -> str:
    return next(
        n for n in (f"{year}{serial:06}{control:02}" for control in range(11)) if kind(n) is not NinKind.INVALID
    )


dufs = st.builds(duf, st.sampled_from([1900, 2099]), st.integers(0, 999_999))
anything = st.one_of(numbers(), dufs, st.text(max_size=13), st.from_regex(r"\A[0-9]{11,12}\Z"))


@given(anything)
def test_production_takes_real_numbers_and_refuses_made_up_ones(number: str) -> None:
    of = kind(number, rule_2032=False)
    assert bool(refusal(number, PRODUCTION, DAY)) is is_synthetic(number)
    assert may_be_used(number, PRODUCTION, DAY) is (of in REAL)


@given(anything)
def test_a_test_refuses_whatever_may_be_a_real_persons(number: str) -> None:
    of = kind(number, rule_2032=False)
    assert bool(refusal(number, TEST, DAY)) is (of is not NinKind.INVALID and not is_synthetic(number))
    assert may_be_used(number, TEST, DAY) is is_synthetic(number)


@given(anything)
def test_any_refuses_nobody_and_uses_all_but_what_names_nobody(number: str) -> None:
    assert refusal(number, ANY, DAY) == ""
    expected = is_synthetic(number) or kind(number, rule_2032=False) in REAL
    assert may_be_used(number, ANY, DAY) is expected


@given(anything, st.sampled_from([PRODUCTION, TEST, ANY]))
def test_what_is_refused_is_never_used_and_the_reason_holds_no_digit_of_it(number: str, policy: Policy) -> None:
    reason = refusal(number, policy, DAY)
    assert not (reason and may_be_used(number, policy, DAY))
    assert not any(letter.isdigit() for letter in reason)


@given(numbers(), st.sampled_from([PRODUCTION, TEST, ANY]))
def test_a_hospitals_number_is_never_used(number: str, policy: Policy) -> None:
    assume(kind(number) in HOSPITALS)
    assert not may_be_used(number, policy, DAY)


@given(numbers(remainder=1) | numbers(remainder=2) | numbers(remainder=3))
def test_control_digits_of_2032_count_from_that_year_or_as_the_policy_says(number: str) -> None:
    assert not check(number, rule_2032=False)
    usable = kind(number) in SYNTHETIC | REAL
    anyway = is_synthetic(number)  # the tax administration makes such numbers for tests before that year
    for policy, day, expected in (
        (Policy(identity_numbers=IdentityNumbers.ANY), date(2031, 12, 31), anyway),
        (Policy(identity_numbers=IdentityNumbers.ANY), NEW_YEAR_2032, usable),
        (Policy(identity_numbers=IdentityNumbers.ANY, rule_2032=True), DAY, usable),
        (Policy(identity_numbers=IdentityNumbers.ANY, rule_2032=False), NEW_YEAR_2032, anyway),
    ):
        assert may_be_used(number, policy, day) is expected


# ── What a target is told ────────────────────────────────────────────────────────────────────────────────────────
MADE_UP = "15851250066"
REAL_ONE = next(n for serial in range(500, 749) if (n := signed(f"150545{serial}")))
HOSPITALS_ONE = next(n for serial in range(500, 749) if (n := signed(f"154545{serial}")))


def desired(town: Town, policy: Policy) -> Desired:
    roster = town.roster()
    people = placed_people(roster)
    names = Usernames({p: f"user{n}" for n, p in enumerate(sorted(people))}, {})
    return desired_state(roster, people, MAPPING, names, Site(REALM, policy))


@pytest.mark.parametrize(
    ("policy", "number", "waits"),
    [
        (PRODUCTION, MADE_UP, "was made for tests; correct fødselsnummer in the SIS"),
        (TEST, REAL_ONE, "may be a real person's"),
        (TEST, HOSPITALS_ONE, "may be a real person's"),
    ],
)
def test_only_the_one_record_waits_and_says_which_field_to_mend(policy: Policy, number: str, waits: str) -> None:
    made = desired(Town().add_pupil("p1", national_id=number).add_pupil("p2"), policy)
    assert waits in made.held[Key(Kind.ACCOUNT, "p1")]
    assert Key(Kind.ACCOUNT, "p2") in made.records
    assert number not in str(made)


@pytest.mark.parametrize(
    ("policy", "number", "told"),
    [
        (PRODUCTION, REAL_ONE, True),
        (TEST, MADE_UP, True),
        (ANY, REAL_ONE, True),
        (ANY, MADE_UP, True),
        (PRODUCTION, HOSPITALS_ONE, False),
        (PRODUCTION, "12345678901", False),
        (TEST, "12345678901", False),
    ],
)
def test_a_record_goes_out_with_its_number_or_without_it(policy: Policy, number: str, *, told: bool) -> None:
    record = desired(Town().add_pupil("p1", national_id=number), policy).records[Key(Kind.ACCOUNT, "p1")]
    assert values(record.fields.get("norEduPersonNIN")) == ({number} if told else set())


@pytest.mark.parametrize(("policy", "number"), [(PRODUCTION, MADE_UP), (TEST, REAL_ONE)])
def test_a_guardians_number_that_is_refused_stands_on_no_childs_entry(policy: Policy, number: str) -> None:
    town = Town().add_pupil("p1")
    town.users.append(person("g1", national_id=number))
    town.relationships = [{"user": "p1", "related": "g1", "relation": "guardian"}]
    town.care = [{"sourced_id": "p1", "related_id": "g1", "responsible": "1"}]
    told = Policy(guardian_numbers=True, guardians=GuardianLinks.RESPONSIBLE, identity_numbers=policy.identity_numbers)
    record = desired(town, told).records[Key(Kind.ACCOUNT, "p1")]
    assert "norEduPersonGuardianNIN" not in record.fields
    open_to_all = Policy(guardian_numbers=True, identity_numbers=IdentityNumbers.ANY)
    record = desired(town, open_to_all).records[Key(Kind.ACCOUNT, "p1")]
    assert record.fields["norEduPersonGuardianNIN"] == {number}


def test_a_new_site_is_for_real_people() -> None:
    assert Policy().identity_numbers is IdentityNumbers.PRODUCTION

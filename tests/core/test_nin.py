"""Identity numbers: right control digits, the right kind, and synthetic ones that can belong to nobody."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.nin import NinKind, check, is_synthetic, kind, make_synthetic

SYNTHETIC = "15851250066"

births = st.dates(date(1940, 1, 1), date(2039, 12, 31))
serials = st.integers(0, 999)


def resigned(nine_digits: str) -> str | None:
    """The nine digits with right control digits, by trying all."""
    return next((n for n in (f"{nine_digits}{k:02}" for k in range(100)) if check(n, rule_2032=False)), None)


def first_of(form: str) -> str:
    """The first number of this form, `{}` being the individual number, that has control digits."""
    return next(n for n in (resigned(form.format(f"{serial:03}")) for serial in range(1000)) if n)


@pytest.mark.parametrize("number", [SYNTHETIC, "05917797813", "49857200151", "30108299920", "02013299997"])
def test_right_control_digits_pass(number: str) -> None:
    assert check(number)
    assert check(number, rule_2032=False)


@pytest.mark.parametrize("number", ["30108299939", "02013299903"])
def test_numbers_from_2032_on_pass_only_the_new_rule(number: str) -> None:
    assert check(number)
    assert not check(number, rule_2032=False)
    assert kind(number) is NinKind.FNR
    assert kind(number, rule_2032=False) is NinKind.INVALID


@pytest.mark.parametrize(
    "number", ["", "5851250066", "1585125006 ", "158512-50066", "1585125006x", "١٥٨٥١٢٥٠٠٦٦", SYNTHETIC + "0"]
)
def test_what_is_not_eleven_plain_digits_is_refused(number: str) -> None:
    assert not check(number)
    assert kind(number) is NinKind.INVALID


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("150512{}", NinKind.FNR),
        ("550512{}", NinKind.D),
        ("154512{}", NinKind.H),
        ("554512{}", NinKind.SYNTHETIC_NAV),
        ("157012{}", NinKind.SYNTHETIC_NHN),
        ("158512{}", NinKind.SYNTHETIC),
        ("558512{}", NinKind.SYNTHETIC),
        ("851234{}", NinKind.FH),
        ("151312{}", NinKind.INVALID),
        ("320512{}", NinKind.INVALID),
        ("000512{}", NinKind.INVALID),
        ("300212{}", NinKind.INVALID),
    ],
)
def test_day_and_month_tell_the_kind(form: str, expected: NinKind) -> None:
    assert kind(first_of(form)) is expected


def test_a_leap_day_of_a_year_00_is_a_day() -> None:
    assert kind(first_of("290200{}")) is NinKind.FNR


def test_a_duf_number_has_twelve_digits_and_its_own_control_digits() -> None:
    duf = [n for n in (f"2015123456{control:02}" for control in range(100)) if kind(n) is NinKind.DUF]
    assert len(duf) == 1
    assert not is_synthetic(duf[0])


def test_a_duf_number_of_a_year_without_any_is_synthetic() -> None:
    made = [n for n in (f"1900123456{control:02}" for control in range(100)) if kind(n) is not NinKind.INVALID]
    assert [kind(n) for n in made] == [NinKind.SYNTHETIC_DUF]
    assert is_synthetic(made[0])


@given(birth=births, serial=serials, d_number=st.booleans())
def test_a_made_number_is_synthetic_and_valid_under_both_rules(*, birth: date, serial: int, d_number: bool) -> None:
    number = make_synthetic(birth, serial, d_number=d_number)
    if number is not None:
        assert check(number, rule_2032=False)
        assert is_synthetic(number)
        assert int(number[2:4]) - 80 == birth.month
        assert int(number[:2]) - 40 * d_number == birth.day


@given(births)
def test_most_individual_numbers_can_be_made_and_never_give_the_same_number(birth: date) -> None:
    made = [n for n in (make_synthetic(birth, serial) for serial in range(500)) if n is not None]
    assert len(made) > 350
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("serial", [-1, 1000])
def test_an_individual_number_has_three_digits(serial: int) -> None:
    with pytest.raises(ValueError, match="0 to 999"):
        make_synthetic(date(2012, 5, 15), serial)


@given(st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_found_before_2032(place: int, step: int) -> None:
    wrong = SYNTHETIC[:place] + str((int(SYNTHETIC[place]) + step) % 10) + SYNTHETIC[place + 1 :]
    assert not check(wrong, rule_2032=False)


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    assert kind(text) in NinKind

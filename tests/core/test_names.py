"""Names: one line, one spelling, plain ASCII where a username needs it."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.names import ascii_fold, clean, comparison

texts = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Kari \t Anne ", "Kari Anne"),
        ("Kari\nNordmann", "Kari Nordmann"),
        ("Kari\x00\x07", "Kari"),
        ("A\u030ase", "Åse"),
        ("Kari\u202e", "Kari"),
        ("A\x07\u030ase", "Åse"),
        ("\u2028", ""),
    ],
)
def test_clean_leaves_one_visible_line_in_nfc(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(texts)
def test_clean_text_is_one_composed_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in cleaned)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Åse-Marie", "asemarie"),
        ("Øyvind Ærlig", "oyvindaerlig"),
        ("Šárá Čđŋŧž", "saracdntz"),
        ("Áile Máret", "ailemaret"),
        ("Jürgen Schröder-Weiß", "jurgenschroderweiss"),
        ("Nguyễn", "nguyen"),
        ("Łukasz", "lukasz"),
        ("D'Arcy 3", "darcy3"),
        ("Мария", "mariya"),
        ("李", "li"),
        ("*)(uid=*", "uid"),
        ("-'", ""),
    ],
)
def test_folding_follows_norwegian_usage(text: str, expected: str) -> None:
    assert ascii_fold(text) == expected


@given(texts)
def test_folded_text_is_lower_case_ascii_and_folds_to_itself(text: str) -> None:
    folded = ascii_fold(text)
    assert set(folded) <= set(string.ascii_lowercase + string.digits)
    assert ascii_fold(folded) == folded


@given(texts)
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    forms = {form: unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    assert ascii_fold(forms["NFC"]) == ascii_fold(forms["NFD"])
    assert comparison(forms["NFC"]) == comparison(forms["NFD"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("D\u2019Arcy", "d'ARCY"),
        ("Åse\u2011Marie", "åse-marie"),
        ("O  Neill ", "o neill"),
        ("GROß", "gross"),
    ],
)
def test_spellings_of_one_name_compare_equal(one: str, other: str) -> None:
    assert comparison(one) == comparison(other)


@pytest.mark.parametrize(("one", "other"), [("Åse", "Ase"), ("Ole", "Olé"), ("Ann Marie", "Annmarie")])
def test_different_names_do_not_compare_equal(one: str, other: str) -> None:
    assert comparison(one) != comparison(other)


@given(texts)
def test_a_comparison_compares_as_itself(text: str) -> None:
    assert comparison(comparison(text)) == comparison(text)

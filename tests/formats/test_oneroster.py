"""Ids as a package may write them, and the rows of a table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.formats.oneroster import COLUMNS, REQUIRED, Table, columns, decode_id, encode_id, required

PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(PRINTABLE)
def test_an_id_comes_back_from_its_writing(sourced_id: str) -> None:
    written = encode_id(sourced_id)
    assert re.fullmatch(r"[0-9A-Za-z._/@%-]*", written)
    assert decode_id(written) == sourced_id


@given(st.text())
def test_any_id_that_somebody_wrote_can_be_stored_and_printed(written: str) -> None:
    decoded = decode_id(written)
    assert decoded == written or decoded.encode()
    assert decoded == written or not re.search("[\x00-\x1f\x7f]", decoded)


@pytest.mark.parametrize("written", ["%00", "a%0Ab", "%FF", "%C3", "50%", "%zz"])
def test_what_was_no_encoded_text_stays_as_it_stands(written: str) -> None:
    assert decode_id(written) == written


def test_what_a_record_must_say_are_columns_of_its_file() -> None:
    assert REQUIRED.keys() == COLUMNS.keys()
    for name in COLUMNS:
        assert set(required(name, "1.2")) <= set(columns(name, "1.2"))
    assert set(required("users", "1.1")) <= set(columns("users", "1.1"))
    assert {"role", "orgSourcedIds"} <= set(required("users", "1.1")) - set(required("users", "1.2"))


def test_columns_are_picked_by_name_and_a_missing_one_is_empty() -> None:
    table = Table("users.csv", ("a", "b", "c"), [("1", "2", "3"), ("4", "5", "6")])
    assert list(table.picked("c", "a")) == [("3", "1"), ("6", "4")]
    assert list(table.picked("b")) == [("2",), ("5",)]
    assert list(table.picked("x", "b")) == [("", "2"), ("", "5")]
    assert list(table.picked("x")) == [("",), ("",)]


def test_a_row_is_named_by_its_own_line() -> None:
    rows = [("1",), ("2",)]
    assert Table("users.csv", ("a",), rows).where(1) == "users.csv, line 3"
    assert Table("users.csv", ("a",), rows, numbers=(2, 7)).where(1) == "users.csv, line 7"
    assert Table("users", ("a",), rows, first=1, unit="record").where(1) == "users, record 2"

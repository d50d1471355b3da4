"""CSV as people's spreadsheets write it: read as it was meant, or refused with the line and what would be right."""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provision.errors import SourceError
from provision.formats.mojibake import damaged
from tests import canaries
from tests.inventories.table_files import SCHOOL, cells, csv_text, mapping_of, read, reasons

HEADER: Final = ("Serienummer", "Skole", "Bruker")
NAME: Final = "Åse Bø"
MAPPING: Final = mapping_of({"assignee": "Bruker"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "enheter.csv"


def refusal(path: Path, content: bytes | str, **more: Any) -> str:
    """Why it is refused, after the path."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError) as caught:
        read(path, mapping_of({"assignee": "Bruker"}, **more))
    assert str(caught.value).startswith(str(path))
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("above", [0, 1, 3])
def test_spreadsheets_differ_and_all_are_read(path: Path, delimiter: str, encoding: str, above: int) -> None:
    rows = [*[["Enheter æøå"], ["", "Sted", ""], []][:above], HEADER, ("0042", "Sodin skole", NAME)]
    path.write_bytes(csv_text(rows, delimiter).encode(encoding))
    mapping = mapping_of({"assignee": "Bruker"}, header=above + 1)
    assert cells(read(path, mapping), "serial", "school", "assignee") == [("0042", "Sodin skole", NAME)]


def test_lines_between_the_names_and_the_first_machine_are_passed_over(path: Path) -> None:
    path.write_text(csv_text([HEADER, ("text", "text", "mail"), ("A-1", SCHOOL, ""), ("A-2", SCHOOL, "")]))
    assert cells(read(path, mapping_of(first=3)), "serial") == [("A-1",), ("A-2",)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("above", [0, 2])
def test_what_is_said_of_a_line_leads_to_it(path: Path, encoding: str, above: int) -> None:
    rows = [("Å",)] * above + [HEADER, ("A-1", SCHOOL, "a\nb"), ("", "", ""), ("A-2", "42", NAME)]
    path.write_bytes(csv_text(rows).encode(encoding))
    ((serial, reason),) = reasons(read(path, mapping_of(header=above + 1)))
    assert serial == "A-2"
    assert reason.startswith(f"line {above + 5}, column Skole: a number with fewer than nine digits")


@pytest.mark.parametrize(
    ("content", "header", "said"),
    [
        ("", 1, " is empty"),
        ("", 2, ", line 2: no whole line with the names"),
        ("Serienummer;Skole;Bruker\n", 2, ", line 2: no whole line with the names"),
        ("Serienummer;Skole;Bruker\n\n", 2, ", line 2: no whole line"),
        ("A;B;C\nD;E;F\nG;H;I\n", 2, ", line 2: no column Serienummer, Skole, Bruker"),
        ("x\nSerienummer;Skole;Bruker", 2, ", line 2: no whole line with the names"),
        ("x\nSerienummer;Skole;Bruker\nA;B;C", 2, ": the last line has no line break"),
        ("Serienummer;Skole\nA;B\n", 1, ", line 1: no column Bruker"),
        ("x\nSerienummer;Skole\nA;B\n", 2, ", line 2: no column Bruker"),
        ("x\nSerienummer;Skole;Bruker;Skole\nA;B;C;D\n", 2, ", line 2: column Skole stands twice"),
        ("x\nSerienummer;Skole;Bruker\nA;B;C\nA;B\n", 2, ", line 4: 2 cells, but the header has 3"),
        ("Serienummer;Skole;Bruker\nA;B;C;D\n", 1, ", line 2: 4 cells, but the header has 3"),
        ("Serienummer;Skole;Bruker\nA;B;Kåre\nA;B\n".encode("cp1252"), 1, ", line 3: 2 cells"),
        ("Serienummer;Skole;Bruker\nA;B;Kåre".encode("cp1252"), 1, ": the last line has no line break"),
        ("Serienummer;Skole;Bruker\nA;B;KÃ¥re\n", 1, ", line 2: letters damaged"),
        ("Serienummer;Skole;Bruker\nA;B;Kåre\n".encode() + b"A;\xe5;C\n", 1, ", line 2: letters damaged"),
        ("Serienummer;Skole;Bruker\nA;B;\x81\n".encode("latin-1"), 1, ", line 2: not UTF-8"),
        ("Serienummer;Skole;Bruker\nA;B;Kåre\n".encode("utf-16"), 1, ", line 1: holds a NUL"),
        ('Serienummer;Skole;Bruker\nA;B;"C\n', 1, ", line 2: "),
        ('x\nSerienummer;Skole;"Bruker"x\nA;B;C\n', 2, ", line 2: "),
        ("x\ny\nSerienummer;SkolÃ¥;Bruker\nA;B;C\n", 3, ", line 3: letters damaged"),
    ],
)
def test_what_is_no_such_table_is_refused_with_its_line(
    path: Path, content: bytes | str, header: int, said: str
) -> None:
    message = refusal(path, content, header=header)
    assert message.startswith(said)
    assert "Kåre" not in message
    assert "provision-" not in message


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (0, "1,23457E+11", "a number in short form, such as 1.2E+11, whose last digits are lost; format the column"),
        (0, "1E+12", "a number in short form"),
        (1, "9,75E+08", "a number in short form"),
        (2, "-1.5e+010", "a number in short form"),
        (0, "########", "nothing but #"),
        (0, "2026-08-17", "a day, which a spreadsheet has made"),
    ],
)
def test_a_name_that_a_spreadsheet_has_spoiled_refuses_the_file(path: Path, column: int, cell: str, said: str) -> None:
    good = ["A-1", SCHOOL, "elev1"]
    spoiled = [*good[:column], cell, *good[column + 1 :]]
    message = refusal(path, csv_text([HEADER, good, spoiled]))
    assert message.startswith(f", line 3, column {HEADER[column]}: {said}")
    assert cell not in message


@pytest.mark.parametrize("serial", ["1E10", "5E12345", "E+12", "12E+10X", "#1", "20260817", "2026-8-17"])
def test_a_serial_number_that_only_looks_spoiled_is_read(path: Path, serial: str) -> None:
    path.write_text(csv_text([HEADER, (serial, SCHOOL, "")]))
    assert cells(read(path, MAPPING), "serial") == [(serial,)]


def test_a_refusal_names_nobody(path: Path) -> None:
    broken = csv_text([HEADER, ("A-1", SCHOOL, canaries.NAME)]) + f'A-2;{SCHOOL};"{canaries.NAME}'
    for content in (broken, broken.encode("cp1252"), broken.encode("utf-16-le")):
        assert not canaries.found_in(refusal(path, content))


@pytest.mark.parametrize("above", [0, 1])
def test_column_names_are_compared_without_case_and_blanks(path: Path, above: int) -> None:
    rows = [["Enheter"]] * above + [(" SERIENUMMER ", "skole", "Sist\u00a0 Brukt av"), ("A-1", SCHOOL, NAME)]
    path.write_bytes(csv_text(rows).encode("cp1252"))
    mapping = mapping_of({"assignee": "sist brukt  av"}, header=above + 1)
    assert cells(read(path, mapping), "serial", "school", "assignee") == [("A-1", SCHOOL, NAME)]


def test_columns_of_a_table_without_a_mapping_are_compared_so_too(path: Path) -> None:
    path.write_text(csv_text([("Serial", " school ", "KIND", "Rom"), ("A-1", SCHOOL, "laptop", "101")]))
    assert cells(read(path), "serial", "school", "kind") == [("A-1", SCHOOL, "laptop")]


def test_two_columns_that_differ_in_case_only_are_one_that_stands_twice(path: Path) -> None:
    content = csv_text([("Serienummer", "Skole", "skole", "Bruker"), ("A-1", SCHOOL, SCHOOL, "")])
    assert refusal(path, content) == ", line 1: column Skole stands twice"


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


CELL: Final = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc",), exclude_characters="#"), max_size=12
).filter(lambda text: not damaged(text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CELL, max_size=4), st.integers(0, 2), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_every_cell_comes_back_from_whatever_encoding(path: Path, users: list[str], above: int, encoding: str) -> None:
    rows = [["Tittel"]] * above + [list(HEADER)] + [[f"A-{n}", SCHOOL, user] for n, user in enumerate(users)]
    content = csv_text(rows).encode(encoding)
    assume(encoding != "cp1252" or content.isascii() or not is_utf8(content))  # bytes that are both are taken for UTF-8
    path.write_bytes(content)
    stocktake = read(path, mapping_of({"model": "Bruker"}, header=above + 1))
    assert cells(stocktake, "serial", "model") == [(f"A-{n}", user.strip()) for n, user in enumerate(users)]


@pytest.mark.parametrize("header", [1, 2])
def test_a_file_that_is_too_large_is_not_even_opened(path: Path, header: int) -> None:
    with path.open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    with pytest.raises(SourceError, match=r"enheter\.csv is 268,435,457 bytes; at most"):
        read(path, mapping_of(header=header))

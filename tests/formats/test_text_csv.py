"""The CSV reader takes what people and their spreadsheets write, letter by letter, or says which line is wrong."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provision.errors import SourceError
from provision.formats.mojibake import damaged
from provision.formats.text_csv import read_csv

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).filter(lambda t: not damaged(t))


def read(path: Path, content: bytes | str) -> list[dict[str, str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [dict(row.cells) for row in read_csv(path, ("id", "name"))]


def refusal(path: Path, content: bytes | str) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, content)
    assert str(path) in str(caught.value)
    return str(caught.value).removeprefix(str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_spreadsheets_differ_and_all_are_read(path: Path, separator: str, end: str, bom: bytes) -> None:
    text = end.join((separator.join(("id", "name")), separator.join(("007", "Åse")), ""))
    assert read(path, bom + text.encode()) == [{"id": "007", "name": "Åse"}]


def test_the_header_alone_decides_the_separator(path: Path) -> None:
    assert read(path, "id;name\n1;Smith, Jr, III\n") == [{"id": "1", "name": "Smith, Jr, III"}]


@pytest.mark.parametrize("text", ["NA", "null", "nan", "None", "0042", "1e5", "-", "=1+1", "ŧ", "2026-08-17"])
def test_text_stays_text(path: Path, text: str) -> None:
    assert read(path, f"id,name\n{text},{text}\n") == [{"id": text, "name": text}]


def test_blanks_around_a_cell_and_rows_of_nothing_are_dropped(path: Path) -> None:
    assert read(path, " id ;name\n\n 1 ;\tKari \n;\n\u00a02;Ola\n") == [
        {"id": "1", "name": "Kari"},
        {"id": "2", "name": "Ola"},
    ]


def test_columns_may_stand_in_any_order_among_others(path: Path) -> None:
    assert read(path, "note,name,id\nx,Kari,1\n") == [{"note": "x", "name": "Kari", "id": "1"}]


def test_rows_know_their_line_also_after_cells_of_several_lines(path: Path) -> None:
    path.write_text('id,name\n1,"a\nb"\n\n2,c\n', encoding="utf-8")
    assert [(row.line, row["id"]) for row in read_csv(path, ("id", "name"))] == [(2, "1"), (5, "2")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL), max_size=5))
@example([('a"b', "c\r\nd"), (";", ",")])
def test_what_a_csv_writer_wrote_is_read_back(path: Path, cells: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows((("id", "name"), *cells))
    stripped = [(a.strip(), b.strip()) for a, b in cells]
    expected = [{"id": a, "name": b} for a, b in stripped if a or b]
    assert read(path, out.getvalue()) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", " is empty"),
        (" \n", " is empty"),
        ("id,name\n1,a\n2\n", ", line 3: 1 cells, but the header has 2"),
        ("id,name\n1,a,b\n", ", line 2: 3 cells, but the header has 2"),
        ("id,name\n1,a", ": the last line has no line break"),
        ("id,navn\n1,a\n", ", line 1: no column name"),
        ("1,a\n2,b\n", ", line 1: no column id, name"),
        ("id,name,id\n1,a,2\n", ", line 1: column id stands twice"),
        ('id,name\n1,a\n2,"b\n', ", line 3: "),
        ('id,name\n1,"a"b\n', ", line 2: "),
        ("id,name\n1,a\n2,\0\n", ", line 3: holds a NUL"),
        ("id,name\n1,a\n2,KÃ¥re\n", ", line 3: letters damaged"),
        ("id,name\n1,K\ufffdre\n", ", line 2: letters damaged"),
        ("id,name\n1,a\n2,Kåre\n".encode("latin-1"), ", line 3: not UTF-8; save the file as UTF-8"),
        ("id,name\n1,Kåre\n".encode("utf-16"), ", line 1: holds a NUL; save the file as UTF-8"),
    ],
)
def test_anything_else_is_refused_with_its_line(path: Path, content: bytes | str, said: str) -> None:
    message = refusal(path, content)
    assert message.startswith(said)
    assert "Kåre" not in message
    assert "KÃ" not in message


def test_a_missing_file_is_refused(path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_csv(path, ("id",))


def test_a_row_shows_no_cell_when_printed(path: Path) -> None:
    path.write_text("id,name\n1,Hemmelig\n", encoding="utf-8")
    assert "Hemmelig" not in repr(read_csv(path, ("id", "name")))

"""The care file is believed to the last cell or not at all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provision.core.roster import COLUMNS
from provision.errors import SourceError
from provision.sources.care_csv import CareCsvSource
from tests import pifu

HEADER = "sourced_id;related_id;protected;responsible;lives_with;barred\n"


def source(path: Path) -> CareCsvSource:
    return CareCsvSource(path, clock=lambda: pifu.NOW)


def refusal(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        source(path).read()
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "care.csv"


def test_every_row_is_handed_on_as_it_stands(path: Path) -> None:
    path.write_text(f"{HEADER}elev-1;;1;;;\nelev-2; mor-2 ;0;1;0;\n elev-2;far-2;;0;;1\n", encoding="utf-8")
    extract = source(path).read()
    assert set(extract.tables) == {"care"}
    assert [tuple(row.values()) for row in pifu.rows(extract, "care")] == [
        ("elev-1", "", "1", "", "", ""),
        ("elev-2", "mor-2", "0", "1", "0", ""),
        ("elev-2", "far-2", "", "0", "", "1"),
    ]
    assert extract.completeness == {}
    assert extract.as_of == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_nobody_protected_is_said_by_a_file_with_only_its_header(path: Path) -> None:
    path.write_text(HEADER, encoding="utf-8")
    frame = source(path).read().tables["care"]
    assert frame.empty
    assert tuple(frame.columns) == COLUMNS["care"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";;1;;;", "line 3, column sourced_id"),
        ("elev-1;;ja;;;", "line 3, column protected"),
        ("elev-1;;2;;;", "line 3, column protected"),
        ("elev-1;mor-1;;x;;", "line 3, column responsible"),
        ("elev-1;mor-1;;;true;", "line 3, column lives_with"),
        ("elev-1;mor-1;;;;ja", "line 3, column barred"),
        ("elev-1;;;;;1", "line 3, column related_id"),
        ("elev-1;elev-1;;1;;", "line 3, column related_id"),
        ("elev-0;mor-0;;1;;0", "line 3, column barred: not as in line 2"),
        ("elev-1;;1;;", "line 3: 5 cells"),
        ("elev-1;;1;;;;", "line 3: 7 cells"),
        ('elev-1;;"1;;;', "line 3"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_file(path: Path, row: str, said: str) -> None:
    message = refusal(path, f"{HEADER}elev-0;mor-0;;1;;1\n{row}\n")
    assert said in message
    assert "elev-" not in message, "who is in this file is nobody's business"


@pytest.mark.parametrize("column", COLUMNS["care"])
def test_a_missing_column_refuses_the_file(path: Path, column: str) -> None:
    header = HEADER.replace(column, "x")
    assert f"no column {column};" in refusal(path, f"{header}elev-1;;1;;;\n")


def test_the_same_said_twice_is_no_contradiction(path: Path) -> None:
    path.write_text(f"{HEADER}elev-1;;1;;;\nelev-1;;1;;;\n", encoding="utf-8")
    assert len(source(path).read().tables["care"]) == 2


def test_a_missing_file_is_refused(path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        source(path).read()

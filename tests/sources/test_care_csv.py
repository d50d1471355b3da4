"""The care file is believed to the last cell or not at all."""

from pathlib import Path

import pytest

from tests import pifu
from tests.sources.supplements import CARE


def test_every_row_is_handed_on_as_it_stands(tmp_path: Path) -> None:
    extract = CARE.extract(tmp_path, "elev-1;;1;;;", "elev-2; mor-2 ;0;1;0;", " elev-2;far-2;;0;;1")
    assert set(extract.tables) == {"care"}
    assert [tuple(row.values()) for row in pifu.rows(extract, "care")] == [
        ("elev-1", "", "1", "", "", ""),
        ("elev-2", "mor-2", "0", "1", "0", ""),
        ("elev-2", "far-2", "", "0", "", "1"),
    ]


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
def test_a_row_that_cannot_be_read_refuses_the_file(tmp_path: Path, row: str, said: str) -> None:
    message = CARE.refusal(tmp_path, CARE.good, row)
    assert said in message
    assert "elev-" not in message, "who is in this file is nobody's business"


def test_the_same_said_twice_is_no_contradiction(tmp_path: Path) -> None:
    assert len(CARE.extract(tmp_path, "elev-1;;1;;;", "elev-1;;1;;;").tables["care"]) == 2

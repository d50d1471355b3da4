"""Named exceptions are believed to the last cell or not at all, and every fault is told at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provision.core.roster import COLUMNS
from provision.errors import SourceError
from provision.sources.exceptions_csv import ExceptionsCsvSource
from tests import canaries, pifu

HEADER = "sourced_id;until;owner;reason\n"
GOOD = "elev-0;2026-06-15;Rektor ved Nord skole;skal ta eksamen på nytt\n"


def source(path: Path) -> ExceptionsCsvSource:
    return ExceptionsCsvSource(path, clock=lambda: pifu.NOW)


def refusal(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        source(path).read()
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exceptions.csv"


def test_every_line_is_handed_on_as_it_stands(path: Path) -> None:
    path.write_text(f"{HEADER}{GOOD}", encoding="utf-8")
    extract = source(path).read()
    assert set(extract.tables) == {"stays"}
    assert [tuple(row.values()) for row in pifu.rows(extract, "stays")] == [
        ("elev-0", "2026-06-15", "Rektor ved Nord skole", "skal ta eksamen på nytt")
    ]
    assert extract.completeness == {}, "it proves nothing of any school"
    assert extract.as_of == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_no_exceptions_are_a_file_with_only_its_header(path: Path) -> None:
    path.write_text(HEADER, encoding="utf-8")
    frame = source(path).read().tables["stays"]
    assert frame.empty
    assert tuple(frame.columns) == COLUMNS["stays"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";2026-06-15;rektor;eksamen", "line 3, column sourced_id: empty"),
        ("elev-1;;rektor;eksamen", "line 3, column until: not a date"),
        ("elev-1;15.06.2026;rektor;eksamen", "line 3, column until: not a date"),
        ("elev-1;2026-02-30;rektor;eksamen", "line 3, column until: not a date"),
        ("elev-1;2026-06-15;;eksamen", "line 3, column owner: empty"),
        ("elev-1;2026-06-15; ;eksamen", "line 3, column owner: empty"),
        ("elev-1;2026-06-15;rektor;", "line 3, column reason: empty"),
        ("elev-0;2026-07-15;rektor;eksamen", "line 3, column sourced_id: the same id as in line 2"),
        (f"{canaries.NIN};2026-06-15;rektor;eksamen", "line 3, column sourced_id: holds an identity number"),
        (f"elev-1;2026-06-15;rektor;{canaries.NIN}", "line 3, column reason: holds an identity number"),
        (
            f"elev-1;2026-06-15;far {canaries.NIN[:6]} {canaries.NIN[6:]};eksamen",
            "line 3, column owner: holds an identity number",
        ),
        ("elev-1;2026-06-15;rektor", "line 3: 3 cells"),
    ],
)
def test_a_line_that_is_no_exception_refuses_the_file_and_tells_of_nobody(path: Path, row: str, said: str) -> None:
    message = refusal(path, f"{HEADER}{GOOD}{row}\n")
    assert said in message
    for cell in ("elev-", "rektor", "eksamen", canaries.NIN):
        assert cell not in message


def test_every_fault_is_told_at_once(path: Path) -> None:
    message = refusal(path, f"{HEADER};;;\n{GOOD}elev-1;;;\n;2026-06-15;rektor;\n")
    told = [line.removeprefix(f"{path}, ").partition(":")[0] for line in message.splitlines()]
    assert told == [
        *(f"line 4, column {column}" for column in ("until", "owner", "reason")),
        *(f"line 5, column {column}" for column in ("sourced_id", "reason")),
    ]


def test_a_telephone_number_is_no_identity_number(path: Path) -> None:
    path.write_text(f"{HEADER}elev-1;2026-06-15;rektor +47 99999123;sak 2026/00012345\n", encoding="utf-8")
    assert len(source(path).read().tables["stays"]) == 1


@pytest.mark.parametrize("column", COLUMNS["stays"])
def test_a_missing_column_refuses_the_file(path: Path, column: str) -> None:
    header = HEADER.replace(column, "x")
    assert f"no column {column};" in refusal(path, f"{header}{GOOD}")

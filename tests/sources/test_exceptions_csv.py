"""Named exceptions are believed to the last cell or not at all, and every fault is told at once."""

from pathlib import Path

import pytest

from tests import canaries, pifu
from tests.sources.supplements import EXCEPTIONS


def test_every_line_is_handed_on_as_it_stands(tmp_path: Path) -> None:
    extract = EXCEPTIONS.extract(tmp_path, EXCEPTIONS.good)
    assert set(extract.tables) == {"stays"}
    assert [tuple(row.values()) for row in pifu.rows(extract, "stays")] == [
        ("elev-0", "2026-06-15", "Rektor ved Nord skole", "skal ta eksamen på nytt")
    ]


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
def test_a_line_that_is_no_exception_refuses_the_file_and_tells_of_nobody(tmp_path: Path, row: str, said: str) -> None:
    message = EXCEPTIONS.refusal(tmp_path, EXCEPTIONS.good, row)
    assert said in message
    for cell in ("elev-", "rektor", "eksamen", canaries.NIN):
        assert cell not in message


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    message = EXCEPTIONS.refusal(tmp_path, ";;;", EXCEPTIONS.good, "elev-1;;;", ";2026-06-15;rektor;")
    told = [line.removeprefix(f"{tmp_path / EXCEPTIONS.file}, ").partition(":")[0] for line in message.splitlines()]
    assert told == [
        *(f"line 4, column {column}" for column in ("until", "owner", "reason")),
        *(f"line 5, column {column}" for column in ("sourced_id", "reason")),
    ]


def test_a_telephone_number_is_no_identity_number(tmp_path: Path) -> None:
    extract = EXCEPTIONS.extract(tmp_path, "elev-1;2026-06-15;rektor +47 99999123;sak 2026/00012345")
    assert len(extract.tables["stays"]) == 1

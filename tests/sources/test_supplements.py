"""What every file that a site keeps itself has in common."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provision.core.extract import COLUMNS
from tests.sources.supplements import CARE, EXCEPTIONS, PEOPLE, Supplement

ALL = (CARE, EXCEPTIONS, PEOPLE)


@pytest.mark.parametrize("supplement", ALL, ids=lambda each: each.file)
def test_it_is_as_old_as_its_file_and_proves_nothing_of_any_school(tmp_path: Path, supplement: Supplement) -> None:
    """Else a school that is missing in the SIS would seem to have lost all its pupils."""
    extract = supplement.extract(tmp_path, supplement.good)
    assert extract.as_of == datetime.fromtimestamp((tmp_path / supplement.file).stat().st_mtime, UTC)
    assert extract.completeness == {}


@pytest.mark.parametrize("supplement", ALL, ids=lambda each: each.file)
def test_a_file_with_only_its_header_says_that_there_is_nobody(tmp_path: Path, supplement: Supplement) -> None:
    for table, frame in supplement.extract(tmp_path).tables.items():
        assert frame.empty
        assert tuple(frame.columns) == COLUMNS[table]


@pytest.mark.parametrize(
    ("supplement", "column"),
    [pytest.param(each, column, id=f"{each.file}-{column}") for each in ALL for column in each.header.split(";")],
)
def test_a_missing_column_refuses_the_file(tmp_path: Path, supplement: Supplement, column: str) -> None:
    names = ("x" if name == column else name for name in supplement.header.split(";"))
    without = replace(supplement, header=";".join(names))
    assert f"no column {column};" in without.refusal(tmp_path, supplement.good)

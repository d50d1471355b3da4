"""The supplement of facts that no export carries: address protection, responsibility, living together, barred."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provision.core.extract import COLUMNS, Extract
from provision.errors import SourceError
from provision.formats.completeness import supplement_of
from provision.formats.rows import Rows
from provision.formats.text_csv import Row, read_csv

_PAIR_FLAGS: Final = ("responsible", "lives_with", "barred")
_FLAGS: Final = ("protected", *_PAIR_FLAGS)


@dataclass(frozen=True, slots=True)
class CareCsvSource:
    """`path` has one line per person (`protected`), or per person and relative (`related_id` and the other flags)."""

    path: Path
    clock: Callable[[], datetime]
    name: str = "care_csv"

    def read(self) -> Extract:
        """Every row, or SourceError: a row lost could be the one that hides somebody."""
        read_at = self.clock()
        care = Rows("care")
        pairs: dict[tuple[str, str], Row] = {}
        for row in read_csv(self.path, COLUMNS["care"]):
            _check(self.path, row)
            _check_agreement(self.path, row, pairs.setdefault((row["sourced_id"], row["related_id"]), row))
            care.add(*(row[column] for column in COLUMNS["care"]))
        return supplement_of(self.path, [care], source=self.name, read_at=read_at)


def _check(path: Path, row: Row) -> None:
    where = f"{path}, line {row.line}"
    if not row["sourced_id"]:
        raise SourceError(f"{where}, column sourced_id: empty; whom is the line about?")
    for flag in _FLAGS:
        if row[flag] not in ("1", "0", ""):
            raise SourceError(f"{where}, column {flag}: neither 1 (yes) nor 0 (no) nor empty (not known)")
    stray = [flag for flag in _PAIR_FLAGS if row[flag]]
    if stray and not row["related_id"]:
        raise SourceError(f"{where}, column related_id: empty, but {stray[0]} is said; of whom?")
    if row["related_id"] == row["sourced_id"]:
        raise SourceError(f"{where}, column related_id: the person's own id; it should be the relative's")


def _check_agreement(path: Path, row: Row, earlier: Row) -> None:
    for flag in _FLAGS:
        if row[flag] != earlier[flag]:
            raise SourceError(f"{path}, line {row.line}, column {flag}: not as in line {earlier.line} of the same two")

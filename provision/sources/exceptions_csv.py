"""The supplement of named exceptions: whose account stays until when, who answers for it, and why."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provision.core.extract import COLUMNS, Extract
from provision.core.nin import NinKind, kind
from provision.errors import SourceError
from provision.formats.completeness import supplement_of
from provision.formats.days import is_day
from provision.formats.rows import Rows
from provision.formats.text_csv import Row, read_csv

_NUMBER: Final = re.compile(r"(?<!\d)\d{6}[ .]?\d{5,6}(?!\d)")


@dataclass(frozen=True, slots=True)
class ExceptionsCsvSource:
    """`path` has a line per person: an exception without an end, an owner or a reason is none."""

    path: Path
    clock: Callable[[], datetime]
    name: str = "exceptions_csv"

    def read(self) -> Extract:
        """Every line, or SourceError with every fault: a line lost could cost somebody the account."""
        read_at = self.clock()
        rows = read_csv(self.path, COLUMNS["stays"])
        firsts: dict[str, Row] = {}
        for row in rows:
            firsts.setdefault(row["sourced_id"], row)
        if faults := [f"{self.path}, line {row.line}, {fault}" for row in rows for fault in _faults(row, firsts)]:
            raise SourceError("\n".join(faults))
        stays = Rows("stays")
        for row in rows:
            stays.add(*(row[column] for column in COLUMNS["stays"]))
        return supplement_of(self.path, [stays], source=self.name, read_at=read_at)


def _faults(row: Row, firsts: Mapping[str, Row]) -> Iterator[str]:
    if not row["sourced_id"]:
        yield "column sourced_id: empty; whose account is to stay?"
    elif (first := firsts[row["sourced_id"]]) is not row:
        yield f"column sourced_id: the same id as in line {first.line}; keep one of the two"
    if not is_day(row["until"]):
        yield "column until: not a date as 2026-06-15; an exception has a last day"
    for column, question in (("owner", "who answers for it?"), ("reason", "why does the account stay?")):
        if not row[column]:
            yield f"column {column}: empty; {question}"
    for column in COLUMNS["stays"]:
        digits = (found.replace(" ", "").replace(".", "") for found in _NUMBER.findall(row[column]))
        if any(kind(number) is not NinKind.INVALID for number in digits):
            yield f"column {column}: holds an identity number; leave it out"

"""The rows of a source's tables, and the days in them."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from provision.core.extract import COLUMNS, Extract

_BATCH: Final = 65536  # a table of millions of rows is never copied whole


def rows(extract: Extract, table: str) -> Iterator[tuple[str, ...]]:
    """Each row of a table with its cells in the order of COLUMNS; none where the source does not speak of it."""
    frame = extract.tables.get(table)
    if frame is None or frame.empty:
        return
    for start in range(0, len(frame), _BATCH):
        batch = frame.iloc[start : start + _BATCH]
        yield from zip(*(batch[column].tolist() for column in COLUMNS[table]), strict=True)


@lru_cache(maxsize=65536)
def day_of(text: str) -> date | None:
    """The date of YYYY-MM-DD, None for ""; ValueError for anything else."""
    return date.fromisoformat(text) if text else None

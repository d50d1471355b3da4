"""The rows of a source's tables."""

from collections.abc import Iterator

from provision.core.roster import COLUMNS, Extract


def rows(extract: Extract, table: str) -> Iterator[tuple[str, ...]]:
    """Each row of a table with its cells in the order of COLUMNS; none where the source does not speak of it."""
    frame = extract.tables.get(table)
    if frame is None or frame.empty:
        return iter(())
    return zip(*(frame[column].tolist() for column in COLUMNS[table]), strict=True)

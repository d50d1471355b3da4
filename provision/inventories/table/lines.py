"""What is asked of a file with a table, and what it gives, whatever kind of file it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provision.formats.text_csv import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table stands: the line of its column names, that of the first machine, and the `sheet` of a workbook.

    `required` are the columns that must be there.
    """

    required: tuple[str, ...]
    header: int = 1
    begins: int = 2
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines that hold anything, every cell text.

    `whole` is how it is known that nothing is missing, "" where it is not. `numbers` counts by column the cells that
    hold a number instead of text: what people see may differ, and leading zeros are gone.
    """

    rows: tuple[Row, ...]
    whole: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)


def no_header(path: Path, layout: Layout) -> str:
    """What is wrong where the header should be and nothing is."""
    right = "say as `header` in the mapping where they stand"
    return f"{path}, line {layout.header}: no whole line with the names of the columns; {right}"

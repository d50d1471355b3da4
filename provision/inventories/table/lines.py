"""What is asked of a file with a table, and what it gives, whatever kind of file it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provision.config.inventory import folded
from provision.formats.text_csv import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table stands: the line of its column names, that of the first machine, and the `sheet` of a workbook.

    `required` are the columns that must be there, `others` those that may.
    """

    required: tuple[str, ...]
    others: tuple[str, ...] = ()
    header: int = 1
    begins: int = 2
    sheet: str = ""

    def called(self, names: Sequence[str]) -> list[str]:
        """The names of a header; those that are one of ours but for case and blanks are spelt as we do."""
        ours = {folded(name): name for name in (*self.others, *self.required)}
        return [ours.get(folded(name), name) for name in names]


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines that hold anything, every cell text.

    `whole` is how it is known that nothing is missing, "" where it is not. `numbers` counts by column the cells that
    hold a number instead of text: what people see may differ, and leading zeros are gone.
    """

    rows: tuple[Row, ...]
    whole: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)

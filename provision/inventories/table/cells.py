"""What a cell of a table says in the words of our columns, and what spreadsheets have made of it on the way."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from provision.config.inventory import DAYS, FLAGS, WORDS, DevicesMapping, Marks
from provision.core.nin import is_national_id
from provision.formats.device_cells import meaning
from provision.inventories.table.days import day_reader

# What names one machine, school or person: half of it would be another's name.
_NAMES: Final = ("serial", "asset_tag", "school", "assignee", "enrolled_by")
_PEOPLE: Final = ("assignee", "enrolled_by")
_DIGITS_OF_A_SCHOOL: Final = 9

_YES_AND_NO: Final = {
    **dict.fromkeys(("1", "true", "yes", "ja", "sann"), "1"),
    **dict.fromkeys(("0", "false", "no", "nei", "usann"), "0"),
}
_ROUNDED: Final = re.compile(r"-?\d([.,]\d+)?E[+-]\d{2,3}", re.IGNORECASE)
_TOO_NARROW: Final = re.compile("##+")
_A_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
# What a formula shows that has no result, in English and in Norwegian.
_FAILED: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
    | {"#I/T", "#VERDI!", "#NAVN?"}
)


@dataclass(frozen=True, slots=True)
class Column:
    """One of our columns: from which of theirs it is read, and how.

    `words` leads from their words, as patterns, to ours; `read` gives None for what means nothing to us.
    """

    ours: str
    theirs: str
    words: Mapping[str, str]
    read: Callable[[str], str | None]


class Heard(NamedTuple):
    """What a cell says, and what is wrong with it; it is `lost` where what it named can no longer be known."""

    cell: str
    fault: str = ""
    lost: bool = False


def columns_of(mapping: DevicesMapping) -> Sequence[Column]:
    """Every column that the mapping reads."""
    days = day_reader(mapping.dates)
    return [
        Column(
            ours,
            theirs,
            mapping.values.get(ours, {}),
            _reader(ours, days),
        )
        for ours, theirs in mapping.columns.items()
    ]


def hear(column: Column, text: str) -> Heard:
    """What the text says in the column; a fault never repeats it, since nobody knows what it is."""
    known = meaning(column.words, text) if text else column.words.get("", "")
    if known is not None:
        return Heard(known)
    if column.ours in _NAMES and (fault := _spoiled(column.ours, text)):
        return Heard("", fault, lost=True)
    if text.upper() in _FAILED:
        return Heard("", "a formula without a result")
    if column.ours in _PEOPLE and is_national_id(text.partition("@")[0].strip()):
        return Heard("", "an identity number, which is not read; use another name there")
    if (read := column.read(text)) is None:
        right = f"write {_known(column.ours)}, or say under values.{column.ours} in the mapping what it means"
        return Heard("", f"no {column.ours} that we know; {right}")
    short = column.ours == "school" and text.isdecimal() and len(text) < _DIGITS_OF_A_SCHOOL
    return Heard(read, "a number with fewer than nine digits; write the organisation number, as text" if short else "")


def use_by_marks(marks: Sequence[Marks]) -> Callable[[Mapping[str, str]], str]:
    """What says of a line's cells what the machine is for: the first column that tells; "" where none does."""
    words = [(each.column, {word: use for use, word in each.words}) for each in marks]

    def use(cells: Mapping[str, str]) -> str:
        return str(next((found for column, known in words if (found := meaning(known, cells[column]))), ""))

    return use


def _reader(column: str, days: Callable[[str], str | None]) -> Callable[[str], str | None]:
    if column in WORDS:
        words = frozenset(WORDS[column])
        return lambda text: text.lower() if text.lower() in words else None
    if column in FLAGS:
        return lambda text: _YES_AND_NO.get(text.lower())
    return days if column in DAYS else str


def _spoiled(column: str, text: str) -> str:
    """What a spreadsheet has lost of a name, with what to do; "" where it has not."""
    right = "format the column as text, fill it in anew and save again"
    if _ROUNDED.fullmatch(text):
        return f"a number in short form, such as 1.2E+11, whose last digits are lost; {right}"
    if _TOO_NARROW.fullmatch(text):
        return "nothing but #, since the column was too narrow; make it wider and save again"
    if column == "serial" and _A_DAY.fullmatch(text):
        return f"a day, which a spreadsheet has made of what was typed; {right}"
    return ""


def _known(column: str) -> str:
    """What may stand in a column, in words."""
    if column in WORDS:
        return f"one of {', '.join(WORDS[column])}"
    return "1 or 0" if column in FLAGS else "a day such as 2026-06-30"

"""From the lines of a table to a row for each machine, in our columns and words."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from provision.config.inventory import DevicesMapping, folded
from provision.core.devices import DEVICE_COLUMNS, serial_of
from provision.errors import SourceError
from provision.formats.text_csv import Row
from provision.inventories.table.cells import Column, columns_of, hear, use_by_marks
from provision.inventories.table.lines import Lines

# Takes the serial number of the machine that something is wrong with, "" where it has none, and what is wrong.
Tell = Callable[[str, str], None]


def machines_of(lines: Lines, mapping: DevicesMapping, path: Path, tell: Tell) -> pd.DataFrame:
    """A row for each line that says anything of a machine. Raises SourceError where a spreadsheet has lost a name."""
    columns, use = columns_of(mapping), use_by_marks(mapping.uses)
    usual = {name: "" for name in DEVICE_COLUMNS} | {str(name): word for name, word in mapping.constants.items()}
    cells: dict[str, list[str]] = {name: [] for name in DEVICE_COLUMNS}
    seen: dict[str, int] = {}
    for row in lines.rows:
        if not any(row[each.theirs] for each in columns):
            tell("", f"line {row.line}: says nothing of a machine")
            continue
        if all(folded(row[each.theirs]) in ("", folded(each.theirs)) for each in columns):
            tell("", f"line {row.line}: the names of the columns once more, and no machine")
            continue
        said = usual | _said(row, columns, usual, path, tell)
        said["use"] = use(row.cells) or said["use"]
        _tell_of_serial(said["serial"], row.line, seen, tell)
        for name, column in cells.items():
            column.append(said[name])
    serial = mapping.columns["serial"]
    if count := lines.numbers.get(serial):
        reason = "stored as a number, so that leading zeros are lost; format the column as text"
        tell("", f"column {serial}: {count} serial numbers are {reason}")
    return pd.DataFrame(cells, dtype=object)


def _said(row: Row, columns: Sequence[Column], usual: Mapping[str, str], path: Path, tell: Tell) -> dict[str, str]:
    """What the line says, by our columns, the usual where it says nothing; what cannot be read is "" and told of."""
    said: dict[str, str] = {}
    faults = []
    for column in columns:
        cell, fault, lost = hear(column, row[column.theirs])
        said[column.ours] = cell if cell or fault else usual[column.ours]
        if fault:
            faults.append(f"line {row.line}, column {column.theirs}: {fault}")
        if lost:
            raise SourceError(f"{path}, {faults[-1]}")
    for fault in faults:
        tell(said["serial"], fault)
    return said


def _tell_of_serial(serial: str, line: int, seen: dict[str, int], tell: Tell) -> None:
    """What is wrong with a serial number that is none, or that stands in an earlier line too."""
    number = serial_of(serial)
    if not number:
        tell("", f"line {line}: no serial number, so nobody knows whether another inventory has the machine too")
    elif (first := seen.setdefault(number, line)) != line:
        tell(serial, f"line {line}: the serial number stands in line {first} too")

"""A file with a table: which kind it is, told by its first bytes and never by its name."""

import os
from pathlib import Path
from typing import Final
from zipfile import is_zipfile

from provision.errors import SourceError
from provision.inventories.table.lines import Layout, Lines
from provision.inventories.table.text import read_text
from provision.inventories.table.workbook import read_workbook

_ZIP: Final = b"PK"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and whatever has a password


def read_lines(path: Path, layout: Layout) -> Lines:
    """Every line of the table, or SourceError with file, line and what would be right."""
    first = _first_bytes(path)
    if first.startswith(_ZIP):
        return read_workbook(path, layout)
    if first == _OLD_OFFICE:
        raise SourceError(f"{path} has a password or is of Excel before 2007; save it as .xlsx without a password")
    return read_text(path, layout)


def is_whole_table(path: Path) -> bool:
    """Whether the end of the file is there: the directory of a workbook, the line break of a CSV file.

    It says nothing of what is in between, which reading will show.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                return is_zipfile(file)
            file.seek(-1, os.SEEK_END)
            return file.read() in (b"\n", b"\r")
    except OSError:
        return False


def _first_bytes(path: Path) -> bytes:
    """None of a file that cannot be read: reading will say why."""
    try:
        with path.open("rb") as file:
            return file.read(len(_OLD_OFFICE))
    except OSError:
        return b""

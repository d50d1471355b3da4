"""Writes a OneRoster CSV package: one zip with a manifest and whole files, the same bytes for the same content."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import TextIOWrapper
from itertools import chain
from operator import itemgetter
from typing import BinaryIO, Final, TextIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from provision.core.clocks import ZONE
from provision.formats.oneroster import (
    ABSENT,
    BULK,
    ID_LENGTH,
    ID_LETTERS,
    MANIFEST,
    MANIFEST_FILES,
    Version,
    columns,
    encode_id,
)

# Text, or the items of a cell that is a list.
Cell = str | Sequence[str]

# The cells that are lists, besides those of ids.
LISTS: Final = frozenset({"grades", "subjects", "subjectCodes", "periods", "userIds"})

_ONLY_ID_LETTERS: Final = re.compile(f"[0-9A-Za-z{re.escape(ID_LETTERS)}]*").fullmatch
_UNIX: Final = 3
_OWNER_ONLY: Final = 0o600 << 16


def write_package(
    out: BinaryIO,
    tables: Mapping[str, Iterable[Sequence[Cell]]],
    version: Version,
    *,
    at: datetime,
    system_name: str,
    system_code: str = "",
) -> None:
    """Writes the tables, by file name without `.csv`, as a package in which every file is the whole truth.

    A row has a cell for each of `columns(name, version)`, status and dateLastModified empty; a list is given as its
    items. Ids are given as they are and percent-encoded here; a line break becomes a space; a table without rows is
    said to be absent. `at` is when the content was true, and stands in the zip as Norwegian time.
    Raises ValueError for what no package can hold: a table or cells that the version does not have, an id of more
    than 255 letters, a comma inside an item of a list, a NUL.
    """
    known = MANIFEST_FILES[version]
    if unknown := sorted(tables.keys() - set(known)):
        raise ValueError(f"OneRoster {version} has no {', '.join(unknown)}")
    filled = {name: rows for name in known if (rows := _some(tables.get(name, ()))) is not None}
    with ZipFile(out, "w") as package:
        with _member(package, MANIFEST, at) as text:
            csv.writer(text).writerows(_manifest(version, filled.keys(), system_name, system_code))
        for name, rows in filled.items():
            header = columns(name, version)
            with _member(package, f"{name}.csv", at) as text:
                csv.writer(text).writerows(chain((header,), _lines(name, header, rows)))


def is_list(column: str) -> bool:
    """Whether the cells of a column are lists."""
    return column in LISTS or column.endswith("SourcedIds")


def is_id(column: str) -> bool:
    """Whether the cells of a column are one id each."""
    return column == "sourcedId" or column.endswith("SourcedId")


def _some(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]] | None:
    """All the rows, None where there are none."""
    rest = iter(rows)
    return next((chain((first,), rest) for first in rest), None)


def _manifest(version: Version, filled: Collection[str], name: str, code: str) -> Iterator[tuple[str, str]]:
    yield "propertyName", "value"
    yield "manifest.version", "1.0"
    yield "oneroster.version", version
    for file in MANIFEST_FILES[version]:
        yield f"file.{file}", BULK if file in filled else ABSENT
    yield "source.systemName", _on_one_line(name)
    if code:
        yield "source.systemCode", _on_one_line(code)


def _member(package: ZipFile, name: str, at: datetime) -> TextIO:
    local = at.astimezone(ZONE) if at.tzinfo else at
    info = ZipInfo(name, (local.year, local.month, local.day, local.hour, local.minute, local.second))
    info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _OWNER_ONLY
    return TextIOWrapper(package.open(info, "w"), encoding="utf-8", newline="")


def _lines(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[str]]:
    """The rows as they are written. A package has millions: what is already as it should be is found out at once."""
    ids = [place for place, column in enumerate(header) if is_id(column)]
    lists = [(place, column) for place, column in enumerate(header) if is_list(column)]
    pick = itemgetter(*ids)
    for number, row in enumerate(rows, start=1):
        try:
            cells = _text_cells(row, header, lists)
            together = "".join(pick(cells))
            if len(together) > ID_LENGTH or not _ONLY_ID_LETTERS(together):
                cells = _with_encoded(cells, ids, header)
            if not "".join(cells).isprintable():
                cells = [_on_one_line(cell) for cell in cells]
        except ValueError as error:
            raise ValueError(f"{name}, row {number}: {error}") from None
        yield cells


def _text_cells(row: Sequence[Cell], header: Sequence[str], lists: Sequence[tuple[int, str]]) -> Sequence[str]:
    """The row with each list in one text."""
    if len(row) != len(header) or row[1] or row[2]:
        raise ValueError(f"must have {len(header)} cells, status and dateLastModified empty")
    if not lists:
        return row  # type: ignore[return-value]  # without a list every cell is text; joining them would tell
    cells = list(row)
    for place, column in lists:
        cells[place] = _joined(row[place], column)
    return cells  # type: ignore[return-value]  # all lists have been joined


def _joined(items: Cell, column: str) -> str:
    given = (items,) if isinstance(items, str) else items
    if column.endswith("SourcedIds"):
        return ",".join(_encoded(item, column) for item in given)
    if any("," in item for item in given):
        raise ValueError(f"an item of {column} holds a comma, which separates the items")
    return ",".join(given)


def _with_encoded(cells: Sequence[str], ids: Collection[int], header: Sequence[str]) -> Sequence[str]:
    return [_encoded(cell, header[place]) if place in ids else cell for place, cell in enumerate(cells)]


def _encoded(sourced_id: str, column: str) -> str:
    written = encode_id(sourced_id)
    if len(written) > ID_LENGTH:
        raise ValueError(f"{column} is longer than {ID_LENGTH} letters once encoded; give the record a shorter id")
    return written


def _on_one_line(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return " ".join(text.splitlines())

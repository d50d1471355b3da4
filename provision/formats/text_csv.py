"""One strict reader for the CSV files that people keep by hand or have exported."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provision.errors import SourceError
from provision.formats.mojibake import damaged

MAX_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of its first line in the file (the header is line 1), and its cells by column name."""

    line: int
    cells: Mapping[str, str] = field(repr=False)

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def read_csv(path: Path, columns: Sequence[str]) -> tuple[Row, ...]:
    """Every row that holds anything, all cells text without surrounding blanks; "NA" and leading zeros are kept.

    UTF-8 with or without BOM; the header line decides between `;` and `,`. All of `columns` must be there, in any
    order; others are handed on as they are. Raises SourceError, naming file and line, for anything else: a missing
    file, another encoding, a NUL, a row with too few or too many cells, a last line without its line break.
    """
    text = _text(path)
    header, *lines = _lines(path, text, _delimiter(text))
    names = _header(path, header[1], columns)
    rows = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise SourceError(f"{path}, line {number}: {len(cells)} cells, but the header has {len(names)}")
        rows.append(Row(number, dict(zip(names, cells, strict=True))))
    return tuple(rows)


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(f"{path} is {size:,} bytes; at most {MAX_BYTES:,} are read")
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if b"\0" in content:
        raise SourceError(f"{path}, line {_line_of(content, content.index(0))}: holds a NUL; save the file as UTF-8")
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The cause would carry the file's bytes with it.
        line = _line_of(content, error.start)
        raise SourceError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None
    for number, line_text in enumerate(text.split("\n"), start=1):
        if damaged(line_text):
            raise SourceError(f"{path}, line {number}: letters damaged by a wrong encoding; export again as UTF-8")
    if not text.strip():
        raise SourceError(f"{path} is empty; a file without people still has its header line")
    if not text.endswith(("\n", "\r")):
        raise SourceError(f"{path}: the last line has no line break, so the file may be cut; end it with one")
    return text


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _delimiter(text: str) -> str:
    header = text.splitlines()[0]
    return ";" if header.count(";") > header.count(",") else ","


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceError(f"{path}, line {first}: {error}") from error
        yield first, [cell.strip() for cell in cells]


def _header(path: Path, names: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
    missing = [column for column in columns if column not in names]
    if missing:
        raise SourceError(f"{path}, line 1: no column {', '.join(missing)}; the header needs {', '.join(columns)}")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceError(f"{path}, line 1: column {', '.join(twice)} stands twice")
    return names

"""One strict reader for the CSV files that people keep by hand or have exported."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provision.errors import SourceError
from provision.formats.mojibake import damaged

MAX_BYTES: Final = 256 * 1024 * 1024
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of its first line in the file (the header is line 1), and its cells by column name."""

    line: int
    cells: Mapping[str, str] = field(repr=False)

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Form:
    """How the file may be written. `header` and `begins` are the lines of the column names and of the first row.

    `encodings` are tried in turn. `called` says by which names the columns of a header are known here.
    """

    header: int = 1
    begins: int = 2
    encodings: Sequence[str] = ("utf-8-sig",)
    called: Callable[[Sequence[str]], Sequence[str]] = list


STRICT: Final = Form()


def read_csv(path: Path, columns: Sequence[str], form: Form = STRICT) -> tuple[Row, ...]:
    """Every row that holds anything, all cells text without surrounding blanks; "NA" and leading zeros are kept.

    UTF-8 with or without BOM, unless `form` says more; the header line decides between `;` and `,`. All of `columns`
    must be there, in any order; others are handed on as they are. Raises SourceError, naming file and line, for
    anything else: a missing file, another encoding, a NUL, a row with too few or too many cells, a last line without
    its line break.
    """
    text = _plain(path, _decoded(path, _content(path), form.encodings), form)
    _check(path, text, form)
    header, *lines = _lines(path, text, _delimiter(text), form)
    names = _header(path, form.called(header[1]), columns, form)
    rows = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise SourceError(f"{path}, line {number}: {len(cells)} cells, but the header has {len(names)}")
        rows.append(Row(number, dict(zip(names, cells, strict=True))))
    return tuple(rows)


def no_header(path: Path, line: int) -> str:
    """What is wrong where the header should be and nothing is."""
    right = "say as `header` in the mapping where they stand"
    return f"{path}, line {line}: no whole line with the names of the columns; {right}"


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(f"{path} is {size:,} bytes; at most {MAX_BYTES:,} are read")
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if b"\0" in content:
        raise SourceError(f"{path}, line {_line_of(content, content.index(0))}: holds a NUL; save the file as UTF-8")
    return content


def _decoded(path: Path, content: bytes, encodings: Sequence[str]) -> str:
    wrong = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = error.start
    # Outside of the handler, since the cause would carry the file's bytes with it.
    raise SourceError(f"{path}, line {_line_of(content, wrong)}: not UTF-8; save the file as UTF-8")


def _plain(path: Path, text: str, form: Form) -> str:
    """The header as the first line, and nothing else above the rows; each of these keeps the number of its line."""
    if (form.header, form.begins) == (STRICT.header, STRICT.begins):
        return text
    lines = _LINE_END.split(text, maxsplit=form.begins - 1)
    if len(lines) <= form.header or not lines[form.header - 1].strip():
        raise SourceError(no_header(path, form.header))
    return lines[form.header - 1] + "\n" * (len(lines) - 1) + lines[-1]


def _check(path: Path, text: str, form: Form) -> None:
    for number, line_text in enumerate(text.split("\n"), start=1):
        if damaged(line_text):
            line = _line(number, form)
            raise SourceError(f"{path}, line {line}: letters damaged by a wrong encoding; export again as UTF-8")
    if not text.strip():
        raise SourceError(f"{path} is empty; a file without any rows still has its header line")
    if not text.endswith(("\n", "\r")):
        raise SourceError(f"{path}: the last line has no line break, so the file may be cut; end it with one")


def _line(number: int, form: Form) -> int:
    """Where the line of a plain text stands in the file."""
    return form.header if number == 1 else number


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _delimiter(text: str) -> str:
    header = text.splitlines()[0]
    return ";" if header.count(";") > header.count(",") else ","


def _lines(path: Path, text: str, delimiter: str, form: Form) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceError(f"{path}, line {_line(first, form)}: {error}") from error
        yield first, [cell.strip() for cell in cells]


def _header(path: Path, names: Sequence[str], columns: Sequence[str], form: Form) -> Sequence[str]:
    where = f"{path}, line {form.header}"
    missing = [column for column in columns if column not in names]
    if missing:
        raise SourceError(f"{where}: no column {', '.join(missing)}; the header needs {', '.join(columns)}")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceError(f"{where}: column {', '.join(twice)} stands twice")
    return names

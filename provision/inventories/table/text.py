"""The lines of a CSV file as spreadsheets write it: in Windows-1252 too, and with lines above its header."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from provision.errors import SourceError
from provision.formats.text_csv import MAX_BYTES, Row, read_csv
from provision.inventories.table.lines import Layout, Lines, no_header

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_PLAIN: Final = (1, 2)  # the header in the first line, and machines from the second on


def read_text(path: Path, layout: Layout) -> Lines:
    """Every line, as the one reader of CSV gives it; SourceError as from there. Nothing proves that none is missing."""
    text, plain = _decoded(path)
    if text is None or (plain and (layout.header, layout.begins) == _PLAIN):
        return Lines(read_csv(path, layout.required))
    return Lines(_as_plain(path, text, layout))


def _decoded(path: Path) -> tuple[str | None, bool]:
    """The file's text and whether it is UTF-8; None where the reader of CSV will say what is wrong."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, True
        content = path.read_bytes()
    except OSError:
        return None, True
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding != "cp1252"
        except UnicodeDecodeError:
            continue
    return None, True


def _as_plain(path: Path, text: str, layout: Layout) -> tuple[Row, ...]:
    """What the reader of CSV makes of the same lines in UTF-8, with the header first and nothing above the machines."""
    lines = _LINE_END.split(text, maxsplit=layout.begins - 1)
    if len(lines) <= layout.header or not lines[layout.header - 1].strip():
        raise SourceError(no_header(path, layout))
    # Every machine stays in its own line, so that what is said of it leads there.
    plain = lines[layout.header - 1] + "\n" * (len(lines) - 1) + lines[-1]
    try:
        with TemporaryDirectory(prefix="provision-") as folder:
            return _read_copy(path, Path(folder) / "table.csv", plain, layout)
    except OSError as error:
        raise SourceError(f"{path}: its copy in UTF-8 cannot be written: {error.strerror}") from error


def _read_copy(path: Path, copy: Path, text: str, layout: Layout) -> tuple[Row, ...]:
    """The rows of the text, by way of a file that only we can read; a refusal names the file that was delivered."""
    copy.write_text(text, encoding="utf-8", newline="")
    try:
        return read_csv(copy, layout.required)
    except SourceError as error:
        told = str(error).replace(f"{copy}, line 1:", f"{path}, line {layout.header}:")
        raise SourceError(told.replace(str(copy), str(path))) from None

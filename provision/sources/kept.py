"""What was last accepted from each source, kept in files so that what must be done at once needs no new export."""

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import pandas as pd

from provision.core.extract import COLUMNS, Completeness, Extract
from provision.errors import SourceError
from provision.files import replace_file

_FORMAT: Final = 1
SUFFIX: Final = ".jsonl.gz"
_BATCH: Final = 65536
# The fastest: a file that lives for a night is not worth more.
_LEVEL: Final = 1
_RIGHT: Final = "the next run that can read its sources makes it anew"


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder with one file for each source, for `days` days. They hold all that the export did."""

    folder: Path
    days: int

    def keep(self, extracts: Sequence[Extract]) -> None:
        """From now on these are what was accepted last, and nothing else is kept. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wanted = {self._path(extract.source): extract for extract in extracts}
        for path in self.files():
            if path not in wanted:
                path.unlink(missing_ok=True)
        for path, extract in wanted.items():
            replace_file(path, partial(_write, extract))
            moment = extract.read_at.timestamp()
            os.utime(path, (moment, moment))  # its age is that of what it holds

    def source(self, name: str) -> "KeptSource":
        return KeptSource(self._path(name), name)

    def forget(self, now: datetime) -> list[Path]:
        """Deletes what is older than it may be; the files that were. Raises OSError."""
        old = self.over(now)
        for path in old:
            path.unlink(missing_ok=True)
        return old

    def over(self, now: datetime) -> list[Path]:
        """The files that are older than they may be. Raises OSError."""
        since = (now - timedelta(days=self.days)).timestamp()
        return [path for path in self.files() if path.stat().st_mtime < since]

    def files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"


@dataclass(frozen=True, slots=True)
class KeptSource:
    """`path` holds what was last accepted from the source `name`, which says it once more."""

    path: Path
    name: str

    def read(self) -> Extract:
        """All of it as it was, or SourceError."""
        try:
            with gzip.open(self.path) as fh:
                return _read(self.path, self.name, _lines(self.path, fh))
        except FileNotFoundError:
            raise SourceError(f"{self.path} is not there: nothing is kept of {self.name}; {_RIGHT}") from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise SourceError(f"{self.path} is cut or damaged; {_RIGHT}") from None
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror}; {_RIGHT}") from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(f"{self.path} is not what this version of the program keeps; {_RIGHT}") from None


def _write(extract: Extract, fh: BinaryIO) -> None:
    """A line that says what follows, then the cells, column by column."""
    with gzip.GzipFile(fileobj=fh, mode="wb", compresslevel=_LEVEL, filename="", mtime=0) as out:
        out.write(_line(_head(extract)))
        for table, frame in extract.tables.items():
            for start in range(0, len(frame), _BATCH):
                batch = frame.iloc[start : start + _BATCH]
                out.write(_line([table, *(batch[column].tolist() for column in COLUMNS[table])]))


def _head(extract: Extract) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "source": extract.source,
        "read_at": extract.read_at.isoformat(),
        "as_of": extract.as_of.isoformat() if extract.as_of else None,
        "whole": extract.whole,
        "completeness": {org: asdict(said) for org, said in extract.completeness.items()},
        "tables": {table: [len(frame), *COLUMNS[table]] for table, frame in extract.tables.items()},
    }


def _line(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _lines(path: Path, fh: gzip.GzipFile) -> Iterator[Any]:
    for number, line in enumerate(fh, start=1):
        try:
            text = line.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SourceError(f"{path}, line {number}: not UTF-8; {_RIGHT}") from None
        yield json.loads(text)


def _read(path: Path, name: str, lines: Iterator[Any]) -> Extract:
    """Raises KeyError, TypeError and ValueError for what `_write` would not have written."""
    head = next(lines, None)
    if head is None or head["format"] != _FORMAT or head["source"] != name:
        raise ValueError(path.name)
    cells = _cells(head["tables"], lines)
    return Extract(
        source=name,
        read_at=datetime.fromisoformat(head["read_at"]),
        as_of=datetime.fromisoformat(head["as_of"]) if head["as_of"] else None,
        tables={table: pd.DataFrame(columns, dtype=object) for table, columns in cells.items()},
        completeness={org: Completeness(**said) for org, said in head["completeness"].items()},
        whole=head["whole"],
    )


def _cells(tables: Mapping[str, Sequence[Any]], lines: Iterator[Any]) -> dict[str, dict[str, list[str]]]:
    """By table and column. Raises ValueError where they are not those that the head announced."""
    found: dict[str, dict[str, list[str]]] = {}
    for table, (_, *columns) in tables.items():
        if tuple(columns) != COLUMNS[table]:
            raise ValueError(table)
        found[table] = {column: [] for column in columns}
    for table, *batch in lines:
        for into, cells in zip(found[table].values(), batch, strict=True):
            if {*map(type, cells)} - {str}:
                raise TypeError(table)
            into.extend(cells)
    for table, by_column in found.items():
        if {*map(len, by_column.values())} != {tables[table][0]}:
            raise ValueError(table)
    return found

"""Reads a OneRoster CSV package whole: a zip whose checksums hold, or a folder, of which nothing is proven."""

import csv
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from provision.errors import SourceError
from provision.formats.oneroster import ABSENT, BULK, COLUMNS, DELTA, MANIFEST, METADATA, Table, Version, required
from provision.formats.oneroster_files import PackageFile, newest, opened

if TYPE_CHECKING:
    from _csv import Reader

Progress = Callable[[int, int], None]

WHOLE: Final = "every file of the zip agrees with its checksum"

_MAX_LINE: Final = 1 << 20
_CHUNK: Final = 1 << 20
_STATUS: Final = "status"
_VERSIONS: Final[Mapping[str, Version]] = {"1.1": "1.1", "1.2": "1.2", "1.2.1": "1.2"}
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Package:
    """What a package holds, by file name without `.csv`. `whole` is how it is known that nothing is missing, "" where
    it cannot be; `doubt` then says why. `made_at` is None where the package does not say when it was made."""

    version: Version
    tables: Mapping[str, Table]
    made_at: datetime | None
    whole: str
    doubt: str = ""


@dataclass(slots=True)
class _Reading:
    """One package being read: equal texts are kept once, and it is told how far it has come."""

    path: Path
    files: Mapping[str, PackageFile]
    proven: bool
    progress: Progress | None
    texts: dict[str, str] = field(default_factory=dict)
    done: int = 0

    def where(self, name: str) -> str:
        return f"{self.path}, {name}"

    def count(self, size: int) -> None:
        self.done += size
        if self.progress is not None:
            self.progress(self.done, sum(file.size for file in self.files.values()))


def read_package(
    path: Path, *, wanted: Mapping[str, Collection[str]] | None = None, progress: Progress | None = None
) -> Package:
    """The whole package, or SourceError naming file and line.

    `wanted` are the columns to keep of each file, besides its `metadata.*`; other files are only checked. None keeps
    everything. `progress` is told the bytes read so far and those there are, both unpacked.
    """
    with opened(path) as (files, proven):
        reading = _Reading(path, files, proven, progress)
        version, bulk = _manifest(reading)
        tables: dict[str, Table] = {}
        for name in bulk:
            if name in COLUMNS and (wanted is None or name in wanted):
                tables[name] = _table(reading, name, version, None if wanted is None else wanted[name])
            else:
                _check(reading, f"{name}.csv")
        moments = [files[name].moment for name in (MANIFEST, *(f"{each}.csv" for each in bulk))]
        doubt = _delta_in_disguise(tables) if proven else "a folder cannot prove that it is whole; have a zip delivered"
        return Package(version, tables, newest(moments), "" if doubt else WHOLE, doubt)


def _manifest(reading: _Reading) -> tuple[Version, list[str]]:
    """The version, and the files that the manifest says are whole, all of which are there."""
    said = _properties(reading)
    where = reading.where(MANIFEST)
    version = _VERSIONS.get(said.get("oneroster.version", ""))
    if version is None:
        raise SourceError(f"{where}: oneroster.version should be 1.1 or 1.2")
    kinds = {name.removeprefix("file."): kind for name, kind in said.items() if name.startswith("file.")}
    for name, kind in kinds.items():
        _check_kind(where, name, kind)
    bulk = [name for name, kind in kinds.items() if kind == BULK]
    if missing := [f"{name}.csv" for name in bulk if f"{name}.csv" not in reading.files]:
        raise SourceError(f"{reading.path} has no {', '.join(missing)}, which {MANIFEST} says is there; export again")
    if stray := [name for name in COLUMNS if name not in bulk and f"{name}.csv" in reading.files]:
        raise SourceError(f"{where}: file.{stray[0]} should be {BULK}, since {stray[0]}.csv is there; export again")
    return version, bulk


def _properties(reading: _Reading) -> Mapping[str, str]:
    if MANIFEST not in reading.files:
        right = "a OneRoster package of version 1.1 or 1.2 has one (1.0, which has none, is not read)"
        raise SourceError(f"{reading.path} has no {MANIFEST}; {right}")
    said: dict[str, str] = {}
    with _reader(reading, MANIFEST) as reader:
        for cells in filter(None, reader):
            if len(cells) != 2 or cells[0] in said:  # noqa: PLR2004 - a name and a value
                where = f"{reading.where(MANIFEST)}, line {reader.line_num}"
                raise SourceError(f"{where}: it should be a name that stands nowhere else and a value")
            said[cells[0].strip()] = cells[1].strip()
    return said


def _check_kind(where: str, name: str, kind: str) -> None:
    if kind == DELTA:
        raise SourceError(f"{where}: file.{name} is {DELTA}, only what has changed; set the export to {BULK}")
    if kind not in (BULK, ABSENT):
        raise SourceError(f"{where}: file.{name} should be {BULK} or {ABSENT}")


def _table(reading: _Reading, name: str, version: Version, wanted: Collection[str] | None) -> Table:
    """The rows of a file with the columns that are wanted of it."""
    origin = f"{name}.csv"
    with _reader(reading, origin) as reader:
        header: list[str] = next(reader, [])
        _check_header(reading.where(origin), header, required(name, version))
        kept = [place for place, column in enumerate(header) if _is_kept(column, wanted)]
        pick = itemgetter(*kept) if len(kept) > 1 else lambda cells: tuple(cells[place] for place in kept)
        rows: list[tuple[str, ...]] = []
        numbers = array("L")
        once = reading.texts.setdefault
        for cells in reader:
            if len(cells) != len(header):
                if not cells:  # a blank line
                    continue
                place = f"{reading.where(origin)}, line {reader.line_num}"
                raise SourceError(f"{place}: {len(cells)} cells, but the header has {len(header)}")
            few = pick(cells)
            rows.append(tuple(map(once, few, few)))
            numbers.append(reader.line_num)
    even = not numbers or numbers[-1] == len(numbers) + 1
    return Table(origin, tuple(header[place] for place in kept), rows, numbers=() if even else numbers)


def _is_kept(column: str, wanted: Collection[str] | None) -> bool:
    return wanted is None or column in wanted or column == _STATUS or column.startswith(METADATA)


def _check_header(where: str, header: Collection[str], needed: Iterable[str]) -> None:
    if missing := [column for column in needed if column not in header]:
        raise SourceError(
            f"{where}, line 1: no column {', '.join(missing)}; names are as in the standard, also in case"
        )
    if twice := [column for column, times in Counter(header).items() if times > 1]:
        raise SourceError(f"{where}, line 1: column {', '.join(twice)} stands twice")


@contextmanager
def _reader(reading: _Reading, name: str) -> "Iterator[Reader]":
    """The records of a file."""
    with reading.files[name].open() as stream:
        reader = csv.reader(chain.from_iterable(_texts(reading, name, stream)), strict=True)
        try:
            yield reader
        except csv.Error as error:
            raise SourceError(f"{reading.where(name)}, line {reader.line_num}: no CSV by RFC 4180 ({error})") from None


def _texts(reading: _Reading, name: str, stream: BinaryIO) -> Iterator[StringIO]:
    """The lines as text, many at a time. That the file is whole is known when the iterator has ended."""
    lines, rest = 0, b""
    while chunk := stream.read(_CHUNK):
        reading.count(len(chunk))
        rest = (rest + chunk).removeprefix(b"" if lines else _BOM)
        end = rest.rfind(b"\n") + 1
        if len(rest) - end > _MAX_LINE:
            number = lines + rest.count(b"\n") + 1
            raise SourceError(f"{reading.where(name)}, line {number}: longer than {_MAX_LINE:,} bytes")
        yield _decoded(rest[:end], reading.where(name), lines)
        lines += rest.count(b"\n", 0, end)
        rest = rest[end:]
    if rest and not reading.proven:
        where = reading.where(name)
        raise SourceError(f"{where}: the last line has no line break, so the file may be cut; end it with one")
    yield _decoded(rest, reading.where(name), lines)


def _decoded(content: bytes, where: str, lines: int) -> StringIO:
    """The text, which iterates over its lines; before it come that many."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        # The cause would carry the file's bytes with it.
        number = lines + content.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{where}, line {number}: not UTF-8; export it as UTF-8") from None
    if "\0" in text:
        number = lines + text.count("\n", 0, text.index("\0")) + 1
        raise SourceError(f"{where}, line {number}: holds a NUL; export it as UTF-8")
    return StringIO(text, newline="\n")


def _check(reading: _Reading, name: str) -> None:
    """Reads a file that nobody wants, since its checksum belongs to the whole."""
    with reading.files[name].open() as stream:
        while chunk := stream.read(_CHUNK):
            reading.count(len(chunk))


def _delta_in_disguise(tables: Mapping[str, Table]) -> str:
    """A file of mere changes that calls itself whole would prove that everybody else has left."""
    for table in tables.values():
        for row, (status,) in enumerate(table.picked(_STATUS)):
            if status:
                right = "in a whole file (bulk) status and dateLastModified are blank"
                return f"{table.where(row)}: status is filled, as in a file of mere changes; {right}"
    return ""

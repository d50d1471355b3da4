"""The files that the program leaves beside its journal: what is over goes, and what names somebody is found."""

import base64
import gzip
import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Final

from provision.core.extract import Extract
from provision.core.mentions import Sought, unescaped
from provision.core.retention import Terms
from provision.files import replace_file
from provision.sources.kept import SUFFIX, Kept

# SCHOOL-TARGET-RUN.csv: the run's id begins with when it was, in UTC.
_HANDED: Final = re.compile(r".+-(\d{8}-\d{4})-[0-9a-f]{4}\.(csv|html)(\.p7m)?")
_SEALED: Final = ".p7m"
_IN_BASE64: Final = re.compile(r"^([^:\s]+):: (\S+)$")


@dataclass(frozen=True, slots=True)
class Papers:
    """Where they are: what was last accepted, the log, first passwords, and the rest of what we write."""

    kept: tuple[Kept, ...]
    log: Path
    passwords: tuple[Path, ...]
    written: tuple[Path, ...] = ()

    def tidy(self, terms: Terms, now: datetime, *, rehearse: bool) -> Mapping[str, int]:
        """Takes away what is over; counts by what it was. Raises OSError."""
        handed = self._handed(now - timedelta(days=terms.passwords_days))
        counts = {
            "kept extracts": self._forget_extracts(now, rehearse=rehearse),
            "files of first passwords": _unlink(handed, rehearse=rehearse),
            "lines of the log": sum(
                _shorten(path, now - timedelta(days=terms.log_days), rehearse=rehearse) for path in self._logs()
            ),
        }
        return {what: number for what, number in counts.items() if number}

    def extracts(self, now: datetime) -> Iterator[Extract]:
        """What is kept and not over. Raises SourceError for a file that cannot be read, and OSError."""
        for kept in self.kept:
            for path in sorted({*kept.files()} - {*kept.over(now)}):
                yield kept.source(path.name.removesuffix(SUFFIX)).read()

    def search(self, wanted: Sought) -> Mapping[Path, int]:
        """In which files how many lines name somebody. Raises OSError."""
        found = {path: sum(bool(wanted.found_in(line)) for line in lines(path)) for path in self.files()}
        return {path: number for path, number in found.items() if number}

    def files(self) -> list[Path]:
        """All of them that can be read: what is encrypted to a school cannot."""
        handed = (path for folder in self.passwords for path in folder.glob("*") if _HANDED.fullmatch(path.name))
        found = chain(*(kept.files() for kept in self.kept), self._logs(), handed, *map(_within, self.written))
        return sorted({path for path in found if path.suffix != _SEALED and path.is_file()})

    def sealed(self) -> int:
        """How many files of first passwords are encrypted to a school: nobody here can search them."""
        return sum(path.suffix == _SEALED for folder in self.passwords for path in folder.glob("*"))

    def _forget_extracts(self, now: datetime, *, rehearse: bool) -> int:
        return sum(len(kept.over(now) if rehearse else kept.forget(now)) for kept in self.kept)

    def _logs(self) -> list[Path]:
        return sorted(self.log.glob("provision*.jsonl"))

    def _handed(self, before: datetime) -> list[Path]:
        found = ((path, _HANDED.fullmatch(path.name)) for folder in self.passwords for path in folder.glob("*"))
        return [path for path, handed in found if handed and _moment(handed[1]) < before]


def lines(path: Path) -> Iterator[str]:
    """What stands in a file of any kind that we write, as text. Raises OSError."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                with package.open(name) as fh:
                    yield from _decoded(fh)
    elif path.suffix == ".gz":
        with gzip.open(path) as fh:
            yield from map(unescaped, _decoded(fh))
    else:
        with path.open("rb") as fh:
            yield from _of_kind(path.suffix, _decoded(fh))


def _of_kind(suffix: str, plain: Iterator[str]) -> Iterator[str]:
    match suffix:
        case ".ldif":
            return map(_out_of_base64, _unfolded(plain))
        case ".html":
            return map(html.unescape, plain)
    return plain


def _decoded(fh: Iterable[bytes]) -> Iterator[str]:
    return (line.decode("utf-8-sig", "replace").rstrip("\r\n") for line in fh)


def _unfolded(folded: Iterable[str]) -> Iterator[str]:
    whole = ""
    for line in folded:
        if line.startswith(" "):
            whole += line[1:]
        else:
            yield whole
            whole = line
    yield whole


def _out_of_base64(line: str) -> str:
    if coded := _IN_BASE64.match(line):
        return f"{coded[1]}: {base64.b64decode(coded[2]).decode('utf-8', 'replace')}"
    return line


def _within(path: Path) -> list[Path]:
    return [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d-%H%M").replace(tzinfo=UTC)


def _unlink(paths: Iterable[Path], *, rehearse: bool) -> int:
    over = list(paths)
    for path in [] if rehearse else over:
        path.unlink(missing_ok=True)
    return len(over)


def _shorten(path: Path, since: datetime, *, rehearse: bool) -> int:
    """Takes the lines of the log out that are older; how many."""
    with path.open("rb") as fh:
        everything = list(fh)
    stays = [line for line in everything if _logged(line) >= since.timestamp()]
    over = len(everything) - len(stays)
    if over and not rehearse:
        if stays:
            replace_file(path, partial(_write, stays))
        else:
            path.unlink(missing_ok=True)
    return over


def _write(stays: Iterable[bytes], fh: IO[bytes]) -> None:
    fh.writelines(stays)


def _logged(line: bytes) -> float:
    """When a line was written; what was cut short when the disk was full is of no time at all."""
    try:
        return float(json.loads(line)["record"]["time"]["timestamp"])
    except (KeyError, TypeError, ValueError):
        return 0.0

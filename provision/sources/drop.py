"""A folder where others leave their exports: the newest whole one is read, never one that is still being written."""

import math
import os
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, Final, Generic, Protocol, TypeVar

from loguru import logger

from provision.errors import SourceError

SETTLED: Final = timedelta(seconds=60)

_PATTERN: Final = re.compile(r"[*?\[]")
_TEMPORARY: Final = re.compile(
    r"[.~].*|.*(~|\.(part|partial|tmp|temp|filepart|crdownload|download|new|swp|lock))", re.IGNORECASE | re.DOTALL
)
_MEMBER: Final = b"PK\x03\x04"
_AT_AN_END: Final = 64 * 1024
_BYTE_ORDERS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT: Final = re.compile(r"<(?![?!])([^\s/>]+)")
_CLOSED: Final = re.compile(r"</([^\s>]+)\s*>\s*\Z")
_SHOWN: Final = 5

Content_co = TypeVar("Content_co", covariant=True)

# What tells one state of a file from another: where it lies on the disk, how large it is, and when it was written.
_State = tuple[tuple[str, int, int, int], ...]


def is_whole(path: Path) -> bool:
    """Whether the end of the file is there: the directory of a zip, the closing tag of an XML document.

    It says nothing of what is in between, which reading will show.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_AT_AN_END)
            if head.startswith(b"PK"):
                return _has_directory(file)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _AT_AN_END) & ~1)
            tail = file.read()
    except OSError:
        return False
    encoding = _BYTE_ORDERS.get(head[:2], "latin-1")
    begin, end = (_COMMENT.sub("", text.decode(encoding, "replace")) for text in (head, tail))
    root, closed = _ROOT.search(begin), _CLOSED.search(end)
    return bool(root and closed and root[1] == closed[1])


def _has_directory(file: BinaryIO) -> bool:
    """Whether the directory at the end of a zip is all there: its last bytes say where the first member begins."""
    try:
        with zipfile.ZipFile(file) as package:
            begins = min((member.header_offset for member in package.infolist()), default=-1)
            return begins >= 0 and file.seek(begins) == begins and file.read(len(_MEMBER)) == _MEMBER
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


class Reader(Protocol[Content_co]):
    """What reads one file: a source, or an inventory."""

    @property
    def name(self) -> str: ...

    def read(self) -> Content_co: ...


@dataclass(frozen=True, slots=True)
class Dropped(Generic[Content_co]):
    """What `open` reads from the file at `path` or, where the name is a pattern as in `inbox/*.zip`, from the newest.

    What was read counts only if the file was the same before and after. A file with the very name of a pattern is
    meant by it. `complete` says of a file whether its end is there.
    """

    path: Path
    open: Callable[[Path], Reader[Content_co]]
    clock: Callable[[], datetime]
    settled: timedelta = SETTLED
    complete: Callable[[Path], bool] = is_whole

    @property
    def name(self) -> str:
        return self.open(self.path).name

    def read(self) -> Content_co:
        """Everything in the file, or SourceError: none is whole, it cannot be used, or it changed meanwhile."""
        path = self.path
        before = _state(path)
        if is_pattern(path):
            path, before = _choose(self.path, self.clock(), self.settled, self.complete)
        content = self.open(path).read()
        if _state(path) != before:
            raise SourceError(f"{path} was changed while it was read; run again once it has been delivered whole")
        return content


def is_pattern(path: Path) -> bool:
    """Whether the name is one for many files; not where a file has this very name."""
    return bool(_PATTERN.search(path.name)) and not path.exists()


def newest_complete(pattern: Path, *, now: datetime, settled: timedelta, complete: Callable[[Path], bool]) -> Path:
    """The newest file of the pattern that nobody is writing any more; of two equally new ones the last by name.

    It has no temporary name, was last written at least `settled` ago, and is `complete`. A time in the future is not
    believed. Raises SourceError, saying what is there instead.
    """
    return _choose(pattern, now, settled, complete)[0]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the pattern; `written` is when it was last written, None where all its times are in the future."""

    path: Path
    state: _State
    written: float | None


def _choose(pattern: Path, now: datetime, settled: timedelta, complete: Callable[[Path], bool]) -> tuple[Path, _State]:
    """The newest complete file, as it was when it was found to be so."""
    passed: list[str] = []
    for found in _newest_first(pattern, now.timestamp()):
        fault = _fault(found, now.timestamp(), settled, complete)
        if not fault:
            for each in passed:
                logger.warning("{}; {} is read instead", each, found.path.name)
            return found.path, found.state
        passed.append(f"{found.path.name} {fault}")
    there = "; ".join(passed[:_SHOWN]) + (f"; and {len(passed) - _SHOWN} more" if len(passed) > _SHOWN else "")
    right = f"have one delivered there, and run again {settled.total_seconds():.0f} seconds after it has"
    raise SourceError(f"{pattern}: no complete file ({there or 'nothing has such a name'}); {right}")


def _newest_first(pattern: Path, now: float) -> list[_Found]:
    """The files of the pattern; first of all those of which nobody can say when they were written."""
    try:
        there = [found for path in pattern.parent.iterdir() if (found := _found(path, pattern.name, now))]
    except OSError as error:
        right = "it is where exports are delivered"
        raise SourceError(f"{pattern.parent} cannot be read: {error.strerror}; {right}") from None
    return sorted(there, key=lambda f: (math.inf if f.written is None else f.written, f.path.name), reverse=True)


def _found(path: Path, pattern: str, now: float) -> _Found | None:
    """The file as it is now, None where the pattern does not mean it or it is none."""
    if not fnmatchcase(path.name, pattern):
        return None
    try:
        said = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(said.st_mode):
        return None
    # Who delivers a file can give it any time. That at which this machine last noted a change of it nobody can.
    past = [moment for moment in (said.st_mtime, said.st_ctime) if moment <= now]
    return _Found(path, (_stamp(path.name, said),), past[0] if past else None)


def _fault(found: _Found, now: float, settled: timedelta, complete: Callable[[Path], bool]) -> str:
    """Why the file cannot be read yet, "" where it can: its name, its age and its end say that nobody writes it."""
    if _TEMPORARY.fullmatch(found.path.name):
        return "has the name of a file that is still being written"
    if found.written is None:
        return "was written in the future; set the clock of this machine, or have the file delivered again"
    if now - found.written < settled.total_seconds():
        return f"was written {now - found.written:.0f} seconds ago and may not be all there"
    return "" if complete(found.path) else "has no end, so it is still being written or was cut off"


def _state(path: Path) -> _State | None:
    """What a file is now, or all files of a folder; None where there is none that can be read."""
    try:
        said = path.stat()
        inside = sorted(path.iterdir()) if stat.S_ISDIR(said.st_mode) else []
        return (_stamp(path.name, said), *(_stamp(each.name, each.stat()) for each in inside))
    except OSError:
        return None


def _stamp(name: str, said: os.stat_result) -> tuple[str, int, int, int]:
    return name, said.st_ino, said.st_size, said.st_mtime_ns

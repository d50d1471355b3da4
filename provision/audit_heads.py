"""The ends of the audit chain, kept in a file elsewhere: one line a run, only ever added."""

import errno
import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from provision.errors import UsageError
from provision.wiring import Place

HEAD: Final = re.compile(r"[0-9]{1,18}:[0-9a-f]{64}")
_NAME: Final = "audit-heads.txt"


def file_of(place: Place) -> Path | None:
    """The site's file; one of its own in what is a folder."""
    given = place.settings.audit_heads
    if given is None:
        return None
    path = place.path(given)
    return path / f"{place.settings.realm}-{_NAME}" if path.is_dir() else path


def keep(path: Path, head: str, day: date) -> None:
    """Adds a line; what stands there is neither read nor written. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(descriptor, f"{day.isoformat()} {head}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_writable(path: Path) -> None:
    """Opens it as a run will, and adds nothing; one that is not there yet is not made. Raises OSError."""
    if path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        code = errno.EACCES if path.parent.is_dir() else errno.ENOENT
        raise OSError(code, os.strerror(code), str(path))


def heads_in(path: Path) -> Sequence[str]:
    """Every head that the file holds. Raises UsageError where it cannot be read, or a line of it holds none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise UsageError(f"{path}: {why}; name a file that AUDIT_HEADS wrote") from None
    found = []
    for number, line in enumerate(lines, start=1):
        head = line.rpartition(" ")[2]
        if line.strip() and not HEAD.fullmatch(head):
            raise UsageError(f"{path}, line {number}: no head; each line is a day and NUMBER:HEX")
        found += [head] if head else []
    return found

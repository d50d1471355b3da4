"""The log for machines: one JSON record a line, a new file at 10 MB, kept for 30 days."""

import os
import sys
import time
from pathlib import Path
from typing import Final

_NAME: Final = "provision.jsonl"
_LARGE: Final = 10_000_000
_KEEP_SECONDS: Final = 30 * 24 * 3600


class LogFile:
    """What loguru writes to. Its own file would answer a full disk with a traceback, once for each line."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where there can be no log at all."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / _NAME
        _rotate(self._path)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._failed = False

    def write(self, message: str) -> None:
        try:
            os.write(self._descriptor, message.encode())
        except OSError as error:
            if not self._failed:
                sys.stderr.write(f"provision: {self._path}: {error.strerror}; what follows is not all logged\n")
            self._failed = True

    def stop(self) -> None:
        os.close(self._descriptor)


def _rotate(path: Path) -> None:
    """A large file makes room for a new one, and old ones go."""
    now = time.time()
    if path.exists() and path.stat().st_size > _LARGE:
        path.rename(path.with_name(f"{path.stem}.{now:.0f}{path.suffix}"))
    for old in path.parent.glob(f"{path.stem}.*{path.suffix}"):
        if now - old.stat().st_mtime > _KEEP_SECONDS:
            old.unlink(missing_ok=True)

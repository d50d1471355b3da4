"""How long a directory is waited for: nothing is far away in tests, but much may be busy."""

from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from unittest.mock import patch

from provision.directory import DirectorySettings


class Waits(NamedTuple):
    """As in `DirectorySettings`, in seconds."""

    timeout: float = 20.0
    retry_for: float = 0.2


def impatient(waits: Waits) -> AbstractContextManager[object]:
    """Meanwhile these are the times of whoever names none; no setting does that, since nobody out there needs it."""
    really = DirectorySettings.__init__

    def short(self: DirectorySettings, *given: Any, **more: Any) -> None:
        really(self, *given, **{**waits._asdict(), **more})

    return patch.object(DirectorySettings, "__init__", short)

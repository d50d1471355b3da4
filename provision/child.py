"""`python -m provision.child PARENT COMMAND…`: becomes the command, which ends when its parent does."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def command() -> tuple[str, ...]:
    """How a command is begun that ends with this process; to Linux, with the thread that begins it."""
    return (sys.executable, "-m", "provision.child", str(os.getpid()))


def _die_with_parent(parent: int) -> None:
    """On Linux; elsewhere a command whose service was killed goes on to its end, which the lease makes safe."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    _die_with_parent(int(sys.argv[1]))
    os.execv(sys.executable, [sys.executable, "-m", "provision", *sys.argv[2:]])  # noqa: S606  no shell is wanted

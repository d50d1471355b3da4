"""Which process holds something: told apart from every other one, also of another host of the same name."""

import os
import socket
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
# Services that see little else of the machine may read it; where there is none, as in small containers, its last start.
_MACHINE: Final = Path("/etc/machine-id")
_BOOT: Final = _PROC / "sys" / "kernel" / "random" / "boot_id"
# Of /proc/PID/stat after the name in brackets, which may hold anything: when the process began, in ticks since boot.
_BEGAN: Final = 19


def this_process() -> str:
    """What is written beside this process's number: its host's name, its place among processes, when it began."""
    return f"{_here()}/{_began(os.getpid())}"


def name_of(host: str) -> str:
    """The host's name alone, for people."""
    return host.partition("/")[0]


def is_here(host: str) -> bool:
    """Whether this process would see that one: on the same machine, and not in another container."""
    return host.rpartition("/")[0] == _here()


def is_gone(host: str, pid: int) -> bool:
    """Whether it was a process here and is no more, whoever has its number now; of elsewhere nobody knows.

    Asked without a lock: a run that starts just then would take whoever asks for another run.
    """
    if not is_here(host):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's
    began, now = host.rpartition("/")[2], _began(pid)
    return bool(began and now and began != now)


@cache
def _here() -> str:
    return f"{socket.gethostname()}/{place(_MACHINE, _BOOT)}"


def place(*machine: Path) -> str:
    """Tells containers apart that share a name, and even the machine, but no numbers of processes.

    By the first of these files that says which machine it is, and by the space of processes; "" where neither is known.
    """
    which = next(filter(None, map(_content, machine)), b"")
    try:
        space = str((_PROC / "self" / "ns" / "pid").stat().st_ino).encode()
    except OSError:
        space = b""
    return blake2b(which + b"/" + space, digest_size=6).hexdigest() if which or space else ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError:
        return b""


def _began(pid: int) -> str:
    """ "" where that cannot be read: on other systems, or of a process that is hidden from us."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[_BEGAN]

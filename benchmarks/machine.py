"""What the figures were measured on."""

import os
import platform
import re
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from tests.servers.slapd import BINARY

_FLUSHES = 200
_BLOCK = b"\0" * 4096


def hardware(folder: Path) -> dict[str, Any]:
    """Processor, memory, system and, of the disk that the folder is on, how long flushing a block takes."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load": os.getloadavg()[0],
        "system": _system(),
        "python": platform.python_version(),
        "flush": _flush(folder / "flush"),
    }


def machine(folder: Path, *, durable: bool) -> dict[str, Any]:
    """The hardware, and the versions of what works on a directory."""
    return {**hardware(folder), "slapd": _slapd(), "ldap3": version("ldap3"), "durable": durable}


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _slapd() -> str:
    said = subprocess.run([str(BINARY), "-VV"], capture_output=True, text=True, check=False)  # noqa: S603  a server
    found = re.search(r"slapd ([\d.]+)", said.stderr + said.stdout)
    return found.group(1) if found else "unknown"


def _flush(path: Path) -> float:
    """Seconds, the median of many."""
    taken = []
    with path.open("wb") as file:
        for _ in range(_FLUSHES):
            file.write(_BLOCK)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)

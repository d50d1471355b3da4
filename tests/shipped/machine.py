"""A machine in miniature: a checkout with the shipped scripts, and a PATH that holds only what we put there."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = ("run", "test", ".bootstrap.sh", ".debian.sh", ".openldap.sh", ".chromium.sh", ".postgres.sh")
TOOLS: Final = ("sh", "cat", "chmod", "cmp", "cp", "flock", "grep", "id", "mkdir", "readlink", "rm", "sed", "uname")
PYTHON: Final = getattr(sys, "_base_executable", sys.executable)

TELL_ALL: Final = """
import json, os, sys
try:
    import pebble
except ImportError:
    pebble = None
print(json.dumps({"args": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ), "ours": __file__,
                  "pebble": pebble is not None, "python": sys.prefix}))
"""

UV: Final = """#!/bin/sh
echo "$@" "cache=${UV_NO_CACHE:-yes}" >>"$UV_LOG"
case $1 in
venv) for folder; do :; done; exec python3 -m venv --without-pip "$folder" ;;
pip) case ${UV_DOES:-} in refuse) exit 2 ;; die) kill -9 0 ;; wait) read -r _ <"$UV_LOG.fifo" ;; esac ;;
esac
"""


@dataclass
class Machine:
    """`bin` is the whole PATH; `checkout` has a space in its name."""

    checkout: Path
    bin: Path
    env: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def start(
        self, *args: str, command: str = "run", cwd: Path | None = None, **env: str
    ) -> Iterator["subprocess.Popen[str]"]:
        """./run (or ./test) while it runs, in a process group of its own; nothing of it is left behind."""
        with subprocess.Popen(
            [str(self.checkout / command), *args],
            cwd=cwd or self.bin,
            env=self.env | env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                yield process
                process.communicate(timeout=120)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def run(self, *args: str, command: str = "run", cwd: Path | None = None, **env: str) -> "Ended":
        """Start and wait."""
        with self.start(*args, command=command, cwd=cwd, **env) as process:
            out, err = process.communicate(timeout=120)
        return Ended(process.returncode, out, err)

    def program(self, name: str, script: str) -> None:
        """Put a program of our making on the PATH."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def with_uv(self) -> Path:
        """Put a quick uv on the PATH, which installs nothing; returns the file with its command lines."""
        self.program("uv", UV)
        log = self.bin / "uv.log"
        self.env["UV_LOG"] = str(log)
        return log

    def like_this(self, folder: Path) -> "Machine":
        """A copy to break."""
        shutil.copytree(self.checkout, folder / self.checkout.name, symlinks=True)
        shutil.copytree(self.bin, folder / "bin", symlinks=True)
        return Machine(folder / self.checkout.name, folder / "bin", self.env | {"PATH": str(folder / "bin")})


@dataclass(frozen=True)
class Ended:
    """How a start ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """What the program in the checkout saw."""
        told: dict[str, Any] = json.loads(self.out)
        return told


def new_machine(folder: Path) -> Machine:
    """A checkout that was never started and a Python that can do everything."""
    machine = Machine(folder / "a checkout", folder / "bin")
    (machine.checkout / "provision").mkdir(parents=True)
    machine.bin.mkdir()
    for name in SCRIPTS:
        shutil.copy2(ROOT / name, machine.checkout / name)
    (machine.checkout / "provision" / "__init__.py").touch()
    (machine.checkout / "provision" / "__main__.py").write_text(TELL_ALL)
    (folder / "wheels").mkdir()
    runtime, dev = (_requirement(_wheel(folder / "wheels", name)) for name in ("pebble", "gravel"))
    (machine.checkout / "requirements.lock").write_text(runtime)
    (machine.checkout / "requirements-dev.lock").write_text(runtime + dev)
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is not on the PATH"
        (machine.bin / tool).symlink_to(found)
    machine.program("python3", f'#!/bin/sh\nexec "{PYTHON}" "$@"\n')
    machine.env.update(
        PATH=str(machine.bin), HOME=str(folder), PIP_NO_INDEX="1", PIP_FIND_LINKS=(folder / "wheels").as_uri()
    )
    machine.env.update({name: os.environ[name] for name in ("LANG", "LD_LIBRARY_PATH") if name in os.environ})
    return machine


def _requirement(wheel: Path) -> str:
    name = wheel.name.partition("-")[0]
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _wheel(folder: Path, name: str) -> Path:
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_record_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,\n"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def _record_digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

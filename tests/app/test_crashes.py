"""A full disk, two runs at once, a run that is stopped: nothing is lost, and the next run finishes by itself."""

import errno
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.app.edits import named
from tests.app.sites import SOUTH, Said, Site, call, day, finished, hashed_as, process, pupils
from tests.forks import fork

NIGHT = ("run", "--json", "--day", str(day(0)))
WITHIN = 30.0
SURELY = 20  # looks in a row at which a process that waits was asleep


def passwords_are_good(site: Site) -> None:
    """Everybody can log in with the password in the latest file that they stand in."""
    handed = site.passwords()
    people = [held for held in site.entries().values() if "userPassword" in held]
    assert people
    for held in people:
        assert hashed_as(min(held["userPassword"]), handed[min(held["uid"])])


def in_a_child(prepare: Callable[[], object], site: Site) -> Said:
    """A run in a child of this warm process, after `prepare` there."""
    reading, writing = os.pipe()
    child = fork()
    if child == 0:
        try:
            prepare()
            said = call(*NIGHT, "--site", str(site.folder))
            os.write(writing, json.dumps([said.code, said.out[-3000:], said.err]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return Said(*json.loads(text))


@pytest.mark.parametrize("limit", [0, 5_000, 30_000, 120_000, 200_000])
def test_whatever_little_can_be_written_the_run_says_so_and_the_next_finishes(fresh: Site, limit: int) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    said = in_a_child(little, fresh)
    assert said.code in (1, 3, 7)
    fresh.search(said, ids_only=True)
    assert all(word not in said.err for word in ("unexpected", "Error in"))
    fresh.run(0)
    passwords_are_good(fresh)
    assert fresh.run(0).target["counts"] == {}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("NOT TESTED: a full disk (needs the right to mount one)")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def fill(disk: Path, leaving: int) -> Path:
    """Nearly all of the disk is taken."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as fh, suppress(OSError):
        while fh.write(b"x" * 4096):
            pass
    os.truncate(ballast, ballast.stat().st_size - leaving)
    return ballast


FULL = {
    "the journal at once": ("var", 0, 3, "var/pepper: No space left on device"),
    "the journal as it is made": ("var", 65_536, 1, "the disk is full; free some space and run again"),
    "the journal in the middle": ("var", 300_000, 1, "the disk is full; free some space and run again"),
    "the directory": ("out", 60_000, 7, "feide.ldif cannot be written: No space left on device"),
    "passwords": ("out/passwords", 0, 7, "first passwords cannot be handed over"),
    "some passwords": ("out/passwords", 8_192, 7, "first passwords cannot be handed over"),
    "the log": ("var/log", 0, 0, "what follows is not all logged"),
}


@pytest.mark.parametrize("what", FULL)
def test_a_full_disk_is_told_and_costs_nothing_but_the_night(fresh: Site, disk: Path, what: str) -> None:
    place, leaving, code, told = FULL[what]
    (fresh.folder / place).parent.mkdir(parents=True, exist_ok=True)
    (disk / "of-the-site").mkdir()
    (fresh.folder / place).symlink_to(disk / "of-the-site")
    ballast = fill(disk, leaving)
    said = fresh.run(0, code=code)
    assert told in said.err + said.out
    assert bool(fresh.entries()) == (what == "the log"), "a directory in a file is all there, or as it was"
    if place == "out/passwords":
        assert list((disk / "of-the-site").iterdir()) == [], "no password is handed over that nobody has"
    ballast.unlink()
    fresh.run(0)
    passwords_are_good(fresh)
    assert fresh.run(0).target["counts"] == {}


# ── Runs at the same time, and runs that are stopped ─────────────────────────────────────────────────────────────
@contextmanager
def a_run_that_waits(site: Site, number: int) -> Iterator[tuple[subprocess.Popen[str], Callable[[], None]]]:
    """A run that is in the middle of reading, and what lets it go on."""
    care = site.folder / "data" / "care.csv"
    content = care.read_bytes()
    care.unlink()
    os.mkfifo(care)
    running = process("run", "--json", "--day", str(day(number)), "--site", str(site.folder))
    pipe = _writing_end(care)
    _wait_until_it_reads(running.pid)
    try:
        yield running, lambda: _write(pipe, content)
    finally:
        running.kill()
        running.communicate()
        care.unlink()
        care.write_bytes(content)


def _writing_end(fifo: Path) -> int:
    """Opens it as soon as somebody reads there."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _wait_until_it_reads(pid: int) -> None:
    """A signal that comes between opening and reading is noticed only when there is something to read."""
    deadline, asleep = time.monotonic() + WITHIN, 0
    while asleep < SURELY:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        assert time.monotonic() < deadline, f"the run is not waiting for its supplement, but in state {state}"
        time.sleep(0.01)


def _write(pipe: int, content: bytes) -> None:
    with os.fdopen(pipe, "wb") as fh:
        fh.write(content)


def test_of_two_runs_at_once_the_second_is_told_who_runs_and_changes_nothing(site: Site) -> None:
    site.export(1, named(pupils(site, SOUTH)[0], "Nytt", "Navn"))
    before = site.state()
    with a_run_that_waits(site, 1) as (running, go_on):
        said = site.run(1, code=8)
        assert f"(process {running.pid} on " in said.messages
        assert "run again when it is done" in said.messages
        assert site.cli("status", "--json", code=0).json["runs"][0]["status"] == "running"
        assert site.state() == before
        go_on()
        first = finished(running)
    assert (first.code, first.target["done"]) == (0, {"done": 1})
    assert site.run(1).target["counts"] == {}


@pytest.mark.parametrize(
    ("how", "code", "status"),
    [(signal.SIGKILL, -9, "died"), (signal.SIGTERM, 143, "finished"), (signal.SIGINT, 130, "finished")],
)
def test_a_run_that_is_stopped_makes_way_at_once(site: Site, how: signal.Signals, code: int, status: str) -> None:
    site.export(1, named(pupils(site, SOUTH)[0], "Nytt", "Navn"))
    with a_run_that_waits(site, 1) as (running, _):
        running.send_signal(how)
        said = finished(running)
    assert said.code == code
    assert "Traceback" not in said.err
    assert site.run(1).target["done"] == {"done": 1}
    assert [r["status"] for r in site.cli("status", "--json").json["runs"]][:2] == ["finished", status]

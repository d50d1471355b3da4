"""Two hundred people on the ratio pages, with and without a run: `python -m benchmarks.pages`."""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.machine import hardware
from benchmarks.tables import hardware_told, table
from provision.core.figures import Level
from provision.web.grants import Identity
from provision.web.login import begin_session
from provision.web.sites import Site
from provision.wiring import clock

JOB: Final = "nightly"
# Done, or done but for records that lack something, as a sample's few awkward people do.
_DONE: Final = (0, 6)
_YARDSTICK: Final = "/static/style.css"
# What people open, by what it is called in the table; the first is the yardstick.
PAGES: Final = {
    "yardstick: a file that is sent as it is": _YARDSTICK,
    "the login, for anybody": "/login",
    "the school's page": "/schools/{school}",
    "the school's report": "/schools/{school}/report",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who leads a school, as the browser says so."""

    school: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How often a page was opened, and in how many seconds half of these, 19 of 20, and all of them were answered."""

    beside: str
    page: str
    opened: int
    half: float
    most: float
    slowest: float
    times: float = 0


def make(site: Path, pupils: int, schools: int) -> None:
    """A site that has had a night and whose devices are counted."""
    _provision("sample", str(site), "--pupils", str(pupils), "--schools", str(schools))
    job = site / "jobs" / f"{JOB}.toml"
    # Only what a test begins is at work.
    job.write_text(job.read_text(encoding="utf-8").partition("[schedule]")[0], encoding="utf-8")
    _provision("run", JOB, "--site", str(site))
    _provision("ratios", JOB, "--site", str(site))


def logged_in(site: Path, number: int) -> list[Person]:
    """So many sessions of those who lead a school that has figures; where there are fewer, several are one's."""
    here = Site(site, JOB, clock)
    try:
        staff = here.staff()
        login_of = {person: login for login, person in staff.by_login.items()}
        counted = here.journal.last_figures(clock().date() + timedelta(days=1))
        schools = {each.group.org for each in counted.figures if each.group.level is Level.SCHOOL} if counted else set()
        led = {
            p: min(staff.heads[p] & schools) for p in sorted(staff.heads) if p in login_of and staff.heads[p] & schools
        }
        leading = [(login_of[person], school) for person, school in led.items()]
        return [
            Person(school, f"provision={here.name}~{begin_session(here, Identity('benchmark', login, login))}")
            for login, school in islice(cycle(leading), number)
        ]
    finally:
        here.close()


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """The service with its pages, as it is installed; its address."""
    command = [sys.executable, "-m", "provision", "serve", "--site", str(site), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  ours
        try:
            assert process.stderr is not None  # noqa: S101  it was asked for
            yield next(line.split()[-1] for line in process.stderr if "pages: " in line)
        finally:
            process.terminate()
            process.communicate(timeout=60)


async def _opened(address: str, path: str, cookie: str) -> float:
    """Seconds from asking to the last octet of the page."""
    where = urlsplit(address)
    asked = f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    began = time.perf_counter()
    reading, writing = await asyncio.open_connection(where.hostname, where.port)
    writing.write(asked.encode())
    answer = await reading.read()
    while more := await reading.read():
        answer += more
    taken = time.perf_counter() - began
    writing.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{path} was not answered: {answer[:40]!r}")
    return taken


async def _on_the_pages(
    address: str, people: Sequence[Person], pause: float, over: asyncio.Event
) -> dict[str, list[float]]:
    """What everybody who opens one page after the other had to wait, by page."""
    found: defaultdict[str, list[float]] = defaultdict(list)

    async def one(person: Person, chance: Random) -> None:
        await asyncio.sleep(chance.random() * pause)
        while not over.is_set():
            name = chance.choice(list(PAGES))
            found[name].append(await _opened(address, PAGES[name].format(school=person.school), person.cookie))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)

    await asyncio.gather(*(one(person, Random(number)) for number, person in enumerate(people)))  # noqa: S311  no secret
    return dict(found)


async def _measured(address: str, people: Sequence[Person], pause: float, seconds: float, run: Sequence[str]) -> Any:
    """The waits of so many seconds, or of as long as the run takes; and how long that was."""
    over = asyncio.Event()
    opening = asyncio.create_task(_on_the_pages(address, people, pause, over))
    await asyncio.sleep(2 * pause)  # until everybody is there
    began = time.perf_counter()
    if run:
        at_work = await asyncio.create_subprocess_exec(*run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if await at_work.wait() not in _DONE:
            raise SystemExit(f"the run ended with {at_work.returncode}")
    else:
        await asyncio.sleep(seconds)
    lasted = time.perf_counter() - began
    over.set()
    return await opening, lasted


def figures(beside: str, waits: Mapping[str, Sequence[float]]) -> list[Measured]:
    """By page, beside what; each as many times the yardstick as its median is that one's."""
    yardstick = median(waits[next(iter(PAGES))])
    return [
        Measured(
            beside, name, len(each), half, quantiles(each, n=20, method="inclusive")[-1], max(each), half / yardstick
        )
        for name in PAGES
        for each in [waits[name]]
        for half in [median(each)]
    ]


def spoil(site: Path) -> None:
    """Every account says another given name than the SIS, so that the next run has all of them to write."""
    path = site / "out" / "feide.ldif"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^givenName::? .*$", "givenName: Feil", text), encoding="utf-8")


def measure(site: Path, people: int, pause: float, seconds: float) -> tuple[list[Measured], float]:
    """Without a run, and with one that writes everybody; how many seconds that one took."""
    with serving(site) as address:
        known = logged_in(site, people)
        _tell("nothing beside it")
        quiet, _ = asyncio.run(_measured(address, known, pause, seconds, ()))
        spoil(site)
        _tell("a run beside it")
        run = (sys.executable, "-m", "provision", "run", JOB, "--json", "--site", str(site))
        busy, lasted = asyncio.run(_measured(address, known, pause, seconds, run))
    return [*figures("nothing", quiet), *figures("a run", busy)], lasted


def told(measured: Sequence[Measured], lasted: float, about: Mapping[str, Any], options: str) -> str:
    """The table, below the command that repeats it and the machine."""
    head = ["beside it", "page", "opened", "half within", "19 of 20 within", "slowest", "times the yardstick"]
    rows = [
        [
            each.beside,
            each.page,
            f"{each.opened:,}",
            *map(_shown, (each.half, each.most, each.slowest)),
            f"{each.times:.1f}",
        ]
        for each in measured
    ]
    heading = f"`.venv/bin/python -m benchmarks.pages {options}`; {hardware_told(about)}; load {about['load']:.1f}"
    return f"{heading}; the run took {lasted:.0f} s\n\n{table(head, rows)}\n"


def _shown(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms"


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="pages-") as folder:
        site = Path(folder) / "site"
        _tell("making a municipality")
        make(site, asked.pupils, asked.schools)
        about = hardware(site)
        measured, lasted = measure(site, asked.people, asked.pause, asked.seconds)
    options = f"--people {asked.people} --pupils {asked.pupils} --schools {asked.schools} --pause {asked.pause:g}"
    sys.stdout.write(told(measured, lasted, about, options))
    if asked.json:
        document = {"machine": about, "run": lasted, "pages": [asdict(each) for each in measured]}
        asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


def _provision(*asked: str) -> None:
    command = [sys.executable, "-m", "provision", *asked, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own command line
    if done.returncode not in _DONE:
        raise SystemExit(f"provision {asked[0]}: {done.stderr}")


def _tell(what: str) -> None:
    sys.stderr.write(f"{datetime.now().astimezone():%H:%M:%S} {what}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="on the pages at the same time")
    parser.add_argument("--pupils", type=int, default=10_000, help="in the municipality")
    parser.add_argument("--schools", type=int, default=100)
    parser.add_argument("--pause", type=float, default=10.0, help="seconds from one page to the next, on average")
    parser.add_argument("--seconds", type=float, default=30.0, help="without a run")
    parser.add_argument("--json", type=Path, help="every figure, to this file")
    return parser


if __name__ == "__main__":
    main()

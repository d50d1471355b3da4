"""A service whose commands are short, at a clock that the test sets."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine
from apscheduler.executors.debug import DebugExecutor

from provision.core.slots import Turn
from provision.service.service import Service, scheduler
from provision.service.watched import Watched

# Writes down what it was asked to do and ends as the site says; what is to hang waits for its input to be told.
SHORT = """
import pathlib, sys, time
site = pathlib.Path(sys.argv[sys.argv.index("--site") + 1])
with (site / "asked").open("a") as fh:
    fh.write(" ".join(sys.argv[1:3]) + "\\n")
while (site / "hangs").exists():
    time.sleep(0.01)
code = site / "code"
sys.exit(int(code.read_text()) if code.exists() else 0)
"""


def scheduled(folder: Path, *lines: str) -> None:
    """Gives the site's job this schedule instead of its own."""
    job = folder / "jobs" / "nightly.toml"
    before = job.read_text(encoding="utf-8").partition("[schedule]")[0]
    job.write_text("\n".join([before, "[schedule]", *lines, ""]), encoding="utf-8")


@dataclass
class Bench:
    """Services at a clock that the test sets. Their commands are real processes that do nothing."""

    folders: list[Path]
    traveller: time_machine.Traveller
    said: list[str] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)

    def service(self, **options: object) -> Service:
        """Another one."""
        made = Service(
            [Watched(folder) for folder in self.folders],
            self.said.append,
            command=(sys.executable, "-S", "-E", "-c", SHORT),
            scheduler=scheduler(executors={"default": DebugExecutor()}),
            **options,  # type: ignore[arg-type]  by name, whatever a test says
        )
        made.tick()
        made.scheduler.start()
        self.services.append(made)
        return made

    def go(self, to: str) -> None:
        """The clock in Oslo shows this; what its services' schedulers then do is done."""
        self.move(datetime.fromisoformat(to).replace(tzinfo=ZoneInfo("Europe/Oslo")))

    def move(self, to: datetime) -> None:
        self.traveller.move_to(to.astimezone(UTC), tick=False)
        for service in self.services:
            service.scheduler._process_jobs()
            settled(service)

    def wait(self, **more: float) -> None:
        """Time passes, and the services look."""
        self.move(datetime.now(UTC) + timedelta(**more))
        for service in self.services:
            service.tick()
            settled(service)

    def asked(self, number: int = 0) -> list[str]:
        """What was done at a site."""
        path = self.folders[number] / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def turn(self, slot: str, kind: str = "sync") -> Turn:
        found = self.services[0].sites[0].journal().slots().turn("nightly", kind, slot)
        assert found is not None
        return found


def settled(service: Service) -> None:
    """Returns once nothing is at work."""
    while children := list(service._children.values()):
        for child in children:
            child.join(30)
            assert child.thread is not None
            assert not child.thread.is_alive()

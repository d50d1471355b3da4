"""What is read, and whether it is there: the files of a site and the systems that are asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from loguru import logger

from provision.config.devices_job import InventoryJob
from provision.errors import SourceError
from provision.finding import Finding, Level
from provision.inventories.table import is_whole_table
from provision.rest import TIMING, Limits, RestError
from provision.sources.drop import is_pattern, is_whole, newest_complete
from provision.sources.oneroster.rest_settings import connect
from provision.wiring import Place, clock
from provision.wiring.inventories import reach
from provision.wiring.provider import rest_settings

_FRESH_DAYS: Final = 2
IMPATIENT: Final = Limits(connect_timeout=5, read_timeout=15, patience=15)  # somebody waits for the answer


def inputs(place: Place) -> Iterator[Finding]:
    """Of every file whether it is there and how old it is, of every system whether it answers."""
    source = place.job.source
    settled = timedelta(seconds=source.settled)
    if source.path is not None:
        yield from _file("source.path", place.path(source.path), settled, is_whole, _FRESH_DAYS)
    for name, path in source.supplements.items():
        if path is not None:
            yield _age(f"source.{name}", place.path(path))
    if source.care is None:
        yield Finding(
            Level.WARN, "no care.csv: nobody is known to have address protection", "name one as source.care in the job"
        )
    yield from _provider(place)
    if place.job.devices:
        for inventory in place.job.devices.inventories:
            yield from _inventory(place, inventory, place.job.devices.stale_days)


def _file(name: str, path: Path, settled: timedelta, complete: Callable[[Path], bool], fresh: int) -> Iterator[Finding]:
    """Of a pattern the file that would be read, and what is passed over for it."""
    if is_pattern(path):
        try:
            with _warnings() as passed_over:
                path = newest_complete(path, now=clock(), settled=settled, complete=complete)
        except SourceError as error:
            yield Finding(Level.FAIL, str(error), f"have it delivered there, or change {name} in the job")
            return
        for text in passed_over:
            yield Finding(Level.WARN, text, "have it delivered again, and look again")
    yield _age(name, path, fresh)


def _age(name: str, path: Path, fresh: int | None = None) -> Finding:
    """A file that others deliver should be `fresh`, at most so many days old."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return Finding(Level.FAIL, f"{path} is missing", f"have it delivered there, or change {name} in the job")
    days = (clock() - written).days
    if fresh is not None and days > fresh:
        return Finding(Level.WARN, f"{path} is {days} days old", "see that it is still delivered")
    return Finding(Level.OK, f"{path} is there, {days} days old")


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What a run would warn of, in its log."""
    told: list[str] = []
    sink = logger.add(lambda line: told.append(line.strip()), level="WARNING", format="{message}")
    try:
        yield told
    finally:
        logger.remove(sink)


def _provider(place: Place) -> Iterator[Finding]:
    """Whether a SIS that is asked over the network answers us."""
    if place.job.source.kind != "oneroster_rest":
        return
    settings = replace(rest_settings(place.job.source, place.settings, place.folder), limits=IMPATIENT)
    try:
        with connect(settings, TIMING) as rest:
            rest.get("orgs", {"limit": "1"})
    except RestError as error:
        yield Finding(Level.FAIL, f"the SIS: {error}", "correct it in .env or at the SIS; see docs/sources.md")
    else:
        yield Finding(Level.OK, f"the SIS answers at {settings.base_url}")


def _inventory(place: Place, job: InventoryJob, stale_days: int) -> Iterator[Finding]:
    """A table by its file, in which after so many days no machine counts as seen; a system by one answer."""
    if job.path is not None:
        name, settled = f"devices.inventories.{job.name}.path", timedelta(seconds=job.settled)
        yield from _file(name, place.path(job.path), settled, is_whole_table, stale_days)
        return
    try:
        reach(job, place, IMPATIENT)
    except SourceError as error:
        yield Finding(Level.FAIL, f"{job.name}: {error}", "correct it in .env or there; see docs/inventories.md")
    else:
        yield Finding(Level.OK, f"the inventory {job.name} answers")

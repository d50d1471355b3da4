"""One step on the way to the figures as a process of its own: `python -m benchmarks.ratio_steps STEP SITE`.

What a step stands on was kept by an earlier one. It prints the seconds of the wall and of the processor that the step
took, how many things came of it, and the most memory that the process has held.
"""

import json
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks import years
from benchmarks.memory import peak_memory
from provision.cli.session import session
from provision.core.figures import Coverage, Group, Level
from provision.core.masking import masked, sums_of
from provision.counting import count_devices, read_all
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from provision.reports.coverage.workbook import workbook
from provision.wiring import Place, clock, inventories, sources
from provision.wiring.asks import Asks
from provision.wiring.device_report import device_report

JOB: Final = "nightly"
# Of the classes, those that have other figures than the day before.
SHARE: Final = 0.05
_SEED: Final = 0
_YEARS: Final = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Bench:
    """The site, opened."""

    place: Place
    journal: Journal

    def kept(self, name: str) -> Any:
        return pickle.loads((self.place.folder / f"{name}.pickle").read_bytes())  # noqa: S301 - what we wrote ourselves


# How many things came of it, and what later steps stand on.
Step = Callable[[], tuple[int, object]]


def keep(site: Path, name: str, made: object) -> None:
    """For later steps."""
    (site / f"{name}.pickle").write_bytes(pickle.dumps(made, pickle.HIGHEST_PROTOCOL))


def lists(site: Path) -> tuple[Path, Path]:
    """The files of the two inventories."""
    return site / "data" / "managed.csv", site / "data" / "listed.csv"


def today() -> date:
    return clock().date()


def _text(bench: Bench) -> Step:
    """The yardstick: pandas reads both lists as text, once, and makes nothing of it."""
    managed, listed = lists(bench.place.folder)

    def step() -> tuple[int, object]:
        one = pd.read_csv(managed, dtype=str, keep_default_na=False)
        other = pd.read_csv(listed, dtype=str, keep_default_na=False, sep=";", header=1, encoding="utf-8-sig")
        return len(one) + len(other), None

    return step


def _roster(bench: Bench) -> Step:
    def step() -> tuple[int, object]:
        reading = read_roster(sources(bench.place), today(), bench.journal)
        return len(reading.people), reading

    return step


def _inventories(bench: Bench) -> Step:
    def step() -> tuple[int, object]:
        stocktakes = read_all(inventories(bench.place))
        return sum(len(each.table) for each in stocktakes), stocktakes

    return step


def _count(bench: Bench) -> Step:
    reading, stocktakes = bench.kept("roster"), bench.kept("inventories")
    if (devices := bench.place.job.devices) is None:
        raise ValueError(f"the job {JOB} has no [devices]")
    name, terms, links = bench.place.settings.site_name, devices.terms(), devices.carried()

    def step() -> tuple[int, object]:
        count = count_devices(stocktakes, reading, bench.journal, name, terms, links)
        return len(count.rows.machines), count.coverage

    return step


def _mask(bench: Bench) -> Step:
    figures = bench.kept("count").figures
    return lambda: (len(masked(figures, sums_of(figures))), None)


def _fill(bench: Bench) -> Step:
    """All days but the last, into the journal."""
    counted: Coverage = bench.kept("count")
    number = bench.kept("days")

    def step() -> tuple[int, object]:
        for day in years.days(counted, number, SHARE, _SEED):
            bench.journal.remember_figures(day)
        return len(counted.figures), None

    return step


def _remember(bench: Bench) -> Step:
    """Another day, on which as much is different."""
    counted: Coverage = bench.kept("count")
    [other] = years.days(counted, 1, SHARE, _SEED + 1)

    def step() -> tuple[int, object]:
        bench.journal.remember_figures(replace(other, day=counted.day))
        return len(other.figures), None

    return step


def _last(bench: Bench) -> Step:
    def step() -> tuple[int, object]:
        last = bench.journal.last_figures(today())
        return len(last.figures) if last else 0, None

    return step


def _trend(bench: Bench) -> Step:
    school = next(each for each in _shown(bench) if each.level is Level.SCHOOL)
    return lambda: (len(bench.journal.trends([school], today() - _YEARS)[school]), None)


def _trends(bench: Bench) -> Step:
    groups = _shown(bench)
    return lambda: (sum(map(len, bench.journal.trends(groups, today() - _YEARS).values())), None)


def _report(bench: Bench) -> Step:
    """Everything that pages and the workbook are made from."""
    return lambda: (len(_reported(bench).trends), None)


def _town_page(bench: Bench) -> Step:
    report = _reported(bench)
    return lambda: (len(page(report, report.coverage.figures[0])), None)


def _pages(bench: Bench) -> Step:
    report = _reported(bench)
    schools = [each for each in report.coverage.figures if each.group.level is Level.SCHOOL]
    return lambda: (len([page(report, each) for each in schools]), None)


def _workbook(bench: Bench) -> Step:
    report = _reported(bench)
    return lambda: (len(workbook(report, clock())), None)


def _reported(bench: Bench) -> Report:
    return device_report(bench.place, bench.journal, bench.kept("count"), None, trends=True)


def _shown(bench: Bench) -> list[Group]:
    """Those that have a page."""
    return [
        each.group for each in bench.kept("count").figures if each.group.level in (Level.MUNICIPALITY, Level.SCHOOL)
    ]


STEPS: Final[dict[str, Callable[[Bench], Step]]] = {
    "text": _text,
    "roster": _roster,
    "inventories": _inventories,
    "count": _count,
    "mask": _mask,
    "fill": _fill,
    "remember": _remember,
    "last": _last,
    "trend": _trend,
    "trends": _trends,
    "report": _report,
    "town page": _town_page,
    "pages": _pages,
    "workbook": _workbook,
}


def main(name: str, site: Path) -> dict[str, float]:
    with session(site, JOB, Asks.COUNT) as opened:
        step = STEPS[name](Bench(*opened))
        wall, cpu = time.perf_counter(), time.process_time()
        made, kept = step()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = peak_memory()
        if kept is not None:
            keep(site, name, kept)
        return {"wall": wall, "cpu": cpu, "made": made, "peak": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]))) + "\n")

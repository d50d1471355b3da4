"""The figures of devices at a large municipality with five years of history: `python -m benchmarks.ratios`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks import exports, yardsticks
from benchmarks.inventories import School, write
from benchmarks.machine import hardware
from benchmarks.ratio_steps import JOB, keep, lists, today
from benchmarks.tables import hardware_told, table
from provision.cli.session import session
from provision.formats.pifu_ims import INSTRUCTOR, KINDERGARTEN, LEARNER
from provision.formats.pifu_ims_write import Member
from provision.sample.export import Municipality
from provision.sample.plans import SchoolPlan, plan_schools
from provision.sample.roll import Roll
from provision.sample.site import write_site
from provision.sample.templates import templates
from provision.wiring.asks import Asks

_SEED: Final = 0
_PUPILS_A_SCHOOL: Final = 400
# Every so many schools one is so small that groups of it are masked; none of those that have all awkward people.
_SMALL_EVERY, _SMALL_TURN, _SMALL = 25, 13, 14
# Done, or done but for records that lack something, as a sample's few awkward people do.
_DONE: Final = (0, 6)
_MB: Final = 2**20
YARDSTICK: Final = "text"
WHOLE: Final = "whole"
# What stands in the table, in its order, by the step that it tells of; the first is the yardstick.
ROWS: Final = {
    YARDSTICK: "yardstick: pandas reads both lists as text",
    "roster": "the SIS, into a roster",
    "inventories": "both lists, into machines",
    "count": "names, joining, counting",
    "mask": "masking",
    "remember": "another day, into the journal",
    "last": "the last figures, out of the journal",
    "trend": "the trend of a school",
    "trends": "the trends of all schools",
    "report": "masking and all trends, for pages",
    "town page": "the municipality's page",
    "pages": "the pages of all schools",
    "workbook": "the workbook",
    WHOLE: "`provision ratios --out`, all of it",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the wall and of the processor, how many things came of it, octets, and how often the yardstick."""

    step: str
    wall: float
    cpu: float
    made: int
    peak: int
    times: float = 0


def make(site: Path, pupils: int, schools: int) -> int:
    """A site after its first night, with two lists of machines; how many there are."""
    day = today()
    job = Path(__file__).with_name("ratios.toml").read_text(encoding="utf-8")
    write_site(site, pupils=1, schools=1, seed=_SEED, day=day, templates={**templates(), f"jobs/{JOB}.toml": job})
    municipality = Municipality(_with_small(plan_schools(pupils, schools, _SEED)), day, _SEED)
    found: list[School] = []
    _tell("making a municipality")
    exports.write(site / "data" / "sis.xml", _noted(municipality.rolls(), found), day)
    _provision(site, "run", JOB)
    with session(site, JOB, Asks.NOTHING) as (_, journal):
        names = {person: name for name, person in journal.usernames().items()}
    known = [replace(each, pupils=_called(each.pupils, names), staff=_called(each.staff, names)) for each in found]
    return write(*lists(site), known, day, _SEED)


def _with_small(plans: Sequence[SchoolPlan]) -> tuple[SchoolPlan, ...]:
    """As many pupils at as many schools; what is taken from those that become small is at the next one."""
    found: list[SchoolPlan] = []
    over = 0
    for at, plan in enumerate(plans):
        pupils = _SMALL if at % _SMALL_EVERY == _SMALL_TURN else plan.pupils + over
        over += plan.pupils - pupils
        found.append(replace(plan, pupils=pupils))
    return tuple(found)


def _noted(rolls: Iterable[Roll], found: list[School]) -> Iterator[Roll]:
    """The rolls as they are; who belongs to which school is noted."""
    for roll in rolls:
        own = {person.id for person in roll.people}
        org, members = next(iter(roll.members.items()))
        school, there = roll.groups[org], [each for each in members if each.person in own]
        if school.school_type != KINDERGARTEN and school.organisation_number:
            pupils, staff = _with_part(LEARNER, there), _with_part(INSTRUCTOR, there)
            found.append(School(school.organisation_number, school.title, pupils, staff))
        yield roll


def _with_part(part: str, members: Iterable[Member]) -> list[str]:
    return [each.person for each in members if any(one.type == part for one in each.parts)]


def _called(people: Sequence[str], names: dict[str, str]) -> list[str]:
    return [names[each] for each in people if each in names]


def measure(site: Path, steps: Set[str]) -> Iterator[Measured]:
    """These steps once, after their yardstick."""
    yardstick = 0.0
    for name in (each for each in ROWS if each in steps | {YARDSTICK}):
        found = _whole(site) if name == WHOLE else _step(site, name)
        yardstick = yardstick or found.wall
        yield replace(found, times=found.wall / yardstick)


def _step(site: Path, name: str) -> Measured:
    _tell(name)
    out = site / "step.out"
    yardsticks.finished([sys.executable, "-m", "benchmarks.ratio_steps", name, str(site)], out)
    return Measured(name, **json.loads(out.read_text(encoding="utf-8")))


def _whole(site: Path) -> Measured:
    _tell(WHOLE)
    told, pages = site / "steps.json", site / "out" / "ratios"
    timed = [sys.executable, "-m", "benchmarks.timed", str(told), "ratios", JOB, "--site", str(site)]
    spent = yardsticks.finished([*timed, "--out", str(pages)], site / "ratios.out")
    peak = json.loads(told.read_text(encoding="utf-8"))["peak"]
    return Measured(WHOLE, spent.wall, spent.cpu, sum(1 for _ in pages.iterdir()), peak)


def _provision(site: Path, *asked: str) -> None:
    _tell(" ".join(asked))
    yardsticks.finished([sys.executable, "-m", "provision", *asked, "--site", str(site)], site / "run.out", _DONE)


def figures_of(measured: Sequence[Measured], of: Mapping[str, int], about: Mapping[str, Any], options: str) -> str:
    """The table, below the command that repeats it, the machine, and what there was."""
    by_step: dict[str, list[Measured]] = {}
    for each in measured:
        by_step.setdefault(each.step, []).append(each)
    repeats = min(map(len, by_step.values()))
    there = f"{of['pupils']:,} pupils, {of['machines']:,} machines, {of['groups']:,} groups, {of['masked']:,} of them "
    there += f"masked, {of['days']:,} days: a journal of {of['journal'] / _MB:,.0f} MB"
    head = ["step", "of it came", "wall", "CPU", "peak memory", "times the yardstick"]
    rows = [[ROWS[name], *_cells(each)] for name, each in by_step.items()]
    heading = f"`.venv/bin/python -m benchmarks.ratios {options}`, {repeats} x; {hardware_told(about)}; load "
    return f"{heading}{about['load']:.1f}; {there}\n\n{table(head, rows)}\n"


def _cells(measured: Sequence[Measured]) -> list[str]:
    return [
        f"{median(each.made for each in measured):,.0f}",
        f"{median(each.wall for each in measured):.2f} s",
        f"{median(each.cpu for each in measured):.2f} s",
        f"{median(each.peak for each in measured) / _MB:,.0f} MB",
        f"{median(each.times for each in measured):.1f}",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    schools = asked.schools or max(1, asked.pupils // _PUPILS_A_SCHOOL)
    with TemporaryDirectory(prefix="ratios-") as folder:
        site = Path(folder) / "site"
        of = {"pupils": asked.pupils, "days": asked.days, "machines": make(site, asked.pupils, schools)}
        made = {name: _step(site, name).made for name in ("roster", "inventories", "count", "mask")}
        keep(site, "days", asked.days)
        of |= {"lines": made["inventories"], "masked": made["mask"], "groups": _step(site, "fill").made}
        of["journal"] = (site / "var" / "journal.db").stat().st_size
        measured = [each for _ in range(asked.repeats) for each in measure(site, {*asked.steps})]
        about = hardware(site)
    options = f"--pupils {asked.pupils} --schools {schools} --days {asked.days}"
    sys.stdout.write(figures_of(measured, of, about, options))
    if asked.json:
        told = {"machine": about, "of": of, "steps": [asdict(each) for each in measured]}
        asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _tell(what: str) -> None:
    sys.stderr.write(f"{datetime.now().astimezone():%H:%M:%S} {what}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ratios", description=__doc__)
    parser.add_argument("--pupils", type=int, default=10_000, help="in the municipality; 1.2 times as many machines")
    parser.add_argument("--schools", type=int, default=0, help="default one for each 400 pupils")
    parser.add_argument("--days", type=int, default=1826, help="of figures in the journal, before today")
    parser.add_argument("--repeats", type=int, default=3, help="every step so often")
    parser.add_argument("--steps", nargs="+", choices=list(ROWS), default=list(ROWS), help="only these")
    parser.add_argument("--json", type=Path, help="every figure, to this file")
    return parser


if __name__ == "__main__":
    main()

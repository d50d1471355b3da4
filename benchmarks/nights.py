"""Four nights on a real directory server, beside OpenLDAP's own clients: `python -m benchmarks.nights`."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks import exports, yardsticks
from benchmarks.machine import machine
from benchmarks.tables import Night, tables
from provision.formats.entry import Attributes
from provision.sample.export import Municipality
from provision.sample.plans import plan_schools
from provision.sample.site import write_site
from provision.sample.templates import templates
from tests.servers.slapd import Slapd

# The last days of a school year, so that the next night's export is of the new one.
FIRST: Final = date(2026, 7, 29)
_PUPILS_PER_ACCOUNT: Final = 0.9
_SEED: Final = 0
_READS: Final = 3
_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec"  # as the tests seek slapd
_CHEAP: Final = 20_000
# Done, or done but for records that lack something, as a sample's few awkward people do.
_DONE: Final = (0, 6)


@dataclass(slots=True)
class Bench:
    """One site, its server, and a twin that gets the same entries from OpenLDAP's own clients."""

    folder: Path
    municipality: Municipality
    ours: Slapd
    twin: Slapd
    held: dict[str, Attributes]

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def export(self) -> Path:
        return self.site / "data" / "sis.xml"


def measure(people: int, folder: Path, *, durable: bool) -> Iterator[Night]:
    """First load, quiet night, a night with 0.5 % changes, roll-over: each in turn, on servers that begin empty."""
    _tell(f"making a municipality of {people:,} accounts")
    municipality = Municipality(plan_schools(round(people * _PUPILS_PER_ACCOUNT), None, _SEED), FIRST, _SEED)
    with (
        yardsticks.server(folder / "ours", people, durable=durable) as ours,
        yardsticks.server(folder / "twin", people, durable=durable) as twin,
    ):
        bench = Bench(folder, municipality, ours, twin, {})
        _make_site(bench)
        for number, (name, export) in enumerate(_EXPORTS.items()):
            _tell(name)
            day = FIRST + timedelta(days=number)
            export(bench, day)
            yield _night(bench, name, day)
        if yardsticks.held(yardsticks.dump(twin, folder / "twin.ldif")) != bench.held:
            raise RuntimeError("the two servers do not hold the same, so the yardsticks did other work")


def _make_site(bench: Bench) -> None:
    ours = bench.ours
    settings = {"LDAP_URL": ours.url, "LDAP_BIND_DN": ours.service_dn, "LDAP_PASSWORD": ours.password}
    job = Path(__file__).with_name("nightly.toml").read_text(encoding="utf-8")
    write_site(
        bench.site,
        pupils=sum(school.pupils for school in bench.municipality.schools),
        schools=len(bench.municipality.schools),
        seed=_SEED,
        day=FIRST,
        templates={
            **templates(),
            "jobs/nightly.toml": job,
            ".env": "".join(f'{name}="{value}"\n' for name, value in settings.items()),
        },
    )


def _as_it_is(bench: Bench, day: date) -> None:
    exports.write_again(bench.export, day)


def _changed(bench: Bench, day: date) -> None:
    exports.write(bench.export, exports.with_changes(bench.municipality.rolls()), day)


def _rolled_over(bench: Bench, day: date) -> None:
    exports.write(bench.export, exports.a_year_later(exports.with_changes(bench.municipality.rolls())), day)


_EXPORTS: Final[dict[str, Callable[[Bench, date], None]]] = {
    "first load": _as_it_is,
    "quiet night": _as_it_is,
    "0.5 % changed": _changed,
    "roll-over": _rolled_over,
}


def _night(bench: Bench, name: str, day: date) -> Night:
    """One night as a process of its own, then its yardsticks."""
    steps = bench.folder / "steps.json"
    timed = [sys.executable, "-m", "benchmarks.timed", str(steps), "run", "nightly"]
    spent = yardsticks.finished([*timed, *_where(bench), "--day", str(day)], bench.folder / "run.out", _DONE)
    told = json.loads(steps.read_text(encoding="utf-8"))
    reads = [yardsticks.read_all(bench.ours, bench.folder / "all.ldif").wall for _ in range(_READS)]
    operations, client = _same_on_the_twin(bench)
    return Night(
        name=name,
        wall=spent.wall,
        cpu=spent.cpu,
        peak=told["peak"],
        steps=told["steps"],
        done=_done(bench),
        entries=len(bench.held),
        search=median(reads),
        operations=operations,
        client=client,
    )


def _same_on_the_twin(bench: Bench) -> tuple[int, float]:
    """How many changes the night made, and how long OpenLDAP's own client needs for them."""
    dump = yardsticks.dump(bench.ours, bench.folder / "ours.ldif")
    before, bench.held = bench.held, yardsticks.held(dump)
    if not before:
        return len(bench.held), yardsticks.add_all(bench.twin, dump).wall
    changes = bench.folder / "changes.ldif"
    operations = yardsticks.write_difference(before, bench.held, changes)
    return operations, yardsticks.change_all(bench.twin, changes).wall if operations else 0.0


def _done(bench: Bench) -> dict[str, int]:
    """What became of the latest run's changes, as it says itself."""
    out = bench.folder / "status.json"
    yardsticks.finished([sys.executable, "-m", "provision", "status", "--json", *_where(bench)], out)
    summary = json.loads(out.read_text(encoding="utf-8"))["runs"][0]["summary"]["targets"]["feide"]
    if summary["failure"] or summary["holds"]:
        raise RuntimeError(f"the night is no figure: {summary}")
    return dict(summary["planned"])


def _where(bench: Bench) -> list[str]:
    return ["--site", str(bench.site)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    asked = parser.parse_args(arguments)
    if missing := [program for program in ("slapd", *yardsticks.CLIENTS) if not shutil.which(program, path=_PATH)]:
        parser.error(f"{', '.join(missing)} not found; on Debian: apt-get install slapd ldap-utils")
    repeats = asked.repeats or (3 if asked.people <= _CHEAP else 1)
    nights: list[Night] = []
    for _ in range(repeats):
        with TemporaryDirectory(prefix="nights-") as folder:
            place = Path(folder)
            nights += measure(asked.people, place, durable=asked.sync)
            about = machine(place, durable=asked.sync)
    sys.stdout.write(tables(nights, about, f"--people {asked.people} --{'' if asked.sync else 'no-'}sync"))
    if asked.json:
        _write_json(asked.json, about, nights)


def _tell(what: str) -> None:
    sys.stderr.write(f"{datetime.now().astimezone():%H:%M:%S} {what}\n")


def _write_json(path: Path, about: dict[str, Any], nights: Sequence[Night]) -> None:
    document = {"machine": about, "nights": [night.as_json() for night in nights]}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nights", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="accounts in the directory")
    parser.add_argument(
        "--sync", action=argparse.BooleanOptionalAction, default=True, help="whether the server waits for its disk"
    )
    parser.add_argument("--repeats", type=int, default=0, help="all of it so often; default 3, above 20,000 people 1")
    parser.add_argument("--json", type=Path, help="every figure, to this file")
    return parser


if __name__ == "__main__":
    main()

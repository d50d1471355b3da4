"""`provision` without a command: the whole pipeline on a sample municipality, twice, with nothing to set up."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from provision.cli import commands, ratios, show, show_run
from provision.cli.session import Bar, session
from provision.cli.terminal import heading
from provision.core.clocks import local_day
from provision.core.language import Language
from provision.request import Mode
from provision.wiring import Asks
from provision.wiring.device_report import device_report


def demo(folder: Path) -> int:
    """Make the sample, show the plan, carry it out, run again, count the devices. 0 where all of that went well."""
    day = local_day(datetime.now(UTC))
    heading(f"1. A sample municipality in {folder}: Hemne with its figures of 2003, people who do not exist")
    _clear(folder)
    commands.sample(folder, pupils=None, schools=None, seed=0, day=day, as_json=False)
    code = 0
    with session(folder, "nightly", Asks.EVERYTHING) as (place, journal):
        heading("2. What a night would do")
        show_run.plan(place, commands.run_job(place, journal, Mode.PLAN, day))
        heading(f"3. The night: a Feide directory kept as LDIF and a OneRoster package for the LMS, in {folder}/out")
        first = commands.run_job(place, journal, Mode.RUN, day)
        show_run.run(place, first)
        heading("4. The next night, with nothing new in the SIS")
        second = commands.run_job(place, journal, Mode.RUN, day)
        show_run.run(place, second)
        code = first.exit_code or second.exit_code
        heading("5. Devices, from the same data")
        with Bar() as bar:
            coverage = ratios.counted(place, journal, day, bar).coverage
        report = device_report(place, journal, coverage, Language.EN, trends=False)
        ratios.show(place, report, coverage.figures, "text", every=False)
    show.next_steps(folder, _somebody(folder))
    return code


def _clear(folder: Path) -> None:
    """Begin anew: an earlier demonstration goes, and nothing else does."""
    if (folder / ".sample").is_file():
        for made in ("out", "var"):
            shutil.rmtree(folder / made, ignore_errors=True)


def _somebody(folder: Path) -> str:
    """A username to try `explain` on."""
    with (folder / "out" / "feide.ldif").open(encoding="utf-8") as fh:
        return next((line.split()[1] for line in fh if line.startswith("uid: ")), "")

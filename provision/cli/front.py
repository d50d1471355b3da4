"""`provision` alone: what is going on here, and what to do next."""

from pathlib import Path
from typing import Final

from provision.cli.session import session
from provision.cli.show_status import tell_conditions
from provision.cli.suggested import completed
from provision.cli.terminal import WHEN, here, out
from provision.core.clocks import local
from provision.errors import ConfigurationError
from provision.standing import Standing, look
from provision.wiring import Asks, clock

_USUAL: Final = "nightly"
_ELSEWHERE: Final = """\
There is no site in this folder. A site is a folder: .env says where things are, jobs/ what is read and on what terms,
mappings/ what goes where.

  provision demo                  see it work: a sample municipality in var/demo, taken through two nights
  provision sample DIR            make a site of people who do not exist, to try things on
  provision status --site DIR     what is going on at a site that is elsewhere
  provision --help                every command

A site of your own: docs/operations.md, "First install beside a directory that exists".
"""


def front(folder: Path) -> int:
    """What is going on at the site in this folder; what to begin with where there is none.

    Raises ConfigurationError, JournalError.
    """
    jobs = sorted(path.stem for path in (folder / "jobs").glob("*.toml"))
    if not jobs:
        out().print(_ELSEWHERE, end="")
        return 0
    job = _USUAL if _USUAL in jobs else jobs[0]
    try:
        with session(folder, job, Asks.NOTHING) as (place, journal):
            standing = look(place, journal, clock())
    except ConfigurationError as error:
        error.add_note("when that is done: `provision doctor`; to see first what it does: `provision demo`")
        raise
    _tell(standing, [each for each in jobs if each != job])
    return 0


def _tell(standing: Standing, others: list[str]) -> None:
    place, picture = standing.place, standing.picture
    console = out(place)
    console.print(f"{place.settings.site_name}, job {place.job_name}", style="bold")
    last = next((run for run in standing.runs if run.job == place.job_name), None)
    if last is None:
        console.print("  nothing has been run yet")
    else:
        ended = f"exit {last.exit_code}" if last.exit_code is not None else last.status
        console.print(f"  last run {local(last.began):{WHEN}}: {last.mode}, {ended}")
    for slot in picture.slots:
        if slot.next:
            console.print(f"  next {slot.kind} {slot.next:{WHEN}}")
    tell_conditions(console, standing)
    if last and not standing.conditions:
        console.print("  all is well", style="green")
    console.print("Next:")
    steps = dict(_AFTER if last else _BEFORE)
    steps |= {f"provision status --job {other}": "the same of another job" for other in others}
    for command, purpose in steps.items():
        out().print(f"  {completed(command, here(place)):<30}  {purpose}")


_BEFORE: Final = {
    "provision doctor": "is everything in place",
    "provision plan": "what a run would do; writes nothing to any target",
    "provision run": "the first night",
}
_AFTER: Final = {
    "provision status": "the nights one by one, and what waits",
    "provision plan": "what a run would do now",
    "provision explain PERSON": "why somebody has what they have, or not",
}

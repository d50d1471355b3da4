"""What each command does once the command line is understood. Results go to standard output, the rest to stderr.

What only one of them needs is imported there: a run need not wait for the doctor's HTTP client.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from loguru import logger

from provision import run as runs
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.cli.terminal import here
from provision.errors import UsageError
from provision.journal.journal import Journal
from provision.journal.runs import last_said
from provision.reading import read_roster
from provision.reports.run import RunReport
from provision.request import Mode
from provision.who_is_who import declare_distinct, declare_same
from provision.wiring import Asks, Place, clock, kept_sources, open_place, open_routes, owner, sources

_HEAD: Final = re.compile(r"[0-9]+:[0-9a-f]{64}")


def plan(folder: Path, job: str, day: date, *, hold: str, every: bool, as_json: bool) -> tuple[int, int]:
    """The exit code, and how many changes there are."""
    from provision.cli import show_run

    with session(folder, job) as (place, journal):
        report = run_job(place, journal, Mode.PLAN, day)
        kept = _told_before(report, journal)
    known = {h.id.casefold(): h.id for route in report.routes for h in route.verdict.holds}
    if hold and hold.casefold() not in known:
        raise UsageError(f"nothing is held as {hold} now; held: {', '.join(sorted(known.values())) or 'nothing'}")
    if as_json:
        print_json(report.as_json(), here(place))
    else:
        show_run.plan(place, report, hold=known.get(hold.casefold(), ""), every=every, kept=kept)
    return report.exit_code, report.changes


def run(folder: Path, job: str, day: date, *, as_json: bool) -> int:
    from provision.cli import show_run

    with session(folder, job, log=True) as (place, journal):
        report = run_job(place, journal, Mode.RUN, day)
    if as_json:
        print_json(report.as_json(), here(place))
    else:
        show_run.run(place, report)
    return report.exit_code


def run_job(place: Place, journal: Journal, mode: Mode, day: date) -> RunReport:
    with Bar() as bar, open_routes(place) as routes:
        asked = request(place, mode, day, bar)
        report = runs.run(asked, sources(place, bar.reading), routes, journal, place.site)
    return replace(report, approvals=journal.approvals(clock()))


def _told_before(report: RunReport, journal: Journal) -> bool:
    """Whether the last run of the job saw the same new ids, so that what it kept shows them."""
    return bool(last_said(journal.runs(10), report.job, "relinking") == report.relinking)


def declare(folder: Path, job: str, day: date, *, same: Sequence[str], distinct: Sequence[str], as_json: bool) -> None:
    """Somebody says who is who: OLD=NEW are one person, or an id is nobody whom a target or an old id suggests."""
    from provision.cli import show

    with session(folder, job, Asks.SIS) as (place, journal), Bar() as bar:
        roster = read_roster(sources(place, bar.reading), day, journal).roster
        for pair in same:
            old, _, new = pair.partition("=")
            declare_same(old, new, roster, journal, owner())
        for person in distinct:
            declare_distinct(person, roster, journal, owner())
    if as_json:
        print_json({"format": 1, "same": list(same), "distinct": list(distinct)})
    else:
        show.declared(place, [*same, *distinct])


def adopt(folder: Path, job: str, day: date, *, approve: str, proposals: bool, as_json: bool) -> int:
    from provision import adoption
    from provision.cli import show

    with session(folder, job, log=bool(approve)) as (place, journal), Bar() as bar, open_routes(place) as routes:
        asked = request(place, Mode.RUN if approve else Mode.PLAN, day, bar)
        report = adoption.adopt(
            asked, sources(place, bar.reading), routes, journal, place.site, approve=approve, proposals=proposals
        )
    if as_json:
        print_json(report.as_json(), here(place))
    else:
        show.adoption(place, report, proposals=proposals)
    return report.exit_code


def status(folder: Path, job: str, *, as_json: bool) -> int:
    from provision.cli import show_status
    from provision.standing import look

    with session(folder, job, Asks.NOTHING) as (place, journal):
        standing = look(place, journal, clock(), verify=True)
    if as_json:
        print_json(show_status.document(standing), here(place))
    else:
        show_status.status(standing)
    return 1 if standing.picture.audit else 0


def explain(folder: Path, job: str, day: date, person: str, *, kept: bool, as_json: bool) -> int:
    from provision.cli import show
    from provision.explain import explain as explained

    with session(folder, job) as (place, journal), Bar() as bar, open_routes(place) as routes:
        asked = request(place, Mode.PLAN, day, bar)
        heard = kept_sources(place) if kept else sources(place, bar.reading)
        found = explained(person, asked, heard, routes, journal, place.site)
    if as_json:
        print_json(found.as_json(), here(place))
    else:
        show.explanation(place, found)
    return 0


def sample(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path,
    *,
    pupils: int | None,
    schools: int | None,
    seed: int,
    day: date,
    dialect: str = "pifu_ims",
    as_json: bool,
) -> None:
    from provision.cli import show
    from provision.sample.site import write_site
    from provision.sample.templates import templates

    with Bar() as bar:
        made = write_site(
            folder,
            pupils=pupils,
            schools=schools,
            seed=seed,
            day=day,
            dialect=dialect,
            templates=templates(dialect),
            progress=bar.writing,
        )
    if as_json:
        print_json(show.sample_document(made))
    else:
        show.sampled(folder, made)


def sample_cooperation(folder: Path, *, municipalities: int, seed: int, day: date, dialect: str, as_json: bool) -> None:
    from provision.cli import show
    from provision.sample.cooperation import write_cooperation
    from provision.sample.templates import templates

    with Bar() as bar:
        made = write_cooperation(
            folder,
            municipalities=municipalities,
            seed=seed,
            day=day,
            dialect=dialect,
            templates=templates(dialect),
            progress=bar.writing,
        )
    if as_json:
        print_json({"format": 1, "folder": str(folder), "sites": [show.sample_facts(each) for each in made]})
    else:
        show.sampled_cooperation(folder, made)


def doctor(folder: Path, job: str, *, head: str, as_json: bool) -> int:
    from provision import doctor as doctors
    from provision.cli import show

    if head and not _HEAD.fullmatch(head):
        raise UsageError("--head is the end of the audit chain as a run logs it, such as 603:d26f…")
    place = open_place(folder, job, Asks.EVERYTHING)
    logger.remove()
    findings = doctors.examine(place, head)
    if as_json:
        print_json({"format": 1, "findings": [f.as_json() for f in findings]}, here(place))
    else:
        show.findings(place, findings)
    return doctors.exit_code(findings)

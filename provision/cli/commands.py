"""What each command does once the command line is understood. Results go to standard output, the rest to stderr."""

import gc
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from loguru import logger

from provision import adoption
from provision import doctor as doctors
from provision import explain as explaining
from provision import run as runs
from provision.caution import CARE, PEOPLE, give_word
from provision.cli import show, show_run
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.errors import UsageError
from provision.journal.journal import Journal
from provision.night import declare_distinct, declare_same, read_roster
from provision.reports.run import RunReport, hold_json
from provision.wiring import Place, clock, open_place, open_routes, owner, sources


def plan(folder: Path, job: str, day: date, *, hold: str, every: bool, as_json: bool) -> tuple[int, int]:
    """The exit code, and how many changes there are."""
    with session(folder, job) as (place, journal):
        report = run_job(place, journal, runs.Mode.PLAN, day)
    known = {h.id.casefold(): h.id for route in report.routes for h in route.verdict.holds}
    if hold and hold.casefold() not in known:
        raise UsageError(f"nothing is held as {hold} now; held: {', '.join(sorted(known.values())) or 'nothing'}")
    if as_json:
        print_json(report.as_json())
    else:
        show_run.plan(place, report, hold=known.get(hold.casefold(), ""), every=every)
    return report.exit_code, report.changes


def run(folder: Path, job: str, day: date, *, as_json: bool) -> int:
    with session(folder, job, log=True) as (place, journal):
        report = run_job(place, journal, runs.Mode.RUN, day)
    if as_json:
        print_json(report.as_json())
    else:
        show_run.run(place, report)
    return report.exit_code


def run_job(place: Place, journal: Journal, mode: runs.Mode, day: date) -> RunReport:
    # Millions of objects that last as long as the run: the collector would only walk them again and again.
    gc.set_threshold(100_000, 50, 100)
    with Bar() as bar, open_routes(place) as routes:
        asked = request(place, mode, day, bar)
        return runs.run(asked, sources(place, bar.reading), routes, journal, place.site)


def approve(folder: Path, job: str, hold: str, *, reason: str, hours: int, as_json: bool) -> None:
    expires = clock() + timedelta(hours=hours)
    with session(folder, job, connect=False) as (place, journal):
        if hold in (CARE, PEOPLE, *place.mappings):
            give_word(hold, journal, f"{owner()}: {reason}", expires)
            if as_json:
                print_json({"format": 1, "subject": hold, "expires": expires.isoformat()})
            else:
                show.word_given(place, hold, expires)
            return
        approval = journal.approve(hold, owner(), reason, expires)
    document: Mapping[str, Any] = {
        "format": 1,
        "hold": approval.hold,
        "target": approval.target,
        "org": approval.org,
        "loss": approval.loss,
        "changes": len(approval.digests),
        "expires": approval.expires.isoformat(),
    }
    if as_json:
        print_json(document)
    else:
        show.approved(place, approval)


def declare(folder: Path, job: str, day: date, *, same: Sequence[str], distinct: Sequence[str], as_json: bool) -> None:
    """Somebody says who is who: OLD=NEW are one person, or an id is nobody whom a target or an old id suggests."""
    with session(folder, job, connect=False) as (place, journal), Bar() as bar:
        roster, _ = read_roster(sources(place, bar.reading), day, journal)
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
    with session(folder, job, log=bool(approve)) as (place, journal), Bar() as bar, open_routes(place) as routes:
        asked = request(place, runs.Mode.RUN if approve else runs.Mode.PLAN, day, bar)
        report = adoption.adopt(
            asked, sources(place, bar.reading), routes, journal, place.site,
            approve=approve, proposals=proposals,
        )  # fmt: skip
    if as_json:
        print_json(report.as_json())
    else:
        show.adoption(place, report)
    return report.exit_code


def status(folder: Path, job: str, *, as_json: bool) -> int:
    with session(folder, job, connect=False) as (place, journal):
        rows, held, broken = journal.runs(10), journal.holds(), journal.verify_audit()
        open_intents = journal.open_intents()
    document = {
        "format": 1,
        "runs": [
            {
                "run": r.id,
                "job": r.job,
                "mode": r.mode,
                "day": r.day.isoformat(),
                "status": r.status,
                "began": r.began.isoformat(),
                "ended": r.ended.isoformat() if r.ended else None,
                "exit_code": r.exit_code,
                "summary": dict(r.summary),
            }
            for r in rows
        ],
        "holds": [{**hold_json(h.hold), "since": h.first_seen.isoformat()} for h in held],
        "open_intents": open_intents,
        "audit": broken,
    }
    if as_json:
        print_json(document)
    else:
        show.status(place, rows, held, open_intents, broken)
    return 1 if broken else 0


def explain(folder: Path, job: str, day: date, person: str, *, as_json: bool) -> int:
    with session(folder, job) as (place, journal), Bar() as bar, open_routes(place) as routes:
        asked = request(place, runs.Mode.PLAN, day, bar)
        found = explaining.explain(person, asked, sources(place, bar.reading), routes, journal, place.site)
    if as_json:
        print_json(found.as_json())
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
    from provision.sample.site import write_site
    from provision.sample.templates import templates

    with Bar() as bar:
        made = write_site(
            folder, pupils=pupils, schools=schools, seed=seed, day=day, dialect=dialect,
            templates=templates(dialect), progress=bar.writing,
        )  # fmt: skip
    if as_json:
        print_json(show.sample_document(folder, made))
    else:
        show.sampled(folder, made)


def doctor(folder: Path, job: str, *, as_json: bool) -> int:
    place = open_place(folder, job)
    logger.remove()
    findings = doctors.examine(place)
    if as_json:
        print_json({"format": 1, "findings": [f.as_json() for f in findings]})
    else:
        show.findings(place, findings)
    return doctors.exit_code(findings)

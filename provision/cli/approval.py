"""`approve` and `reject`: what a person says yes to is carried out at once, what they say no to is left alone."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from provision.approving import Yes, say_no, say_yes
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.cli.terminal import here
from provision.core.guard import Approval, Hold, Rejection
from provision.errors import AlreadyRunning, SourceError
from provision.journal.journal import Journal
from provision.leaving import Leave
from provision.reports.run import RunReport, rejection_json
from provision.request import Mode
from provision.who_is_who import Consent
from provision.wiring import Asks, Place, clock, kept_sources, open_routes, owner


def approve(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path, job: str, day: date, subject: str, *, reason: str, hours: int, later: bool, as_json: bool
) -> int:
    """The exit code: that of the run which carries it out, if one does, and 5 while it waits for a second person."""
    from provision.cli import show_run

    consent = Consent(owner(), reason, clock(), clock() + timedelta(hours=hours))
    at_once = subject.casefold().startswith(("h-", "r-")) and not later
    with session(folder, job, Asks.NIGHT if at_once else Asks.NOTHING, log=at_once) as (place, journal):
        with Bar():
            yes = say_yes(place, journal, day, subject, consent)
        report = _carry_out(place, journal, day, subject) if at_once and yes.opens else None
    if as_json:
        print_json(_document(yes, report), here(place))
    else:
        _tell(place, yes, report)
        if report:
            show_run.run(place, report)
    return _exit_code(report, enough=yes.enough)


def reject(folder: Path, job: str, subject: str, *, reason: str, as_json: bool) -> int:
    """The exit code."""
    from provision.cli import show

    with session(folder, job, Asks.NOTHING) as (place, journal):
        hold = say_no(place, journal, subject, Rejection(owner(), reason, clock()))
    if as_json:
        print_json(_rejected(hold), here(place))
    else:
        show.rejected(place, hold)
    return 0


def _tell(place: Place, yes: Yes, report: RunReport | None) -> None:
    from provision.cli import show

    if not yes.enough:
        show.needs_another(place, yes.subject)
    elif yes.approval:
        show.approved(place, yes.approval, later=report is None)
    elif yes.people is not None:
        show.new_ids_approved(place, yes.people, later=report is None)
    else:
        show.word_given(place, yes.subject, yes.expires)


def _exit_code(report: RunReport | None, *, enough: bool) -> int:
    if report:
        return report.exit_code
    return 0 if enough else 5


def _carry_out(place: Place, journal: Journal, day: date, subject: str) -> RunReport:
    """A run from what was last accepted. Where there can be none now, the approval stands, and the message says so."""
    from provision.run import run

    try:
        with Bar() as bar, open_routes(place) as routes:
            report = run(request(place, Mode.RUN, day, bar), kept_sources(place), routes, journal, place.site)
        return replace(report, approvals=journal.approvals(clock()))
    except (AlreadyRunning, SourceError, Leave) as error:
        error.add_note(f"{subject} is approved all the same; the next run carries it out")
        raise


def _document(yes: Yes, report: RunReport | None) -> dict[str, Any]:
    """The document that docs/json.md describes."""
    done = {"enough": yes.enough, "run": report.as_json() if report else None}
    if yes.approval:
        return {**_approval(yes.approval), **done}
    if yes.people is not None:
        return {"format": 1, "proposal": yes.subject, "people": yes.people, **done}
    return {"format": 1, "subject": yes.subject, "expires": yes.expires.isoformat()}


def _approval(approval: Approval) -> dict[str, Any]:
    return {
        "format": 1,
        "hold": approval.hold,
        "target": approval.target,
        "org": approval.org,
        "loss": approval.loss,
        "changes": len(approval.digests),
        "expires": approval.expires.isoformat(),
    }


def _rejected(hold: Hold) -> dict[str, Any]:
    told = {"hold": hold.id, "target": hold.target, "org": hold.org, "loss": hold.loss, "changes": len(hold.digests)}
    return {"format": 1, **told, "rejected": rejection_json(hold.rejected)}

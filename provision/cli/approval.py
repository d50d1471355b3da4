"""What a person says yes to: the changes of a hold, which are then carried out at once, or what looked odd."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from provision.caution import CARE, PEOPLE, SCHOOLS, give_word
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.core.guard import Approval
from provision.errors import AlreadyRunning, SourceError
from provision.journal.journal import Journal
from provision.reading import approve_relinks, read_roster
from provision.reports.run import RunReport
from provision.request import Mode
from provision.wiring import Place, clock, kept_sources, open_routes, owner


def approve(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path, job: str, day: date, subject: str, *, reason: str, hours: int, later: bool, as_json: bool
) -> int:
    """The exit code: that of the run which carries it out, if one does."""
    from provision.cli import show, show_run

    expires = clock() + timedelta(hours=hours)
    at_once = subject.casefold().startswith(("h-", "r-")) and not later
    with session(folder, job, log=at_once, connect=at_once) as (place, journal):
        if subject in (CARE, PEOPLE, SCHOOLS, *place.mappings):
            give_word(subject, journal, f"{owner()}: {reason}", expires)
            _say_word_given(place, subject, expires, as_json=as_json)
            return 0
        if subject.casefold().startswith("r-"):
            people = _approve_new_ids(place, journal, day, subject, f"{owner()}: {reason}")
            told: dict[str, Any] = {"format": 1, "proposal": subject, "people": people}
            say = partial(show.new_ids_approved, place, people)
        else:
            approval = journal.approve(subject, owner(), reason, expires)
            told, say = _document(approval), partial(show.approved, place, approval)
        report = _carry_out(place, journal, day, subject) if at_once else None
    if as_json:
        print_json({**told, "run": report.as_json() if report else None})
        return report.exit_code if report else 0
    say(later=report is None)
    if report:
        show_run.run(place, report)
    return report.exit_code if report else 0


def _approve_new_ids(place: Place, journal: Journal, day: date, subject: str, by: str) -> int:
    """How many people were given new ids, by what was last accepted from the sources."""
    with Bar():
        return approve_relinks(read_roster(kept_sources(place), day, journal), subject, journal, by)


def _carry_out(place: Place, journal: Journal, day: date, subject: str) -> RunReport:
    """A run from what was last accepted. Where there can be none now, the approval stands, and the message says so."""
    from provision.run import run

    try:
        with Bar() as bar, open_routes(place) as routes:
            return run(request(place, Mode.RUN, day, bar), kept_sources(place), routes, journal, place.site)
    except (AlreadyRunning, SourceError) as error:
        error.add_note(f"{subject} is approved all the same; the next run carries it out")
        raise


def _say_word_given(place: Place, subject: str, expires: datetime, *, as_json: bool) -> None:
    from provision.cli import show

    if as_json:
        print_json({"format": 1, "subject": subject, "expires": expires.isoformat()})
    else:
        show.word_given(place, subject, expires)


def _document(approval: Approval) -> dict[str, Any]:
    return {
        "format": 1,
        "hold": approval.hold,
        "target": approval.target,
        "org": approval.org,
        "loss": approval.loss,
        "changes": len(approval.digests),
        "expires": approval.expires.isoformat(),
    }

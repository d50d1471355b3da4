"""What a person says yes to: the changes of a hold, which are then carried out at once, or what looked odd."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from provision.caution import CARE, EXCEPTIONS, PEOPLE, SCHOOLS, give_word
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.cli.terminal import here
from provision.core.guard import Approval, suffices
from provision.errors import AlreadyRunning, SourceError, UsageError
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.reports.run import RunReport
from provision.request import Mode
from provision.who_is_who import Consent, approve_relinks
from provision.wiring import Asks, Place, clock, kept_sources, open_routes, owner


def approve(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path, job: str, day: date, subject: str, *, reason: str, hours: int, later: bool, as_json: bool
) -> int:
    """The exit code: that of the run which carries it out, if one does, and 5 while it waits for a second person."""
    from provision.cli import show, show_run

    expires = clock() + timedelta(hours=hours)
    at_once = subject.casefold().startswith(("h-", "r-")) and not later
    with session(folder, job, Asks.NIGHT if at_once else Asks.NOTHING, log=at_once) as (place, journal):
        if subject in (CARE, PEOPLE, EXCEPTIONS, SCHOOLS, *place.mappings):
            give_word(subject, journal, f"{owner()}: {reason}", expires)
            _say_word_given(place, subject, expires, as_json=as_json)
            return 0
        if subject.casefold().startswith("r-"):
            people, enough = _approve_new_ids(place, journal, day, subject, Consent(owner(), reason, clock(), expires))
            told: dict[str, Any] = {"format": 1, "proposal": subject, "people": people, "enough": enough}
            say = partial(show.new_ids_approved, place, people)
        else:
            _check_can_be_done(subject, place, journal, day)
            approval = journal.approve(subject, owner(), reason, expires)
            enough = _is_enough(approval, place, journal)
            told, say = {**_document(approval), "enough": enough}, partial(show.approved, place, approval)
        report = _carry_out(place, journal, day, subject) if at_once and enough else None
    if as_json:
        print_json({**told, "run": report.as_json() if report else None}, here(place))
        return _exit_code(report, enough=enough)
    say(later=report is None) if enough else show.needs_another(place, subject)
    if report:
        show_run.run(place, report)
    return _exit_code(report, enough=enough)


def _exit_code(report: RunReport | None, *, enough: bool) -> int:
    if report:
        return report.exit_code
    return 0 if enough else 5


def _approve_new_ids(place: Place, journal: Journal, day: date, subject: str, consent: Consent) -> tuple[int, bool]:
    """How many people have new ids, by what was last accepted from the sources, and whether this yes is enough."""
    with Bar():
        reading = read_roster(kept_sources(place), day, journal)
    try:
        enough = approve_relinks(reading, subject, journal, place.site.policy, consent)
    except UsageError as error:
        error.add_note("this goes by what the last run read; where the SIS has said more since: provision run")
        raise
    return len(reading.relinks.pairs), enough


def _check_can_be_done(subject: str, place: Place, journal: Journal, day: date) -> None:
    """Raises UsageError where stages or a freeze keep back what is held: the yes would expire unused."""
    for hold in (row.hold for row in journal.holds()):
        why = place.site.policy.stages.why_kept_back(hold, day)
        if why and hold.id.casefold() == subject.strip().casefold():
            raise UsageError(f"{hold.id} is kept back {why}; approve it once that is over")


def _is_enough(approval: Approval, place: Place, journal: Journal) -> bool:
    """Whether so many people's hold needs nobody else's yes."""
    people = next(row.hold.count for row in journal.holds() if row.hold.id == approval.hold)
    yes = [each for each in journal.approvals(clock()) if each.hold == approval.hold]
    return suffices(yes, people, place.site.policy.two_people_above)


def _carry_out(place: Place, journal: Journal, day: date, subject: str) -> RunReport:
    """A run from what was last accepted. Where there can be none now, the approval stands, and the message says so."""
    from provision.run import run

    try:
        with Bar() as bar, open_routes(place) as routes:
            report = run(request(place, Mode.RUN, day, bar), kept_sources(place), routes, journal, place.site)
        return replace(report, approvals=journal.approvals(clock()))
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

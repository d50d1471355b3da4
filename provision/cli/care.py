"""People who may not wait: `protect` and `block`, which act at once, whatever source is down."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from provision.cli.options import HERE, DayOption, JobOption, JsonOption, SiteOption, day_of
from provision.cli.output import print_json
from provision.core.words import Measure
from provision.errors import ProvisionError, SourceError, UsageError

if TYPE_CHECKING:
    from provision.journal.journal import Journal
    from provision.reports.run import RouteReport
    from provision.wiring import Place

PersonArgument = Annotated[str, typer.Argument(help="The SIS's id, or a username.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept sealed. Name nobody in it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who says so; default whoever gives the command.")]
EndOption = Annotated[bool, typer.Option("--end", help="It is over; the next run goes on as with anybody.")]

_UNKNOWN: Final = (
    "nobody is known under this; give the id that the SIS uses, or a username. Who is in no export yet gets a line "
    "in care.csv"
)
_BY_HAND: Final = {
    Measure.PROTECT: (
        "End the export of this person in the SIS, where it can.",
        "Give the person a line in care.csv as well: this word stands in the journal alone.",
        "If a login is needed: a Feide user made by hand, with made-up names and without identity number, birth date, "
        "mobile number or school; nothing here touches an entry that does not carry our id.",
        "Look at what already left the house: password lists and slips, what the learning platform keeps of its own "
        "copy, printed class lists, pictures, backups.",
        "Siblings and guardians who share the risk each need a word of their own.",
        "docs/privacy.md says more.",
    ),
    Measure.BLOCK: (
        "Who is logged in stays so until the session ends: end it in Feide and in the learning platform.",
        "Give the account a new password before the block ends.",
    ),
}
_DONE: Final = {Measure.PROTECT: "taken out", Measure.BLOCK: "locked"}
_ENDED: Final = {
    Measure.PROTECT: "Ended. What care.csv says of this person stands; if it says nothing, the next run makes a new "
    "entry with the same username and a new first password: {}",
    Measure.BLOCK: "Ended. The next run opens the same account, with its password: {}",
}


def protect(  # noqa: PLR0913, PLR0917  one parameter per option
    person: PersonArgument,
    reason: ReasonOption = "",
    by: ByOption = "",
    end: EndOption = False,  # noqa: FBT002  a flag is how a command line says yes
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    day: DayOption = None,
    as_json: JsonOption = False,  # noqa: FBT002  as above
) -> None:
    """Take somebody out of every system at once, and keep them out: address protection."""
    raise typer.Exit(_say(Measure.PROTECT, site, job, day_of(day), (person, end, by, reason), as_json=as_json))


def block(  # noqa: PLR0913, PLR0917  one parameter per option
    person: PersonArgument,
    reason: ReasonOption = "",
    by: ByOption = "",
    end: EndOption = False,  # noqa: FBT002  a flag is how a command line says yes
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    day: DayOption = None,
    as_json: JsonOption = False,  # noqa: FBT002  as above
) -> None:
    """Lock somebody out of every system at once, until it is ended: an account that is misused."""
    raise typer.Exit(_say(Measure.BLOCK, site, job, day_of(day), (person, end, by, reason), as_json=as_json))


def _say(measure: Measure, site: Path, job: str, day: date, said: tuple[str, bool, str, str], *, as_json: bool) -> int:
    """The exit code. The word stands before anything is read, and whatever target is down."""
    from provision.cli.session import session
    from provision.wiring import owner
    from provision.withdrawal import exit_code

    named, end, by, reason = said
    with session(site, job, log=not end, connect=not end) as (place, journal):
        person = _known(named, place, journal)
        if end and person not in _standing(measure, journal):
            raise UsageError("no such word stands for this person; what care.csv says ends there")
        journal.say(measure, person, begins=not end, by=by or owner(), reason=reason)
        reports = () if end else _take_out(place, journal, day)
    if as_json:
        print_json(_document(reports, () if end else _BY_HAND[measure]))
    elif end:
        _tell_ended(measure, place)
    else:
        _tell(measure, reports)
    return exit_code(reports)


def _tell_ended(measure: Measure, place: "Place") -> None:
    from rich.text import Text

    from provision.cli.terminal import command, out

    out().print(Text(_ENDED[measure].format(command(place, "run"))))


def _standing(measure: Measure, journal: "Journal") -> frozenset[str]:
    words = journal.words()
    return words.protected if measure is Measure.PROTECT else words.blocked


def _known(named: str, place: "Place", journal: "Journal") -> str:
    """The id of whoever a run has ever seen or named, or the last export has. Raises UsageError."""
    from provision.core.state import Kind

    names, words = journal.usernames(), journal.words()
    seen = {key.sourced_id for key in journal.history().sightings if key.kind is Kind.ACCOUNT}
    if named in seen or named in names.values() or named in words.protected | words.blocked:
        return named
    if named.lower() in names:
        return names[named.lower()]
    if named in _last_exported(place):
        return named
    raise UsageError(_UNKNOWN)  # what was typed may be a name or an identity number, so it is not repeated


def _last_exported(place: "Place") -> frozenset[str]:
    from provision.wiring import kept_sources

    found: set[str] = set()
    for source in kept_sources(place):
        with suppress(SourceError):
            tables = source.read().tables
            found.update(tables["users"]["sourced_id"] if "users" in tables else ())
    return frozenset(found)


def _take_out(place: "Place", journal: "Journal", day: date) -> tuple["RouteReport", ...]:
    from provision.cli.session import Bar, request
    from provision.request import Mode
    from provision.wiring import open_routes, sources
    from provision.withdrawal import withdraw

    try:
        with Bar() as bar, open_routes(place) as routes:
            return withdraw(request(place, Mode.RUN, day, bar), sources(place), routes, journal, place.site)
    except ProvisionError as error:
        error.add_note("the word stands all the same; the next run begins with it")
        raise


def _tell(measure: Measure, reports: Sequence["RouteReport"]) -> None:
    """What was done on the person's own screen, and what nobody else can do."""
    from rich.text import Text

    from provision.cli.terminal import out
    from provision.core.outcome import Status

    console = out()
    for report in reports:
        done = sum(result.status is Status.DONE for result in report.results)
        if report.failure:
            told = f"unavailable: {report.failure}; the next run begins with it"
        elif report.refused:
            told = f"refused, and tried again by the next run: {report.refused[0].detail}"
        else:
            told = _DONE[measure] if done else "nothing to do there"
        console.print(Text(f"{report.target}: {told}"), style="red" if report.failure or report.refused else "")
    console.print("What is left to do by hand:")
    for step in _BY_HAND[measure]:
        console.print(Text(f"  - {step}"))


def _document(reports: Sequence["RouteReport"], by_hand: Sequence[str]) -> dict[str, Any]:
    """The document that docs/json.md describes."""
    from provision.withdrawal import exit_code

    return {
        "format": 1,
        "exit_code": exit_code(reports),
        "targets": [
            {
                "target": report.target,
                "failure": report.failure or None,
                "done": dict(Counter(result.status.value for result in report.results)),
            }
            for report in reports
        ],
        "by_hand": list(by_hand),
    }

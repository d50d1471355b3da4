"""People who may not wait: `protect` and `block`, which act at once, whatever source is down."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from provision.cli.options import HERE, DayOption, JobOption, JsonOption, PersonArgument, SiteOption, day_of
from provision.cli.output import print_json
from provision.core.words import Measure
from provision.errors import ProvisionError, SourceError, UsageError

if TYPE_CHECKING:
    from provision.journal.journal import Journal
    from provision.person import Known
    from provision.reports.run import RouteReport
    from provision.wiring import Place

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept sealed. Name nobody in it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who says so; default whoever gives the command.")]
EndOption = Annotated[bool, typer.Option("--end", help="It is over; the next run goes on as with anybody.")]
ListOption = Annotated[bool, typer.Option("--list", help="Only say for whom it stands, and since when.")]

_PROMISES: Final = {
    Measure.PROTECT: "Take somebody out of every system at once, and keep them out: address protection.",
    Measure.BLOCK: "Lock somebody out of every system at once, until it is ended: an account that is misused.",
}
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
_NOT_WRITTEN: Final = {
    Measure.PROTECT: "{target} is not written to ([stages] has it as {stage}): take the person out there by hand",
    Measure.BLOCK: "{target} is not written to ([stages] has it as {stage}): lock the account there by hand",
}
_DONE: Final = {Measure.PROTECT: "taken out", Measure.BLOCK: "locked"}
_ENDED: Final = {
    Measure.PROTECT: "Ended. What care.csv says of this person stands; if it says nothing, the next run makes a new "
    "entry with the same username and a new first password: provision run",
    Measure.BLOCK: "Ended. The next run opens the same account, with its password: provision run",
}


def add_to(app: typer.Typer) -> None:
    """One command for each measure: they differ in what they do, not in what they are told."""
    for measure, promise in _PROMISES.items():
        app.command(measure.value, help=promise)(_command(measure))


def _command(measure: Measure) -> Callable[..., None]:
    def command(  # noqa: PLR0913  one parameter per option
        person: PersonArgument = "",
        *,
        reason: ReasonOption = "",
        by: ByOption = "",
        end: EndOption = False,
        listed: ListOption = False,
        site: SiteOption = HERE,
        job: JobOption = "nightly",
        day: DayOption = None,
        as_json: JsonOption = False,
    ) -> None:
        if listed:
            from provision.cli.standing import list_words

            raise typer.Exit(list_words(measure, site, job, as_json=as_json))
        if not person:
            raise UsageError(f"{measure.value} whom? Give the id that the SIS uses, or a username; or --list")
        raise typer.Exit(_say(measure, site, job, day_of(day), (person, end, by, reason), as_json=as_json))

    return command


def _say(measure: Measure, site: Path, job: str, day: date, said: tuple[str, bool, str, str], *, as_json: bool) -> int:
    """The exit code. The word stands before anything is read, and whatever target is down."""
    from provision.cli.session import session
    from provision.cli.terminal import here
    from provision.wiring import Asks, owner
    from provision.withdrawal import exit_code

    named, end, by, reason = said
    with session(site, job, Asks.NOTHING if end else Asks.NIGHT, log=not end) as (place, journal):
        person = _known(named, place, journal)
        if end and person not in _standing(measure, journal):
            raise UsageError("no such word stands for this person; what care.csv says ends there")
        journal.say(measure, person, begins=not end, by=by or owner(), reason=reason)
        reports = () if end else _take_out(place, journal, day)
    if as_json:
        print_json(_document(reports, () if end else _by_hand(measure, reports)), here(place))
    elif end:
        _tell_ended(measure, place)
    else:
        _tell(measure, reports, place)
    return exit_code(reports)


def _tell_ended(measure: Measure, place: "Place") -> None:
    from rich.text import Text

    from provision.cli.terminal import out

    out(place).print(Text(_ENDED[measure]))


def _standing(measure: Measure, journal: "Journal") -> frozenset[str]:
    words = journal.words()
    return words.protected if measure is Measure.PROTECT else words.blocked


def _known(named: str, place: "Place", journal: "Journal") -> str:
    """The id of whoever is meant. Raises UsageError."""
    from provision.person import find_person

    try:
        return find_person(named, _asked(place, journal))
    except UsageError as error:
        error.add_note("who is in no export yet gets a line in care.csv")
        raise


def _asked(place: "Place", journal: "Journal") -> "Iterator[Known]":
    """Who may know whom somebody means, the nearest first."""
    from provision.person import Known, in_journal, in_targets
    from provision.wiring import open_routes

    yield in_journal(journal)
    yield Known(_last_exported(place))
    with suppress(ProvisionError), open_routes(place) as routes:  # where not even a connection can be made
        yield in_targets(route.target for route in routes)


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


def _tell(measure: Measure, reports: Sequence["RouteReport"], place: "Place") -> None:
    """What was done on the person's own screen, and what nobody else can do."""
    from rich.text import Text

    from provision.cli.terminal import out
    from provision.core.outcome import Status
    from provision.withdrawal import is_written

    console = out(place)
    for report in filter(is_written, reports):
        done = sum(result.status is Status.DONE for result in report.results)
        if report.failure:
            told = f"unavailable: {report.failure}; the next run begins with it"
        elif report.refused:
            told = f"refused, and tried again by the next run: {report.refused[0].detail}"
        else:
            told = _DONE[measure] if done else "nothing to do there"
        console.print(Text(f"{report.target}: {told}"), style="red" if report.failure or report.refused else "")
    console.print("What is left to do by hand:")
    for step in _by_hand(measure, reports):
        console.print(Text(f"  - {step}"))


def _by_hand(measure: Measure, reports: Sequence["RouteReport"]) -> list[str]:
    """What nobody else can do: first of all where nothing may be written yet."""
    from provision.withdrawal import is_written

    told = (_NOT_WRITTEN[measure].format(target=r.target, stage=r.stage) for r in reports if not is_written(r))
    return [*told, *_BY_HAND[measure]]


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
                "stage": report.stage,
                "done": dict(Counter(result.status.value for result in report.results)),
            }
            for report in reports
        ],
        "by_hand": list(by_hand),
    }

"""`resync`: puts one person, class or school right at once; first shows what that would do."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from provision.cli.complete import targets
from provision.cli.options import HERE, DayOption, JobOption, JsonOption, SiteOption, day_of
from provision.cli.output import print_json
from provision.errors import AlreadyRunning, ProvisionError, UsageError

if TYPE_CHECKING:
    from provision.cli.session import Bar
    from provision.core.ports import Source
    from provision.journal.journal import Journal
    from provision.reports.run import RunReport
    from provision.request import Part
    from provision.resync import Preview
    from provision.wiring import Place

WhatArgument = Annotated[
    str,
    typer.Argument(help="A person's id or username, a class's id or title, a school's number or name, or all."),
]
TargetOption = Annotated[
    list[str] | None, typer.Option("--target", help="Only there; may be repeated.", autocompletion=targets)
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Read the sources anew, not what was read last.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the run. Name nobody in it.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking: what the guard lets through.")]
RequestOption = Annotated[int, typer.Option("--request", help="Carry out what was asked for under this number.")]


class Wanted(NamedTuple):
    """The options of one command."""

    what: str
    targets: frozenset[str]
    fresh: bool
    reason: str
    yes: bool
    as_json: bool


def resync(  # noqa: PLR0913  one parameter per option
    what: WhatArgument = "",
    *,
    target: TargetOption = None,
    fresh: FreshOption = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    request: RequestOption = 0,
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put one person, class or school right at once: see what that would do, and say yes to it."""
    if request:
        raise typer.Exit(_requested(site, job, day_of(day), request, as_json=as_json))
    if not what:
        raise UsageError("put right whom? Give a person, a class, a school, or all")
    wanted = Wanted(what, frozenset(target or ()), fresh, reason, yes, as_json)
    raise typer.Exit(_resync(site, job, day_of(day), wanted))


def _resync(site: Path, job: str, day: date, wanted: Wanted) -> int:
    from provision.cli import show_resync
    from provision.cli.session import Bar, session
    from provision.cli.terminal import here
    from provision.meant import resolve
    from provision.request import Part
    from provision.wiring import owner

    with session(site, job, log=wanted.yes or sys.stdin.isatty()) as (place, journal), Bar() as bar:
        part = Part(lambda night: resolve(wanted.what, night, journal), owner(), wanted.reason, wanted.targets)
        sources = _sources(place, bar, fresh=wanted.fresh)
        told = _preview(place, journal, day, part, sources, fresh=wanted.fresh)
        if not wanted.as_json:
            show_resync.preview(place, told)
        if not told.changes or not _said_yes(told, wanted):
            if wanted.as_json:
                print_json({**told.as_json(), "done": None}, here(place))
            return _undone(told, wanted)
        report = _carry_out(place, journal, day, replace(part, shown=told.shown), sources)
    if wanted.as_json:
        print_json({**told.as_json(), "exit_code": report.exit_code, "done": report.as_json()}, here(place))
    else:
        show_resync.result(place, report)
    return report.exit_code


def _said_yes(told: "Preview", wanted: Wanted) -> bool:
    if wanted.yes or wanted.as_json or not sys.stdin.isatty():
        return wanted.yes
    less = f", {told.removals} of which take something away" if told.removals else ""
    return typer.confirm(f"Carry out {told.changes} change{'s' if told.changes != 1 else ''}{less}?", err=True)


def _undone(told: "Preview", wanted: Wanted) -> int:
    """The exit code where nothing was done: there was nothing to do, or nobody has said yes."""
    if not told.changes:
        return told.report.exit_code
    if sys.stdin.isatty() and not wanted.as_json:
        sys.stderr.write("Nothing was done.\n")
        return 0
    sys.stderr.write("provision: nothing was done; to do it without being asked: add --yes\n")
    return UsageError.exit_code


def _sources(place: "Place", bar: "Bar", *, fresh: bool) -> "list[Source]":
    """As they were last accepted, or as they are now: read once, so that what is done is what was shown."""
    from provision.resync import ReadOnce
    from provision.wiring import kept_sources, sources

    return [ReadOnce(source) for source in (sources(place, bar.reading) if fresh else kept_sources(place))]


def _preview(
    place: "Place", journal: "Journal", day: date, part: "Part", sources: "Sequence[Source]", *, fresh: bool
) -> "Preview":
    from provision import resync as resyncs
    from provision.cli.session import Bar, request
    from provision.request import Mode
    from provision.wiring import open_routes

    with Bar() as bar, open_routes(place) as routes:
        asked = replace(request(place, Mode.PLAN, day, bar), part=part)
        return resyncs.preview(asked, sources, routes, journal, place.site, fresh=fresh)


def _carry_out(place: "Place", journal: "Journal", day: date, part: "Part", sources: "Sequence[Source]") -> "RunReport":
    from provision import resync as resyncs
    from provision.cli.session import Bar, request
    from provision.request import Mode
    from provision.wiring import open_routes

    with Bar() as bar, open_routes(place) as routes:
        asked = replace(request(place, Mode.RUN, day, bar), part=part)
        return resyncs.carry_out(asked, sources, routes, journal, place.site)


def _requested(site: Path, job: str, day: date, identity: int, *, as_json: bool) -> int:
    from provision.cli import show_resync
    from provision.cli.session import Bar, session
    from provision.cli.terminal import here
    from provision.journal.codec import canonical
    from provision.request import Part
    from provision.resync import outcome_json

    with session(site, job, log=True) as (place, journal), Bar() as bar:
        wish = journal.asking().take(identity, place.job_name).wish
        part = Part(lambda _: wish.scope, wish.by, wish.reason, wish.targets, wish.shown)
        sources = _sources(place, bar, fresh=wish.fresh)
        try:
            report = _carry_out(place, journal, day, part, sources)
        except AlreadyRunning:
            journal.asking().put_back(identity)
            raise
        except ProvisionError as error:
            journal.asking().finish(identity, None, error.exit_code, canonical({"error": str(error)}))
            _show_anew(place, journal, day, part, sources, error, as_json=as_json)
            raise
        journal.asking().finish(identity, report.run, report.exit_code, canonical(outcome_json(report)))
    if as_json:
        print_json({"format": 1, "request": identity, **report.as_json()}, here(place))
    else:
        show_resync.result(place, report)
    return report.exit_code


def _show_anew(place: "Place", journal: "Journal", day: date, *given: Any, as_json: bool) -> None:
    """What would be done now, where it has changed since it was shown."""
    from provision.cli import show_resync
    from provision.run import CHANGED

    part, sources, error = given
    if str(error) == CHANGED and not as_json:
        anew = _preview(place, journal, day, replace(part, shown=None), sources, fresh=False)
        show_resync.preview(place, anew)

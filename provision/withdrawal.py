"""Takes out at once those who may not wait for a night: by what was last accepted, whatever source is down."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from loguru import logger

from provision.apply import Applied, Hand, carry_out
from provision.caution import check_roster
from provision.core.at_once import of_themselves, plan_at_once
from provision.core.ground import Evidence
from provision.core.guard import Verdict
from provision.core.id_changes import IdChanges
from provision.core.ports import Source
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.stages import Stage
from provision.core.state import fingerprint
from provision.errors import AlreadyRunning, JournalError, ProvisionError, SourceError, TargetUnavailable
from provision.journal.journal import Journal
from provision.journal.runs import last_night
from provision.night import Night, Route, prepare
from provision.reports.quiet import as_quiet, quiet_code
from provision.reports.run import RouteReport
from provision.request import RunRequest, begun

# The supplement that says who is protected: as somebody may just have changed it.
_CARE: Final = "care_csv"


def withdraw(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> tuple[RouteReport, ...]:
    """A run that does nothing else: what became of it at each target. Raises AlreadyRunning and JournalError."""
    with begun(request, journal) as (identity, lease):
        hand = Hand(identity, journal, lease, request.progress, request.leaving)
        reports = take_out(request, sources, routes, site, hand)
        last = last_night(journal.runs(), request.job)
        recorded = quiet_code(last.exit_code if last else None, reports)
        head = journal.finish(identity, recorded, as_quiet(last.summary if last else {}, reports))
        logger.info("finished with exit code {}; audit head {}", recorded, head)
    return reports


def exit_code(reports: Sequence[RouteReport]) -> int:
    """7 where a target was unavailable, 6 where one refused or is not written to: then something is left to do."""
    if any(report.failure for report in reports):
        return 7
    return 6 if any(report.refused or not is_written(report) for report in reports) else 0


def is_written(report: RouteReport) -> bool:
    """Whether anything was to be done there: what stages keep from being written is left to people."""
    return report.stage not in (Stage.OFF, Stage.SHADOW)


def take_out_all_the_same(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], site: Site, hand: Hand
) -> None:
    """The same in a run that can do nothing else. What goes wrong is told and keeps nobody from hearing why it cannot.

    Raises AlreadyRunning and JournalError.
    """
    try:
        reports = take_out(request, sources, routes, site, hand)
    except (AlreadyRunning, JournalError):
        raise
    except ProvisionError as error:
        logger.warning("{}", error)
        return
    for report in reports:
        if report.failure:
            logger.warning("{} is unavailable: {}", report.target, report.failure)


def take_out(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], site: Site, hand: Hand
) -> tuple[RouteReport, ...]:
    """What became of it at each target. Raises AlreadyRunning and JournalError."""
    try:
        request.kept.forget(request.now())
    except OSError as error:
        logger.warning("what was kept too long cannot be deleted ({})", error.strerror)
    stages = site.policy.stages
    written = [route for route in routes if stages.writes(route.target.name)]
    night, whole = _last_known(request, sources, written, site, hand.journal)
    done = {route.target.name: _take_out_of(route, night, request, site, hand, whole=whole) for route in written}
    names = [route.target.name for route in routes]
    return tuple(replace(done.get(name, RouteReport(name)), stage=stages.of(name)) for name in names)


def _last_known(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], site: Site, journal: Journal
) -> tuple[Night, bool]:
    """The most that can be known without the SIS, and whether that is everybody."""

    def accept(roster: Roster, ids: IdChanges, *_: object) -> None:
        check_roster(roster, ids, journal, request.secret, request.now())

    for chosen, whole in _choices(request, sources):
        try:
            return prepare(chosen, routes, journal, site.policy, request.day, accept=accept), whole
        except SourceError as error:
            logger.info("{}", error)
    raise AssertionError("the last choice has no source that could fail")


def _choices(request: RunRequest, sources: Sequence[Source]) -> Iterator[tuple[list[Source], bool]]:
    """From what says most: the supplement as it is now, as it was accepted, alone, and nothing at all."""
    kept: list[Source] = [request.kept.source(source.name) for source in sources]
    yield [source if source.name == _CARE else last for source, last in zip(sources, kept, strict=True)], True
    yield kept, True
    yield [last for last in kept if last.name == _CARE], False
    yield [], False


def _take_out_of(
    route: Route, night: Night, request: RunRequest, site: Site, hand: Hand, *, whole: bool
) -> RouteReport:
    name = route.target.name
    if failure := night.surveys[name].failure:
        return RouteReport(name, failure=failure)
    desired = night.desired(route, site)
    expected = {key: fingerprint(record, request.secret) for key, record in desired.records.items()}
    evidence = Evidence(
        roster=night.roster,
        judgement=night.judgement,
        sightings=night.history.sightings,
        placed=night.people.keys(),
    )
    try:
        actual = route.target.read(expected)
    except TargetUnavailable as error:
        return RouteReport(name, failure=str(error))
    plan = plan_at_once(name, desired, actual, evidence, route.mapping.traits(), site.policy)
    plan = plan if whole else of_themselves(plan, desired)
    applied = carry_out(route.target, plan.changes, hand) if plan.changes else Applied()
    verdict = Verdict(plan.changes, ())
    return RouteReport(name, plan, verdict, tuple(applied.results), applied.failure)

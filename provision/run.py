"""One run, from the sources to the report. `plan` is a run that stops before anything is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from loguru import logger

from provision.apply import Hand, Progress
from provision.caution import check_roster, check_target, remember_roster
from provision.core.compare import out_of_use
from provision.core.desired import Desired
from provision.core.ground import Evidence
from provision.core.guard import Verdict, guard
from provision.core.history import Sighting
from provision.core.outcome import Status
from provision.core.plan import Plan
from provision.core.planner import make_plan
from provision.core.policy import Policy
from provision.core.ports import Source
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.sightings import sightings
from provision.core.state import Actual, Key, fingerprint
from provision.delivery import deliver
from provision.errors import AlreadyRunning, JournalError, ProvisionError, TargetUnavailable
from provision.journal.journal import Journal
from provision.journal.lease import Lease
from provision.night import Night, Route, prepare, remember_id_changes
from provision.reports.run import RouteReport, RunReport


class Mode(StrEnum):
    PLAN = "plan"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, for which day, by whom; `now` is the one clock."""

    job: str
    mode: Mode
    day: date
    owner: str
    now: Callable[[], datetime]
    secret: bytes
    progress: Progress = lambda *_: None


def run(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> RunReport:
    """Read, plan, guard; in Mode.RUN also apply. What a target cannot do now waits for the next run.

    Raises SourceError, AlreadyRunning and JournalError: then nothing was changed after the point where it was raised.
    """
    if request.mode is Mode.PLAN:
        return planned(request, sources, routes, journal, site)[1]
    with journal.lease(request.owner) as lease:
        identity = journal.begin(request.job, request.mode, request.day, lease)
        with logger.contextualize(run=identity):
            try:
                report = _Run(request, routes, journal, site, identity, lease).go(sources)[1]
            except (AlreadyRunning, JournalError):
                raise  # neither may be, or can be, recorded
            except ProvisionError as error:
                journal.finish(identity, error.exit_code, {"error": str(error)})
                raise
            head = journal.finish(identity, report.exit_code, report.summary())
            logger.info("finished with exit code {}; audit head {}", report.exit_code, head)
            return report


def planned(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> tuple[Night, RunReport]:
    """The plan, with everything that was known when it was made."""
    return _Run(request, routes, journal, site, "", None).go(sources)


@dataclass(slots=True)
class _Ready:
    """A route that could be read."""

    route: Route
    desired: Desired
    actual: Actual


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of one run, in order. Without a lease it stops before anything is written, journal included."""

    request: RunRequest
    routes: Sequence[Route]
    journal: Journal
    site: Site
    identity: str
    lease: Lease | None

    @property
    def policy(self) -> Policy:
        return self.site.policy

    def go(self, sources: Sequence[Source]) -> tuple[Night, RunReport]:
        night = prepare(sources, self.routes, self.journal, self.policy, self.request.day, check=self._check)
        if self.lease:
            remember_id_changes(night.roster, self.journal)
            self.journal.reserve(night.usernames.reserve)
        ready, failures = self._read(night)
        seen = sightings(night.roster, night.people, night.history, night.judgement,
                         [(each.desired, each.actual) for each in ready])  # fmt: skip
        if self.lease:
            self.journal.remember(seen, night.roster.as_of)
            remember_roster(night.roster, self.journal, self.request.secret)
        reports, alike = [], dict[Key, str]()
        for each in ready:
            plan, verdict = self._plan(each, night, seen, alike)
            alike |= plan.lookalikes
            told = RouteReport(target=each.route.target.name, plan=plan, verdict=verdict)
            reports.append(self._apply(each, told, verdict, night, self.lease) if self.lease else told)
        return night, self._told(night, reports, failures)

    def _check(self, roster: Roster) -> None:
        check_roster(roster, self.journal, self.request.secret, self.request.now())

    def _read(self, night: Night) -> tuple[list[_Ready], dict[str, str]]:
        """The targets that answer, and why the others do not."""
        ready: list[_Ready] = []
        failures = {name: survey.failure for name, survey in night.surveys.items() if survey.failure}
        for route in self.routes:
            name = route.target.name
            if name in failures:
                continue
            self.request.progress(f"comparing {name}", 0, 0)
            desired = night.desired(route, self.site)
            expected = {key: fingerprint(record, self.request.secret) for key, record in desired.records.items()}
            try:
                actual = route.target.read(expected)
                self.request.progress(f"comparing {name}", 1, 1)
                check_target(name, actual, self.journal, self.request.now())
                ready.append(_Ready(route, desired, actual))
            except TargetUnavailable as error:
                failures[name] = str(error)
        for name, failure in failures.items():
            logger.warning("{} is unavailable: {}", name, failure)
        return ready, failures

    def _plan(
        self, ready: _Ready, night: Night, seen: Mapping[Key, Sighting], alike: Mapping[Key, str]
    ) -> tuple[Plan, Verdict]:
        name, traits = ready.route.target.name, ready.route.mapping.traits()
        disabled = {key: since for (target, key), since in night.history.disabled.items() if target == name}
        evidence = Evidence(
            roster=night.roster,
            judgement=night.judgement,
            sightings=seen,
            disabled=disabled,
            claimed=night.surveys[name].claimed,
            placed=night.people.keys(),
            distinct=night.distinct,
            lookalikes=dict(alike),
        )
        plan = make_plan(name, ready.desired, ready.actual, evidence, traits, self.policy)
        now = self.request.now()
        verdict = guard(plan, self.policy.budgets, traits, self.journal.approvals(now), now)
        logger.info("{}: {} changes, {} groups held", name, len(plan.changes), len(verdict.holds))
        return plan, verdict

    def _apply(self, ready: _Ready, told: RouteReport, verdict: Verdict, night: Night, lease: Lease) -> RouteReport:
        """The report of what became of what the guard allowed."""
        name = ready.route.target.name
        self.journal.save_holds(self.identity, name, verdict.holds)
        noted = {key for target, key in night.history.disabled if target == name}
        disabled, back = out_of_use(ready.actual, noted, ready.route.mapping.traits())
        self.journal.note_disabled(name, dict.fromkeys(disabled, self.request.day))
        self.journal.forget_disabled(name, back)
        hand = Hand(self.identity, self.journal, lease, self.request.progress)
        applied, passwords = deliver(ready.route, verdict.allowed, night, hand)
        done = {r.change.key for r in applied.results if r.status is Status.DONE}
        if used := [hold for hold, keys in verdict.used.items() if keys <= done]:
            self.journal.use_up(self.identity, used)
        return replace(told, results=tuple(applied.results), failure=applied.failure, passwords=passwords)

    def _told(self, night: Night, reports: Sequence[RouteReport], failures: Mapping[str, str]) -> RunReport:
        failed = [RouteReport(target=name, failure=failure) for name, failure in failures.items()]
        return RunReport(
            run=self.identity,
            job=self.request.job,
            mode=self.request.mode,
            day=self.request.day,
            routes=(*reports, *failed),
            issues=night.roster.issues,
            schools=night.judgement.schools,
            roster=night.roster,
        )

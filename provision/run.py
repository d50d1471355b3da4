"""One run, from the sources to the report. `plan` is a run that stops before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from loguru import logger

from provision.apply import Hand
from provision.caution import check_exceptions, check_roster, check_schools, check_target, remember_roster
from provision.core.clues import shrunk
from provision.core.compare import out_of_use
from provision.core.decided import id_change
from provision.core.desired import Desired
from provision.core.extract import Extract
from provision.core.ground import Evidence
from provision.core.guard import Hold, guard
from provision.core.history import History, Sighting
from provision.core.id_changes import IdChanges
from provision.core.losses import Losses
from provision.core.outcome import Status
from provision.core.planner import make_plan
from provision.core.policy import Policy
from provision.core.ports import Source
from provision.core.relinks import prints_of
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.scope import EVERYTHING, Scope, Shown, shown
from provision.core.sightings import guardians_of_targets, sightings
from provision.core.stages import Stage, permitted
from provision.core.state import Actual, Key, Kind, fingerprint
from provision.core.stays import last_days
from provision.delivery import deliver
from provision.errors import SourceError, TargetUnavailable, UsageError
from provision.journal.journal import Journal
from provision.journal.lease import Lease
from provision.night import Night, Route, prepare
from provision.reports.part import within
from provision.reports.run import RouteReport, RunReport
from provision.request import Mode, RunRequest, begun
from provision.who_is_who import remember_id_changes
from provision.withdrawal import take_out_all_the_same

_NOTHING_ELSE: Final = "nothing was done but withdrawals"
CHANGED: Final = "what would be done has changed since it was shown; look again, and say yes to that"
_UNKEPT: Final = "make room: until the next run, approvals are not carried out at once"


def run(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> RunReport:
    """Read, plan, guard; in Mode.RUN also apply. What a target cannot do now waits for the next run.

    Raises SourceError, AlreadyRunning and JournalError: then nothing was changed after the point where it was raised,
    save that without its sources a run still takes out those who may not wait.
    """
    if request.mode is Mode.PLAN:
        return planned(request, sources, routes, journal, site)[1]
    with begun(request, journal) as (identity, lease):
        try:
            report = _Run(request, routes, journal, site, identity, lease).go(sources)[1]
        except SourceError as error:
            hand = Hand(identity, journal, lease, request.progress, request.leaving)
            take_out_all_the_same(request, sources, routes, site, hand)
            error.add_note(_NOTHING_ELSE)
            raise
        code = within(report).exit_code
        head = journal.finish(identity, code, {**report.summary(), **request.asked(report.scope)})
        logger.info("finished with exit code {}; audit head {}", code, head)
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
        night = prepare(sources, self.routes, self.journal, self.policy, self.request.day, accept=self._accept)
        scope = self.request.part.scope(night) if self.request.part else None
        if self.lease:
            self._remember_asked(scope)
            remember_id_changes(night.roster, self.journal, night.reading.recognised)
            self.journal.reserve(night.usernames.reserve)
        ready, failures = self._read(night)
        seen = sightings(
            night.roster, night.people, night.history, night.judgement, [(each.desired, each.actual) for each in ready]
        )
        if self.lease:
            self.journal.remember(seen, night.roster.as_of, night.roster.sizes)
        reports, alike = [], night.reading.alike
        for each in ready:
            told = self._plan(each, night, seen, alike, scope)
            alike |= told.plan.lookalikes
            reports.append(told)
        if self.lease:
            self._check_shown(ready, reports)
            planned_for = zip(ready, reports, strict=True)
            reports = [self._apply(each, told, night, self.lease) for each, told in planned_for]
            self._remember_people(night, alike, seen)
        return night, replace(self._told(night, reports, failures), scope=scope)

    def _remember_asked(self, scope: Scope | None) -> None:
        if (part := self.request.part) and scope:
            self.journal.asking().record(self.identity, str(scope), part.targets, by=part.by, reason=part.reason)

    def _check_shown(self, ready: Sequence[_Ready], reports: Sequence[RouteReport]) -> None:
        """Raises UsageError where more would be done than somebody has looked at."""
        if (part := self.request.part) and part.shown:
            planned_for = zip(ready, reports, strict=True)
            now = (shown(r.target, r.verdict.allowed, each.route.mapping.traits().secret) for each, r in planned_for)
            if not part.shown.covers(Shown(frozenset().union(*now))):
                raise UsageError(CHANGED)

    def _remember_people(self, night: Night, alike: Mapping[Key, str], seen: Mapping[Key, Sighting]) -> None:
        """By what everybody is known again. While nobody knows who they are, what was known before stays as it is."""
        if not night.reading.relinking:
            unclear = {key.sourced_id for key in alike} | night.roster.held.keys() | night.roster.doubtful
            unclear |= {who for pair in night.reading.recognised.items() for who in pair}
            everybody = night.people.keys() | guardians_of_targets(night.roster, seen).keys()
            known = {p: prints_of(night.roster.users[p], self.journal.keyed) for p in everybody - unclear}
            self.journal.remember_prints(known)

    def _accept(self, roster: Roster, ids: IdChanges, history: History, extracts: Sequence[Extract]) -> None:
        """What the sources said, unless it is too odd, is what the next run is compared with, and is kept."""
        check_roster(roster, ids, self.journal, self.request.secret, self.request.now())
        check_exceptions(roster, self.journal, self.request.now())
        check_schools(roster, history, self.journal, self.request.now())
        if self.lease:
            remember_roster(roster, self.journal, self.request.secret)
            try:
                self.request.kept.keep(extracts)
            except OSError as error:
                logger.warning("what was read cannot be kept ({}); {}", error.strerror, _UNKEPT)

    def _read(self, night: Night) -> tuple[list[_Ready], dict[str, str]]:
        """The targets that answer, and why the others do not. One that is off is not read."""
        ready: list[_Ready] = []
        failures: dict[str, str] = {}
        for route in self.routes:
            name, failure = route.target.name, night.surveys[route.target.name].failure
            if self.policy.stages.of(name) is Stage.OFF:
                if failure:
                    logger.warning("{} is off, and cannot be asked which usernames are taken: {}", name, failure)
                continue
            if failure:
                failures[name] = failure
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
        self,
        ready: _Ready,
        night: Night,
        seen: Mapping[Key, Sighting],
        alike: Mapping[Key, str],
        scope: Scope | None,
    ) -> RouteReport:
        """The plan; the guard's verdict, with what of the allowed is let in today; how many changes are not."""
        name, traits = ready.route.target.name, ready.route.mapping.traits()
        disabled = {key: since for (target, key), since in night.history.disabled.items() if target == name}
        evidence = Evidence(
            roster=night.roster,
            judgement=night.judgement,
            sightings=seen,
            before=night.history.sightings,
            shorter=shrunk(night.roster, night.history),
            disabled=disabled,
            claimed=night.surveys[name].claimed,
            placed=night.people.keys(),
            distinct=night.reading.distinct,
            lookalikes=dict(alike),
            confirmed=night.reading.confirmed,
            relinking=night.reading.relinking,
        )
        plan = make_plan(name, ready.desired, ready.actual, evidence, traits, self.policy)
        now = self.request.now()
        two = self.policy.two_people_above
        losses, stages, day = Losses(plan, traits), self.policy.stages, self.request.day
        yes = [each for each in self.journal.approvals(now) if not stages.why_kept_back(each, day)]
        verdict = guard(plan, self.policy.budgets, traits, yes, now, two_people_above=two)
        part = self.request.part
        among = part.inside(scope, plan, night.roster) if part and scope else EVERYTHING
        let_in = tuple(each for each in permitted(verdict.allowed, losses, stages, day, among) if each)
        parts = permitted(plan.changes, losses, stages, day)
        kept_back = sum(part is not change for part, change in zip(parts, plan.changes, strict=True))
        logger.info("{}: {} changes, {} groups held", name, len(plan.changes), len(verdict.holds))
        verdict = replace(verdict, allowed=let_in, holds=self._told_of(verdict.holds))
        return RouteReport(name, plan, verdict, stage=stages.of(name), kept_back=kept_back)

    def _told_of(self, holds: Sequence[Hold]) -> tuple[Hold, ...]:
        """The holds with who is to decide, with what keeps each back today, and with the no that it has had."""
        why, noes = self.policy.stages.why_kept_back, self.journal.rejections()
        return tuple(
            replace(
                hold,
                owner=self.policy.owner_of(hold.org),
                kept_back=why(hold, self.request.day),
                rejected=noes.get(hold.id),
            )
            for hold in holds
        )

    def _apply(self, ready: _Ready, told: RouteReport, night: Night, lease: Lease) -> RouteReport:
        """The report of what became of what the guard allowed."""
        name, verdict = ready.route.target.name, told.verdict
        self.journal.save_holds(self.identity, name, verdict.holds)
        noted = {key for target, key in night.history.disabled if target == name}
        disabled, back = out_of_use(ready.actual, noted, ready.route.mapping.traits())
        self.journal.note_disabled(name, dict.fromkeys(disabled, self.request.day))
        self.journal.forget_disabled(name, back)
        if not self.policy.stages.writes(name):
            return told
        hand = Hand(self.identity, self.journal, lease, self.request.progress, self.request.leaving)
        applied, passwords = deliver(ready.route, verdict.allowed, night, hand)
        done = {r.change.key for r in applied.results if r.status is Status.DONE}
        for old, new in night.reading.recognised.items():
            if Key(Kind.ACCOUNT, new) in done:
                self.journal.decide(id_change(old), new, "the SIS")
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
            relinking=night.reading.relinking,
            roster=night.roster,
            ending=last_days(night.roster, self.policy.warn_days),
        )

"""Puts one person, class or school right at once: what that would do, and doing exactly that."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from provision.core.extract import Extract
from provision.core.losses import Losses
from provision.core.outcome import Status
from provision.core.plan import Change, Create, is_urgent
from provision.core.ports import Source
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.scope import Scope, Shown, inside, shown, takes_away
from provision.core.state import Key, Kind
from provision.errors import UsageError
from provision.journal.journal import Journal
from provision.meant import name_of
from provision.night import Route
from provision.outlook import what_it_takes
from provision.reports.part import within
from provision.reports.run import RouteReport, RunReport, hold_json, sources_json, verb
from provision.request import Mode, Part, RunRequest
from provision.run import planned, run

_SAMPLE: Final = 5
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class TargetPreview:
    """What would be done at one target. `removals` are those of the `changes` by which somebody has less than before.

    `route` holds what waits: for a yes, for a record to be mended, for its time. `absent` are classes to which somebody
    would come, and which are not there yet. `later` counts what stages, freezes or others' changes keep back.
    """

    target: str
    changes: tuple[Change, ...]
    removals: tuple[Change, ...]
    absent: tuple[Key, ...]
    later: int
    route: RouteReport

    def counts(self) -> dict[str, int]:
        return dict(Counter(map(verb, self.changes)))

    def as_json(self) -> dict[str, Any]:
        held, waiting = self.route.plan.held, self.route.plan.waiting
        return {
            "target": self.target,
            "failure": self.route.failure or None,
            "stage": self.route.stage,
            "counts": self.counts(),
            "removals": [_change_json(change) for change in self.removals],
            "sample": [_change_json(change) for change in self.sample],
            "holds": [{**hold_json(hold, ()), "remedy": what_it_takes(hold)} for hold in self.route.verdict.holds],
            "held": [{"key": str(key), "reason": why} for key, why in sorted(held.items())],
            "waiting": [{"key": str(key), "reason": why} for key, why in sorted(waiting.items())],
            "classes_not_there_yet": [str(key) for key in self.absent],
            "kept_back": self.later,
        }

    @property
    def sample(self) -> tuple[Change, ...]:
        """A few of what is no removal, of every kind of change some."""
        seen: Counter[tuple[str, Kind]] = Counter()
        found = []
        for change in self.changes:
            seen[verb(change), change.key.kind] += 1
            if change not in self.removals and seen[verb(change), change.key.kind] <= _SAMPLE:
                found.append(change)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done for a person, class or school. `shown` names all of it; `report` is about it alone.

    `name` may stand on a person's own screen only.
    """

    scope: Scope
    name: str = field(repr=False)
    targets: tuple[TargetPreview, ...]
    report: RunReport = field(repr=False)
    shown: Shown
    fresh: bool

    @property
    def changes(self) -> int:
        return sum(len(each.changes) for each in self.targets)

    @property
    def removals(self) -> int:
        return sum(len(each.removals) for each in self.targets)

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes. Ids, never a person's particulars."""
        return {
            "format": 1,
            "what": str(self.scope),
            "day": self.report.day.isoformat(),
            "fresh": self.fresh,
            "sources": sources_json(self.report.roster.as_of, self.report.day),
            "digest": self.shown.digest,
            "shown": sorted(self.shown.digests),
            "changes": self.changes,
            "removals": self.removals,
            "exit_code": self.report.exit_code,
            "issues": [{"table": i.table, "id": i.sourced_id or None, "reason": i.reason} for i in self.report.issues],
            "targets": [each.as_json() for each in self.targets],
        }


@dataclass(slots=True)
class ReadOnce:
    """A source that is read when it is first asked, so that what is done goes by what was shown."""

    source: Source
    _read: Extract | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.source.name

    def read(self) -> Extract:
        """All of it, or SourceError."""
        if self._read is None:
            self._read = self.source.read()
        return self._read


def preview(
    request: RunRequest,
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    site: Site,
    *,
    fresh: bool = False,
) -> Preview:
    """What carrying out the request's part would do now; nothing is written. Raises UsageError, SourceError."""
    asked = _asked(request, routes)
    night, whole = planned(replace(request, mode=Mode.PLAN), sources, routes, journal, site)
    scope = asked.scope(night)
    report = within(whole)
    by_name = {route.target.name: route for route in routes}
    told = [route for route in report.routes if not asked.targets or route.target in asked.targets]
    plans = {route.target: route.plan for route in whole.routes}
    targets, digests = [], frozenset[str]()
    for each in told:
        traits = by_name[each.target].mapping.traits()
        losses = Losses(plans[each.target], traits)
        targets.append(_target(each, losses, scope, night.roster))
        digests |= shown(each.target, each.verdict.allowed, traits.secret)
    report = replace(report, routes=tuple(told))
    return Preview(scope, name_of(scope, night.roster), tuple(targets), report, Shown(digests), fresh)


def carry_out(
    request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> RunReport:
    """A run that carries out the request's part alone; its report, about nothing else. Raises as `run` does."""
    asked = _asked(request, routes)
    report = within(run(replace(request, mode=Mode.RUN), sources, routes, journal, site))
    told = (route for route in report.routes if not asked.targets or route.target in asked.targets)
    return replace(report, routes=tuple(told))


def _asked(request: RunRequest, routes: Sequence[Route]) -> Part:
    if request.part is None:
        raise UsageError("put right whom? Give a person, a class, a school, or all")
    there = [route.target.name for route in routes]
    if unknown := sorted(request.part.targets - set(there)):
        raise UsageError(f"the job has no target {' or '.join(unknown)}; it has {', '.join(there)}")
    return request.part


def _target(route: RouteReport, losses: Losses, scope: Scope, roster: Roster) -> TargetPreview:
    changes = tuple(change for change in route.verdict.allowed if not is_urgent(change) or change in route.plan.changes)
    done = {change.key for change in changes} | {key for hold in route.verdict.holds for key in hold.keys}
    return TargetPreview(
        target=route.target,
        changes=changes,
        removals=tuple(change for change in changes if takes_away(change, losses)),
        absent=tuple(_absent(losses, scope, roster)),
        later=sum(change.key not in done for change in route.plan.changes),
        route=route,
    )


def _absent(losses: Losses, scope: Scope, roster: Roster) -> Iterator[Key]:
    """Classes that are yet to be made, to which somebody comes whom they are not made for."""
    people = inside(scope, losses.plan, roster).people
    for change in losses.plan.changes:
        if people and isinstance(change, Create) and any(m.account in people for m in change.after.members):
            yield change.key


def _change_json(change: Change) -> dict[str, Any]:
    return {"change": verb(change), "key": str(change.key), "orgs": sorted(change.orgs), "reason": change.reason}


def outcome_json(report: RunReport) -> dict[str, Any]:
    """What became of it, short enough to keep with the request. Ids and reasons."""
    return {"run": report.run, "exit_code": report.exit_code, "targets": [_outcome(each) for each in report.routes]}


def _outcome(route: RouteReport) -> dict[str, Any]:
    done = [result.change for result in route.results if result.status is Status.DONE]
    held = sorted(route.plan.held.items())[:_MOST]
    return {
        "target": route.target,
        "failure": route.failure or None,
        "done": dict(Counter(map(verb, done))),
        "refused": [{"key": str(r.change.key), "reason": r.detail} for r in route.refused[:_MOST]],
        "holds": [hold.id for hold in route.verdict.holds],
        "held": [{"key": str(key), "reason": why} for key, why in held],
    }

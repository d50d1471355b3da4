"""What a run did or would do, for people, for machines and for its exit code."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from provision.core.extract import Completeness
from provision.core.guard import Approval, Hold, Rejection, Verdict, covers
from provision.core.outcome import Result, Status
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw
from provision.core.roster import Issue, Roster
from provision.core.scope import Scope
from provision.core.stages import Stage
from provision.core.state import Kind, values
from provision.core.stays import LastDay
from provision.reports.stays import exceptions_json, last_day_json, unknown_exceptions

_NOTHING = Plan("", ())
# A weekend without a delivery is nothing odd.
STALE_AFTER_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class RouteReport:
    """One target: what was planned, allowed and done; `failure` says why it stopped.

    `stage` is how far the target has been let in, `kept_back` how many changes that or a freeze keeps back.
    """

    target: str
    plan: Plan = _NOTHING
    verdict: Verdict = field(default_factory=lambda: Verdict((), ()))
    results: tuple[Result, ...] = ()
    failure: str = ""
    passwords: tuple[str, ...] = ()
    stage: Stage = Stage.FULL
    kept_back: int = 0

    @property
    def refused(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.status is not Status.DONE)

    @property
    def on_hold(self) -> int:
        """How many of the planned changes the guard holds."""
        keys = {key for hold in self.verdict.holds for key in hold.keys}
        return sum(change.key in keys for change in self.plan.changes)

    def counts(self) -> dict[str, int]:
        """Planned changes by what they do; a withdrawal counts as any other change that ends an account."""
        return dict(Counter(verb(change) for change in self.plan.changes))


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run. `roster` is for texts on a person's own screen only: it never goes into a log or a file.

    `relinking` says that the SIS seems to have given everybody new ids. `ending` are those in no SIS, or kept by
    exception, whose last day is near. `approvals` are those that stand after the run. `scope` is what was asked for,
    None where that was everything.
    """

    run: str
    job: str
    mode: str
    day: date
    routes: tuple[RouteReport, ...]
    issues: tuple[Issue, ...]
    schools: Mapping[str, Completeness]
    roster: Roster = field(repr=False)
    ending: tuple[LastDay, ...] = ()
    relinking: str = ""
    approvals: tuple[Approval, ...] = ()
    scope: Scope | None = None

    @property
    def exit_code(self) -> int:
        """The first that applies: 7 a target was unavailable, 5 something waits for a yes, 6 a record waits; else 0.

        Care for somebody who is no longer in the SIS keeps nothing waiting.
        """
        if any(route.failure for route in self.routes):
            return 7
        if self.relinking or any(hold.waits for route in self.routes for hold in route.verdict.holds):
            return 5
        waits = any(route.plan.held or route.refused for route in self.routes)
        return 6 if waits or any(issue.table != "care" for issue in self.issues) else 0

    @property
    def changes(self) -> int:
        return sum(len(route.plan.changes) for route in self.routes)

    @property
    def unknown_exceptions(self) -> frozenset[str]:
        """Exceptions for ids that are nowhere; none while a target cannot be asked."""
        if any(route.failure for route in self.routes):
            return frozenset()
        return unknown_exceptions(self.roster, (route.plan for route in self.routes))

    @property
    def stale(self) -> dict[str, int]:
        """By source of which nothing new is delivered any more, of how many days ago its content is."""
        return {source: days for source, days in ages(self.roster.as_of, self.day).items() if days > STALE_AFTER_DAYS}

    def summary(self) -> dict[str, Any]:
        """Counts and reasons, for the journal."""
        return {
            "issues": len(self.issues),
            "relinking": self.relinking,
            "unproven": {org: said.doubt for org, said in self.schools.items() if said.doubt},
            "ending": [last_day_json(each) for each in self.ending],
            "targets": {r.target: _route_summary(r) for r in self.routes},
        }

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes. Ids and attribute names, never a person's data."""
        return {
            "format": 1,
            "run": self.run or None,
            "job": self.job,
            "mode": self.mode,
            "day": self.day.isoformat(),
            "exit_code": self.exit_code,
            "sources": sources_json(self.roster.as_of, self.day),
            "schools": [
                {"org": org, "proven": bool(said.proof), "doubt": said.doubt or None, "rows": said.rows}
                for org, said in sorted(self.schools.items())
            ],
            "issues": [
                {"source": i.source, "table": i.table, "id": i.sourced_id or None, "reason": i.reason}
                for i in self.issues
            ],
            "relinking": self.relinking or None,
            "exceptions": exceptions_json(self.roster, self.unknown_exceptions),
            "ending": [last_day_json(each) for each in self.ending],
            "targets": [_route_json(route, self.approvals) for route in self.routes],
        }


def verb(change: Change) -> str:
    """What a change does, in one word; a withdrawal is called like any other case of being out of scope."""
    match change:
        case Create():
            return "create"
        case Update(before=before, after=after):
            return "enable" if after.active and not before.active else "update"
        case Disable() | Withdraw():
            return "disable"
        case Delete():
            return "delete"
        case Rekey():
            return "rekey"


def changed_fields(change: Change) -> list[str]:
    """Names of the fields that an update touches."""
    if not isinstance(change, Update):
        return []
    names = change.before.fields.keys() | change.after.fields.keys()
    return sorted(n for n in names if values(change.before.fields.get(n)) != values(change.after.fields.get(n)))


def _route_summary(route: RouteReport) -> dict[str, Any]:
    return {
        "planned": route.counts(),
        "done": dict(Counter(r.status.value for r in route.results)),
        "held": len(route.plan.held),
        "waiting": len(route.plan.waiting),
        "holds": [hold.id for hold in route.verdict.holds],
        "failure": route.failure,
    }


def _route_json(route: RouteReport, approvals: Sequence[Approval]) -> dict[str, Any]:
    status = {r.change.key: r for r in route.results}
    return {
        "target": route.target,
        "failure": route.failure or None,
        "digest": route.plan.digest or None,
        "counts": route.counts(),
        "done": dict(Counter(r.status.value for r in route.results)),
        "changes": [_change_json(change, status.get(change.key)) for change in route.plan.changes],
        "held": [{"key": str(key), "reason": reason} for key, reason in sorted(route.plan.held.items())],
        "waiting": [{"key": str(key), "reason": reason} for key, reason in sorted(route.plan.waiting.items())],
        "holds": [hold_json(hold, approvals) for hold in route.verdict.holds],
        "stage": route.stage,
        "kept_back": route.kept_back,
        "password_files": list(route.passwords),
    }


def _change_json(change: Change, result: Result | None) -> dict[str, Any]:
    return {
        "change": verb(change),
        "key": str(change.key),
        "orgs": sorted(change.orgs),
        "role": change.role or None,
        "reason": change.reason,
        "cause": _cause(change),
        "fields": changed_fields(change),
        "status": result.status.value if result else None,
        "detail": (result.detail or None) if result else None,
    }


def _cause(change: Change) -> str | None:
    """Why somebody goes, of what takes something away."""
    return change.cause if isinstance(change, Disable | Delete) and change.key.kind is Kind.ACCOUNT else None


def ages(as_of: Mapping[str, datetime], day: date) -> dict[str, int]:
    """By source that says when its content was true, how many days ago that is."""
    return {source: (day - moment.date()).days for source, moment in sorted(as_of.items())}


def sources_json(as_of: Mapping[str, datetime], day: date) -> list[dict[str, Any]]:
    return [
        {"source": source, "as_of": as_of[source].isoformat(), "days": days}
        for source, days in ages(as_of, day).items()
    ]


def yes_to(hold: Hold, approvals: Iterable[Approval]) -> list[Approval]:
    """Those by which somebody has said yes to this hold."""
    return [approval for approval in approvals if covers(approval, hold)]


def hold_json(hold: Hold, approvals: Iterable[Approval]) -> dict[str, Any]:
    return {
        "hold": hold.id,
        "target": hold.target,
        "org": hold.org,
        "loss": hold.loss,
        "role": hold.role,
        "cause": hold.cause,
        "likely": hold.likely,
        "owner": hold.owner,
        "kept_back": hold.kept_back or None,
        "rejected": rejection_json(hold.rejected),
        "count": hold.count,
        "limit": hold.limit,
        "existing": hold.existing,
        "examples": list(hold.examples),
        "yes": sorted({approval.approver for approval in yes_to(hold, approvals)}),
    }


def rejection_json(no: Rejection | None) -> dict[str, Any] | None:
    return {"by": no.by, "reason": no.reason, "at": no.at.isoformat()} if no else None

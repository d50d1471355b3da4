"""Of the report of a run, what is about the person, class or school that was asked for."""

from dataclasses import replace

from provision.core.plan import is_urgent
from provision.core.scope import Inside, inside
from provision.core.state import Kind
from provision.reports.run import RouteReport, RunReport


def within(report: RunReport) -> RunReport:
    """The report without what concerns others; all of it where everything was asked for."""
    if report.scope is None:
        return report
    parts = [(route, inside(report.scope, route.plan, report.roster)) for route in report.routes]
    people = {key.sourced_id for _, among in parts for key in among.whole if key.kind is Kind.ACCOUNT}
    everything = any(among.everything for _, among in parts)
    return replace(
        report,
        routes=tuple(_within(route, among) for route, among in parts),
        issues=tuple(issue for issue in report.issues if everything or issue.sourced_id in people),
        roster=report.roster if everything else replace(report.roster, stays={}),
        ending=tuple(last for last in report.ending if everything or last.sourced_id in people),
    )


def _within(route: RouteReport, among: Inside) -> RouteReport:
    """Who may not wait is told of where they are inside, and nowhere else."""
    parts = ((change, among.part(change)) for change in route.plan.changes)
    changes = [part for change, part in parts if part and (among.holds(change.key) or not is_urgent(change))]
    keys = {change.key for change in changes}
    plan = replace(
        route.plan,
        changes=tuple(changes),
        held={key: why for key, why in route.plan.held.items() if among.holds(key)},
        waiting={key: why for key, why in route.plan.waiting.items() if among.holds(key)},
    )
    verdict = replace(
        route.verdict,
        allowed=tuple(change for change in route.verdict.allowed if change.key in keys),
        holds=tuple(hold for hold in route.verdict.holds if hold.keys & keys),
    )
    results = tuple(result for result in route.results if result.change.key in keys)
    return replace(route, plan=plan, verdict=verdict, results=results)

"""What people see of a plan and of a run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from provision.cli.terminal import FEW, at, counted, more, org_name, out, who
from provision.core.guard import Hold
from provision.core.outcome import Status
from provision.core.plan import Create
from provision.core.roster import Roster
from provision.core.state import Key, Kind
from provision.reports.run import RouteReport, RunReport, verb
from provision.wiring import Place

_VERBS: Final = ("create", "enable", "update", "rekey", "disable", "delete")
LOSSES: Final = {
    "disable": "would lose their account",
    "delete": "would have their account deleted for good",
    "memberships": "would lose groups, schools or affiliations",
    "fields": "would have a whole field blanked",
    "id": "would get another id",
}
_EXITS: Final = {
    0: "done",
    5: "something is held for approval; the rest is done",
    6: "done; some records wait, with the reason above",
    7: "a target was unavailable; its work waits for the next run",
}


def plan(place: Place, report: RunReport, *, hold: str = "", every: bool = False) -> None:
    """What would happen, by school, then change by change with the reason."""
    console = out()
    console.print(f"Plan for {place.settings.site_name}, {report.day:%d.%m.%Y}, job {report.job}", style="bold")
    for route in report.routes:
        _overview(console, route, report.roster)
        _changes(console, route, report.roster, hold=hold, every=every)
        _waiting(console, route)
    _evidence(console, report)
    if any(route.verdict.allowed for route in report.routes):
        console.print(f"\nNothing was written. To carry it out: provision run {report.job}{at(place)}")


def run(place: Place, report: RunReport) -> None:
    """What was done, what waits and why, and what the exit code means."""
    console = out()
    console.print(f"Run {report.run} for {place.settings.site_name}, {report.day:%d.%m.%Y}", style="bold")
    for route in report.routes:
        _done(console, route)
        for hold in route.verdict.holds:
            _held(console, hold, report, place)
        _waiting(console, route)
        _passwords(console, route)
    _evidence(console, report)
    console.print(f"  exit {report.exit_code}: {_EXITS[report.exit_code]}")


def _done(console: Console, route: RouteReport) -> None:
    done = Counter(verb(r.change) for r in route.results if r.status is Status.DONE)
    if done or not route.failure:
        told = ", ".join(f"{done[v]} {v}d" for v in _VERBS if done[v])
        console.print(f"  {route.target}: {told or 'nothing to do'}")
    if route.failure:
        console.print(Text(f"  {route.target} is unavailable: {route.failure}"), style="red")
    for result in route.refused[:FEW]:
        console.print(Text(f"    {result.status}: {result.change.key.sourced_id}: {result.detail}"))
    more(console, len(route.refused) - FEW, "refused")


def _passwords(console: Console, route: RouteReport) -> None:
    if route.passwords:
        made = (r.change for r in route.results if r.status is Status.DONE and isinstance(r.change, Create))
        count = sum(change.key.kind is Kind.ACCOUNT for change in made)
        folder = Path(route.passwords[0]).parent
        people = counted(count, "person", "people")
        console.print(f"    first passwords for {people}: {len(route.passwords)} files to hand over in {folder}")
        if route.failure:
            console.print(
                "    they may hold more people than were made; whoever is in a later file has the password there"
            )


def _overview(console: Console, route: RouteReport, roster: Roster) -> None:
    console.print()
    if route.failure:
        console.print(Text(f"{route.target} is unavailable: {route.failure}"), style="red")
        return
    if not route.plan.changes:
        console.print(f"{route.target}: nothing to do")
        return
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for change in route.plan.changes:
        for org in change.orgs or {""}:
            counts[org][verb(change)] += 1
    table = Table(title=f"{route.target}: {counted(len(route.plan.changes), 'change')}", title_justify="left", box=None)
    table.add_column("")
    used = [v for v in _VERBS if route.counts().get(v)]
    for name in used:
        table.add_column(name, justify="right")
    for org in sorted(counts, key=lambda o: org_name(o, roster)):
        table.add_row(Text(org_name(org, roster)), *(str(counts[org][v] or "") for v in used))
    table.add_row("in all, each once", *(str(route.counts()[v]) for v in used), style="bold")
    console.print(table)


def _changes(console: Console, route: RouteReport, roster: Roster, *, hold: str, every: bool) -> None:
    chosen = [h for h in route.verdict.holds if not hold or h.id == hold]
    only = {key for each in chosen for key in each.keys} if hold else None
    shown: Counter[tuple[str, Kind]] = Counter()
    for change in route.plan.changes:
        if only is not None and change.key not in only:
            continue
        shown[verb(change), change.key.kind] += 1
        if every or hold or shown[verb(change), change.key.kind] <= FEW:
            console.print(Text(f"  {verb(change):<8}{who(change, roster)}: {change.reason}"))
    if hidden := 0 if every or hold else sum(max(0, count - FEW) for count in shown.values()):
        console.print(f"  … and {hidden} more; --all shows each")
    for each in chosen:
        console.print(Text(f"  held {each.id}: {_hold(each, roster)}"), style="yellow")


def _waiting(console: Console, route: RouteReport) -> None:
    waiting: Iterable[tuple[str, Mapping[Key, str]]] = (("waits", route.plan.held), ("missing", route.plan.waiting))
    for title, each in waiting:
        for key, reason in sorted(each.items(), key=lambda item: (item[0].kind is not Kind.ORG, item[0]))[:FEW]:
            console.print(Text(f"    {title}: {key.sourced_id}: {reason}"))
        more(console, len(each) - FEW, title)


def _held(console: Console, hold: Hold, report: RunReport, place: Place) -> None:
    console.print(Text(f"    held {hold.id}: {_hold(hold, report.roster)}"), style="yellow")
    console.print(f"      Look: provision plan {report.job} --hold {hold.id}{at(place)}")
    console.print(f'      Approve exactly these: provision approve {hold.id} --reason "…"{at(place)}')


def _who(hold: Hold) -> str:
    return counted(hold.count, "person", "people")


def _hold(hold: Hold, roster: Roster) -> str:
    return (
        f"{_who(hold)} {LOSSES[hold.loss]} at {org_name(hold.org, roster)}; {hold.limit} of {hold.existing} may "
        f"without a look. Among them {', '.join(hold.examples)}"
    )


def _evidence(console: Console, report: RunReport) -> None:
    doubtful: defaultdict[str, list[str]] = defaultdict(list)
    for org, said in sorted(report.schools.items()):
        if said.doubt:
            doubtful[said.doubt].append(org_name(org, report.roster))
    for doubt, schools in doubtful.items():
        proven = "is not proven complete" if len(schools) == 1 else "are not proven complete"
        console.print(Text(f"  {', '.join(schools)} {proven}, nobody is removed there: {doubt}"))
    for issue in report.issues[:FEW]:
        console.print(Text(f"  {issue.source}, {issue.table} {issue.sourced_id or '(no id)'}: {issue.reason}"))
    more(console, len(report.issues) - FEW, "rows that could not be used")

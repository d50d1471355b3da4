"""What people see of a plan and of a run."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from provision.caution import REASON
from provision.cli import show_stays
from provision.cli.terminal import FEW, WHEN, counted, kinds, more, org_name, out, who
from provision.core.clocks import local
from provision.core.guard import Approval, Hold, suffices
from provision.core.outcome import Status
from provision.core.plan import Create
from provision.core.roster import Roster
from provision.core.stages import Stage
from provision.core.state import Key, Kind
from provision.reports.run import RouteReport, RunReport, verb, yes_to
from provision.wiring import Place

_VERBS: Final = ("create", "enable", "update", "rekey", "disable", "delete")
_DONE: Final = {**{verb: f"{verb}d" for verb in _VERBS}, "rekey": "given another id"}
LOSSES: Final = {
    "disable": "would lose their account",
    "delete": "would have their account deleted for good",
    "memberships": "would lose groups, schools or affiliations",
    "fields": "would have a whole field blanked",
    "id": "would get another id",
}
CAUSES: Final = {
    "graduated": "since their class or school year is over",
    "ended": "since their end date in the SIS has passed",
    "moved": "since they are at another school now",
    "out_of_scope": "since the mapping or the policy leaves them out",
    "vanished": "gone without a reason in the SIS",
}
_EXITS: Final = {
    0: "done",
    5: "something is held for approval; the rest is done",
    6: "done; some records wait, with the reason above",
    7: "a target was unavailable; its work waits for the next run",
}


def plan(place: Place, report: RunReport, *, hold: str = "", every: bool = False, kept: bool = False) -> None:
    """What would happen, by school, then change by change with the reason.

    `kept`: a run has read the same, so that `approve` can go by it.
    """
    console = out(place)
    console.print(f"Plan for {place.settings.site_name}, {report.day:%d.%m.%Y}, job {report.job}", style="bold")
    for route in report.routes:
        _overview(console, route, report.roster)
        _changes(console, route, report, place, hold=hold, every=every)
        _kept_back(console, route)
        _waiting(console, route, every=every)
    show_stays.exceptions(console, report, whole=True)
    show_stays.ending(console, report.ending, report.roster)
    _evidence(console, report, every=every, kept=kept)
    if any(route.verdict.allowed for route in report.routes):
        console.print("\nNothing was written. To carry it out: provision run")


def run(place: Place, report: RunReport) -> None:
    """What was done, what waits and why, and what the exit code means."""
    console = out(place)
    console.print(f"Run {report.run} for {place.settings.site_name}, {report.day:%d.%m.%Y}", style="bold")
    for route in report.routes:
        _done(console, route)
        for hold in route.verdict.holds:
            _held(console, hold, report, place)
        _kept_back(console, route)
        _waiting(console, route)
        _passwords(console, route)
    show_stays.exceptions(console, report, whole=False)
    show_stays.ending(console, report.ending, report.roster)
    _evidence(console, report)
    console.print(f"  exit {report.exit_code}: {_EXITS[report.exit_code]}")


def _done(console: Console, route: RouteReport) -> None:
    carried_out = [r.change for r in route.results if r.status is Status.DONE]
    done = Counter(map(verb, carried_out))
    if done or not route.failure:
        told = ", ".join(f"{done[v]} {_DONE[v]}" for v in _VERBS if done[v])
        told = told or ("nothing done" if route.plan.changes else "nothing to do")
        console.print(f"  {route.target}: {told}{f'; {route.on_hold} held' if route.on_hold else ''}")
    if carried_out:
        console.print(f"    {kinds(carried_out)}")
    if route.failure:
        console.print(Text(f"  {route.target} is unavailable: {route.failure}"), style="red")
    for result in route.refused[:FEW]:
        console.print(Text(f"    {result.status}: {result.change.key.sourced_id}: {result.detail}"))
    more(console, len(route.refused) - FEW, "refused")


def _kept_back(console: Console, route: RouteReport) -> None:
    if route.kept_back:
        stage = "" if route.stage is Stage.FULL else f" ({route.target} has been let in as {route.stage})"
        back = counted(route.kept_back, "change is", "changes are")
        console.print(f"    {back} kept back by [stages] or [[freezes]]{stage}", markup=False)


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
    held = f", {route.on_hold} of them held" if route.on_hold else ""
    console.print(f"{route.target}: {counted(len(route.plan.changes), 'change')}{held}", style="bold")
    console.print(f"  {kinds(route.plan.changes)}")
    console.print(_by_school(route, roster))


def _by_school(route: RouteReport, roster: Roster) -> Table:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for change in route.plan.changes:
        for org in change.orgs or {""}:
            counts[org][verb(change)] += 1
    table = Table(box=None)
    table.add_column("")
    used = [v for v in _VERBS if route.counts().get(v)]
    for name in used:
        table.add_column(name, justify="right")
    for org in sorted(counts, key=lambda o: org_name(o, roster)):
        table.add_row(Text(org_name(org, roster)), *(str(counts[org][v] or "") for v in used))
    table.add_row("in all, each once", *(str(route.counts()[v]) for v in used), style="bold")
    return table


def _changes(console: Console, route: RouteReport, report: RunReport, place: Place, *, hold: str, every: bool) -> None:
    chosen = [h for h in route.verdict.holds if not hold or h.id == hold]
    only = {key for each in chosen for key in each.keys} if hold else None
    shown: Counter[tuple[str, Kind]] = Counter()
    for change in route.plan.changes:
        if only is not None and change.key not in only:
            continue
        shown[verb(change), change.key.kind] += 1
        if every or hold or shown[verb(change), change.key.kind] <= FEW:
            console.print(Text(f"  {verb(change):<8}{who(change, report.roster)}: {change.reason}"))
    if hidden := 0 if every or hold else sum(max(0, count - FEW) for count in shown.values()):
        console.print(f"  … and {hidden} more; --all shows each")
    for each in chosen:
        console.print(Text(f"  held {each.id}: {_hold(each, report.roster)}"), style="yellow")
        said_yes(console, each, report.approvals, place)


def _waiting(console: Console, route: RouteReport, *, every: bool = False) -> None:
    """Who is held since something is wrong, and who waits since their time has not come."""
    told: dict[str, Mapping[Key, str]] = {"held": route.plan.held, "waits": route.plan.waiting}
    for title, each in told.items():
        shown = len(each) if every else FEW
        for key, reason in sorted(each.items(), key=lambda item: (item[0].kind is not Kind.ORG, item[0]))[:shown]:
            console.print(Text(f"    {title}: {key.sourced_id}: {reason}"))
        more(console, len(each) - shown, title)


def _held(console: Console, hold: Hold, report: RunReport, place: Place) -> None:
    console.print(Text(f"    held {hold.id}: {_hold(hold, report.roster)}"), style="yellow")
    said_yes(console, hold, report.approvals, place)
    console.print(f"      Look: provision plan --hold {hold.id}")
    if hold.waits:
        console.print(f"      Approve exactly these: provision approve {hold.id} {REASON}")


def said_yes(console: Console, hold: Hold, approvals: Sequence[Approval], place: Place) -> None:
    """Who has said no or yes already, and what a yes is worth: nothing while the hold is kept back."""
    if no := hold.rejected:
        console.print(f"      rejected by {no.by} {local(no.at):{WHEN}}: {no.reason}")
        console.print(f"      Mend it in the SIS; if it is right after all: provision approve {hold.id} {REASON}")
    if hold.kept_back or not (yes := yes_to(hold, approvals)):
        return
    names = sorted({approval.approver for approval in yes})
    if suffices(yes, hold.count, place.site.policy.two_people_above):
        console.print(f"      yes, by {', '.join(names)}; the next run carries it out")
    else:
        console.print(f"      {len(names)} of 2 yes, by {', '.join(names)}; a second person must approve")


def new_ids(console: Console, relinking: str, approvals: Sequence[Approval], *, kept: bool = True) -> None:
    """The SIS has given everybody new ids, it seems; what is to be done about it, and who has said yes."""
    if not relinking:
        return
    if not kept:
        console.print("  First, since `approve` goes by what a run has read and kept: provision run", style="yellow")
    console.print(f"  nobody is created or removed: {relinking}", style="yellow")
    if names := sorted({approval.approver for approval in approvals if approval.hold in relinking.split()}):
        console.print(f"      yes so far, by {', '.join(names)}")


def what(hold: Hold) -> str:
    """Who would lose what, and why."""
    who = {"student": ("pupil", "pupils"), "staff": ("member of staff", "members of staff")}
    told = f"{counted(hold.count, *who.get(hold.role, ('person', 'people')))} {LOSSES[hold.loss]}"
    return f"{told}, {CAUSES[hold.cause]}" if hold.cause else told


def _hold(hold: Hold, roster: Roster) -> str:
    return (
        f"{what(hold)} at {org_name(hold.org, roster)}; {hold.limit} of {hold.existing} may without a look. "
        f"Among them {', '.join(hold.examples)}{f'. Likely: {hold.likely}' if hold.likely else ''}"
        f"{f'. To decide: {hold.owner}' if hold.owner else ''}"
        f"{f'. Kept back {hold.kept_back}' if hold.kept_back else ''}"
    )


def _evidence(console: Console, report: RunReport, *, every: bool = False, kept: bool = True) -> None:
    for source, days in report.stale.items():
        console.print(
            Text(
                f"  {source} is of {report.roster.as_of[source]:%d.%m.%Y}, {days} days ago. See why nothing newer "
                "has come from the SIS. Until it does, whoever came or left there is not known here, and no further "
                "night counts for those who are missing; what has its day in the export, such as a beginning or the "
                "end of a class, still happens on it"
            ),
            style="yellow",
        )
    new_ids(console, report.relinking, report.approvals, kept=kept)
    doubtful: defaultdict[str, list[str]] = defaultdict(list)
    for org, said in sorted(report.schools.items()):
        if said.doubt and said.doubt != report.relinking:
            doubtful[said.doubt].append(org_name(org, report.roster))
    for doubt, schools in doubtful.items():
        proven = "is not proven complete" if len(schools) == 1 else "are not proven complete"
        console.print(Text(f"  {', '.join(schools)} {proven}, nobody is removed there: {doubt}"))
    shown = len(report.issues) if every else FEW
    for issue in report.issues[:shown]:
        console.print(Text(f"  {issue.source}, {issue.table} {issue.sourced_id or '(no id)'}: {issue.reason}"))
    more(console, len(report.issues) - shown, "rows that could not be used")

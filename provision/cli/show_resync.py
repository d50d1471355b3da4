"""What people see of a resync, before it and after it."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from provision.cli import show_run
from provision.cli.show_run import LOSSES
from provision.cli.terminal import WHEN, counted, kinds, out, who
from provision.core.clocks import local
from provision.core.roster import Roster
from provision.outlook import what_it_takes
from provision.reports.run import RunReport, verb
from provision.resync import Preview, TargetPreview
from provision.wiring import Place

_MOST: Final = 20


def preview(place: Place, told: Preview) -> None:
    """Counts, a sample with reasons, what takes something away in a box of its own, what waits and for what."""
    console = out(place)
    console.print(Text(f"Resync of {told.name}, {told.report.day:%d.%m.%Y}"), style="bold")
    for line in _age(told):
        console.print(Text(f"  {line}"))
    for target in told.targets:
        _target(console, target, told.report.roster)
    for issue in told.report.issues[:_MOST]:
        console.print(Text(f"  ! {issue.table} {issue.sourced_id}: {issue.reason}"), style="yellow")


def result(place: Place, report: RunReport) -> None:
    """What was done of it."""
    show_run.run(place, report)


def _age(told: Preview) -> Iterator[str]:
    ages = ", ".join(f"{name} of {local(at):{WHEN}}" for name, at in sorted(told.report.roster.as_of.items()))
    if told.fresh:
        yield f"by the sources as they are now: {ages}"
    else:
        yield f"by what was last accepted: {ages}; --fresh reads the sources anew"


def _target(console: Console, target: TargetPreview, roster: Roster) -> None:
    if target.route.failure:
        console.print(Text(f"{target.target} is unavailable: {target.route.failure}"), style="red")
        return
    if not target.changes:
        console.print(f"{target.target}: nothing to do")
    else:
        counts = ", ".join(f"{number} {name}" for name, number in sorted(target.counts().items()))
        console.print(f"{target.target}: {counted(len(target.changes), 'change')} ({counts})", style="bold")
        console.print(f"  {kinds(target.changes)}")
    for change in target.sample:
        console.print(Text(f"  {verb(change):<8}{who(change, roster)}: {change.reason}"))
    if target.removals:
        _removals(console, target, roster)
    for line in _waits(target):
        console.print(Text(f"  {line}"), style="yellow")


def _removals(console: Console, target: TargetPreview, roster: Roster) -> None:
    shown = [f"{verb(change):<8}{who(change, roster)}: {change.reason}" for change in target.removals[:_MOST]]
    if len(target.removals) > _MOST:
        shown.append(f"… and {len(target.removals) - _MOST} more; --json lists each")
    title = f"{counted(len(target.removals), 'change takes', 'changes take')} something away"
    console.print(Panel(Text("\n".join(shown)), title=title, border_style="red"), soft_wrap=False)


def _waits(target: TargetPreview) -> Iterator[str]:
    for hold in target.route.verdict.holds:
        people = counted(hold.count, "person", "people")
        yield f"held {hold.id}, {people} {LOSSES[hold.loss]}: {what_it_takes(hold)}"
    for key, why in [*sorted(target.route.plan.held.items()), *sorted(target.route.plan.waiting.items())][:_MOST]:
        yield f"waits: {key.sourced_id}: {why}"
    for key in target.absent:
        how = f"the next run makes it, or `provision resync class:{key.sourced_id}`"
        yield f"class {key.sourced_id} is not there yet; {how}"
    if target.later:
        yield f"{counted(target.later, 'change waits', 'changes wait')} for [stages], [[freezes]] or what others need"

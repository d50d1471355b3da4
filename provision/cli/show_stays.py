"""What people see of named exceptions, and of those whose last day is near."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from provision.cli.terminal import DAY, FEW, more, org_name
from provision.core import stays
from provision.core.roster import Roster
from provision.core.stays import LastDay
from provision.reports.run import RunReport


def exceptions(console: Console, report: RunReport, *, whole: bool) -> None:
    """Who is kept until when; `whole` also by whom and why, which is for a person's own screen."""
    found = stays.exceptions(report.roster)
    for who, stay in found if whole else found[:FEW]:
        terms = f", owner {stay.owner}: {stay.reason}" if whole else ""
        unknown = who in report.unknown_exceptions
        note = " (no account, and not in the SIS: is the id spelt right?)" if unknown else ""
        console.print(Text(f"  kept by exception until {stay.until:{DAY}}: {who}{terms}{note}"))
    if not whole:
        more(console, len(found) - FEW, "exceptions")


def ending(console: Console, ending: Sequence[LastDay], roster: Roster | None = None) -> None:
    """Whose last day is near, and where to give them another."""
    for each in ending:
        where = ", ".join(org_name(org, roster) if roster else org for org in sorted(each.orgs))
        at = f" at {where}" if where else ""
        console.print(Text(f"  last day {each.until:{DAY}}: {each.sourced_id}{at}, says {each.file}"), style="yellow")

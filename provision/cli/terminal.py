"""How things are named on the terminal. Names may stand here; identity numbers and passwords never."""

import os
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.console import Console

from provision.caution import REASON
from provision.cli.output import mute
from provision.core.plan import Change
from provision.core.roster import Role, Roster
from provision.core.state import Kind
from provision.wiring import Place

FEW = 3
DAY: Final = "%d.%m.%Y"
WHEN: Final = f"{DAY} %H:%M"
_NAMES: Final = {
    Kind.ORG: ("organisation", "organisations"),
    Kind.SESSION: ("school year or term", "school years and terms"),
    Kind.COURSE: ("course", "courses"),
    Kind.ACCOUNT: ("person", "people"),
    Kind.GROUP: ("class", "classes"),
}
_GUARDIANS: Final = ("guardian", "guardians")
# What every site's job is called that has no reason to call it otherwise: the default of every command.
_USUAL: Final = "nightly"
_JOB_AS_OPTION: Final = ("approve", "block", "explain", "protect", "status")


class _Patient(Console):
    def on_broken_pipe(self) -> None:
        """A reader who has gone, as `head` does, ends the talking and not the command."""
        self.quiet = True
        mute()


def out() -> Console:
    """Standard output as text is: nothing in a name is taken for markup, emphasis only on a terminal that wants it."""
    plain = False if os.environ.get("NO_COLOR") else None
    return _Patient(force_terminal=plain, highlight=False, markup=False, emoji=False, soft_wrap=True)


def heading(text: str) -> None:
    console = out()
    console.print()
    console.print(text, style="bold cyan")


def more(console: Console, count: int, what: str) -> None:
    """Says how many are not shown."""
    if count > 0:
        console.print(f"    … and {count} more {what}; --json lists each")


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def kinds(changes: Iterable[Change]) -> str:
    """What changes are about, counted by kind in the order in which it is made."""
    found = Counter((c.key.kind, c.role == Role.GUARDIAN) for c in changes)
    order = list(_NAMES)
    return ", ".join(
        counted(number, *(_GUARDIANS if guardians else _NAMES[kind]))
        for (kind, guardians), number in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )


def who(change: Change, roster: Roster) -> str:
    """Whom or what a change is about, for a person's own screen."""
    kind, sourced_id = change.key
    where = ", ".join(org_name(org, roster) for org in sorted(change.orgs))
    if kind is Kind.ACCOUNT:
        user = roster.users.get(sourced_id)
        return f"{sourced_id} {user.given_name} {user.family_name} ({change.role}, {where})" if user else sourced_id
    if kind is Kind.GROUP and (school_class := roster.classes.get(sourced_id)):
        return f"{sourced_id} {school_class.title} (class, {where})"
    if kind is Kind.ORG and sourced_id in roster.orgs:
        return f"{sourced_id} {roster.orgs[sourced_id].name}"
    return f"{sourced_id} ({_NAMES[kind][0]}{f', {where}' if where else ''})"


def org_name(number: str, roster: Roster) -> str:
    org = roster.orgs.get(number)
    return org.name if org else number or "no school"


def command(place: Place, name: str, *arguments: str) -> str:
    """A command to copy, with all that it must say to mean this site and job."""
    if name in _JOB_AS_OPTION:
        return " ".join(("provision", name, *arguments)) + _job(place) + at(place.folder)
    return " ".join(("provision", name, place.job_name, *arguments)) + at(place.folder)


def here(text: str, place: Place) -> str:
    """A message whose commands mean this site and job."""
    return text.replace(REASON, REASON + _job(place) + at(place.folder))


def at(folder: Path) -> str:
    """What a suggested command must say to mean this site."""
    return "" if folder == Path() else f" --site {shlex.quote(str(folder))}"


def _job(place: Place) -> str:
    return "" if place.job_name == _USUAL else f" --job {place.job_name}"

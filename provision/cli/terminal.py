"""How things are named on the terminal. Names may stand here; identity numbers and passwords never."""

import os
from pathlib import Path
from typing import Final

from rich.console import Console

from provision.cli.output import mute
from provision.core.plan import Change
from provision.core.roster import Roster
from provision.core.state import Kind
from provision.wiring import Place

FEW = 3
_NAMES: Final = {
    Kind.ORG: "organisation",
    Kind.SESSION: "school year or term",
    Kind.COURSE: "course",
    Kind.ACCOUNT: "account",
    Kind.GROUP: "class",
}


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
    return f"{sourced_id} ({_NAMES[kind]}{f', {where}' if where else ''})"


def org_name(number: str, roster: Roster) -> str:
    org = roster.orgs.get(number)
    return org.name if org else number or "no school"


def at(place: Place) -> str:
    """What a suggested command must say to mean this site."""
    return "" if place.folder == Path() else f" --site {place.folder}"

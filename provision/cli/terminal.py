"""How things are named on the terminal. Names may stand here; identity numbers and passwords never."""

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from provision.cli.output import mute
from provision.cli.suggested import Here, additions, completed
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


class _Patient(Console):
    here: Here | None = None

    def print(self, *told: Any, **options: Any) -> None:
        """Every command that is suggested means this site and job, whoever words it."""
        super().print(*(_completed(each, self.here) for each in told), **options)

    def on_broken_pipe(self) -> None:
        """A reader who has gone, as `head` does, ends the talking and not the command."""
        self.quiet = True
        mute()


def out(place: Place | None = None) -> Console:
    """Standard output as text is: nothing in a name is taken for markup, emphasis only on a terminal that wants it.

    Commands in what is said are completed for this place.
    """
    plain = False if os.environ.get("NO_COLOR") else None
    console = _Patient(force_terminal=plain, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.here = here(place) if place else None
    return console


def here(place: Place) -> Here:
    return Here(place.job_name, place.folder)


def _completed(told: Any, here: Here | None) -> Any:
    """A text with its commands completed, in its colours; anything else as it is."""
    if here is None or not isinstance(told, str | Text):
        return told
    if isinstance(told, str):
        return completed(told, here)
    found = list(additions(told.plain, here))
    whole = Text(style=told.style)
    for part, more in zip(told.divide(place for place, _ in found), [*(more for _, more in found), ""], strict=True):
        whole.append_text(part).append(more)
    return whole if found else told


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

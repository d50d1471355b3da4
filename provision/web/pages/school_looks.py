"""What is looked up for a school's pages: by what was last accepted of the SIS, once for all who ask."""

from datetime import timedelta
from typing import Any, Final

from starlette.responses import Response

from provision.web.ask import Ask
from provision.web.looks import Look

# What was looked up after the last run is good for so long: devices move, and somebody mends the SIS by hand.
_GOOD_FOR: Final = timedelta(minutes=10)


def found(ask: Ask, command: str, *more: str) -> Look | None:
    """What was looked up since the last run and lately, at work or done; None where nobody has."""
    return ask.at.looks.latest(_arguments(ask, command, more), terms(ask), ask.at.clock() - _GOOD_FOR)


def looked(ask: Ask, command: str, *more: str) -> Look | None:
    """The same, begun where nobody has; None where too many wait for theirs."""
    return found(ask, command, *more) or ask.at.looks.begin(_arguments(ask, command, more), ask.me.by, terms=terms(ask))


def page(ask: Ask, template: str, look: Look | None, **content: Any) -> Response:
    """A page about what was looked up: while it is waited for, when it is there, and where it failed."""
    school = ask.path("school")
    return ask.page(
        template,
        look=look,
        waits=look is None or look.ended is None,
        failed=bool(look and look.fault),
        school=school,
        name=ask.at.staff().schools[school],
        at=ask.moment(look.ended) if look and look.ended else "",
        **content,
    )


def _arguments(ask: Ask, command: str, more: tuple[str, ...]) -> tuple[str, ...]:
    site = ask.at
    day = site.today.isoformat()
    return (command, site.job, "--kept", "--json", "--site", str(site.folder.absolute()), "--day", day, *more)


def terms(ask: Ask) -> dict[str, str]:
    """What was looked up for everybody holds until the next run, or until this one is over."""
    run = next(iter(ask.at.journal.runs(1)), None)
    return {"run": f"{run.id} {run.status}" if run else ""}

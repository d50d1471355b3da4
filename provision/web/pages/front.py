"""The first page: what is going on and what to do next, for whoever opens it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response

from provision.alerts.texts import next_step, said
from provision.core.conditions import Condition, Severity, What
from provision.standing import Standing, look
from provision.web.access import Role
from provision.web.ask import Ask, Entry
from provision.web.pages.holds import in_words
from provision.web.run_views import at_work, kind_of_work, lines
from provision.web.told import RESYNC, told

_RUNS: Final = 5
# Where more is said of it, and something can be done.
_PAGE: Final = {
    What.AUDIT: "/audit",
    What.FAILED: "/runs",
    What.LATE: "/schedule",
    What.TARGET_DOWN: "/targets",
    What.PROMISE: "/targets",
    What.HELD: "/holds",
}
# Their subject is a kind of work.
_OF_WORK: Final = frozenset({What.FAILED, What.LATE})


@dataclass(frozen=True, slots=True)
class Matter:
    """What calls for somebody: what to do about it, and the page for that, None where the reader has none."""

    text: str
    step: str
    urgent: bool
    since: datetime | None
    page: Entry | None


def show(ask: Ask) -> Response:
    """The schools that somebody may see, and for admins and IT what calls for them and how the last nights went."""
    schools = ask.at.staff().schools
    mine = ask.me.reach({Role.PRINCIPAL, Role.ADMIN, Role.IT}, schools.keys())
    wide = ask.me.everywhere({Role.ADMIN, Role.IT})
    return ask.page(
        "front.html.j2",
        schools=sorted((schools[org], org) for org in mine),
        site_name=ask.at.place.settings.site_name,
        standing=_standing(ask) if wide else None,
        at_work=at_work(ask) if wide else [],
    )


def _standing(ask: Ask) -> dict[str, object]:
    found = look(ask.at.place, ask.at.journal, ask.at.clock())
    coming = [(kind_of_work(ask, each.kind), each.next) for each in found.picture.slots if each.next]
    return {
        "matters": _matters(ask, found),
        "runs": lines(ask, found.runs[:_RUNS]),
        "next": min(coming, key=lambda each: each[1], default=None),
        "may_open_runs": ask.me.has({Role.IT}),
    }


def _matters(ask: Ask, standing: Standing) -> Sequence[Matter]:
    """What holds now, the urgent first."""
    found = sorted(standing.conditions, key=lambda each: each.severity is not Severity.NOW)
    return [_matter(ask, standing, each) for each in found]


def _said(ask: Ask, standing: Standing, condition: Condition) -> str:
    """As whoever is alerted reads it, save that a hold, its school and scheduled work are told in words."""
    hold = condition.facts.get("hold") if condition.what is What.HELD else None
    found = next((each.hold for each in standing.picture.holds if each.hold.id == hold), None)
    if found is None:
        subject = kind_of_work(ask, condition.subject) if condition.what in _OF_WORK else condition.subject
        return said(condition.what, subject, condition.facts, ask.language)
    us = told(ask, RESYNC)
    where = us.school(found.org) or found.org
    return ask.gettext(
        "%(hold)s waits for a yes: %(what)s. %(school)s, %(target)s.",
        hold=found.id,
        what=in_words(us, found),
        school=where,
        target=found.target,
    )


def _matter(ask: Ask, standing: Standing, condition: Condition) -> Matter:
    path = _PAGE.get(condition.what)
    return Matter(
        _said(ask, standing, condition),
        next_step(condition.what, ask.language),
        condition.severity is Severity.NOW,
        condition.since,
        next((entry for entry in ask.menu if entry.path == path), None),
    )

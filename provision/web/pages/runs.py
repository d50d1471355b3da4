"""What the nights did: the list of runs, and one run."""

from typing import Final

from starlette.responses import Response

from provision.journal.changes import ChangeRow
from provision.journal.runs import RUNNING, RunRow
from provision.web.access import Role
from provision.web.ask import Ask, Refused
from provision.web.outcomes import became
from provision.web.run_views import at_work, by_verb, line, lines
from provision.web.told import CHANGES, Named, Told, told, word

_ON_A_PAGE: Final = 25
_PAGES: Final = 400
_REFUSED: Final = 50


def show(ask: Ask) -> Response:
    """The latest runs, a page at a time, and above them what is at work now."""
    number = _page(ask)
    found = ask.at.journal.runs(_ON_A_PAGE + 1, (number - 1) * _ON_A_PAGE)
    return ask.page(
        "runs.html.j2",
        runs=lines(ask, found[:_ON_A_PAGE]),
        number=number,
        older=len(found) > _ON_A_PAGE,
        at_work=at_work(ask),
        at=ask.at.clock(),
    )


def one(ask: Ask) -> Response:
    """What one run did and what it left, with what to mend."""
    run = ask.at.journal.one_run(ask.path("run"))
    if run is None:
        raise Refused(404)
    changes, us = ask.at.journal.changes_of(run.id), told(ask, frozenset({Role.IT}))
    refused = [] if run.status == RUNNING else changes.refused(_REFUSED + 1)
    return ask.page(
        "run.html.j2",
        run=run,
        reason=run.summary.get("resync", {}).get("reason", ""),
        line=line(ask, run),
        verbs=by_verb(ask, changes.tallies()),
        said=run.summary.get("targets", {}),
        unproven=_unproven(us, run),
        refused=[_refused(us, each) for each in refused[:_REFUSED]],
        more=len(refused) > _REFUSED,
        still_held={row.hold.id for row in ask.at.journal.holds()},
        running=run.status == RUNNING,
        at_work=at_work(ask) if run.status == RUNNING else [],
    )


def _page(ask: Ask) -> int:
    text = ask.query("page") or "1"
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _PAGES):
        raise Refused(404)
    return int(text[:9])


def _unproven(us: Told, run: RunRow) -> list[tuple[str, str, str]]:
    """School, where its page is, and why nobody was removed there."""
    unproven = run.summary.get("unproven", {}).items()
    return sorted(
        (us.school(org) or org, f"/schools/{org}" if org in us.schools else "", said) for org, said in unproven
    )


def _refused(us: Told, change: ChangeRow) -> tuple[Named, str, str, str, str]:
    """Whose, at which target, what, what became of it and why."""
    named = us.key(str(change.key)) or Named(change.key.sourced_id)
    return named, change.target, word(us.ask, CHANGES, change.verb), became(us.ask, change.status), change.detail

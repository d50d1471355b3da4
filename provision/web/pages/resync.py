"""Putting a person, class or school right in steps: choose, look at what would be done, and say yes to that."""

import json
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from provision.core.scope import Extent, Scope
from provision.errors import UsageError
from provision.journal.asked import WAITING, Wish
from provision.web.ask import Ask, Refused
from provision.web.looks import Look
from provision.web.previews import is_of, shown_of, view
from provision.web.requests import latest
from provision.web.told import RESYNC, Named, Told, read_scope, told, write_scope

_TARGET: Final = "target:"
_LONGEST: Final = 200


def choose(ask: Ask) -> Response:
    """What to put right, where and why; and what was asked for of late."""
    us, typed = told(ask, RESYNC), ask.query("what")
    scope, named = _meant(us, typed) if typed else (None, None)
    schools = sorted((name, org) for org in us.schools if (name := us.school(org)))
    school = ask.query("school") or (schools[0][1] if len(schools) == 1 else "")
    return ask.page(
        "resync.html.j2",
        named=named,
        what=write_scope(scope) if scope else "",
        targets=[target.name for target in ask.at.place.job.targets],
        schools=schools,
        school=school,
        classes=_classes(us, school) if school and us.school(school) else [],
        wide=us.me.everywhere(RESYNC),
        requests=latest(us),
    )


def look(ask: Ask) -> Response:
    """Begins to work out what would be done."""
    us = told(ask, RESYNC)
    scope, _ = _meant(us, ask.form.get("what", ""), 400)
    there = [target.name for target in ask.at.place.job.targets]
    targets = [name for name in there if ask.form.get(f"{_TARGET}{name}")]
    reason = ask.form.get("reason", "").strip()[:_LONGEST]
    if not targets:
        raise Refused(400, ask.gettext("Choose one target or more."))
    if not reason:
        raise Refused(400, ask.gettext("Write why. It is kept with the run."))
    fresh = bool(ask.form.get("fresh"))
    terms = {"what": write_scope(scope), "reason": reason, "targets": json.dumps(targets), "fresh": str(int(fresh))}
    command = _command(ask, scope, targets, fresh=fresh)
    begun = ask.at.looks.begin(command, ask.me.by, whose=_session(ask), terms=terms)
    if begun is None:
        raise Refused(409, ask.gettext("Many are being looked up. Try again in a minute."))
    return ask.go(f"/resync/preview/{begun.id}")


def preview(ask: Ask) -> Response:
    """What would be done, once it is known."""
    us, found = told(ask, RESYNC), _found(ask)
    scope, named = _meant(us, found.terms["what"])
    said = found.said if found.ended and not found.fault and found.said else None
    if said and said["what"] != str(scope):
        said = None
    return ask.page(
        "resync_preview.html.j2",
        look=found,
        named=named,
        preview=view(us, said) if said else None,
        fault=us.plain(found.fault),
        targets=json.loads(found.terms["targets"]),
        terms=found.terms,
    )


def approve(ask: Ask) -> Response:
    """Asks for exactly what was shown."""
    us, found = told(ask, RESYNC), _found(ask)
    scope, _ = _meant(us, found.terms["what"])
    if found.said is None or not is_of(found, str(scope), ask.form.get("digest", "")) or not found.said["changes"]:
        raise Refused(409, ask.gettext("This is not what was shown. Look again, and say yes to that."))
    if found.said["removals"] and not ask.form.get("seen"):
        raise Refused(400, ask.gettext("Something is taken away. Go back, look at it, and say that you have."))
    there = {target.name for target in ask.at.place.job.targets}
    targets = frozenset(json.loads(found.terms["targets"]))
    wish = Wish(
        job=ask.at.job,
        scope=scope,
        by=ask.me.by,
        reason=found.terms["reason"],
        shown=shown_of(found.said),
        targets=frozenset() if targets == there else targets,
        fresh=found.terms["fresh"] == "1",
    )
    asking = ask.at.journal.asking()
    try:
        asked = asking.ask(wish)
    except UsageError:
        raise _refused(ask) from None
    return ask.go(f"/resync/{asked.id}")


def _refused(ask: Ask) -> Refused:
    asking = ask.at.journal.asking()
    if any(each.state == WAITING for each in asking.latest()):
        said = ask.gettext("Something else waits already, and one may wait at a time. Try again once it is over.")
        return Refused(409, said)
    again = asking.again(ask.me.by)
    if again is None:
        return Refused(409)
    said = ask.gettext("You have asked too often within an hour. Again from %(at)s.", at=ask.moment(again))
    return Refused(429, said)


def _meant(us: Told, typed: str, status: int = 404) -> tuple[Scope, Named]:
    """What is meant and what it is called; whatever is not the reader's to put right is not there.

    A person who is at another school, too, may be put right by an admin of either: nothing is done but what the next
    night would do, within the same guard. What of it is another school's is not shown to them.
    """
    scope = read_scope(typed)
    if scope is None:
        raise Refused(status)
    named = us.scope(scope)
    if named is None:
        raise Refused(404)
    return scope, named


def _found(ask: Ask) -> Look:
    found = ask.at.looks.find(ask.path("look"), _session(ask))
    if found is None:
        raise Refused(404, ask.gettext("There is no such preview any more. One lasts half an hour; make a new one."))
    return found


def _session(ask: Ask) -> str:
    return ask.session.id if ask.session else ""


def _classes(us: Told, school: str) -> list[tuple[str, str, bool]]:
    """Title and id of those at a school, pupils' own classes first."""
    there = [each for each in us.roll.classes.values() if school in each.orgs]
    return [(each.title, each.id, each.homeroom) for each in sorted(there, key=lambda e: (not e.homeroom, e.title))]


def _command(ask: Ask, scope: Scope, targets: Sequence[str], *, fresh: bool) -> list[str]:
    site = ask.at
    chosen = [part for name in targets for part in ("--target", name)]
    day = site.today.isoformat()
    of = ["--site", str(site.folder.absolute()), "--job", site.job, "--day", day]
    what = write_scope(scope) if scope.extent is not Extent.ALL else "all"
    return ["resync", "--json", *of, *chosen, *(["--fresh"] if fresh else []), "--", what]

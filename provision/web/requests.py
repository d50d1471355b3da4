"""What was asked for by hand, as pages show it: how far it is, what came of it, and what to do about the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from provision.core.guard import Hold
from provision.journal.asked import ENDED, WAITING, Asked
from provision.journal.progress import Step
from provision.run import CHANGED
from provision.web.login import LOCAL
from provision.web.previews import HoldView, Line, counts, line
from provision.web.texts import N_
from provision.web.told import LOSSES, Named, Told, word, write_scope

_SHOWN: Final = 20
# What an exit code means to who asked, and how good that is.
_ENDS: Final = {
    0: ("good", N_("Done.")),
    2: ("bad", N_("It could not be done.")),
    4: ("bad", N_("The school administration system could not be read, so nothing was done.")),
    5: ("warn", N_("Done, but for what is held until somebody says yes.")),
    6: ("warn", N_("Done, but for what waits to be mended.")),
    7: ("bad", N_("A target could not be reached. What was to be done there waits for the next night.")),
}
_FAILED: Final = ("bad", N_("It failed. The next night does what is left."))
_CHANGED: Final = (
    "warn",
    N_("Nothing was done: more would have been done by now than what you were shown. Look again, and say yes to that."),
)


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    target: str
    failure: str
    done: tuple[tuple[str, int], ...]
    refused: tuple[Line, ...]
    holds: tuple[HoldView, ...]
    held: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RequestView:
    """`state` is that of the queue; `end` is how it ended, in words, and `mark` how good that is."""

    asked: Asked
    named: Named
    what: str
    by: str
    state: str
    step: Step | None = None
    mark: str = ""
    end: str = ""
    error: str = ""
    changed: bool = False
    targets: tuple[TargetOutcome, ...] = ()

    @property
    def over(self) -> bool:
        return self.state == ENDED

    @property
    def waits(self) -> bool:
        return self.state == WAITING


def latest(us: Told) -> list[RequestView]:
    """Those that are the reader's to see, the latest first."""
    found = us.ask.at.journal.asking().latest(_SHOWN)
    return [each for each in (view(us, asked) for asked in found) if each]


def view(us: Told, asked: Asked, *, whole: bool = False) -> RequestView | None:
    """None for whom what was asked for is not there; with `whole` also what came of it."""
    named = us.scope(asked.wish.scope)
    if named is None:
        return None
    said = _said(asked)
    changed = said.get("error") == CHANGED
    mark, end = _end(asked, changed=changed)
    error = str(said.get("error") or "")
    return RequestView(
        asked=asked,
        named=named,
        what=write_scope(asked.wish.scope),
        by=_by(us, asked.wish.by),
        state=asked.state,
        step=us.ask.at.journal.progress().steps().get(f"asked/{asked.id}") if whole and asked.state != ENDED else None,
        mark=mark,
        end=us.ask.gettext(end) if end else "",
        error="" if changed else us.plain(error),
        changed=changed,
        targets=tuple(_outcome(us, each) for each in said.get("targets", ())) if whole else (),
    )


def _by(us: Told, by: str) -> str:
    return us.ask.gettext("one-time link") if by == LOCAL else us.ask.at.staff().names.get(by, by)


def _said(asked: Asked) -> Mapping[str, Any]:
    try:
        said = json.loads(asked.said) if asked.said else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _end(asked: Asked, *, changed: bool) -> tuple[str, str]:
    if asked.state != ENDED:
        return "", ""
    if changed:
        return _CHANGED
    return _ENDS.get(asked.exit_code if asked.exit_code is not None else -1, _FAILED)


def _outcome(us: Told, said: Mapping[str, Any]) -> TargetOutcome:
    there = {row.hold.id: row.hold for row in us.ask.at.journal.holds()}
    return TargetOutcome(
        target=said["target"],
        failure=said["failure"] or "",
        done=counts(us, said["done"]),
        refused=tuple(line(us, "", each["key"], each["reason"]) for each in said["refused"]),
        holds=tuple(_hold(us, each, there.get(each)) for each in said["holds"] if _is_theirs(us, there.get(each))),
        held=tuple(line(us, "", each["key"], each["reason"]) for each in said["held"]),
    )


def _is_theirs(us: Told, hold: Hold | None) -> bool:
    """Of what is over by now nothing is told that is anybody's."""
    return hold is None or us.school(hold.org) is not None


def _hold(us: Told, identity: str, hold: Hold | None) -> HoldView:
    """As it stands now; one that is no more has been answered."""
    if hold is None:
        return HoldView(identity, us.ask.gettext("is over by now"), over=True)
    people = us.ask.ngettext("%(num)s person", "%(num)s people", hold.count)
    who = tuple(found for each in hold.examples if (found := us.key(f"account:{each}")))
    return HoldView(identity, f"{people} {word(us.ask, LOSSES, hold.loss)}", who, hold.kept_back)

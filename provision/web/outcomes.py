"""How work ended, in words: what the exit codes of docs/operations.md say, and how good that is."""

from dataclasses import dataclass
from typing import Final

from provision.core.outcome import Status
from provision.journal.runs import DIED, RUNNING, RunRow
from provision.web.ask import Ask
from provision.web.texts import N_

_BY_SIGNAL: Final = 128
_ENDS: Final = {
    0: ("good", N_("done")),
    1: ("bad", N_("failed unexpectedly")),
    2: ("bad", N_("asked for something that cannot be")),
    3: ("bad", N_("a fault in the setup")),
    4: ("bad", N_("a source could not be used")),
    5: ("warn", N_("done, something is held")),
    6: ("warn", N_("done, some records wait")),
    7: ("bad", N_("a target was unavailable")),
    8: ("warn", N_("another run was at work")),
    10: ("warn", N_("a target holds something else")),
}
_UNKNOWN: Final = ("bad", N_("failed"))
_AT_WORK: Final = ("", N_("at work"))
_DIED: Final = ("bad", N_("died half-way"))
_CUT_SHORT: Final = ("warn", N_("cut short"))

_BECAME: Final[dict[str, str]] = {
    Status.REJECTED: N_("refused by the target"),
    Status.STALE: N_("changed by somebody meanwhile"),
    Status.UNKNOWN: N_("no answer"),
}
_LEFT: Final = N_("left to the next run")


@dataclass(frozen=True, slots=True)
class End:
    """`mark` is how good it is: good, warn, bad, or "" while it is at work."""

    mark: str
    text: str


def end_of_run(ask: Ask, run: RunRow) -> End:
    if run.status in (RUNNING, DIED):
        mark, text = _AT_WORK if run.status == RUNNING else _DIED
        return End(mark, ask.gettext(text))
    return end_of(ask, run.exit_code if run.exit_code is not None else 1)


def end_of(ask: Ask, exit_code: int) -> End:
    mark, text = _CUT_SHORT if exit_code > _BY_SIGNAL else _ENDS.get(exit_code, _UNKNOWN)
    return End(mark, ask.gettext(text))


def became(ask: Ask, status: str) -> str:
    """What became of a change that was not done."""
    return ask.gettext(_BECAME.get(status, _LEFT))


def took(ask: Ask, seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 60:  # noqa: PLR2004  of a minute
        return ask.gettext("%(number)s s", number=max(0, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:  # noqa: PLR2004  of an hour
        return ask.gettext("%(number)s min", number=minutes)
    return ask.gettext("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)

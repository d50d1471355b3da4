"""Runs as pages show them: what each was, who wanted it, how it ended, and what it did where."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from provision.core.outcome import Status
from provision.core.scope import scope_of
from provision.core.slots import Turn
from provision.journal.progress import Step
from provision.journal.run_changes import Tally
from provision.journal.runs import FINISHED, RUNNING, RunRow
from provision.web.ask import Ask
from provision.web.outcomes import End, end_of_run, took
from provision.web.texts import N_
from provision.web.told import CHANGES, RESYNC, told, word

# What was noted longer ago was left by something that died.
_LIVES: Final = timedelta(minutes=10)
_KINDS: Final = {
    "run": N_("whole run"),
    "resync": N_("resync"),
    "adopt": N_("adoption"),
}
_WORK: Final = {
    "sync": N_("whole run"),
    "verify": N_("check of the targets"),
    "inventory": N_("count of devices"),
    "ratios": N_("reports on devices"),
    "preflight": N_("preflight"),
    "retention": N_("retention"),
}


@dataclass(frozen=True, slots=True)
class Did:
    """What a run did at one target: counts in words, and what kept it from doing more."""

    target: str
    done: int
    refused: int
    holds: int
    failure: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list. `who` says who or what wanted it."""

    run: RunRow
    kind: str
    who: str
    end: End
    took: str
    did: tuple[Did, ...]


@dataclass(frozen=True, slots=True)
class AtWork:
    """What is at work now, and how far it is; `total` is 0 where nobody knows."""

    what: str
    stage: str
    done: int
    total: int
    at: datetime


def lines(ask: Ask, runs: Iterable[RunRow]) -> list[RunLine]:
    now = ask.at.clock()
    found = list(runs)
    turns = ask.at.journal.slots().since(min((run.began for run in found), default=now))
    return [_line(ask, run, turns) for run in found]


def line(ask: Ask, run: RunRow) -> RunLine:
    return lines(ask, [run])[0]


def zone_of(ask: Ask) -> ZoneInfo:
    """That of the schedule."""
    schedule = ask.at.place.job.schedule
    return ZoneInfo(schedule.timezone if schedule else "Europe/Oslo")


def wall(slot: str, zone: ZoneInfo) -> datetime:
    """The moment of a slot, which is what stands on the wall."""
    return datetime.fromisoformat(slot).replace(tzinfo=zone)


def kind_of_work(ask: Ask, kind: str) -> str:
    """What the schedule calls it, in words."""
    return word(ask, _WORK, kind)


def of_slot(run: RunRow, turns: Iterable[Turn], zone: ZoneInfo) -> Turn | None:
    """The slot of the schedule that the run was begun for, as far as times tell; None for one begun by hand."""
    return next((turn for turn in turns if _within(run, turn, zone)), None)


def did(summary: Mapping[str, Any]) -> tuple[Did, ...]:
    """By target what a finished run says that it did."""
    return tuple(_did(target, said) for target, said in sorted(summary.get("targets", {}).items()))


def by_verb(ask: Ask, tallies: Iterable[Tally]) -> Mapping[str, list[tuple[str, int, int]]]:
    """By target: what kind of change, how many are done, how many are not."""
    counts: defaultdict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for each in tallies:
        counts[each.target, each.verb][each.status == Status.DONE] += each.count
    found: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for (target, verb), became in counts.items():
        found[target].append((word(ask, CHANGES, verb), became[True], became[False]))
    return found


def at_work(ask: Ask) -> Sequence[AtWork]:
    """What the service has begun and is not over."""
    now = ask.at.clock()
    steps = ask.at.journal.progress().steps().values()
    return [
        AtWork(_work(ask, step), step.stage, step.done, step.total, step.at)
        for step in steps
        if abs(now - step.at) < _LIVES
    ]


def _line(ask: Ask, run: RunRow, turns: Iterable[Turn]) -> RunLine:
    over = run.ended if run.status == FINISHED else None
    spent = over or (ask.at.clock() if run.status == RUNNING else None)
    return RunLine(
        run=run,
        kind=_kind(ask, run),
        who=_who(ask, run, turns),
        end=end_of_run(ask, run),
        took=took(ask, (spent - run.began).total_seconds()) if spent else "",
        did=did(run.summary),
    )


def _kind(ask: Ask, run: RunRow) -> str:
    asked = run.summary.get("resync")
    if not asked:
        return word(ask, _KINDS, run.mode)
    what = told(ask, RESYNC).scope(scope_of(asked["what"])) if asked["what"] else None
    of = what.text if what else str(asked["what"])
    return ask.gettext("resync of %(what)s", what=of) if of else ask.gettext("resync")


def _who(ask: Ask, run: RunRow, turns: Iterable[Turn]) -> str:
    if asked := run.summary.get("resync"):
        return ask.at.staff().names.get(asked["by"], str(asked["by"]))
    if turn := of_slot(run, turns, zone := zone_of(ask)):
        return ask.gettext("the schedule, of %(slot)s", slot=ask.moment(wall(turn.slot, zone)))
    return ask.gettext("by hand")


def _within(run: RunRow, turn: Turn, zone: ZoneInfo) -> bool:
    """A slot remembers the beginning of its last attempt only; the others came after its time."""
    began = turn.began if turn.attempts < 2 else min(turn.began, wall(turn.slot, zone))  # noqa: PLR2004  the first one
    mine = turn.kind == "sync" and turn.job == run.job and bool(turn.owner)
    return mine and began <= run.began and (turn.ended is None or run.began <= turn.ended)


def _did(target: str, said: Mapping[str, Any]) -> Did:
    became = Counter(said.get("done", {}))
    done = became.pop(str(Status.DONE), 0)
    return Did(target, done, became.total(), len(said.get("holds", ())), str(said.get("failure", "")))


def _work(ask: Ask, step: Step) -> str:
    """Of the names that the service gives: JOB/KIND/SLOT, or asked/NUMBER."""
    parts = step.work.split("/")
    if parts[0] == "asked" and len(parts) == 2:  # noqa: PLR2004  asked/NUMBER
        return ask.gettext("what was asked for as number %(number)s", number=parts[1])
    return kind_of_work(ask, parts[1]) if len(parts) > 1 else step.work

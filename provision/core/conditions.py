"""Which conditions of a site call for somebody, and what of them is to be told when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from provision.core.standing import LastRun, Picture, SlotStanding, TargetStanding

ENOUGH_BYTES: Final = 500_000_000
_WARN_BEFORE: Final = timedelta(days=30)
_IDLE: Final = timedelta(days=2)
# Held, held back, a target away, already running: each has a condition of its own, or is tried again.
_ENDED_WELL: Final = frozenset({0, 5, 6, 7, 8, 10})
_DRIFTED: Final = 10
_MORE: Final = 10
_AGAIN: Final = 2


class What(StrEnum):
    """In the order in which they are told."""

    JOURNAL = "journal"
    SITE = "site"
    AUDIT = "audit"
    DISK = "disk"
    FAILED = "failed"
    TARGET_DOWN = "target_down"
    LATE = "late"
    PROMISE = "promise"
    NOTHING_NEW = "nothing_new"
    HELD = "held"
    HELD_BACK = "held_back"
    DRIFTED = "drifted"
    EXPIRING = "expiring"
    UNDELIVERED = "undelivered"


class Severity(StrEnum):
    """Whether somebody should get up for it."""

    NOW = "now"
    MORNING = "morning"


_URGENT: Final = frozenset({What.JOURNAL, What.AUDIT, What.DISK})


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds, of what; `facts` are what its text tells besides, never of a person. `since` where that is known."""

    what: What
    subject: str
    facts: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.what.value, self.subject

    @property
    def severity(self) -> Severity:
        return Severity.NOW if self.what in _URGENT else Severity.MORNING


def conditions(picture: Picture) -> list[Condition]:
    """Those that hold, in the order in which they are told; each key once."""
    found = [*_of_the_site(picture), *_of_work(picture), *_of_targets(picture), *_of_what_waits(picture)]
    order = list(What)
    once = {(each.what, each.subject): each for each in reversed(found)}  # a run that died and its slot are one matter
    return sorted(once.values(), key=lambda each: (order.index(each.what), each.subject))


def _of_the_site(picture: Picture) -> Iterator[Condition]:
    if picture.audit:
        yield Condition(What.AUDIT, picture.job, {"why": picture.audit})
    if picture.free_bytes is not None and picture.free_bytes < ENOUGH_BYTES:
        yield Condition(What.DISK, "var", {"megabytes": str(picture.free_bytes // 1_000_000)})
    today = picture.now.date()
    for name, day in picture.expires.items():
        if day - today <= _WARN_BEFORE:
            yield Condition(What.EXPIRING, name, {"day": day.isoformat()})
    for channel, why in picture.undelivered.items():
        yield Condition(What.UNDELIVERED, channel, {"why": why})
    for source, as_of in picture.sources.items():
        days = (today - as_of.date()).days
        if days > picture.terms.nothing_new_days:
            yield Condition(What.NOTHING_NEW, source, {"days": str(days)}, as_of)


def _of_work(picture: Picture) -> Iterator[Condition]:
    last = picture.last_run
    for slot in picture.slots:
        if slot.kind == "sync" and last and slot.ended and last.began > slot.ended:
            continue  # somebody has run it by hand since
        yield from _of_slot(slot)
    if last and not _told_by_slot(last, picture.slots):
        yield from _of_run(last)
    yield from _lateness(picture, last)


def _of_slot(slot: SlotStanding) -> Iterator[Condition]:
    """One that will be tried again has not failed before the second time."""
    if slot.exit_code is None or (slot.again and slot.attempts < _AGAIN):
        return
    if slot.kind == "verify" and slot.exit_code == _DRIFTED:
        yield Condition(What.DRIFTED, slot.kind, {"slot": slot.last or ""}, slot.ended)
    elif slot.exit_code not in _ENDED_WELL:
        yield Condition(What.FAILED, slot.kind, {"code": str(slot.exit_code)}, slot.ended)


def _told_by_slot(last: LastRun, slots: Iterable[SlotStanding]) -> bool:
    of_sync = (slot for slot in slots if slot.kind == "sync")
    return any(slot.ended and slot.ended >= last.began for slot in of_sync)


def _of_run(last: LastRun) -> Iterator[Condition]:
    if last.status == "died":
        yield Condition(What.FAILED, "sync", {"code": "died"}, last.began)
    elif last.exit_code is not None and last.exit_code not in _ENDED_WELL:
        yield Condition(What.FAILED, "sync", {"code": str(last.exit_code)}, last.ended)


def _lateness(picture: Picture, last: LastRun | None) -> Iterator[Condition]:
    """A slot that is due and not done; where nothing is scheduled, a site that ran and has stood still since."""
    late = timedelta(hours=picture.terms.late_hours)
    for slot in picture.slots:
        if slot.due and picture.now - slot.due > late:
            yield Condition(What.LATE, slot.kind, {"hours": _hours(picture.now - slot.due)}, slot.due)
    ended = (last.ended or last.began) if last else None
    if ended and all(slot.kind != "sync" for slot in picture.slots) and picture.now - ended > _IDLE + late:
        yield Condition(What.LATE, "sync", {"hours": _hours(picture.now - ended)}, ended)


def _of_targets(picture: Picture) -> Iterator[Condition]:
    for target in picture.targets:
        if target.failure:
            yield Condition(What.TARGET_DOWN, target.name, {"why": target.failure}, target.tried)
        if broken := _broken_promise(target, picture):
            yield broken
        if target.usual is not None and target.held_back >= 2 * target.usual + _MORE:
            facts = {"count": str(target.held_back), "usual": str(target.usual)}
            yield Condition(What.HELD_BACK, target.name, facts, target.tried)


def _broken_promise(target: TargetStanding, picture: Picture) -> Condition | None:
    """One that was never kept is broken once anything was tried."""
    if target.fresh_hours is None or target.stage == "off" or not picture.runs:
        return None
    if target.good and picture.now - target.good <= timedelta(hours=target.fresh_hours):
        return None
    facts = {"promised": str(target.fresh_hours), "hours": _hours(picture.now - target.good) if target.good else ""}
    return Condition(What.PROMISE, target.name, facts, target.good)


def _of_what_waits(picture: Picture) -> Iterator[Condition]:
    for held in picture.holds:
        if held.hold.waits and not held.kept_back:
            facts = {"hold": held.hold.id, "count": str(held.hold.count), "owner": held.hold.owner}
            yield Condition(What.HELD, held.subject, facts, held.since)
    if picture.relinking:
        yield Condition(What.HELD, "relinking", {"hold": picture.relinking, "count": "", "owner": ""})


def _hours(span: timedelta) -> str:
    return str(int(span.total_seconds() // 3600))

"""Of which conditions somebody is to be told: that each began, and that it is over, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from provision.core.conditions import Condition

# What comes back so soon after its end is told with the next message, at the latest when this has passed.
QUIET: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One condition and what was told of it. `over` is None while it holds; `facts` are those that it had last.

    Of one that came back, `over_told` is until it is over again when its end was told before.
    """

    what: str
    subject: str
    since: datetime
    facts: Mapping[str, str] = field(default_factory=dict)
    told: datetime | None = None
    over: datetime | None = None
    over_told: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.what, self.subject


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told now."""

    begun: tuple[Told, ...] = ()
    over: tuple[Told, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.over)


def followed(rows: Iterable[Told], found: Sequence[Condition], now: datetime) -> list[Told]:
    """The rows as they are now. What began and ended while nobody could be told is forgotten."""
    before = {row.key: row for row in rows}
    holding = {each.key: each for each in found}
    still = [_holding(before.get(key), each, now) for key, each in holding.items()]
    gone = [_gone(row, now) for key, row in before.items() if key not in holding]
    return still + [row for row in gone if row]


def news(rows: Sequence[Told], now: datetime) -> News:
    """What of it is to be told. What came back soon waits for company, or until it has lasted."""
    over = tuple(row for row in rows if row.over and row.told and not row.over_told)
    begun = [row for row in rows if not row.over and not row.told]
    at_once = [row for row in begun if row.over_told is None or now - row.over_told >= QUIET]
    return News(tuple(begun) if at_once or over else (), over)


def delivered(rows: Iterable[Told], told: News, now: datetime) -> list[Told]:
    """The rows once somebody was told this."""
    begun, over = {row.key for row in told.begun}, {row.key for row in told.over}
    return [
        replace(row, told=now, over_told=None)
        if row.key in begun
        else replace(row, over_told=now)
        if row.key in over
        else row
        for row in rows
    ]


def _holding(row: Told | None, found: Condition, now: datetime) -> Told:
    if row is None:
        return Told(found.what.value, found.subject, found.since or now, found.facts)
    if row.over is None:
        return replace(row, facts=found.facts)
    if row.over_told is None:  # nobody was told of its end, so that it is the same one still
        return replace(row, facts=found.facts, over=None)
    return replace(row, since=now, facts=found.facts, told=None, over=None)


def _gone(row: Told, now: datetime) -> Told | None:
    if row.over is None:
        if row.told:
            return replace(row, over=now, over_told=None)
        return replace(row, over=now) if row.over_told else None
    return None if row.over_told and now - row.over_told >= QUIET else row

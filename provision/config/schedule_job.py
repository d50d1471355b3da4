"""The shape of what a job says of when it is done: cron expressions in a time zone, and what is wrong with them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from provision.core.slots import Following

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

CHANGING_HOUR: Final = (
    "within the hour that one night in spring leaves out and one in autumn has twice; it is done once all the same, in "
    "spring an hour later by the clock"
)
_FIELDS: Final = ("minute", "hour", "day of the month", "month", "weekday")
_EXAMPLE: Final = 'write five fields, such as "15 1 * * *" for 01:15 every night, or "0 5 * * mon-fri"'
_CRON: Final = Field(default="", description="Five cron fields: minute, hour, day, month, weekday by name.")
_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_NONE: Final = timedelta()
_MANY: Final = 400


class ScheduleJob(BaseModel):
    """When the service does what; what has no time is not done by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str = "Europe/Oslo"
    sync: str = _CRON
    inventory: str = _CRON
    ratios: str = _CRON
    preflight: str = _CRON
    verify: str = _CRON
    retention: str = _CRON

    def expressions(self) -> dict[str, str]:
        """What is to be done, with its expression; what is done first where several are due comes first."""
        found = ((kind, getattr(self, kind)) for kind in type(self).model_fields if kind != "timezone")
        return {kind: text for kind, text in found if text}


def schedule_faults(schedule: ScheduleJob) -> Iterator[str]:
    """What is wrong, one fault for each expression, with what would be right."""
    try:
        ZoneInfo(schedule.timezone)
    except (KeyError, ValueError, OSError):
        yield f'timezone: there is no time zone "{schedule.timezone}"; write one such as Europe/Oslo'
        return
    for kind, text in schedule.expressions().items():
        if fault := _fault(text, schedule.timezone):
            yield f'{kind}: "{text}": {fault}'


def following(text: str, timezone: str) -> Following:
    """The firings of an expression that is without fault, as times of its zone."""
    trigger = cron(text, timezone)

    def first(after: datetime) -> datetime | None:
        # Asked in UTC: what a zone shows twice in an autumn night are two moments.
        found: datetime | None = trigger.get_next_fire_time(None, after.astimezone(UTC) + timedelta(microseconds=1))
        return found

    return first


def in_the_changing_hour(schedule: ScheduleJob, now: datetime) -> list[str]:
    """What is done only within the hour that a spring night leaves out and an autumn night has twice."""
    hours = _changing_hours(schedule.timezone, now.year)
    return [
        kind
        for kind, text in schedule.expressions().items()
        if all(at.hour in hours for at in _some(following(text, schedule.timezone), now))
    ]


def _fault(text: str, timezone: str) -> str:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"{len(fields)} fields; {_EXAMPLE}"
    if any(character.isdigit() for character in fields[4]):
        right = "write mon, tue, wed, thu, fri, sat, sun, as in mon-fri"
        return f"a weekday as a number means one day to some and another to others; {right}"
    if fields[2] != "*" and fields[4] != "*":
        return "a day of the month and a weekday: some take it for both, others for either; leave one of them as *"
    try:
        first = following(text, timezone)(_ANY_DAY)
    except ValueError as error:
        return f"{error}; {_EXAMPLE}"
    return "" if first else "there is no such day; it would never be done"


@cache
def cron(text: str, timezone: str) -> "CronTrigger":
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  slow, and most jobs have no schedule

    return CronTrigger.from_crontab(text, ZoneInfo(timezone))


def _some(first: Following, now: datetime) -> Iterator[datetime]:
    at = first(now)
    for _ in range(_MANY):
        if at is None:
            return
        yield at
        at = first(at)


@cache
def _changing_hours(timezone: str, year: int) -> frozenset[int]:
    """The hours on the wall that a change of the clock within that year touches."""
    zone = ZoneInfo(timezone)
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(366 * 24)]
    found: set[int] = set()
    for before, after in pairwise(hours):
        old, new = before.astimezone(zone), after.astimezone(zone)
        if old.utcoffset() != new.utcoffset():
            found.add(new.hour if (new.utcoffset() or _NONE) < (old.utcoffset() or _NONE) else new.hour - 1)
    return frozenset(found)

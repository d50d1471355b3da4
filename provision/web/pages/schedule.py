"""What is done when: each job's times, what became of the last, what comes next, and whether anybody does it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from provision.config.schedule_job import ScheduleJob, following, in_the_changing_hour
from provision.core.slots import missed, upcoming
from provision.core.standing import SlotStanding
from provision.errors import ProvisionError
from provision.standing import slots
from provision.web.ask import Ask
from provision.web.outcomes import End, end_of
from provision.web.run_views import at_work, kind_of_work, wall
from provision.web.texts import N_, catalogue
from provision.wiring import Asks, Place, open_place

_NEXT: Final = 3
# A service looks at every job each minute, and may be that slow.
_SILENT: Final = timedelta(minutes=5)
_EVERY: Final = "*"
_DAYS: Final = {
    "mon": N_("Mondays"),
    "tue": N_("Tuesdays"),
    "wed": N_("Wednesdays"),
    "thu": N_("Thursdays"),
    "fri": N_("Fridays"),
    "sat": N_("Saturdays"),
    "sun": N_("Sundays"),
    "mon-fri": N_("Mondays to Fridays"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work of a job. `end` and `last` are None where nothing was begun; `due` since when it is undone."""

    kind: str
    words: str
    cron: str
    last: datetime | None
    end: End | None
    attempts: int
    again: datetime | None
    next: tuple[datetime, ...]
    due: datetime | None
    missed: int
    odd: bool


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. `fault` says why it cannot be read; `alive` whether a service looks after it."""

    name: str
    timezone: str = ""
    tasks: tuple[Task, ...] = ()
    alive: bool = False
    fault: str = ""


def show(ask: Ask) -> Response:
    """The times of all jobs of the site."""
    names = sorted(path.stem for path in (ask.at.folder / "jobs").glob("*.toml"))
    return ask.page("schedule.html.j2", jobs=[_job(ask, name) for name in names], at_work=at_work(ask))


def in_words(ask: Ask, cron: str) -> str:
    """A usual expression as people say it; "" for any other."""
    minute, hour, day, month, weekday = cron.split()
    if not (minute.isdecimal() and hour.isdecimal()) or (day, month) != (_EVERY, _EVERY):
        return ""
    at = f"{int(hour):02}:{int(minute):02}"
    if weekday == _EVERY:
        return ask.gettext("every day at %(time)s", time=at)
    if weekday in _DAYS:
        return ask.gettext("%(days)s at %(time)s", days=catalogue(ask.language).gettext(_DAYS[weekday]), time=at)
    return ""


def is_alive(told: datetime | None, now: datetime) -> bool:
    """Whether a service looked at a job lately, by when it last took its turn to tell of it."""
    return told is not None and now - told < _SILENT


def _job(ask: Ask, name: str) -> JobView:
    site, now = ask.at, ask.at.clock()
    try:
        place = site.place if name == site.job else open_place(site.folder, name, Asks.NOTHING)
    except ProvisionError as error:
        return JobView(name, fault=str(error))
    schedule = place.job.schedule
    if schedule is None:
        return JobView(name)
    alive = is_alive(site.journal.telling(name).watch().until, now)
    return JobView(name, schedule.timezone, tuple(_tasks(ask, place, schedule, now)), alive)


def _tasks(ask: Ask, place: Place, schedule: ScheduleJob, now: datetime) -> Iterator[Task]:
    zone, odd = ZoneInfo(schedule.timezone), in_the_changing_hour(schedule, now)
    cron = schedule.expressions()
    for slot in slots(place, ask.at.journal, now):
        first = following(cron[slot.kind], schedule.timezone)
        last = wall(slot.last, zone) if slot.last else None
        yield Task(
            kind=kind_of_work(ask, slot.kind),
            words=in_words(ask, cron[slot.kind]),
            cron=cron[slot.kind],
            last=last,
            end=_end(ask, slot),
            attempts=slot.attempts,
            again=slot.again,
            next=tuple(firing.at for firing in upcoming(first, now, _NEXT)),
            due=slot.due,
            missed=missed(first, last, now) if last else 0,
            odd=slot.kind in odd,
        )


def _end(ask: Ask, slot: SlotStanding) -> End | None:
    if slot.last is None:
        return None
    if slot.exit_code is None:
        return End("", ask.gettext("at work")) if slot.ended is None else None
    return end_of(ask, slot.exit_code)

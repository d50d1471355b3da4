"""One look at a site: what its journal, its job and its disk say, for whoever shows, serves or tells it."""

import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from provision.config.schedule_job import following
from provision.core.clocks import local_day
from provision.core.conditions import Condition, conditions
from provision.core.guard import Approval
from provision.core.slots import latest, upcoming
from provision.core.standing import HeldStanding, LastRun, Picture, SlotStanding, TargetStanding
from provision.core.stays import LastDay
from provision.core.words import Measure
from provision.journal.codec import redact
from provision.journal.consent import HoldRow
from provision.journal.journal import Journal
from provision.journal.runs import RunRow, last_said
from provision.journal.words import Word
from provision.wiring import Place

# So far back is looked for the last good run of a target.
_RUNS: Final = 100
_SHOWN: Final = 10
_USUAL: Final = 7
# So old the last look at the whole audit chain may be where it is not asked for anew.
VERIFIED_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal says of a site at one moment. `told_since` says since when each condition is known."""

    place: Place
    picture: Picture
    day: date
    runs: Sequence[RunRow]
    holds: Sequence[HoldRow]
    blocked: Sequence[Word]
    approvals: Sequence[Approval]
    told_since: Mapping[tuple[str, str], datetime]
    verified: datetime | None

    @property
    def job(self) -> str:
        return self.picture.job

    @property
    def conditions(self) -> list[Condition]:
        """Those that hold, each since when, where that is known."""
        return [replace(each, since=each.since or self.told_since.get(each.key)) for each in conditions(self.picture)]

    @property
    def relinking(self) -> str:
        """What the latest run of the job said of new ids for everybody."""
        return self.picture.relinking

    @property
    def ending(self) -> tuple[LastDay, ...]:
        """Whose last day was near when the latest run looked, and is not over."""
        told = last_said(self.runs, self.job, "ending") or ()
        found = (LastDay(date.fromisoformat(e["until"]), e["id"], frozenset(e["orgs"]), e["file"]) for e in told)
        return tuple(each for each in found if each.until >= self.day)


def look(place: Place, journal: Journal, now: datetime, *, verify: bool = False) -> Standing:
    """The site as it stands. The audit chain is read whole with `verify`, or where nobody has for an hour.

    Raises JournalError.
    """
    telling = journal.telling(place.job_name)
    runs, watch, day = journal.runs(_RUNS), telling.watch(), local_day(now)
    fresh = watch.verified is not None and timedelta() <= now - watch.verified < VERIFIED_FOR
    audit, verified = (watch.audit, watch.verified) if fresh and not verify else (journal.verify_audit(), now)
    holds = [_as_it_stands(row, place, day) for row in journal.holds()]
    picture = Picture(
        site=place.settings.site_name,
        job=place.job_name,
        now=now,
        runs=tuple(_last_runs(runs, place.job_name)),
        targets=tuple(_targets(place, runs)),
        sources=_content(place, journal.as_of()),
        holds=tuple(
            HeldStanding(row.hold, row.first_seen, row.hold.kept_back) for row in holds if _is_ours(row, place)
        ),
        relinking=str(last_said(runs, place.job_name, "relinking") or ""),
        slots=tuple(slots(place, journal, now)),
        open_intents=journal.open_intents(),
        open_since=telling.open_since(),
        audit=audit,
        free_bytes=_free(place),
        expires=place.job.alerts.expires,
        undelivered=watch.undelivered,
        terms=place.job.alerts.terms(),
    )
    return Standing(
        place=place,
        picture=picture,
        day=day,
        runs=runs[:_SHOWN],
        holds=holds,
        blocked=journal.words_of(Measure.BLOCK),
        approvals=journal.approvals(now),
        told_since={row.key: row.since for row in telling.rows() if not row.over},
        verified=verified,
    )


def _as_it_stands(row: HoldRow, place: Place, day: date) -> HoldRow:
    """The hold with what keeps it back on this day."""
    return replace(row, hold=replace(row.hold, kept_back=place.site.policy.stages.why_kept_back(row.hold, day)))


def _is_ours(row: HoldRow, place: Place) -> bool:
    """Whether it is this job's; several may have one journal."""
    return row.hold.target in {target.name for target in place.job.targets}


def _last_runs(runs: Sequence[RunRow], job: str) -> Iterator[LastRun]:
    """Of each mode the latest."""
    seen: set[str] = set()
    for row in runs:
        if row.job == job and row.mode not in seen and "resync" not in row.summary:
            seen.add(row.mode)
            error = redact(str(row.summary.get("error", "")))
            yield LastRun(row.id, row.mode, row.status, row.began, row.ended, row.exit_code, error)


def _targets(place: Place, runs: Sequence[RunRow]) -> Iterator[TargetStanding]:
    whole = [row for row in runs if row.job == place.job_name and row.ended and "resync" not in row.summary]
    for target in place.job.targets:
        tried = [(row, said) for row in whole if (said := row.summary.get("targets", {}).get(target.name))]
        yield _target(target.name, place, tried, target.fresh_hours)


def _target(
    name: str, place: Place, tried: Sequence[tuple[RunRow, Mapping[str, Any]]], fresh_hours: int | None
) -> TargetStanding:
    """`tried` are the runs that looked at all of it, with what each says of it, the latest first."""
    good = [(row, said) for row, said in tried if not said["failure"]]
    before = [int(said["held"]) for _, said in good[1 : 1 + _USUAL]]
    return TargetStanding(
        name=name,
        stage=place.site.policy.stages.of(name).value,
        tried=tried[0][0].ended if tried else None,
        good=good[0][0].ended if good else None,
        failure=redact(str(tried[0][1]["failure"])) if tried else "",
        held_back=int(good[0][1]["held"]) if good else 0,
        usual=int(statistics.median(before)) if before else None,
        fresh_hours=fresh_hours,
    )


def _content(place: Place, as_of: Mapping[str, datetime]) -> Mapping[str, datetime]:
    """Of what was ever read, what the job still reads."""
    return {name: moment for name, moment in as_of.items() if name == place.job.source.kind}


def slots(place: Place, journal: Journal, now: datetime) -> Iterator[SlotStanding]:
    """What is scheduled, and what became of it last."""
    schedule = place.job.schedule
    if schedule is None:
        return
    begun = journal.slots()
    turns = begun.latest()
    for kind, text in schedule.expressions().items():
        first = following(text, schedule.timezone)
        fired, turn = latest(first, now), turns.get((place.job_name, kind))
        # Of this very firing: a clock that was wrongly ahead for a while leaves later ones, which say nothing of it.
        its = begun.turn(place.job_name, kind, fired.slot) if fired else None
        done = its is not None and its.ended is not None and its.again is None
        coming = upcoming(first, now)
        was_begun = turn is not None and bool(turn.owner or turn.exit_code is not None)
        yield SlotStanding(
            kind=kind,
            last=turn.slot if turn and was_begun else None,
            began=turn.began if turn else None,
            ended=turn.ended if turn else None,
            exit_code=turn.exit_code if turn else None,
            attempts=turn.attempts if turn else 0,
            again=turn.again if turn else None,
            next=coming[0].at.astimezone(ZoneInfo(schedule.timezone)) if coming else None,
            due=None if fired is None or done else fired.at,
        )


def _free(place: Place) -> int | None:
    try:
        return shutil.disk_usage(place.folder).free
    except OSError:
        return None

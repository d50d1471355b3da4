"""How a site stands: what one look at its journal and its job sees, in counts, moments and ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from provision.core.guard import Hold


@dataclass(frozen=True, slots=True)
class Terms:
    """What a site promises: how late its work may be, and how old what it reads."""

    late_hours: int = 3
    nothing_new_days: int = 3


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run of one mode. `ended` and `exit_code` are None while it runs and where it died."""

    run: str
    mode: str
    status: str
    began: datetime
    ended: datetime | None
    exit_code: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """One target. `tried` is when a run last looked at all of it, `good` when one last did so and it answered.

    Both are None where none of the runs that were looked at did. `failure` is why it stopped the last one, `held_back`
    how many records that one held back, `usual` how many those before it did.
    """

    name: str
    stage: str = ""
    tried: datetime | None = None
    good: datetime | None = None
    failure: str = ""
    held_back: int = 0
    usual: int | None = None
    fresh_hours: int | None = None


@dataclass(frozen=True, slots=True)
class HeldStanding:
    """What waits for a yes, since when; `kept_back` is why nobody can give it now."""

    hold: Hold
    since: datetime
    kept_back: str = ""

    @property
    def subject(self) -> str:
        """What stays the same from night to night, whatever is in it."""
        parts = (self.hold.target, self.hold.org, self.hold.loss, self.hold.role, self.hold.cause)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class SlotStanding:
    """One kind of scheduled work: its latest slot and what became of it, its next, and since when one is due undone."""

    kind: str
    last: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = None
    attempts: int = 0
    again: datetime | None = None
    next: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A site and one of its jobs at one moment. `sources` says by source when its content was true.

    `audit` is where the chain breaks, None where it is whole; `open_since` when the oldest change was begun that has no
    answer; `expires` what the site knows to expire; `free_bytes` what the disk has left; `undelivered` by channel why
    no alert gets through.
    """

    site: str
    job: str
    now: datetime
    runs: tuple[LastRun, ...] = ()
    targets: tuple[TargetStanding, ...] = ()
    sources: Mapping[str, datetime] = field(default_factory=dict)
    holds: tuple[HeldStanding, ...] = ()
    relinking: str = ""
    slots: tuple[SlotStanding, ...] = ()
    open_intents: int = 0
    open_since: datetime | None = None
    audit: str | None = None
    free_bytes: int | None = None
    expires: Mapping[str, date] = field(default_factory=dict)
    undelivered: Mapping[str, str] = field(default_factory=dict)
    terms: Terms = Terms()

    @property
    def oldest_waiting(self) -> datetime | None:
        """Since when the oldest change waits: for a yes, or for an answer of the target."""
        held = [each.since for each in self.holds if each.hold.rejected is None]
        return min([*held, *([self.open_since] if self.open_since else [])], default=None)

    @property
    def last_run(self) -> LastRun | None:
        return max((run for run in self.runs if run.mode == "run"), key=lambda run: run.began, default=None)

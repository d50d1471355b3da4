"""Looks after sites: begins what is due, tries again what went wrong, takes over what another service left."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler

from provision.child import command
from provision.config.schedule_job import cron, following
from provision.core.slots import TIMES, Firing, Turn, again, is_due, latest, missed
from provision.errors import AlreadyRunning, ProvisionError
from provision.journal.asked import ENDED
from provision.journal.codec import canonical
from provision.service.children import Child, Log
from provision.service.watched import Task, Watched
from provision.service.work import Work, asked_for, scheduled
from provision.wiring import clock, owner

# A claim outlives so many seconds without being renewed; a look is taken much more often.
_CLAIM_SECONDS: Final = 300
_BY_SIGNAL: Final = 128
_UNEXPECTED: Final = 1
_A_WHILE: Final = timedelta(minutes=1)
# One at work and one that waits.
_IN_QUEUE: Final = 2
_GIVEN_UP: Final = "the system ended it each time it was begun; the log of the service says more"
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def scheduler(**options: Any) -> BackgroundScheduler:
    """Its jobs are made of the job files at every start; what could not be done in time is done all the same, once."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return BackgroundScheduler(timezone=UTC, job_defaults=defaults, **options)


@dataclass(slots=True)
class Service:
    """One service. Everything but `stop` may be called from any thread."""

    sites: Sequence[Watched]
    log: Log = field(repr=False)
    at_once: int = 2
    clock: Callable[[], datetime] = clock
    command: Sequence[str] = field(default_factory=command)
    name: str = field(default_factory=lambda: f"{owner()} {secrets.token_hex(4)}")
    scheduler: BackgroundScheduler = field(default_factory=scheduler, repr=False)
    _children: dict[Path, Child] = field(default_factory=dict, repr=False)
    _crons: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    _not_before: dict[Path, datetime] = field(default_factory=dict, repr=False)
    _told: dict[tuple[Path, str], str] = field(default_factory=dict, repr=False)
    _stopping: bool = False
    _lock: RLock = field(default_factory=RLock, repr=False)

    def tick(self) -> None:
        """Reads what was changed, renews what is ours, and begins what is due."""
        with self._lock:
            for site in self.sites:
                self._read(site)
            self._renew()
            self.begin_due()

    def begin_due(self) -> None:
        """Begins what was asked for, then what is due, the oldest first.

        There is one command for a site, and no more at once than there may be.
        """
        with self._lock:
            if self._stopping:
                return
            self._begin_asked()
            idle = [site for site in self.sites if site.places and site.folder not in self._children]
            found = [each for site in idle for each in self._due(site)]
            for site, firing, task, seen in sorted(found, key=lambda each: each[1].at):
                if len(self._children) >= self.at_once:
                    return
                if site.folder not in self._children:
                    self._claim(site, firing, task, seen)

    def stop(self, seconds: float = 60) -> None:
        """Begins nothing more; asks what is at work to leave, and ends what has not left in time."""
        with self._lock:
            self._stopping = True
            children = list(self._children.values())
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        for child in children:
            child.stop()
        until = time.monotonic() + seconds
        for child in children:
            child.join(max(0.0, until - time.monotonic()))
        self.kill()
        for child in children:
            child.join(seconds)
        for site in self.sites:
            site.close()

    def kill(self) -> None:
        """Ends what is at work, at once."""
        for child in list(self._children.values()):
            child.kill()

    def at_work(self) -> list[Work]:
        return [child.work for child in list(self._children.values())]

    def _read(self, site: Watched) -> None:
        """The site's jobs as they are now, and in the scheduler what they say."""
        site.look()
        self._tell(site, "", site.fault)
        for task in site.tasks():
            name = f"{site.folder} {task.job} {task.kind}"
            before = self._crons.get(name)
            if before == task[2:]:
                continue
            self._crons[name] = (task.cron, task.timezone)
            if before:
                with self._spoken(site):
                    self._begin_after(site, task)
            trigger = cron(task.cron, task.timezone)
            self.scheduler.add_job(self.tick, trigger, id=name, replace_existing=True)

    def _begin_asked(self) -> None:
        """Begins what was asked for by hand, and what was left when whoever did it died."""
        for site in self.sites:
            free = site.folder not in self._children and len(self._children) < self.at_once and site.places
            if free and self._not_before.get(site.folder, _LONG_AGO) <= self.clock():
                with self._spoken(site):
                    asking = site.journal().asking()
                    if all(row.state == ENDED for row in asking.latest(_IN_QUEUE)):
                        continue
                    if found := asking.next(self.name, _CLAIM_SECONDS):
                        asked, turn = found
                        self._begin(site, asked_for(site.folder, asked.id, turn))

    def _due(self, site: Watched) -> Iterator[tuple[Watched, Firing, Task, Turn | None]]:
        """What the site wants now."""
        with self._spoken(site):
            slots, now = site.journal().slots(), self.clock()
            last = slots.latest()
            for task in site.tasks():
                firing = latest(following(task.cron, task.timezone), now)
                if (task.job, task.kind) not in last:
                    self._begin_after(site, task)
                elif firing:
                    seen = slots.turn(task.job, task.kind, firing.slot)
                    if is_due(firing, seen, now):
                        yield site, firing, task, seen

    def _begin_after(self, site: Watched, task: Task) -> None:
        """The task is new, or at another time than before: what it would have wanted already is not made up for."""
        firing = latest(following(task.cron, task.timezone), self.clock())
        site.journal().slots().begin_after(task.job, task.kind, firing.slot if firing else "")

    def _claim(self, site: Watched, firing: Firing, task: Task, seen: Turn | None) -> None:
        """Begins it, unless another service was first."""
        with self._spoken(site):
            slots = site.journal().slots()
            before = slots.latest().get((task.job, task.kind))
            turn = slots.claim(task.job, task.kind, firing.slot, self.name, seen, _CLAIM_SECONDS)
            if turn is None:
                return
            if seen is None and before and (gone := self._missed(before, firing, task)):
                self.log(f"{site.name} {task.job}/{task.kind}: {gone} were missed; only the latest is made up for")
            self._begin(site, scheduled(site.folder, turn))

    def _missed(self, before: Turn, firing: Firing, task: Task) -> int:
        return missed(following(task.cron, task.timezone), before.began, firing.at)

    def _begin(self, site: Watched, work: Work) -> None:
        self.log(f"{site.name} {work.name}: begun")
        child = Child(work, self.log, lambda child, code, said: self._ended(site, child, code, said), self.command)
        self._children[site.folder] = child
        child.begin()

    def _ended(self, site: Watched, child: Child, code: int, said: str) -> None:
        """Records how it ended; what was waiting for its place is begun."""
        with self._lock:
            try:
                with self._spoken(site):
                    self._record(site, child.work, code, said)
            finally:
                self._children.pop(site.folder, None)
            self.log(f"{site.name} {child.work.name}: ended with exit code {code}{f': {said}' if said else ''}")
            self.begin_due()

    def _record(self, site: Watched, work: Work, code: int, said: str) -> None:
        journal, now, cut_short = site.journal(), self.clock(), code > _BY_SIGNAL
        journal.progress().forget(work.name)
        killed = cut_short and not self._stopping
        given_up = killed and work.turn is not None and work.turn.attempts > TIMES
        if work.asked and (code == AlreadyRunning.exit_code or killed):
            self._not_before[site.folder] = now + _A_WHILE
        if work.asked and (given_up or not (cut_short or code == AlreadyRunning.exit_code)):
            # Which changes nothing where the command has said so itself.
            journal.asking().finish(work.asked, None, code, canonical({"error": said or _GIVEN_UP * given_up}))
        if work.turn:
            retry = now if cut_short and self._stopping else None
            if not (retry or work.asked):
                retry = again(_UNEXPECTED if cut_short else code, work.turn.attempts, now)
            if not journal.slots().finish(work.turn, code, said, retry):
                self.log(f"{site.name} {work.name}: another service has taken it over")

    def _renew(self) -> None:
        for site in self.sites:
            child = self._children.get(site.folder)
            if child and child.work.turn:
                with self._spoken(site):
                    site.journal().slots().renew(child.work.turn, _CLAIM_SECONDS)

    @contextmanager
    def _spoken(self, site: Watched) -> Iterator[None]:
        """What is wrong with one site keeps the others from nothing."""
        try:
            yield
        except ProvisionError as error:
            self._tell(site, "journal", str(error))
            site.close()
        else:
            self._tell(site, "journal", "")

    def _tell(self, site: Watched, what: str, fault: str) -> None:
        """Says once what is wrong with a site, and once that nothing is any more."""
        if fault == self._told.get((site.folder, what), ""):
            return
        self._told[site.folder, what] = fault
        self.log(f"{site.name}: {fault or f'{what} in order again'.strip()}")

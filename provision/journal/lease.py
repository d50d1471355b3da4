"""Who may run: one lease per site, with a fence number that grows, so that a run which lost it can write no more."""

import fcntl
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, Row, select, update

from provision.errors import AlreadyRunning, JournalError
from provision.journal.codec import write_moment
from provision.journal.processes import is_gone, is_here, name_of, this_process
from provision.journal.store import Store
from provision.journal.tables import LEASE

# Nobody can have taken a lease that was checked so shortly before: none is as short as that.
CHECKED_FOR: Final = timedelta(seconds=5)
_TAKEN_OVER: Final = "another run took over this site while this one stood still; nothing more is written"


@dataclass(slots=True)
class Lease:
    """The permission to run, until `seconds` after the last check. Leaving the context gives it back."""

    fence: int
    owner: str
    seconds: int
    _store: Store = field(repr=False)
    _lock: int | None = field(repr=False)
    _checked: datetime = field(repr=False)

    def keep(self) -> None:
        """Checks the lease where that was last done a while ago, as after a pause: cheap before each write."""
        if abs(self._store.clock() - self._checked) >= CHECKED_FOR:
            self.check()

    def check(self) -> None:
        """Renews the lease. Raises AlreadyRunning where another run has taken it."""
        with self._store.write() as connection:
            self.renew(connection)

    def renew(self, connection: Connection) -> None:
        """The same in the caller's transaction: what it writes is written by the holder of the lease or not at all."""
        mine = update(LEASE).where(LEASE.c.fence == self.fence, LEASE.c.owner == self.owner)
        if connection.execute(mine.values(expires=_expiry(self._store, self.seconds))).rowcount != 1:
            raise AlreadyRunning(_TAKEN_OVER)
        self._checked = self._store.clock()

    def release(self) -> None:
        """Gives the lease back; one that was lost stays with whoever has it."""
        try:
            with self._store.write() as connection:
                mine = update(LEASE).where(LEASE.c.fence == self.fence, LEASE.c.owner == self.owner)
                connection.execute(mine.values(owner="", expires=""))
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.release()
        except JournalError:
            # What went wrong first matters more; the lock is free, so the next run takes over at once.
            if error is None:
                raise


def take(store: Store, owner: str, seconds: int) -> Lease:
    """The lease, with a fence one higher than any before. Raises AlreadyRunning while another owner lives.

    An owner lives while its lease has not expired, save that on this host a process that died is known at once: the
    operating system has let go of its lock, or, where a server keeps the journal, knows it no more.
    """
    lock: int | None = None
    try:
        with store.write() as connection:
            lock = _lock(store)
            row = connection.execute(select(LEASE).with_for_update()).one()
            _refuse_while_owned(row, store.now(), found_unlocked=lock is not None)
            fence = int(row.fence) + 1
            connection.execute(update(LEASE).values(_claim(store, fence, owner, seconds, guarded=lock is not None)))
    except BaseException:
        if lock is not None:
            os.close(lock)
        raise
    return Lease(fence, owner, seconds, store, lock, store.clock())


def fence_at_work(connection: Connection, now: str) -> int:
    """The fence of the run at work; 0 where none is: the lease was given back, or whoever had it is gone.

    On another host that is known when the lease has run out.
    """
    row = connection.execute(select(LEASE)).one()
    lives = not is_gone(row.host, row.pid) if is_here(row.host) else row.expires > now
    return int(row.fence) if row.owner and lives else 0


def _refuse_while_owned(row: Row[Any], now: str, *, found_unlocked: bool) -> None:
    died = found_unlocked if row.guarded else is_gone(row.host, row.pid)
    if row.owner and row.expires > now and not died:
        since = f"{row.taken[:16].replace('T', ' ')} UTC"
        who = f"{row.owner} (process {row.pid} on {name_of(row.host)})"
        raise AlreadyRunning(f"{who} has been running on this site since {since}; run again when it is done")


def _claim(store: Store, fence: int, owner: str, seconds: int, *, guarded: bool) -> dict[str, str | int | bool]:
    """The lease's new row; `guarded` says that the process holds the lock beside the journal as long as it lives."""
    return {
        "fence": fence,
        "owner": owner,
        "host": this_process(),
        "pid": os.getpid(),
        "guarded": guarded,
        "taken": store.now(),
        "expires": _expiry(store, seconds),
    }


def _expiry(store: Store, seconds: int) -> str:
    return write_moment(store.clock() + timedelta(seconds=seconds))


def _lock(store: Store) -> int | None:
    """The lock beside the journal's file, kept as long as this process lives; None where another process has it."""
    if store.file is None:
        return None
    path = store.file.with_name(store.file.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(f"journal lock {path}: it cannot be made or opened ({error.strerror})") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor

"""Which firing of a schedule is due, and when one that went wrong is tried again; each is done once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

# The first firing after this moment; None where there is none.
Following = Callable[[datetime], datetime | None]

_BACK: Final = (
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=8),
    timedelta(days=35),
    timedelta(days=400),
    timedelta(days=1500),  # a leap day
)
# Unexpected, no source, no target, somebody else at work: what may be over after a while.
_PASSING: Final = frozenset({1, 4, 7, 8})
_BUSY: Final = 8
_SOON: Final = timedelta(minutes=1)
_FIRST: Final = timedelta(minutes=15)
_LATER: Final = timedelta(minutes=30)
TIMES: Final = 6
# So often what was cut short is begun again at once; whatever kills it each time is then given a rest.
_AT_ONCE: Final = 20


class Firing(NamedTuple):
    """When a schedule wants something done. `slot` is that minute on the wall; in an autumn night two share it."""

    slot: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One slot as it was carried out. `lost` says that whoever had it is gone; `again` when it is tried once more."""

    job: str
    kind: str
    slot: str
    owner: str
    attempts: int
    began: datetime
    expires: datetime
    ended: datetime | None = None
    exit_code: int | None = None
    said: str = ""
    again: datetime | None = None
    lost: bool = False


def latest(following: Following, now: datetime) -> Firing | None:
    """The last firing up to now; those before it that were missed are not made up for."""
    for back in _BACK:
        if found := list(_between(following, now - back, now)):
            return found[-1]
    return None


def upcoming(following: Following, now: datetime, count: int = 1) -> list[Firing]:
    """The next ones, each wall-clock minute once."""
    found: dict[str, Firing] = {}
    at = following(now)
    while at is not None and len(found) < count:
        found.setdefault(slot_of(at), Firing(slot_of(at), at.astimezone(UTC)))
        at = following(at)
    return list(found.values())


def missed(following: Following, since: datetime, now: datetime) -> int:
    """How many firings there were since the one at `since`, without the latest, which is caught up."""
    return max(0, len({firing.slot for firing in _between(following, since, now)}) - 1)


def is_due(firing: Firing | None, turn: Turn | None, now: datetime) -> bool:
    """Whether the latest firing is to be carried out now; `turn` is what is recorded of this very one."""
    if firing is None:
        return False
    if turn is None:
        return True
    if turn.ended is None:
        return turn.lost and (turn.attempts < _AT_ONCE or turn.began + _LATER <= now)
    return turn.again is not None and turn.again <= now


def again(exit_code: int, attempts: int, ended: datetime) -> datetime | None:
    """When what ended so after that many attempts is tried once more; None where it is done, or enough was tried."""
    if exit_code not in _PASSING or attempts > TIMES:
        return None
    if attempts > 1:
        return ended + _LATER
    return ended + (_SOON if exit_code == _BUSY else _FIRST)


def slot_of(firing: datetime) -> str:
    return f"{firing:%Y-%m-%dT%H:%M}"


def _between(following: Following, after: datetime, until: datetime) -> Iterator[Firing]:
    """Those after one moment and not after the other."""
    # As moments: within one zone, times compare by what stands on the wall.
    at = following(after.astimezone(UTC))
    end = until.astimezone(UTC)
    while at is not None and (moment := at.astimezone(UTC)) <= end:
        yield Firing(slot_of(at), moment)
        at = following(moment)

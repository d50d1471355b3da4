"""How long to wait for a server, and when to ask it again."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# 500 is among them because gateways say it where they mean 502.
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})

_FIRST: Final = 0.5
_LONGEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. `patience` is for one request with all its repetitions and the whole of its answer.

    A server that asks to be left alone for longer than `longest_pause` is not asked again at all.
    `largest` is the size of an answer in bytes, after unpacking.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    patience: float = 180.0
    longest_pause: float = 120.0
    largest: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks, the waiting and the chance that the client uses."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random  # between 0 and 1


LIMITS: Final = Limits()
TIMING: Final = Timing()


def backoff(attempt: int, chance: float) -> float:
    """The pause after the attempt of this number, from 1: doubled each time, and spread over its upper half."""
    return min(_LONGEST, _FIRST * 2.0 ** min(attempt - 1, 16)) * (0.5 + chance / 2)


def asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that Retry-After asks for (RFC 9110, 10.2.3); None where it says nothing that can be meant.

    A date there is measured against the server's own Date, so that a clock that is wrong here does no harm.
    """
    said = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    until, sent = _moment(said), _moment(headers.get("Date", ""))
    return max(0.0, (until - (sent or now)).total_seconds()) if until else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

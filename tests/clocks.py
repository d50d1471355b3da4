"""A clock that only waiting moves, for what must not wait in a test."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from provision.rest import Timing

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """`slept` is every pause; `passed` the seconds since the start."""

    passed: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def timing(self, chance: float = 1.0) -> Timing:
        return Timing(monotonic=lambda: self.passed, now=self.now, sleep=self.sleep, chance=lambda: chance)

"""How often a login may be begun or ended: from one address, and by all together."""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from typing import Final

# What one subscriber of IPv6 has at the least.
_SUBSCRIBER: Final = 64


@dataclass(slots=True)
class Limits:
    """Steps of a login in each `seconds`. A whole school may be behind one address. Kept in memory, for many threads.

    No more addresses are remembered than there may be steps by all.
    """

    each: int = 120
    all: int = 1200
    seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False, default=0.0)
    _steps: Counter[str] = field(init=False, default_factory=Counter)
    _lock: Lock = field(init=False, default_factory=Lock)

    def wait(self, address: str) -> int:
        """Notes a step of this address; or, where there were too many, after how many seconds it may try again."""
        whose = _subscriber(address)
        with self._lock:
            now = self.clock()
            if now - self._began >= self.seconds:
                self._began, self._steps = now, Counter()
            if self._steps[whose] >= self.each or self._steps.total() >= self.all:
                return max(1, ceil(self._began + self.seconds - now))
            self._steps[whose] += 1
            return 0


def _subscriber(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(found), _SUBSCRIBER), strict=False))

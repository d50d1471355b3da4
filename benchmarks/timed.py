"""The command line with a clock on its steps: `python -m benchmarks.timed FILE run nightly --site DIR`.

The steps are those of the real path; each is charged only while none that it calls is under way.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, Final

from benchmarks.memory import peak_memory
from provision import night, reading, run
from provision.cli.main import main
from provision.directory import Directory
from provision.handover import Handover
from provision.journal.journal import Journal
from provision.sources.care_csv import CareCsvSource
from provision.sources.kept import Kept
from provision.sources.people_csv import PeopleCsvSource
from provision.sources.pifu_ims import PifuImsSource
from provision.targets.ldap import LdapTarget

# Where each step is called from, so that whoever calls it meets the clock.
_STEPS: Final[tuple[tuple[Any, str, str], ...]] = (
    *((source, "read", "source") for source in (PifuImsSource, CareCsvSource, PeopleCsvSource)),
    (reading, "build_roster", "roster"),
    *((reading, name, "mapping") for name in ("placed_people", "find_relinks")),
    *((night, name, "mapping") for name in ("match_people", "match_orgs")),
    *((night, name, "mapping") for name in ("assign_usernames", "desired_state")),
    (night, "judge", "diff"),
    *((run, name, "diff") for name in ("check_roster", "check_schools", "remember_roster")),
    *((run, name, "diff") for name in ("fingerprint", "sightings", "prints_of")),
    (Kept, "keep", "journal"),
    *((run, name, "diff") for name in ("make_plan", "guard")),
    *((LdapTarget, name, "directory") for name in ("names", "strangers", "read")),
    (run, "deliver", "write"),
    *((Handover, name, "passwords") for name in ("hand_over", "drop")),
    *(
        (Journal, name, "journal")
        for name, each in vars(Journal).items()
        if name[0] != "_" and callable(each) and name != "keyed"
    ),
)


class Clock:
    """Seconds of the wall and of the processor by the steps under way, such as `read/client`."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._under_way = [""]
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def enter(self, step: str) -> None:
        self._charge()
        above = self._under_way[-1]
        self._under_way.append(f"{above}/{step}" if above else step)

    def leave(self) -> None:
        self._charge()
        self._under_way.pop()

    def _charge(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        spent = self.spent[self._under_way[-1]]
        spent[0] += wall - self._wall
        spent[1] += cpu - self._cpu
        self._wall, self._cpu = wall, cpu


def timed(function: Callable[..., Any], step: str, clock: Clock) -> Callable[..., Any]:
    @wraps(function)
    def call(*given: Any, **more: Any) -> Any:
        clock.enter(step)
        try:
            return function(*given, **more)
        finally:
            clock.leave()

    return call


def timed_iteration(function: Callable[..., Iterator[Any]], step: str, clock: Clock) -> Callable[..., Iterator[Any]]:
    """Only while the next one is sought, not while it is used."""
    seek = timed(next, step, clock)

    @wraps(function)
    def call(*given: Any, **more: Any) -> Iterator[Any]:
        found = function(*given, **more)
        while (each := seek(found, None)) is not None:
            yield each

    return call


def install(clock: Clock) -> None:
    """From now on every step is timed."""
    for owner, name, step in _STEPS:
        setattr(owner, name, timed(getattr(owner, name), step, clock))
    Directory.search = timed_iteration(Directory.search, "client", clock)  # type: ignore[method-assign]  # the same call


if __name__ == "__main__":
    told = Path(sys.argv.pop(1))
    ours = Clock()
    install(ours)
    try:
        main()
    finally:
        ours.enter("end")
        told.write_text(json.dumps({"steps": ours.spent, "peak": peak_memory()}), encoding="utf-8")

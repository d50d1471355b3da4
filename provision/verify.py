"""Whether each target still holds what we think: a plan from what was last accepted of the sources, only counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provision.core.ports import Source
from provision.core.rules.context import Site
from provision.journal.journal import Journal
from provision.night import Route
from provision.reports.run import RouteReport, RunReport, verb
from provision.request import RunRequest
from provision.run import run

_DIFFERS: Final = 10
_UNAVAILABLE: Final = 7


@dataclass(frozen=True, slots=True)
class Verified:
    """By target what a run would do there now, by verb; what is held or kept back is no difference."""

    job: str
    day: str
    differences: Mapping[str, Mapping[str, int]]
    failures: Mapping[str, str]

    @property
    def exit_code(self) -> int:
        """7 where a target cannot be asked, 10 where one holds something else, else 0."""
        if self.failures:
            return _UNAVAILABLE
        return _DIFFERS if any(self.differences.values()) else 0

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        names = sorted({*self.differences, *self.failures})
        return {
            "format": 1,
            "job": self.job,
            "day": self.day,
            "exit_code": self.exit_code,
            "targets": [
                {
                    "target": name,
                    "failure": self.failures.get(name),
                    "differences": dict(self.differences.get(name, {})),
                }
                for name in names
            ],
        }


def verify(
    request: RunRequest, kept: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> Verified:
    """What a run from the kept sources would do now. `request` asks for a plan: nothing is written. Raises as `run`."""
    return compared(run(request, kept, routes, journal, site))


def compared(report: RunReport) -> Verified:
    """What a plan finds, without what would not be carried out."""
    return Verified(
        report.job,
        report.day.isoformat(),
        {route.target: _allowed(route) for route in report.routes if not route.failure},
        {route.target: route.failure for route in report.routes if route.failure},
    )


def _allowed(route: RouteReport) -> dict[str, int]:
    return dict(Counter(verb(change) for change in route.verdict.allowed))

"""The record of a run that did nothing but withdrawals: that of a night on which nothing happened."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from provision.core.stages import Stage
from provision.reports.run import RouteReport

_NIGHT: Final[Mapping[str, Any]] = {"issues": 0, "relinking": "", "unproven": {}, "ending": [], "targets": {}}
_ROUTE: Final[Mapping[str, Any]] = {"held": 0, "waiting": 0, "holds": []}


def as_quiet(last: Mapping[str, Any], reports: Iterable[RouteReport]) -> dict[str, Any]:
    """What the last night said still stands, and nothing was done: counts would say what was, and their lack when."""
    said = {**_NIGHT, **last}
    before: Mapping[str, Mapping[str, Any]] = said["targets"]
    quiet = {
        each.target: {**_ROUTE, **before.get(each.target, {}), "planned": {}, "done": {}, "failure": each.failure}
        for each in reports
        if each.stage is not Stage.OFF
    }
    return {**said, "targets": quiet}


def quiet_code(last: int | None, reports: Iterable[RouteReport]) -> int:
    """How such a night ends: what was held or waited does so still."""
    if any(report.failure for report in reports):
        return 7
    return last if last in {5, 6} else 0

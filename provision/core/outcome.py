"""What became of each change, and what a run reports."""

from dataclasses import dataclass
from enum import StrEnum

from provision.core.plan import Change


class Status(StrEnum):
    DONE = "done"
    REJECTED = "rejected"  # the target refused it; the reason says which field to mend
    STALE = "stale"  # somebody changed the record since it was read; the next run plans it anew
    UNKNOWN = "unknown"  # the reply was lost and reading back was not possible either


@dataclass(frozen=True, slots=True)
class Result:
    """`detail` never holds a person's data."""

    change: Change
    status: Status
    detail: str = ""

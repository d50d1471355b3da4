"""Where people of a OneRoster source can be."""

from dataclasses import dataclass, field
from typing import NamedTuple

from provision.formats.completeness import Reject
from provision.formats.rows import Rows


class Place(NamedTuple):
    """Where people are: at `org`, in `school_class` ("" for the org itself).

    With a `fault` nobody may be placed there; `org` is then the school it would be at, as far as that is known.
    """

    org: str
    school_class: str
    fault: str = ""


@dataclass(slots=True)
class Places:
    """`org_at` and `class_at` hold every record by its id; None are those that are no longer there."""

    orgs: Rows = field(default_factory=lambda: Rows("orgs"))
    sessions: Rows = field(default_factory=lambda: Rows("sessions"))
    classes: Rows = field(default_factory=lambda: Rows("classes"))
    rejected: list[Reject] = field(default_factory=list)
    org_at: dict[str, Place | None] = field(default_factory=dict)
    class_at: dict[str, Place | None] = field(default_factory=dict)

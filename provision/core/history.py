"""What earlier nights saw: the evidence that somebody has left, and since when they are locked out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from provision.core.state import Key


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a person, class or org was last in the source, and on how many nights its absence was proven since.

    `orgs`, `role` and `homeroom` (a pupil's own class) are what it was last seen as; `until` is its end date where the
    source gave one, and `leaving` why a person will be gone after it, a `Cause`. `counted` is the last local date that
    counted as a night of absence.
    """

    last_seen: date
    orgs: frozenset[str] = frozenset()
    role: str = ""
    until: date | None = None
    nights: int = 0
    counted: date | None = None
    leaving: str = ""
    homeroom: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Sightings by key; when each source's last accepted content was true; since when who is disabled, per target.

    `sizes` are how many people each source held last time.

    A lost history errs on the safe side: absence is counted anew, grace periods start anew.
    """

    sightings: Mapping[Key, Sighting] = field(default_factory=dict)
    as_of: Mapping[str, datetime] = field(default_factory=dict)
    disabled: Mapping[tuple[str, Key], date] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

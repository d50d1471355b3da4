"""What earlier nights saw: the evidence that somebody has left, and since when they are locked out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from provision.core.state import Key


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a person, class or org was last in the source, and on how many nights its absence was proven since.

    `orgs` and `role` are what it was last seen as; `until` its end date where the source gave one (a class).
    `counted` is the last local date that counted as a night of absence.
    """

    last_seen: date
    orgs: frozenset[str] = frozenset()
    role: str = ""
    until: date | None = None
    nights: int = 0
    counted: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Sightings by key; when each source's last accepted content was true; since when who is disabled, per target.

    A lost history errs on the safe side: absence is counted anew, grace periods start anew.
    """

    sightings: Mapping[Key, Sighting] = field(default_factory=dict)
    as_of: Mapping[str, datetime] = field(default_factory=dict)
    disabled: Mapping[tuple[str, Key], date] = field(default_factory=dict)

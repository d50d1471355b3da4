"""How a group's figures went from day to day."""

from dataclasses import dataclass
from datetime import date

from provision.core.figures import Figures


@dataclass(frozen=True, slots=True)
class Point:
    """A group's figures on one day, and by which definitions they were counted."""

    day: date
    definitions: int
    figures: Figures

"""How a group's figures went from day to day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from provision.core.figures import Figures


@dataclass(frozen=True, slots=True)
class Point:
    """A group's figures on one day, and by which definitions they were counted."""

    day: date
    definitions: int
    figures: Figures


def breaks(points: Sequence[Point]) -> tuple[date, ...]:
    """The days from which on figures mean something else than before, so that no line leads there."""
    return tuple(later.day for earlier, later in pairwise(points) if earlier.definitions != later.definitions)

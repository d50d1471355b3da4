"""How a group's figures went from day to day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from provision.core.figures import Figures

_Day = TypeVar("_Day")


@dataclass(frozen=True, slots=True)
class Point:
    """A group's figures on one day, and by which definitions they were counted."""

    day: date
    definitions: int
    figures: Figures


def thinned(days: Sequence[tuple[_Day, int]], most: int) -> list[tuple[_Day, int]]:
    """Of days with their definitions the first and last of each of the definitions, and others at about equal
    distances: `most` and those at breaks. All days where they are no more, or where `most` is 0.
    """
    if not most or len(days) <= most:
        return list(days)
    breaks = {at for at, (one, other) in enumerate(pairwise(days)) if one[1] != other[1]}
    step = (len(days) - 1) / (most - 1)
    evenly = {round(number * step) for number in range(most)}
    return [days[at] for at in sorted(evenly | breaks | {at + 1 for at in breaks})]

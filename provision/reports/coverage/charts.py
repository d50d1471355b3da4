"""Where the lines and bars of the charts stand, in units of a drawing as wide as a narrow phone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from provision.core import trend as trends
from provision.core.trend import Point

WIDTH: Final = 320
HEIGHT: Final = 150
# The trend's frame; what is right of it is for the latest figure, what is left of it for the scale.
LEFT: Final = 30
RIGHT: Final = 276
TOP: Final = 10
BOTTOM: Final = 126
# A row of bars: its name, the bar, and the figure where no bar comes.
ROW: Final = 17
BAR_LEFT: Final = 104
BAR_RIGHT: Final = 270
_NAME: Final = 15
# A name that is too long keeps its beginning and its end: schools may differ in either.
_HEAD: Final = 9
# So many points of a trend are drawn and told; more nobody can tell apart.
_POINTS: Final = 8
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: Decimal | None
    text: str
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Trend:
    """`lines` are drawn apart where the definitions changed; `breaks` is where; `target` how high the target is."""

    lines: list[str]
    dots: list[tuple[float, float]]
    breaks: list[float]
    top: Decimal
    target: float | None
    last: float


def thinned(points: Sequence[Point]) -> list[Point]:
    """As many days as a small chart can hold, and both sides of every change of definitions."""
    return [point for point, _ in trends.thinned([(each, each.definitions) for each in points], _POINTS)]


def trend(points: Sequence[Point], target: Decimal | None) -> Trend | None:
    """Devices per pupil over time; None where there are not two days to draw."""
    known = [(each, ratio) for each in points if (ratio := each.figures.devices_per_pupil) is not None]
    if len(known) < _SEVERAL:
        return None
    top = max(Decimal(1), target or Decimal(0), *(ratio for _, ratio in known))
    first, days = known[0][0].day, (known[-1][0].day - known[0][0].day).days
    placed = [
        (each.definitions, LEFT + (RIGHT - LEFT) * (each.day - first).days / days, _height(ratio, top))
        for each, ratio in known
    ]
    pairs = list(pairwise(placed))
    return Trend(
        lines=[_path(placed, definitions) for definitions in dict.fromkeys(each for each, _, _ in placed)],
        dots=[(x, y) for _, x, y in placed],
        breaks=[(x + later) / 2 for (old, x, _), (new, later, _) in pairs if old != new],
        top=top,
        target=_height(target, top) if target else None,
        last=placed[-1][2],
    )


def _path(placed: Sequence[tuple[int, float, float]], definitions: int) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for each, x, y in placed if each == definitions)


def _height(ratio: Decimal, top: Decimal) -> float:
    return BOTTOM - (BOTTOM - TOP) * float(ratio / top)


def bars(rows: Sequence[tuple[str, Decimal | None, str]], least_top: Decimal) -> Iterator[Bar]:
    """A bar for each name; its figure stands in a column of its own, so that no bar runs through it."""
    top = max([least_top, *(value for _, value, _ in rows if value is not None)])
    for number, (name, value, text) in enumerate(rows):
        width = round((BAR_RIGHT - BAR_LEFT) * float(value / top)) if value else 0
        short = name if len(name) <= _NAME else f"{name[:_HEAD].rstrip()}…{name[_HEAD + 1 - _NAME :].lstrip()}"
        yield Bar(short, value, text, number * ROW, width)

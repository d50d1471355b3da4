"""What a report on coverage is made from: one day's figures, what may be shown of them, and what they compare with."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from provision.core.figures import Coverage, Figures, Group, Level
from provision.core.language import Language
from provision.core.masking import FEWEST, masked, sums_of
from provision.core.planning import GRADES, Planning, Target, planning
from provision.core.trend import Point
from provision.reports.coverage.columns import Column
from provision.reports.coverage.numbers import Number

_Key = tuple[Level, str, str]
# Behind all numbers.
_LETTERS: Final = 10**9
# What each is made of on its page.
_PARTS: Final = {Level.COOPERATION: Level.MUNICIPALITY, Level.MUNICIPALITY: Level.SCHOOL}


class WhyNot(StrEnum):
    """Why a figure is not told."""

    MASKED = "masked"
    NOT_KNOWN = "not_known"
    NONE = "none"  # there is no such figure of this level


@dataclass(frozen=True, slots=True)
class National:
    """A published figure: `key` is that of the figure it compares with."""

    key: str
    value: Decimal
    year: int
    of: Mapping[Language, str]
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """`hidden` are the groups that masking does not show; `trends` go from the oldest day to the latest.

    `failure` is why these are not the whole figures of the day that was asked for, "" where they are.
    """

    coverage: Coverage
    site: str
    language: Language
    hidden: Set[Group] = frozenset()
    trends: Mapping[Group, Sequence[Point]] = field(default_factory=dict)
    target: Target | None = None
    national: Sequence[National] = ()
    failure: str = ""
    _hidden_then: Mapping[date, Set[_Key]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hidden_then", _hidden_then(self.trends))

    def value(self, column: Column, figures: Figures) -> Number | None:
        """A figure as it may be told: None where `why_not` has a reason, or where there is nothing to divide by."""
        return None if self.why_not(column, figures) else column.of(figures)

    def why_not(self, column: Column, figures: Figures) -> WhyNot | None:
        """Why a figure is not told, also where it is nothing; None where it is."""
        if figures.group in self.hidden:
            return WhyNot.MASKED
        if figures.group.level not in column.levels:
            return WhyNot.NONE
        if column.detail and self._near_masked(figures.group):
            return WhyNot.MASKED
        return None if column.known(figures) else WhyNot.NOT_KNOWN

    def _near_masked(self, group: Group) -> bool:
        """Whether a detail of a grade or class could give away a masked one, less it from what the school has.

        Masking looks at pupils and devices only. So a detail is told only where no group of the school, or, of the
        grades of all schools, no group at all, is masked.
        """
        if group.level not in (Level.GRADE, Level.CLASS):
            return False
        return any(not group.org or each.org == group.org for each in self.hidden)

    def whole(self) -> Figures | None:
        """The cooperation, else the municipality."""
        tops = (each for each in self.coverage.figures if each.group.level in _PARTS)
        return min(tops, key=lambda each: [*Level].index(each.group.level), default=None)

    def groups(self, level: Level, org: str) -> list[Figures]:
        """Those of a level at a school; grades as pupils grow, all else by name."""
        found = [each for each in self.coverage.figures if (each.group.level, each.group.org) == (level, org)]
        return sorted(found, key=_order)

    def parts(self, level: Level = Level.MUNICIPALITY) -> list[Figures]:
        """The schools of a municipality, or the municipalities of a cooperation.

        Who has the fewest devices for each pupil comes first, then those of whom nothing is shown or to be said.
        """
        found = [each for each in self.coverage.figures if each.group.level is _PARTS.get(level)]
        return sorted(found, key=self._need)

    def shown(self, figures: Sequence[Figures]) -> list[Figures]:
        return [each for each in figures if each.group not in self.hidden]

    def trend(self, group: Group) -> list[Point]:
        """The days on which it can be shown; none for a group that is masked today."""
        points = () if group in self.hidden else self.trends.get(group, ())
        return [each for each in points if _key(group) not in self._hidden_then.get(each.day, ())]

    def planning(self) -> Planning:
        return planning(self.coverage.figures, self.coverage.day, self.target, self.hidden)

    def _need(self, figures: Figures) -> tuple[bool, Decimal, str]:
        hidden = figures.group in self.hidden or figures.devices_per_pupil is None
        return hidden, Decimal(0) if hidden else figures.devices_per_pupil or Decimal(0), figures.group.name


def _key(group: Group) -> _Key:
    """What it is, whatever it was called."""
    return group.level, group.org, group.key


def _hidden_then(trends: Mapping[Group, Sequence[Point]]) -> dict[date, Set[_Key]]:
    """What masking did not show on each day on which there was a group of few."""
    few = {p.day for points in trends.values() for p in points if 0 < p.figures.pupils < FEWEST}
    by_day: defaultdict[date, list[Figures]] = defaultdict(list)
    for points in trends.values() if few else ():
        for point in points:
            if point.day in few:
                by_day[point.day].append(point.figures)
    found: dict[date, Set[_Key]] = {}
    before: list[Figures] = []
    hidden: Set[_Key] = frozenset()
    for day in sorted(by_day):
        if by_day[day] != before:  # most days are like the one before
            before = by_day[day]
            hidden = {_key(group) for group in masked(before, sums_of(before))}
        found[day] = hidden
    return found


def _order(figures: Figures) -> tuple[int, list[tuple[int, str]]]:
    """As people count: 9A comes before 10A."""
    group = figures.group
    place = GRADES.index(group.key) if group.level is Level.GRADE and group.key in GRADES else len(GRADES)
    parts = re.findall(r"[0-9]+|[^0-9]+", group.name)
    return place, [(int(part), "") if part.isdecimal() else (_LETTERS, part) for part in parts]

"""What a report on coverage is made from: one day's figures, what may be shown of them, and what they compare with."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Final

from provision.core.figures import Coverage, Figures, Group, Level
from provision.core.language import Language
from provision.core.masking import FEWEST
from provision.core.trend import Point

# Behind all numbers.
_LETTERS: Final = 10**9
_GRADES: Final = (*map(str, range(1, 11)), "vg1", "vg2", "vg3")


@dataclass(frozen=True, slots=True)
class Target:
    """What the site wants: so many pupils to a device, from a grade on."""

    pupils_per_device: int = 1
    from_grade: str = "1"

    def reaches(self, grade: str) -> bool:
        return grade in _GRADES and _GRADES.index(grade) >= _GRADES.index(self.from_grade)

    def missing(self, figures: Figures) -> int:
        """How many devices a group is short of; for one each, how many pupils have none to themselves."""
        if self.pupils_per_device == 1:
            return figures.missing
        needed = (Decimal(figures.pupils) / self.pupils_per_device).to_integral_value(ROUND_CEILING)
        return max(0, int(needed) - figures.devices)


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
    """`hidden` are the groups that masking does not show; `trends` go from the oldest day to the latest."""

    coverage: Coverage
    site: str
    language: Language
    hidden: Set[Group] = frozenset()
    trends: Mapping[Group, Sequence[Point]] = field(default_factory=dict)
    target: Target | None = None
    national: Sequence[National] = ()

    def groups(self, level: Level, org: str) -> list[Figures]:
        """Those of a level at a school; grades as pupils grow, all else by name."""
        found = [each for each in self.coverage.figures if (each.group.level, each.group.org) == (level, org)]
        return sorted(found, key=_order)

    def schools(self) -> list[Figures]:
        """Who has the fewest devices for each pupil comes first, then those of whom nothing is shown or to be said."""
        found = [each for each in self.coverage.figures if each.group.level is Level.SCHOOL]
        return sorted(found, key=self._need)

    def shown(self, figures: Sequence[Figures]) -> list[Figures]:
        return [each for each in figures if each.group not in self.hidden]

    def trend(self, group: Group) -> list[Point]:
        """The days on which it can be shown; none for a group that is masked today."""
        points = () if group in self.hidden else self.trends.get(group, ())
        return [each for each in points if not 0 < each.figures.pupils < FEWEST]

    def grades(self, org: str) -> list[Figures]:
        """Those of a school; of all schools where none is named."""
        of_all = [each for each in self.coverage.figures if each.group.level is Level.GRADE]
        return self.groups(Level.GRADE, org) if org else of_all

    def _need(self, figures: Figures) -> tuple[bool, Decimal, str]:
        hidden = figures.group in self.hidden or figures.devices_per_pupil is None
        return hidden, Decimal(0) if hidden else figures.devices_per_pupil or Decimal(0), figures.group.name


def _order(figures: Figures) -> tuple[int, list[tuple[int, str]]]:
    """As people count: 9A comes before 10A."""
    group = figures.group
    place = _GRADES.index(group.key) if group.level is Level.GRADE and group.key in _GRADES else len(_GRADES)
    parts = re.findall(r"[0-9]+|[^0-9]+", group.name)
    return place, [(int(part), "") if part.isdecimal() else (_LETTERS, part) for part in parts]

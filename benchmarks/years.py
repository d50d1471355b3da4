"""Five years of made-up daily figures: those of one day, of which each day a share of the classes has others."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from provision.core.calendar import school_year
from provision.core.counted import Counted
from provision.core.figures import Coverage, Figures, Group, Level

# How many machines of a class may be broken at a time.
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class _Whole:
    """The counted day, and of which groups each class is a part: its grade where it has but one, and the schools."""

    counted: Coverage
    classes: Sequence[Figures]
    wholes: Mapping[Group, Sequence[Group]]


def days(counted: Coverage, number: int, share: float, seed: int) -> Iterator[Coverage]:
    """So many days up to the one before the counted one.

    Each day other machines are broken in a share of the classes, hence in their grades and schools and in the
    municipality. Classes of other school years are others.
    """
    chance = Random(seed)  # noqa: S311 - made-up figures need no secrecy
    whole = _whole(counted)
    broken: Counter[Group] = Counter()
    for back in range(number, 0, -1):
        for each in chance.sample(whole.classes, round(share * len(whole.classes))):
            _change(each, whole.wholes[each.group], broken, chance)
        yield _as_of(whole, counted.day - timedelta(days=back), broken)


def _whole(counted: Coverage) -> _Whole:
    by_place: dict[tuple[Level, str, str], Group] = {
        (each.group.level, each.group.org, each.group.key): each.group for each in counted.figures
    }
    of_class = (each for each in counted.figures if each.group.level is Level.CLASS)
    classes = [each for each in of_class if min(each.with_one, each.counted.get(Counted.OWN, 0)) >= _MOST]
    wholes: defaultdict[Group, list[Group]] = defaultdict(list)
    for each in classes:
        org = each.group.org
        places = [(Level.MUNICIPALITY, "", ""), (Level.SCHOOL, org, "")]
        if len(each.grades) == 1:
            [grade] = each.grades
            places += [(Level.GRADE, "", grade), (Level.GRADE, org, grade)]
        wholes[each.group] += (by_place[place] for place in places)
    return _Whole(counted, classes, wholes)


def _change(figures: Figures, wholes: Sequence[Group], broken: Counter[Group], chance: Random) -> None:
    before = broken[figures.group]
    now = chance.choice([count for count in range(_MOST + 1) if count != before])
    for group in (figures.group, *wholes):
        broken[group] += now - before


def _as_of(whole: _Whole, day: date, broken: Mapping[Group, int]) -> Coverage:
    year = school_year(day)[0].year
    here = year == school_year(whole.counted.day)[0].year
    figures = (_with_broken(each, broken.get(each.group, 0)) for each in whole.counted.figures)
    return replace(
        whole.counted,
        day=day,
        figures=tuple(each if here else _of_year(each, year) for each in figures),
        issues=(),
    )


def _of_year(figures: Figures, year: int) -> Figures:
    """A class has another id in each school year."""
    group = figures.group
    return replace(figures, group=replace(group, key=f"{group.key}-{year}")) if group.level is Level.CLASS else figures


def _with_broken(figures: Figures, count: int) -> Figures:
    """So many pupils who had one machine have one that is broken."""
    if not count:
        return figures
    counted = Counter(figures.counted)
    counted[Counted.OWN] -= count
    counted[Counted.BROKEN] += count
    return replace(figures, counted=dict(counted), with_one=figures.with_one - count, without=figures.without + count)

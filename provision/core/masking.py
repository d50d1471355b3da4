"""Which groups of few pupils are not shown, and which others with them, so that no subtraction gives them away."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import gcd
from typing import Final, TypeVar

from provision.core.figures import Figures, Group, Level
from provision.core.masking_ways import OF_PUPILS, Ties, Way, cheapest, ties

# A group of fewer pupils is not shown, nor what could be worked out to be one.
FEWEST: Final = 5

# What is shown of a grade or class beside its number of pupils, hence what must not be worked out.
PROTECTED: Final = (*OF_PUPILS, "devices")

_Row = dict[Group, int]
# By group the figures that nobody has found to be open.
_Known = dict[Group, set[str]]
_Values = Mapping[Group, Figures]
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Sum:
    """Groups with the same pupils as others together: a school and its grades, or a grade and its classes."""

    wholes: tuple[Group, ...]
    parts: tuple[Group, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.wholes + self.parts

    def side(self, group: Group) -> int:
        return 1 if group in self.wholes else -1


def masked(figures: Iterable[Figures], sums: Iterable[Sum]) -> frozenset[Group]:
    """Every group that may not be shown, so that the others may.

    Whoever knows what is shown, and the sums, cannot work out how many pupils a masked group has, nor any figure of it
    but that it is nobody: as where nobody of FEWEST or more together is without a device. Nor can they work out how
    many pupils fewer than FEWEST are together.
    """
    values = {each.group: each for each in figures}
    told = [one for one in (_within(each, values) for each in sums) if one.groups]
    hidden = {group for group, each in values.items() if 0 < each.pupils < FEWEST}
    known: _Known = {group: {n for n in ("pupils", *PROTECTED) if getattr(each, n)} for group, each in values.items()}
    tied = ties(values, [(one.wholes, one.parts) for one in told])
    while more := _certain(values, tied, told, hidden, known) or _few(values, told, hidden):
        hidden |= more
    return frozenset(hidden)


def sums_of(figures: Iterable[Figures]) -> tuple[Sum, ...]:
    """What a reader can add up."""
    found: list[Sum] = []
    by_level: defaultdict[tuple[Level, str], list[Group]] = defaultdict(list)
    grades = {}
    for each in figures:
        grades[each.group] = each.grades
        by_level[each.group.level, each.group.org].append(each.group)
    tops, years = by_level[Level.MUNICIPALITY, ""], by_level[Level.GRADE, ""]
    towns = [
        group for (level, org), groups in by_level.items() if level is Level.MUNICIPALITY and org for group in groups
    ]
    found.append(Sum(tuple(by_level[Level.COOPERATION, ""]), tuple(towns)))
    schools = [group for (level, _), groups in by_level.items() if level is Level.SCHOOL for group in groups]
    found += [Sum(tuple(tops), tuple(schools)), Sum(tuple(tops), tuple(years))]
    for school in schools:
        of_grade, of_class = by_level[Level.GRADE, school.org], by_level[Level.CLASS, school.org]
        found += [Sum((school,), tuple(of_grade)), Sum((school,), tuple(of_class))]
        found += _shared(of_grade, of_class, grades)
    for year in years:
        same = (group for school in schools for group in by_level[Level.GRADE, school.org] if group.key == year.key)
        found.append(Sum((year,), tuple(same)))
    return tuple(one for one in found if one.wholes and one.parts)


def _shared(of_grade: Sequence[Group], of_class: Sequence[Group], grades: Mapping[Group, Set[str]]) -> Iterator[Sum]:
    """The grades that share no class with the others, with their classes: 6A and 6B are the sixth grade."""
    pairs = [(set(keys), [each]) for each in of_class if (keys := {*grades[each]})]
    for keys, classes in _tied(pairs):
        yield Sum(tuple(group for group in of_grade if group.key in keys), tuple(classes))


def _tied(pairs: Iterable[tuple[set[_K], list[_V]]]) -> list[tuple[set[_K], list[_V]]]:
    """One pair for all those that have a key in common, directly or through others."""
    found: list[tuple[set[_K], list[_V]]] = []
    for keys_of_one, things_of_one in pairs:
        keys, things = keys_of_one, things_of_one
        apart = []
        for theirs, others in found:
            if keys & theirs:
                keys, things = keys | theirs, others + things
            else:
                apart.append((theirs, others))
        found = [*apart, (keys, things)]
    return found


def _within(one: Sum, values: _Values) -> Sum:
    """The sum without groups of no pupils; empty where so many pupils are in no part that it gives nothing away."""
    wholes, parts = (tuple(g for g in side if g in values and values[g].pupils) for side in (one.wholes, one.parts))
    rest = sum(values[g].pupils for g in wholes) - sum(values[g].pupils for g in parts)
    return Sum(wholes, parts) if wholes and parts and rest < FEWEST else Sum((), ())


def _certain(values: _Values, tied: Ties, sums: Sequence[Sum], hidden: Set[Group], known: _Known) -> Set[Group]:
    """Who must be masked so that each figure of a masked group could be another; nobody's are let be."""
    for group in (each for each in values if each in hidden):
        for figure in (name for name in (*PROTECTED, "pupils") if name in known[group]):
            way = _way(group, figure, tied, hidden)
            if not way:  # what nobody finds a way for is taken to be known
                mine = [one for one in sums if group in one.groups]
                if best := _best(mine, hidden, values, {figure}):
                    return best
                known[group].discard(figure)
            left_open = _open(way, values)
            for each in way:
                known[each] -= left_open
            if more := way.keys() - hidden:
                return more
    return frozenset()


def _way(group: Group, figure: str, tied: Ties, hidden: Set[Group]) -> Way:
    """A way that leaves the figure open, empty where none is found."""
    if figure != "pupils":
        return cheapest(group, figure, tied, hidden)
    ways = (cheapest(group, each, tied, hidden, alone=True) for each in OF_PUPILS)
    return next((each for each in ways if each), {})


def _open(way: Way, values: _Values) -> set[str]:
    return _left_open(way, values) | _left_open({group: -step for group, step in way.items()}, values)


def _few(values: _Values, sums: Sequence[Sum], hidden: Set[Group]) -> Set[Group]:
    """Who must be masked because several sums at once tell of few pupils together."""
    touching = (({g for g in one.groups if g in hidden}, [one]) for one in sums)
    for tied, over in _tied((members, one) for members, one in touching if members):
        for row in _reduced(over, [group for group in values if group in tied]):
            if len({count > 0 for count in row.values()}) == 1 and sum(values[g].pupils for g in row) < FEWEST:
                return _best([one for one in over if row.keys() & {*one.groups}], hidden, values, PROTECTED)
    return frozenset()


def _reduced(sums: Iterable[Sum], members: Sequence[Group]) -> list[_Row]:
    """What is known of the masked groups: sums of them, in reduced echelon form, each with its pivot first."""
    rows: list[_Row] = []
    for one in sums:
        row = {group: one.side(group) for group in members if group in one.groups}
        for done in rows:
            row = _less(row, done)
        if row:
            rows = [*(_less(done, row) for done in rows), row]
    return rows


def _less(row: _Row, other: _Row) -> _Row:
    """The row with as much of the other taken from it as leaves nothing of the other's pivot."""
    pivot = next(iter(other))
    if pivot not in row:
        return row
    mine, theirs = other[pivot], row[pivot]
    taken = {group: mine * row.get(group, 0) - theirs * other.get(group, 0) for group in (row | other)}
    shared = gcd(*taken.values()) or 1
    return {group: count // shared for group, count in taken.items() if count}


def _left_open(move: Way, values: _Values) -> set[str]:
    """The figures that could be as if the move were made: alone, or with as many pupils of another figure back."""

    def fits(name: str, sign: int = 1, least: int = 0) -> bool:
        return all(getattr(values[group], name) + sign * count >= least for group, count in move.items())

    there = {name for name in OF_PUPILS if fits(name)}
    back = {name for name in OF_PUPILS if fits(name, -1)}
    found = {name for one in there for other in back - {one} for name in (one, other)}
    if there and fits("pupils", least=1):
        found |= {"pupils", *there}
    return found | {"devices"} if fits("devices") else found


def _best(sums: Sequence[Sum], hidden: Set[Group], values: _Values, names: Iterable[str]) -> Set[Group]:
    """Of those shown in the sums the one whose masking does most and costs least; a whole last; nobody if none is."""
    found: dict[Group, tuple[bool, int, int, int]] = {}
    for one in sums:
        sides = {one.side(group) for group in one.groups if group in hidden}
        for other in (group for group in one.groups if group not in hidden):
            last, times, _, _ = found.get(other, (True, 0, 0, 0))
            has = sum(getattr(values[other], name) > 0 for name in names)
            whole = one.side(other) == 1 and -1 in sides
            found[other] = (last and whole, times - 1, -has, values[other].pupils)
    return {min(found, key=found.__getitem__)} if found else frozenset()

"""Ways in which masked groups could have other figures, so that nothing that is shown would tell of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final

from provision.core.figures import Figures, Group, Level

OF_PUPILS: Final = ("without", "with_one", "with_more")
# By group how many pupils, or devices, a way gives it; negative where it takes them.
Way = Mapping[Group, int]
# A way, by the places of its groups.
_Steps = Mapping[int, int]
# A way begun: what it costs so far with what it still lacks, its turn, its steps, by how much which sums are off, and
# as which kinds of moves it may be.
_Begun = tuple[int, int, _Steps, Mapping[int, int], frozenset[str]]
# How far a way is sought, among how many groups at each step, and how many of a large sum are looked at.
_TRIES: Final = 1000
_BROAD: Final = 10
_LOOK: Final = 40
# What masking a group costs beside its pupils, and how many times that a school costs; a whole is the last resort.
_EACH: Final = 20
_SCHOOL: Final = 5
_WHOLE: Final = 1000
# What it is taken to cost to put one more sum right.
_STEP: Final = 30


@dataclass(frozen=True, slots=True)
class Ties:
    """The groups with their figures; by their places who is in which sum, those first that cost least to mask; on which
    side of which sums each is, and what it costs.
    """

    groups: Sequence[Group]
    places: Mapping[Group, int]
    values: Sequence[Figures]
    sums: Sequence[Sequence[int]]
    sides: Sequence[Mapping[int, int]]
    costs: Sequence[int]


def ties(values: Mapping[Group, Figures], sums: Iterable[tuple[Sequence[Group], Sequence[Group]]]) -> Ties:
    """What search is done in. `sums` are wholes and parts."""
    groups = list(values)
    places = {group: at for at, group in enumerate(groups)}
    costs = [_cost(each) for each in values.values()]
    sides: list[dict[int, int]] = [{} for _ in groups]
    members = []
    for at, (wholes, parts) in enumerate(sums):
        for side, some in ((1, wholes), (-1, parts)):
            for group in some:
                sides[places[group]][at] = side
        members.append(sorted((places[group] for group in (*wholes, *parts)), key=lambda each: (costs[each], each)))
    return Ties(groups, places, list(values.values()), members, sides, costs)


def _cost(figures: Figures) -> int:
    group = figures.group
    times = _WHOLE if not group.org or group.level is Level.MUNICIPALITY else 1
    return (_EACH + figures.pupils) * (_SCHOOL if group.level is Level.SCHOOL else times)


def cheapest(start: Group, figure: str, tied: Ties, hidden: Set[Group], *, alone: bool = False) -> Way:
    """The way found that gives the group more or fewer of a figure and takes the least more masking; empty for none.

    Nobody ends with fewer than none of anything, nor a group without pupils. `alone`: so that its number of pupils is
    another as well.
    """
    search = _Search(figure, tied, {tied.places[group] for group in hidden}, alone)
    found = [way for sign in (-1, 1) if (way := search.first(tied.places[start], sign))]
    best = min(found, key=lambda way: (search.cost(way), len(way)), default={})
    return {tied.groups[at]: step for at, step in best.items()}


@dataclass(frozen=True, slots=True)
class _Search:
    """`figure` is one of devices, or of pupils: those that move take no other figure's place, or that of one of them
    who move the other way, so that each group has as many pupils as before.
    """

    figure: str
    tied: Ties
    hidden: Set[int]
    alone: bool

    def first(self, at: int, sign: int) -> _Steps:
        turn = count()
        begin = {n: sign * side for n, side in self.tied.sides[at].items()}
        ways: list[_Begun] = [(0, next(turn), {at: sign}, begin, self._kinds(at, sign))]
        for _ in range(_TRIES):
            if not ways:
                break
            _, _, way, off, kinds = heappop(ways)
            if not off and kinds:
                return way
            for step in self._steps(way, off, kinds) if kinds else ():
                heappush(ways, (step[0], next(turn), *step[1:]))
        return {}

    def cost(self, way: Iterable[int]) -> int:
        return sum(1 if at in self.hidden else self.tied.costs[at] for at in way)

    def _kinds(self, at: int, sign: int) -> frozenset[str]:
        """As which kind of move it may be: of the figure alone ("") or against another one."""
        one = self.tied.values[at]
        if self.figure == "devices":
            return frozenset({""} if sign > 0 or one.devices else ())
        against = [] if self.alone else [name for name in OF_PUPILS if name != self.figure]
        if sign > 0:
            return frozenset(("", *(name for name in against if getattr(one, name))))
        if not getattr(one, self.figure):
            return frozenset()
        return frozenset(("", *against) if one.pupils > 1 else against)

    def _steps(
        self, way: _Steps, off: Mapping[int, int], kinds: Set[str]
    ) -> Iterator[tuple[int, _Steps, Mapping[int, int], frozenset[str]]]:
        """The ways with one group more, which puts the sum right that fewest groups could."""
        tied = self.tied
        at = min(off, key=lambda each: (len(tied.sums[each]), each))
        found = []
        for other in self._looked_at(at, off):
            step = -1 if (off[at] > 0) == (tied.sides[other][at] > 0) else 1
            if other not in way and (left := self._kinds(other, step) & kinds):
                sides = tied.sides[other]
                wrong = len(off) + sum((n not in off) - (off.get(n, 0) == -step * side) for n, side in sides.items())
                found.append(((1 if other in self.hidden else tied.costs[other]) + _STEP * wrong, other, step, left))
        spent = self.cost(way)
        for cost, other, step, left in sorted(found, key=lambda each: each[:2])[:_BROAD]:
            sides = tied.sides[other]
            after = {n: rest for n in {**off, **sides} if (rest := off.get(n, 0) + step * sides.get(n, 0))}
            yield spent + cost, {**way, other: step}, after, left

    def _looked_at(self, at: int, off: Mapping[int, int]) -> Iterable[int]:
        """Of a large sum those that are masked, cost little, or put another sum right as well."""
        every = self.tied.sums[at]
        if len(every) <= _LOOK:
            return every
        others = (each for n in off if n != at and len(self.tied.sums[n]) <= _LOOK for each in self.tied.sums[n])
        both = [each for each in others if at in self.tied.sides[each]]
        return dict.fromkeys((*(each for each in every if each in self.hidden), *every[:_LOOK], *both))

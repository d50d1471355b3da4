"""What it takes to reach a target and to keep it, and which school could lend machines to which."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from provision.core.calendar import school_year
from provision.core.counted import Counted
from provision.core.figures import Figures, Group, Level

GRADES: Final = (*map(str, range(1, 11)), "vg1", "vg2", "vg3", "vg4")
# So many school years after this one are planned.
AHEAD: Final = 5


@dataclass(frozen=True, slots=True)
class Target:
    """What the site wants: so many pupils to a device, from a grade on."""

    pupils_per_device: int = 1
    from_grade: str = "1"

    def reaches(self, grade: str) -> bool:
        return grade in GRADES and GRADES.index(grade) >= GRADES.index(self.from_grade)

    def needed(self, pupils: int) -> int:
        return -(-pupils // self.pupils_per_device)

    def missing(self, figures: Figures) -> int:
        """How many devices a group is short of; for one each, how many pupils could get none to themselves."""
        return figures.missing if self.pupils_per_device == 1 else max(0, self.needed(figures.pupils) - figures.devices)


@dataclass(frozen=True, slots=True)
class Ends:
    """How many machines for pupils reach their end: before this school year, in this one and in each of the next AHEAD
    by the calendar year in which it begins, and after those; of the rest nobody knows.
    """

    before: int
    by_year: Mapping[int, int]
    later: int
    unknown: int

    @property
    def devices(self) -> int:
        return self.before + sum(self.by_year.values()) + self.later + self.unknown


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of one school. `missing` is what the target takes beyond the pool, `in_stock` what lies there unused, `short`
    what is still missing then; `spare` is what nobody here needs. `known` is not so where no grade that the target is
    about has figures, `whole` where some of those have none.

    `replaced` is how many must be bought to keep the target, by year as in Ends, those that ended `before` in this
    one: what goes out, less what the school has beyond the target. It takes for granted that as many pupils stay.
    """

    group: Group
    ends: Ends
    missing: int = 0
    in_stock: int = 0
    short: int = 0
    spare: int = 0
    replaced: Mapping[int, int] = field(default_factory=dict)
    known: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Loan:
    """So many machines could go from one school to another."""

    lender: Group
    borrower: Group
    devices: int


@dataclass(frozen=True, slots=True)
class Planning:
    """`ends` are those of the municipality, or of whatever comes first; schools that may not be shown are left out of
    the rest, and `whole` is not so where there are any. Without a target nothing is short, spare or lent.
    """

    years: tuple[int, ...]
    ends: Ends | None
    schools: tuple[Outlook, ...]
    loans: tuple[Loan, ...]
    whole: bool

    @property
    def short(self) -> int:
        return sum(each.short for each in self.schools)

    @property
    def replaced(self) -> Mapping[int, int]:
        return {year: sum(each.replaced.get(year, 0) for each in self.schools) for year in self.years}


def planning(figures: Sequence[Figures], day: date, target: Target | None, hidden: Set[Group]) -> Planning:
    """What can be planned on that day from what may be shown."""
    years = tuple(range(first := school_year(day)[0].year, first + AHEAD + 1))
    of_school = [each for each in figures if each.group.level is Level.SCHOOL]
    grades: dict[str, list[Figures]] = {each.group.org: [] for each in of_school}
    for each in figures:
        if each.group.level is Level.GRADE and each.group.org in grades:
            grades[each.group.org].append(each)
    shown = [each for each in of_school if each.group not in hidden]
    schools = tuple(_outlook(each, grades[each.group.org], years, target, hidden) for each in shown)
    top = next((f for f in figures if f.group.level in (Level.COOPERATION, Level.MUNICIPALITY)), None)
    return Planning(
        years=years,
        ends=ends_of(top, years) if top and top.group not in hidden else None,
        schools=schools,
        loans=loans(schools),
        whole=len(shown) == len(of_school),
    )


def ends_of(figures: Figures, years: Sequence[int]) -> Ends:
    return Ends(
        before=sum(count for year, count in figures.ends.items() if year < years[0]),
        by_year={year: figures.ends.get(year, 0) for year in years},
        later=sum(count for year, count in figures.ends.items() if year > years[-1]),
        unknown=max(0, figures.devices - sum(figures.ends.values())),
    )


def _outlook(
    school: Figures, grades: Iterable[Figures], years: Sequence[int], target: Target | None, hidden: Set[Group]
) -> Outlook:
    plain = Outlook(school.group, ends_of(school, years))
    if target is None:
        return plain
    meant = [each for each in grades if each.pupils and target.reaches(each.group.key)]
    shown = [each for each in meant if each.group not in hidden]
    wanting = sum(target.missing(each) for each in shown)
    pool, stock = school.counted.get(Counted.POOL, 0), school.counted.get(Counted.STOCK, 0)
    spare = _spare(school, target, wanting)
    return replace(
        plain,
        missing=max(0, wanting - pool),
        in_stock=stock,
        short=max(0, wanting - pool - stock),
        spare=spare,
        replaced=_replaced(plain.ends, spare),
        known=bool(shown) or not school.pupils,
        whole=len(shown) == len(meant),
    )


def _spare(school: Figures, target: Target, wanting: int) -> int:
    """Of pool and stock what can go so that all pupils here, of whatever grade, still have what the target says."""
    free = school.counted.get(Counted.POOL, 0) + school.counted.get(Counted.STOCK, 0)
    above = school.devices + school.counted.get(Counted.STOCK, 0) - target.needed(school.pupils)
    bare = max(wanting, school.without if target.pupils_per_device == 1 else 0)
    return max(0, min(above, free - bare))


def _replaced(ends: Ends, beyond: int) -> Mapping[int, int]:
    found = {}
    out = ends.before
    for year, count in ends.by_year.items():
        out += count
        taken = min(out, beyond)
        found[year], beyond, out = out - taken, beyond - taken, 0
    return found


def loans(schools: Iterable[Outlook]) -> tuple[Loan, ...]:
    """Whoever can spare most lends to whoever is shortest, until nobody can or need."""
    outlooks = sorted(schools, key=lambda each: (each.group.name, each.group.org))
    spare = {each.group: each.spare for each in outlooks if each.spare}
    short = {each.group: each.short for each in outlooks if each.short}
    found = []
    while spare and short:
        lender, borrower = max(spare, key=spare.__getitem__), max(short, key=short.__getitem__)
        devices = min(spare[lender], short[borrower])
        found.append(Loan(lender, borrower, devices))
        for left, group in ((spare, lender), (short, borrower)):
            left[group] -= devices
            if not left[group]:
                del left[group]
    return tuple(found)

"""The figures of device coverage, each defined once: for a municipality, its schools, and their grades and classes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.devices import DeviceKind
from provision.core.roster import Issue

# What is counted how. A new number whenever a figure means something else: in a trend that is a break and no jump.
DEFINITIONS: Final = 1
# What the pupils come from, among all that figures stand on.
SIS: Final = "SIS"

_TENTH: Final = Decimal("0.1")


class Level(StrEnum):
    COOPERATION = "cooperation"
    MUNICIPALITY = "municipality"
    SCHOOL = "school"
    GRADE = "grade"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Group:
    """Whom figures are about: `org` is the school's number, `key` the grade or the class's sourced id, `name` what
    people call it. `org` is "" for the municipality and its grades; in a cooperation it is the municipality's site.
    """

    level: Level
    org: str
    name: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What a school's line carries, and what one machine needs of it."""

    kbit: int
    kbit_each: int

    @property
    def carries(self) -> int:
        return self.kbit // self.kbit_each


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group on one day. `counted` are machines by what they count as; of a grade or class, those of its pupils.

    `without`, `with_one` and `with_more` are pupils by how many machines they have to themselves, own or on loan;
    where no inventory says of any pupil that they have one, `named` is not so and nobody knows. `kinds` and `ends`
    are of the machines that a pupil can use: of which kind they are, and in which school year, by the calendar year
    in which it begins, their time is over. `grades` are, of a class, those of its pupils.
    """

    group: Group
    pupils: int
    counted: Mapping[Counted, int] = field(default_factory=dict)
    without: int = 0
    with_one: int = 0
    with_more: int = 0
    past_end: int = 0
    link: Link | None = None
    kinds: Mapping[DeviceKind, int] = field(default_factory=dict)
    ends: Mapping[int, int] = field(default_factory=dict)
    named: bool = True
    grades: frozenset[str] = frozenset()

    @property
    def devices(self) -> int:
        """Those that a pupil can use: own, on loan, and the school's pool."""
        return sum(self.counted.get(each, 0) for each in FOR_PUPILS)

    @property
    def at_once(self) -> int:
        """Those that can be in use at one time, by what the school's line carries."""
        return min(self.devices, self.link.carries) if self.link else self.devices

    @property
    def pupils_per_device(self) -> Decimal | None:
        return ratio(self.pupils, self.devices)

    @property
    def pupils_per_device_at_once(self) -> Decimal | None:
        return ratio(self.pupils, self.at_once)

    @property
    def devices_per_pupil(self) -> Decimal | None:
        return ratio(self.devices, self.pupils, Decimal("0.01"))

    @property
    def share_with_own(self) -> Decimal | None:
        """Of pupils with a machine to themselves, in per cent; None where nobody knows who has one."""
        return ratio(100 * (self.with_one + self.with_more), self.pupils, Decimal(1)) if self.named else None

    @property
    def missing(self) -> int:
        """How many machines are needed before every pupil can have one: who has none may get one of the pool."""
        return max(0, self.without - self.counted.get(Counted.POOL, 0))


@dataclass(frozen=True, slots=True)
class Tally:
    """How much one thing that figures stand on held, such as an inventory its machines, and when that was true."""

    name: str
    count: int
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """All figures of one day, from the municipality down, with what they stand on: the SIS and every inventory.

    `issues` are what someone should mend in an inventory.
    """

    day: date
    definitions: int
    figures: tuple[Figures, ...]
    stands_on: tuple[Tally, ...] = ()
    issues: tuple[Issue, ...] = ()


def in_order(figures: Iterable[Figures]) -> tuple[Figures, ...]:
    """The municipality, then school by school, each followed by its grades and classes."""
    levels = list(Level)

    def place(each: Figures) -> tuple[str, int, int, str, str]:
        group = each.group
        grade = int(group.key) if group.level is Level.GRADE and group.key.isdecimal() else 99
        return group.org, levels.index(group.level), grade, group.name, group.key

    return tuple(sorted(figures, key=place))


def ratio(count: int, of: int, step: Decimal = _TENTH) -> Decimal | None:
    """Half up, as people round; None where there is nothing to divide by."""
    return (Decimal(count) / of).quantize(step, ROUND_HALF_UP) if of else None

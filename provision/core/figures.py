"""The figures of device coverage, each defined once: for a municipality, its schools, and their grades and classes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.roster import Issue

# What is counted how. A new number whenever a figure means something else: in a trend that is a break and no jump.
DEFINITIONS: Final = 1

_TENTH: Final = Decimal("0.1")


class Level(StrEnum):
    MUNICIPALITY = "municipality"
    SCHOOL = "school"
    GRADE = "grade"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Group:
    """Whom figures are about: `org` is the school's number ("" for the municipality), `key` the grade or the class's
    sourced id, `name` what people call it.
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
    """Of one group on one day. `counted` are machines by what they count as; of a grade or class, those in pupils'
    hands.

    `without`, `with_one` and `with_more` are pupils by how many machines they have to themselves, own or on loan.
    """

    group: Group
    pupils: int
    counted: Mapping[Counted, int] = field(default_factory=dict)
    without: int = 0
    with_one: int = 0
    with_more: int = 0
    past_end: int = 0
    link: Link | None = None

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
        """Of pupils with a machine to themselves, in per cent."""
        return ratio(100 * (self.with_one + self.with_more), self.pupils, Decimal(1))

    @property
    def missing(self) -> int:
        """How many machines are needed before every pupil has one."""
        return self.without


@dataclass(frozen=True, slots=True)
class Coverage:
    """All figures of one day, from the municipality down, with what they stand on.

    `as_of` says of each inventory when its content was true; `late` are those that were down, whose last content is
    used. `issues` are what someone should mend in an inventory. `grades` are, by class, those of its pupils.
    """

    day: date
    definitions: int
    figures: tuple[Figures, ...]
    as_of: Mapping[str, datetime | None] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()
    grades: Mapping[str, frozenset[str]] = field(default_factory=dict)


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

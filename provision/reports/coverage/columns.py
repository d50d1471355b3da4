"""Every figure of the reports once: its key, how it is read from a group's figures, and of which levels it is told."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import Final

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.figures import Figures, Level
from provision.reports.coverage.numbers import Number, Unit

_ALL: Final = frozenset(Level)
# Of grades and classes only the devices in pupils' hands are known.
_OF_SCHOOLS: Final = frozenset({Level.MUNICIPALITY, Level.SCHOOL})
_OF_A_SCHOOL: Final = frozenset({Level.SCHOOL})


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is stable: it names the figure in files, in the wording and in the definitions."""

    key: str
    read: Callable[[Figures], Number | None]
    unit: Unit = Unit.COUNT
    levels: Set[Level] = _ALL

    def of(self, figures: Figures) -> Number | None:
        """None where there is no such figure, be it of this level or for want of something to divide by."""
        return self.read(figures) if figures.group.level in self.levels else None


def _counted(figures: Figures, kind: Counted) -> int:
    return figures.counted.get(kind, 0)


# Those for pupils first, then from the likeliest to be of use to them to the least.
_ORDER: Final = (
    Counted.OWN,
    Counted.LOAN,
    Counted.POOL,
    *(each for each in reversed(Counted) if each not in FOR_PUPILS),
)
_KINDS: Final = tuple(Column(kind.value, partial(_counted, kind=kind), levels=_OF_SCHOOLS) for kind in _ORDER)
COLUMNS: Final = (
    Column("pupils", lambda f: f.pupils),
    Column("devices", lambda f: f.devices),
    Column("pupils_per_device", lambda f: f.pupils_per_device, Unit.RATIO),
    Column("devices_per_pupil", lambda f: f.devices_per_pupil, Unit.RATIO),
    Column("share_with_own", lambda f: f.share_with_own, Unit.PERCENT),
    Column("without", lambda f: f.without),
    Column("with_one", lambda f: f.with_one),
    Column("with_more", lambda f: f.with_more),
    Column("missing", lambda f: f.missing),
    Column("at_once", lambda f: f.at_once, levels=_OF_A_SCHOOL),
    Column("pupils_per_device_at_once", lambda f: f.pupils_per_device_at_once, Unit.RATIO, _OF_A_SCHOOL),
    *_KINDS,
    Column("past_end", lambda f: f.past_end, levels=_OF_SCHOOLS),
)
# What the table of kinds is made of; the first of them stand there even where there are none.
ALL_KINDS: Final = (*(column.key for column in _KINDS), "past_end")
FOR_PUPILS_KINDS: Final = ALL_KINDS[: len(FOR_PUPILS)]
BY_KEY: Final = {column.key: column for column in COLUMNS}

"""Every figure of the reports once: its key, how it is read from a group's figures, and of which levels it is told."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import Final

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.devices import DeviceKind
from provision.core.figures import Figures, Level
from provision.reports.coverage.numbers import Number, Unit

_ALL: Final = frozenset(Level)
# Of grades and classes only the machines in pupils' hands are known.
_OF_SCHOOLS: Final = _ALL - {Level.GRADE, Level.CLASS}
_OF_A_SCHOOL: Final = frozenset({Level.SCHOOL})
_HELD: Final = frozenset({Counted.OWN, Counted.LOAN, Counted.STALE, Counted.BROKEN})


def _in_hands(figures: Figures) -> bool:
    """Of a grade or class nothing is known where nobody knows who has which machine."""
    return figures.named or figures.group.level in _OF_SCHOOLS


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is stable: it names the figure in files, in the wording and in the definitions.

    `detail` is what masking does not look at (see Report.withheld). `known` says whether anybody knows it of a group.
    """

    key: str
    read: Callable[[Figures], Number | None]
    unit: Unit = Unit.COUNT
    levels: Set[Level] = _ALL
    detail: bool = False
    known: Callable[[Figures], bool] = _in_hands

    def of(self, figures: Figures) -> Number | None:
        """None where there is no such figure, be it of this level or for want of something to divide by."""
        return self.read(figures) if figures.group.level in self.levels else None


def _counted(figures: Figures, kind: Counted) -> int:
    return figures.counted.get(kind, 0)


def _of_kind(figures: Figures, kind: DeviceKind) -> int:
    return figures.kinds.get(kind, 0)


def _always(_figures: Figures) -> bool:
    return True


def _named(figures: Figures) -> bool:
    return figures.named


def _has_link(figures: Figures) -> bool:
    return figures.link is not None


# Those for pupils first, then from the likeliest to be of use to them to the least.
_ORDER: Final = (
    Counted.OWN,
    Counted.LOAN,
    Counted.POOL,
    *(each for each in reversed(Counted) if each not in FOR_PUPILS),
)
_COUNTED: Final = tuple(
    Column(each.value, partial(_counted, kind=each), levels=_ALL if each in _HELD else _OF_SCHOOLS, detail=True)
    for each in _ORDER
)
_KINDS: Final = tuple(Column(f"kind_{each.value}", partial(_of_kind, kind=each), detail=True) for each in DeviceKind)
COLUMNS: Final = (
    Column("pupils", lambda f: f.pupils, known=_always),
    Column("devices", lambda f: f.devices),
    Column("pupils_per_device", lambda f: f.pupils_per_device, Unit.RATIO),
    Column("devices_per_pupil", lambda f: f.devices_per_pupil, Unit.RATIO),
    Column("share_with_own", lambda f: f.share_with_own, Unit.PERCENT, known=_named),
    Column("without", lambda f: f.without, known=_named),
    Column("with_one", lambda f: f.with_one, known=_named),
    Column("with_more", lambda f: f.with_more, known=_named),
    Column("missing", lambda f: f.missing, levels=_OF_SCHOOLS),
    Column("at_once", lambda f: f.at_once, levels=_OF_A_SCHOOL, known=_has_link),
    Column(
        "pupils_per_device_at_once", lambda f: f.pupils_per_device_at_once, Unit.RATIO, _OF_A_SCHOOL, known=_has_link
    ),
    *_COUNTED,
    Column("past_end", lambda f: f.past_end, detail=True),
    *_KINDS,
    Column("link_kbit", lambda f: f.link.kbit if f.link else None, levels=_OF_A_SCHOOL, known=_has_link),
    Column("link_kbit_each", lambda f: f.link.kbit_each if f.link else None, levels=_OF_A_SCHOOL, known=_has_link),
)
# What the tables of all devices and of those for pupils are made of; the first stand there even where there are none.
ALL_COUNTED: Final = (*(column.key for column in _COUNTED), "past_end")
FOR_PUPILS_COUNTED: Final = ALL_COUNTED[: len(FOR_PUPILS)]
KINDS: Final = tuple(column.key for column in _KINDS)
BY_KEY: Final = {column.key: column for column in COLUMNS}

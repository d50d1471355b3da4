"""A group's figures beside the municipality's, its median and the country's."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from provision.core.figures import Figures, Level
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.numbers import Number
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

KEYS: Final = ("devices_per_pupil", "pupils_per_device", "share_with_own")


@dataclass(frozen=True, slots=True)
class Beside:
    """Whose figures these are, by key; `source` of what was published."""

    name: str
    figures: dict[str, Number | None]
    source: str = ""


def compared(report: Report, figures: Figures) -> Iterator[Beside]:
    """The group itself, then what it compares with."""
    town = next((each for each in report.coverage.figures if each.group.level is Level.MUNICIPALITY), None)
    yield Beside(figures.group.name, _read(figures))
    if town and town.group != figures.group and town.group not in report.hidden:
        yield Beside(said("whole_town", report.language), _read(town))
    schools = [_read(each) for each in report.shown(report.schools())]
    if len(schools) > 1:
        yield Beside(said("median", report.language), {key: median([each[key] for each in schools]) for key in KEYS})
    for each in report.national:
        name = said("nation", report.language, year=str(each.year), of=each.of[report.language])
        yield Beside(name, {each.key: each.value}, each.source)


def median(numbers: list[Number | None]) -> Decimal | None:
    """The middle one, or half-way between the two in the middle, half up to as many decimals; of nothing None."""
    known = [Decimal(number) for number in numbers if number is not None]
    return statistics.median(known).quantize(known[0], ROUND_HALF_UP) if known else None


def _read(figures: Figures) -> dict[str, Number | None]:
    return {key: BY_KEY[key].of(figures) for key in KEYS}

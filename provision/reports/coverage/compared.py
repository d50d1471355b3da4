"""A group's figures beside the municipality's, its median and the country's."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from provision.core.figures import Figures, Level
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.numbers import Number
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

KEYS: Final = ("devices_per_pupil", "pupils_per_device", "share_with_own")
WHOLE: Final = {Level.COOPERATION: "whole_cooperation", Level.MUNICIPALITY: "whole_town"}


@dataclass(frozen=True, slots=True)
class Beside:
    """Whose figures these are: those `of` a group, or `published` (by key) in a `source`, or worked out."""

    name: str
    of: Figures | None = None
    published: Mapping[str, Number | None] = field(default_factory=dict)
    source: str = ""


def compared(report: Report, figures: Figures) -> Iterator[Beside]:
    """The group itself, then what it compares with."""
    whole = report.whole() or figures
    level = whole.group.level
    yield Beside(figures.group.name, figures)
    if whole.group != figures.group and whole.group not in report.hidden:
        yield Beside(said(WHOLE[level], report.language), whole)
    parts = [{key: report.value(BY_KEY[key], each) for key in KEYS} for each in report.shown(report.parts(level))]
    if len(parts) > 1:
        name = said("median_of_municipalities" if level is Level.COOPERATION else "median", report.language)
        yield Beside(name, published={key: median([each[key] for each in parts]) for key in KEYS})
    for each in report.national:
        name = said("nation", report.language, year=str(each.year), of=each.of[report.language])
        yield Beside(name, published={each.key: each.value}, source=each.source)


def median(numbers: list[Number | None]) -> Decimal | None:
    """The middle one, or half-way between the two in the middle, half up to as many decimals; of nothing None."""
    known = [Decimal(number) for number in numbers if number is not None]
    return statistics.median(known).quantize(known[0], ROUND_HALF_UP) if known else None

"""The figures for other programs: CSV and JSON, whose keys stay as they are, in the numbers that computers read."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from provision.core.figures import Figures, Group
from provision.core.trend import Point
from provision.formats.spreadsheet import inert
from provision.reports.coverage.columns import COLUMNS
from provision.reports.coverage.numbers import Number
from provision.reports.coverage.report import Report

# A new number whenever a key goes or means something else.
FORMAT: Final = 1
_GROUP: Final = ("level", "school", "key", "name", "masked")


def as_csv(report: Report) -> str:
    """A row for each group of the day; cells of what is masked, or is no figure of it, are empty.

    A name that a spreadsheet would take for a formula, or that begins with an apostrophe, has an apostrophe before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("day", "definitions", *_GROUP, *(column.key for column in COLUMNS)))
    for each in report.coverage.figures:
        group, masked = each.group, each.group in report.hidden
        start = (
            report.coverage.day.isoformat(),
            report.coverage.definitions,
            group.level.value,
            *map(inert, (group.org, group.key, group.name)),
        )
        numbers = ("" if masked else _plain(column.of(each)) for column in COLUMNS)
        writer.writerow((*start, int(masked), *numbers))
    return text.getvalue()


def as_json(report: Report) -> str:
    """One document with everything that the other reports have; what is masked is null."""
    coverage = report.coverage
    document = {
        "format": FORMAT,
        "site": report.site,
        "day": coverage.day.isoformat(),
        "definitions": coverage.definitions,
        "inventories": [
            {"name": name, "as_of": _moment(moment), "late": name in coverage.late}
            for name, moment in coverage.as_of.items()
        ],
        "issues": len(coverage.issues),
        "groups": [_group(report, each) for each in coverage.figures],
        "trends": [_trend(report, group) for group in report.trends if group not in report.hidden],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _group(report: Report, figures: Figures) -> dict[str, Any]:
    masked = figures.group in report.hidden
    link = None if masked or not figures.link else {"kbit": figures.link.kbit, "kbit_each": figures.link.kbit_each}
    return {**_named(figures.group), "masked": masked, "link": link, "figures": None if masked else _numbers(figures)}


def _trend(report: Report, group: Group) -> dict[str, Any]:
    return {**_named(group), "days": [_day(point) for point in report.trend(group)]}


def _day(point: Point) -> dict[str, Any]:
    return {"day": point.day.isoformat(), "definitions": point.definitions, "figures": _numbers(point.figures)}


def _named(group: Group) -> dict[str, str]:
    return {"level": group.level.value, "school": group.org, "key": group.key, "name": group.name}


def _numbers(figures: Figures) -> dict[str, int | float | None]:
    found = {column.key: column.of(figures) for column in COLUMNS}
    return {key: float(number) if isinstance(number, Decimal) else number for key, number in found.items()}


def _plain(number: Number | None) -> str:
    return "" if number is None else str(number)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""The figures for other programs: CSV and JSON, whose keys stay as they are, in the numbers that computers read."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from provision.core.figures import Figures, Group, Level
from provision.core.planning import Ends, Loan, Outlook
from provision.core.trend import Point
from provision.formats.spreadsheet import inert
from provision.reports.coverage.columns import COLUMNS
from provision.reports.coverage.read_rows import GRADES_APART, NO_GRADE, from_csv
from provision.reports.coverage.report import Report

__all__ = ["as_csv", "as_json", "from_csv"]

# A new number whenever a key goes or means something else.
FORMAT: Final = 1
_GROUP: Final = ("level", "school", "key", "name", "grades", "masked")


def as_csv(report: Report, figures: Sequence[Figures]) -> str:
    """A row for each group; cells of what is masked, or not known, or is no figure of it, are empty.

    A name that a spreadsheet would take for a formula, or that begins with an apostrophe, has an apostrophe before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("day", "definitions", *_GROUP, *(column.key for column in COLUMNS)))
    start = (report.coverage.day.isoformat(), report.coverage.definitions)
    for each in figures:
        group = each.group
        grades = GRADES_APART.join(sorted(grade or NO_GRADE for grade in each.grades))
        named = (group.level.value, *map(inert, (group.org, group.key, group.name, grades)))
        numbers = (report.value(column, each) for column in COLUMNS)
        masked = int(group in report.hidden)
        writer.writerow((*start, *named, masked, *("" if number is None else str(number) for number in numbers)))
    return text.getvalue()


def as_json(report: Report, figures: Sequence[Figures]) -> dict[str, Any]:
    """One document with what the other reports have of these groups; what is masked, or not known, is null."""
    coverage, chosen = report.coverage, [each.group for each in figures]
    return {
        "format": FORMAT,
        "site": report.site,
        "day": coverage.day.isoformat(),
        "definitions": coverage.definitions,
        "failure": report.failure or None,
        "stands_on": [
            {"name": each.name, "count": each.count, "as_of": _moment(each.as_of)} for each in coverage.stands_on
        ],
        "groups": [_group(report, each) for each in figures],
        "trends": [_trend(report, group) for group in chosen if report.trend(group)],
        "planning": _planning(report)
        if any(g.level in (Level.COOPERATION, Level.MUNICIPALITY) for g in chosen)
        else None,
        "issues": [{"source": i.source, "id": i.sourced_id, "reason": i.reason} for i in coverage.issues],
    }


def _group(report: Report, figures: Figures) -> dict[str, Any]:
    masked = figures.group in report.hidden
    numbers = None if masked else _numbers(report, figures)
    return {**_named(figures.group), "grades": sorted(figures.grades), "masked": masked, "figures": numbers}


def _trend(report: Report, group: Group) -> dict[str, Any]:
    return {**_named(group), "days": [_day(report, point) for point in report.trend(group)]}


def _day(report: Report, point: Point) -> dict[str, Any]:
    numbers = _numbers(report, point.figures)
    return {"day": point.day.isoformat(), "definitions": point.definitions, "figures": numbers}


def _named(group: Group) -> dict[str, str]:
    return {"level": group.level.value, "org": group.org, "key": group.key, "name": group.name}


def _numbers(report: Report, figures: Figures) -> dict[str, int | float | None]:
    found = {column.key: report.value(column, figures) for column in COLUMNS}
    return {key: float(number) if isinstance(number, Decimal) else number for key, number in found.items()}


def _planning(report: Report) -> dict[str, Any]:
    plan, target = report.planning(), report.target
    return {
        "target": target and {"pupils_per_device": target.pupils_per_device, "from_grade": target.from_grade},
        "years": list(plan.years),
        "ends": plan.ends and _ends(plan.ends),
        "short": plan.short if target else None,
        "replaced": _by_year(plan.replaced) if target else None,
        "whole": plan.whole,
        "schools": [_outlook(each) for each in plan.schools],
        "loans": [_loan(each) for each in plan.loans],
    }


def _outlook(outlook: Outlook) -> dict[str, Any]:
    told = outlook.known
    return {
        "org": outlook.group.org,
        "name": outlook.group.name,
        "ends": _ends(outlook.ends),
        "missing": outlook.missing if told else None,
        "in_stock": outlook.in_stock if told else None,
        "short": outlook.short if told else None,
        "spare": outlook.spare if told else None,
        "replaced": _by_year(outlook.replaced),
        "whole": outlook.whole,
    }


def _ends(ends: Ends) -> dict[str, Any]:
    return {"before": ends.before, "by_year": _by_year(ends.by_year), "later": ends.later, "unknown": ends.unknown}


def _by_year(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(year): count for year, count in counts.items()}


def _loan(loan: Loan) -> dict[str, Any]:
    return {"lender": loan.lender.org, "borrower": loan.borrower.org, "devices": loan.devices}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""One self-contained page for a school or several together: no script, no other file, one sheet of paper."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from provision.core.figures import Figures, Level
from provision.core.rows_behind import OF_MACHINES, OF_PUPILS
from provision.core.trend import Point
from provision.reports.coverage import answer, charts, planned, tables, trust
from provision.reports.coverage.columns import ALL_COUNTED, BY_KEY, FOR_PUPILS_COUNTED
from provision.reports.coverage.definitions import DEFINITIONS, NAMES
from provision.reports.coverage.numbers import day_written, written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

# What a chart and a printed table hold at most; the table on the screen holds everything.
_BARS: Final = 12
_PRINTED: Final = 44
_PRINTED_SCHOOLS: Final = 8
# The print of more is set in smaller letters.
_ROOMY: Final = 5
_PER_CENT: Final = Decimal(100)
# What a group consists of: the heading of its table, and of the column of names.
_CONSISTS: Final = {
    Level.COOPERATION: ("municipalities_heading", "municipality_column"),
    Level.MUNICIPALITY: ("schools_heading", "school_column"),
}


def page(report: Report, figures: Figures) -> str:
    """The page of a school, of the municipality or of a cooperation, as HTML."""
    return _template().render(_content(report, figures))


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("provision.reports.coverage", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _content(report: Report, figures: Figures) -> dict[str, Any]:
    language, group = report.language, figures.group
    shown = group not in report.hidden
    points = charts.thinned(report.trend(group)) if shown else []
    return {
        "say": partial(said, language=language),
        "lang": language.value,
        "name": group.name,
        "site": report.site,
        "day": day_written(report.coverage.day, language),
        "shown": shown,
        "other_day": answer.of_another_day(report),
        "answer": answer.answer(report, figures),
        "spread": answer.spread(report, figures),
        "at_once": answer.at_once(report, figures) if shown else [],
        "development": answer.development(report, report.trend(group)),
        "target": answer.target(report, figures),
        "key_figures": _key_figures(report, figures) if shown else [],
        "trend": _trend(report, points),
        "trend_table": tables.of_trend(report, points),
        "comparison": tables.of_comparison(report, figures) if shown else None,
        "parts": _parts(report, figures),
        "kinds": [tables.of_counted(report, figures), tables.of_kinds(report, figures)] if shown else [],
        "planning": planned.section(report, figures),
        "doubts": trust.doubts(report, figures),
        "sources": list(trust.sources(report)),
        "masked_note": trust.masked_note(report, figures),
        "definitions": _definitions(report, figures),
        "behind": _behind(report, figures),
        "version": str(report.coverage.definitions),
        "dense": len(report.parts(group.level)) > _ROOMY,
        "geometry": charts,
    }


def _key_figures(report: Report, figures: Figures) -> list[tuple[str, str]]:
    columns = [BY_KEY[key] for key in tables.KEY_FIGURES]
    return [(NAMES[column.key][report.language], tables.cell(report, column, figures)) for column in columns]


def _parts(report: Report, figures: Figures) -> list[dict[str, Any]]:
    """What the group consists of, each with its table and, but for classes, its chart."""
    group = figures.group
    found: list[dict[str, Any]] = []
    if group.level in _CONSISTS:
        heading, first = _CONSISTS[group.level]
        parts = report.parts(group.level)
        table = tables.of_groups(report, heading, first, parts, tables.OF_SCHOOLS, _PRINTED_SCHOOLS)
        chart = _chart(report, "devices_per_pupil", parts, table.caption, Decimal(1))
        order = said("schools_order", report.language)
        found = [{"table": table, "chart": chart, "order": order}] if parts else []
    grades, classes = report.groups(Level.GRADE, group.org), report.groups(Level.CLASS, group.org)
    if grades:
        table = tables.of_groups(report, "grades_heading", "grade_column", grades, tables.OF_GROUPS, _PRINTED)
        known = any(report.value(BY_KEY["share_with_own"], each) is not None for each in grades)
        grown = None if found or not known else _chart(report, "share_with_own", grades, table.caption, _PER_CENT)
        found.append({"table": table, "chart": grown, "order": ""})
    if classes:
        table = tables.of_groups(report, "classes_heading", "class_column", classes, tables.OF_GROUPS, _PRINTED)
        found.append({"table": table, "chart": None, "order": ""})
    return found


def _chart(report: Report, key: str, groups: Sequence[Figures], what: str, top: Decimal) -> dict[str, Any]:
    column = BY_KEY[key]
    rows = []
    for each in groups[:_BARS]:
        number = report.value(column, each)
        value = None if number is None else Decimal(number)
        rows.append((answer.called(report, each.group), value, tables.cell(report, column, each)))
    title = said("bars_title", report.language, figure=NAMES[key][report.language], what=what.lower())
    told = "; ".join(f"{name}: {text}" for name, _, text in rows)
    first = said("chart_of_first", report.language, number=str(_BARS)) if len(groups) > _BARS else ""
    return {"title": title, "description": told, "bars": list(charts.bars(rows, top)), "note": first}


def _trend(report: Report, points: Sequence[Point]) -> dict[str, Any] | None:
    target = report.target and (Decimal(1) / report.target.pupils_per_device).quantize(Decimal("0.01"))
    drawn = charts.trend(points, target or None)
    if drawn is None:
        return None
    known = [each for each in points if each.figures.devices_per_pupil is not None]
    texts = [(day_written(each.day, report.language), _ratio(report, each.figures)) for each in known]
    return {
        "drawn": drawn,
        "first_day": texts[0][0],
        "last_day": texts[-1][0],
        "last": texts[-1][1],
        "top": written(drawn.top.quantize(Decimal("0.01")), report.language),
        "target": written(target, report.language) if target else "",
        "description": "; ".join(f"{day}: {ratio}" for day, ratio in texts),
    }


def _ratio(report: Report, figures: Figures) -> str:
    return answer.number_of(report, figures.devices_per_pupil)


def _definitions(report: Report, figures: Figures) -> list[tuple[str, str, str]]:
    """What each figure on such a page is called, its key if its rows can be seen, and what it means."""
    parts = tables.OF_SCHOOLS if figures.group.level in _CONSISTS else tables.OF_GROUPS
    counted = (key for key in ALL_COUNTED if BY_KEY[key].of(figures))
    wanted = {*tables.KEY_FIGURES, *parts, *FOR_PUPILS_COUNTED, *counted, "at_once"}
    if figures.group.level is Level.COOPERATION:
        wanted -= {"at_once", "pupils_per_device_at_once"}
    behind = {*OF_PUPILS, *OF_MACHINES} if _behind(report, figures) else set()
    return [
        (NAMES[key][report.language], key if key in behind else "", texts[report.language])
        for key, texts in DEFINITIONS.items()
        if key in wanted
    ]


def _behind(report: Report, figures: Figures) -> str:
    """The command that shows the rows behind a figure; "" where they are at several sites."""
    if figures.group.level is Level.COOPERATION:
        return ""
    school = f" --school {figures.group.org}" if figures.group.level is Level.SCHOOL else ""
    return f"provision ratios --behind {said('key', report.language)}{school}"

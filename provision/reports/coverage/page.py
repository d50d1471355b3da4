"""One self-contained page for a school or a municipality: no script, no other file, one sheet of paper."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from provision.core.figures import Figures, Level
from provision.core.masking import FEWEST
from provision.core.trend import Point
from provision.reports.coverage import answer, charts, tables
from provision.reports.coverage.columns import ALL_KINDS, BY_KEY, FOR_PUPILS_KINDS
from provision.reports.coverage.definitions import DEFINITIONS, NAMES
from provision.reports.coverage.numbers import day_written, written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

# What a chart and a printed table hold at most; the table on the screen holds everything.
_BARS: Final = 16
_PRINTED: Final = 30
_PRINTED_SCHOOLS: Final = 20
_PER_CENT: Final = Decimal(100)


def page(report: Report, figures: Figures) -> str:
    """The page of a school or of the municipality, as HTML."""
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
    parts = _parts(report, figures)
    return {
        "say": partial(said, language=language),
        "lang": language.value,
        "name": group.name,
        "site": report.site,
        "day": day_written(report.coverage.day, language),
        "shown": shown,
        "answer": answer.answer(report, figures),
        "spread": answer.spread(report) if group.level is Level.MUNICIPALITY else "",
        "at_once": answer.at_once(report, figures) if shown else [],
        "development": answer.development(report, report.trend(group)),
        "target": answer.target(report, group.org),
        "key_figures": _key_figures(report, figures) if shown else [],
        "trend": _trend(report, points),
        "trend_table": tables.of_trend(report, points),
        "comparison": tables.of_comparison(report, figures) if shown else None,
        "parts": parts,
        "kinds": tables.of_kinds(report, figures) if shown else None,
        "doubts": answer.doubts(report, figures),
        "sources": list(answer.sources(report)),
        "masked_note": _masked_note(report, figures),
        "definitions": [(NAMES[key][language], DEFINITIONS[key][language]) for key in _defined(figures)],
        "version": str(report.coverage.definitions),
        "geometry": charts,
    }


def _key_figures(report: Report, figures: Figures) -> list[tuple[str, str]]:
    columns = [BY_KEY[key] for key in tables.KEY_FIGURES]
    return [(NAMES[column.key][report.language], tables.cell(report, column, figures)) for column in columns]


def _parts(report: Report, figures: Figures) -> list[dict[str, Any]]:
    """What the group consists of, each with its table and, but for classes, its chart."""
    org = figures.group.org
    if figures.group.level is Level.MUNICIPALITY:
        schools = report.schools()
        table = tables.of_groups(
            report, "schools_heading", "school_column", schools, tables.OF_SCHOOLS, _PRINTED_SCHOOLS
        )
        chart = _chart(report, "devices_per_pupil", schools, table.caption, Decimal(1))
        return [{"table": table, "chart": chart, "order": said("schools_order", report.language)}] if schools else []
    found = []
    grades, classes = report.groups(Level.GRADE, org), report.groups(Level.CLASS, org)
    if grades:
        table = tables.of_groups(report, "grades_heading", "grade_column", grades, tables.OF_GROUPS, _PRINTED)
        chart = _chart(report, "share_with_own", grades, table.caption, _PER_CENT)
        found.append({"table": table, "chart": chart, "order": ""})
    if classes:
        table = tables.of_groups(report, "classes_heading", "class_column", classes, tables.OF_GROUPS, _PRINTED)
        found.append({"table": table, "chart": None, "order": ""})
    return found


def _chart(report: Report, key: str, groups: Sequence[Figures], what: str, top: Decimal) -> dict[str, Any]:
    column = BY_KEY[key]
    rows = []
    for each in groups[:_BARS]:
        number = None if each.group in report.hidden else column.of(each)
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


def _masked_note(report: Report, figures: Figures) -> str:
    """Why something is hidden, where anything of this school or, on its page, of the municipality is."""
    if not any(group.org == figures.group.org or not figures.group.org for group in report.hidden):
        return ""
    language = report.language
    return said("masked_note", language, hidden=said("masked", language), fewest=str(FEWEST))


def _defined(figures: Figures) -> list[str]:
    """The figures that stand on such a page."""
    parts = tables.OF_SCHOOLS if figures.group.level is Level.MUNICIPALITY else tables.OF_GROUPS
    kinds = (key for key in ALL_KINDS if BY_KEY[key].of(figures))
    wanted = {*tables.KEY_FIGURES, *parts, *FOR_PUPILS_KINDS, *kinds, "at_once"}
    return [key for key in DEFINITIONS if key in wanted]

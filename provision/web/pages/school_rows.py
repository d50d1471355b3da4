"""The rows behind a school's figures: the pupils, or the machines, that one counts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from starlette.responses import Response

from provision.core.counted import Counted
from provision.core.rows_behind import OF_MACHINES, OF_PUPILS, PROTECTED
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.definitions import NAMES
from provision.web.ask import Ask, Refused
from provision.web.figures import report, school_of
from provision.web.pages.school_looks import looked, page
from provision.web.told import PEOPLE, Named, Told, told

FIGURES: Final = (*OF_PUPILS, *OF_MACHINES)
MOST: Final = 500
_NONE: Final = "\N{EN DASH}"
_NOT_SHOWN: Final = Named(_NONE)
_HAS: Final = ("0", "1", "2+")


def show(ask: Ask) -> Response:
    """What a figure counts now, with the names of those whom the reader may see; what is not told has no rows."""
    figure, school = ask.query("figure") or FIGURES[0], ask.path("school")
    everything = report(ask.at, ask.language)
    figures = school_of(everything, school) if everything else None
    if figure not in FIGURES:
        raise Refused(404)
    column = BY_KEY[figure]
    if everything is None or figures is None or everything.why_not(column, figures):
        return page(ask, "school_rows.html.j2", None, figure="", called=NAMES[figure][ask.language])
    look = looked(ask, "ratios", "--school", school, "--behind", figure)
    said = look.said if look and look.ended and not look.fault else None
    rows, us = said["rows"] if said else [], told(ask, PEOPLE)
    pupils = figure in OF_PUPILS
    return page(
        ask,
        "school_rows.html.j2",
        look,
        figure=figure,
        called=NAMES[figure][ask.language],
        others=[(each, NAMES[each][ask.language]) for each in FIGURES if not everything.why_not(BY_KEY[each], figures)],
        pupils=pupils,
        rows=[(_pupil if pupils else _machine)(us, each) for each in rows[:MOST]],
        number=len(rows),
        more=len(rows) > MOST,
        counted=ask.day(everything.coverage.day),
        then=column.of(figures),
    )


def _pupil(us: Told, row: Mapping[str, Any]) -> Sequence[Named]:
    """Whose address is protected is counted, and nothing of them told."""
    if row["person"] == PROTECTED:
        return [Named(us.ask.gettext("is not shown")), *[_NOT_SHOWN] * 3]
    return [_person(us, row), Named(str(row["grade"]) or _NONE), _class(us, row), Named(_HAS[int(row["has"])])]


def _machine(us: Told, row: Mapping[str, Any]) -> Sequence[Named]:
    ends = str(row["end_of_life"])
    return [
        Named(str(row["asset_tag"] or row["machine"])),
        Named(str(row["model"] or _NONE)),
        Named(NAMES[Counted(row["counted"]).value][us.ask.language]),
        _person(us, row),
        Named(us.ask.day(date.fromisoformat(ends)) if ends else _NONE),
    ]


def _person(us: Told, row: Mapping[str, Any]) -> Named:
    if not row["person"]:
        return _NOT_SHOWN
    if row["person"] == PROTECTED:
        return Named(us.ask.gettext("is not shown"))
    return us.key(f"account:{row['person']}") or Named(us.ask.gettext("somebody at another school"))


def _class(us: Told, row: Mapping[str, Any]) -> Named:
    return (us.key(f"group:{row['class']}") if row["class"] else None) or _NOT_SHOWN

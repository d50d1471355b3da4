"""A school: its devices, and the report to read, print or take away."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from starlette.responses import HTMLResponse, Response

from provision.core.figures import SIS, Figures, Level
from provision.core.rows_behind import OF_MACHINES, OF_PUPILS
from provision.reports.coverage import answer
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv
from provision.reports.coverage.tables import KEY_FIGURES, OF_GROUPS, cell, of_groups
from provision.reports.coverage.workbook import workbook
from provision.web.ask import Ask, Refused
from provision.web.figures import only, report, school_of
from provision.web.headers import POLICY
from provision.web.pages.school_mend import number_of

_FIGURES: Final = tuple(dict.fromkeys((*KEY_FIGURES, *OF_PUPILS, *OF_MACHINES)))
_GRADES: Final = 20


def show(ask: Ask) -> Response:
    """What the report says first, what there is to mend, and of when all this is."""
    school, staff = ask.path("school"), ask.at.staff()
    found = report(ask.at, ask.language)
    figures = school_of(found, school) if found else None
    return ask.page(
        "school.html.j2",
        school=school,
        name=staff.schools[school],
        **(_told(ask, found, figures) if found and figures else {"answer": ""}),
        to_mend=number_of(ask, school),
        held=sum(row.hold.org == school and row.hold.waits for row in ask.at.journal.holds()),
        sources=list(_sources(ask, found)),
        heads=sorted(staff.names[person] for person, led in staff.heads.items() if school in led),
    )


def _told(ask: Ask, found: Report, figures: Figures) -> dict[str, object]:
    """The school's figures, each with whether there are rows behind it, and those of its grades that are not masked."""
    grades = found.shown(found.groups(Level.GRADE, figures.group.org))
    shown = () if figures.group in found.hidden else _FIGURES
    told = (BY_KEY[key] for key in shown if key in KEY_FIGURES or BY_KEY[key].of(figures))
    return {
        "answer": answer.answer(found, figures),
        "trend": answer.development(found, found.trend(figures.group)),
        "day": ask.day(found.coverage.day),
        "figures": [
            (
                each.key,
                NAMES[each.key][ask.language],
                cell(found, each, figures),
                each.key in {*OF_PUPILS, *OF_MACHINES} and not found.why_not(each, figures),
            )
            for each in told
        ],
        "grades": of_groups(found, "grades_heading", "grade_column", grades, OF_GROUPS, _GRADES),
    }


def _sources(ask: Ask, found: Report | None) -> Iterator[tuple[str, str]]:
    """What each source said last, and of when that is."""
    for source, moment in sorted(ask.at.journal.as_of().items()):
        yield ask.gettext("School administration system (%(name)s)", name=source), ask.moment(moment)
    for each in found.coverage.stands_on if found else ():
        if each.name != SIS:
            yield each.name, ask.moment(each.as_of) if each.as_of else ask.gettext("does not say of when it is")


def whole(ask: Ask) -> Response:
    """The report as it is also written to a file: whole in itself, with its own style and no script."""
    found, school = _report(ask), ask.path("school")
    figures = school_of(found, school)
    if figures is None:
        raise Refused(404)
    key = ("page", ask.language.value, school)
    content = ask.at.for_a_minute(key, lambda: page(found, figures).encode())
    return HTMLResponse(content, headers={"Content-Security-Policy": POLICY.format(style=_own_style(content))})


def rows(ask: Ask) -> Response:
    """The school's figures for other programs."""
    mine = only(_report(ask), ask.path("school"))
    return _file(as_csv(mine, mine.coverage.figures).encode("utf-8-sig"), "text/csv; charset=utf-8", "figures.csv")


def book(ask: Ask) -> Response:
    """The school's figures as a workbook."""
    mine, school = only(_report(ask), ask.path("school")), ask.path("school")
    key = ("book", ask.language.value, school)
    content = ask.at.for_a_minute(key, lambda: workbook(mine, ask.at.clock()))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(content, kind, "figures.xlsx")


def _report(ask: Ask) -> Report:
    found = report(ask.at, ask.language)
    if found is None:
        raise Refused(404)
    return found


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _own_style(content: bytes) -> str:
    """Lets in the page's own style and no other: named by what it holds."""
    styles = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
    return "".join(f" 'sha256-{b64encode(sha256(each).digest()).decode()}'" for each in styles)

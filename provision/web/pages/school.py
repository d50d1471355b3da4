"""A school: its devices, and the report to read, print or take away."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.responses import HTMLResponse, Response

from provision.reports.coverage import answer
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv
from provision.reports.coverage.workbook import workbook
from provision.web.ask import Ask, Refused
from provision.web.figures import only, report, school_of
from provision.web.headers import POLICY


def show(ask: Ask) -> Response:
    """What the report says first, and where it is; a school without figures has a page that says so."""
    school = ask.path("school")
    found = report(ask.at, ask.language)
    figures = school_of(found, school) if found else None
    return ask.page(
        "school.html.j2",
        school=school,
        name=ask.at.staff().schools[school],
        answer=answer.answer(found, figures) if found and figures else "",
        day=ask.day(found.coverage.day) if found else "",
    )


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

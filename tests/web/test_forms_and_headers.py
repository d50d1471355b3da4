"""What every answer says to the browser, and which forms are believed."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from provision.web.access import Role
from provision.web.ask import Ask
from provision.web.csrf import forged
from provision.web.headers import ALWAYS
from provision.web.route import Route
from provision.web.routes import ROUTES
from tests.app.sites import NORTH, Site
from tests.web.served import Served, served

ORIGIN: Final = "https://provision.example"
PATHS: Final = [*{r.path for r in ROUTES}, "/none", "/static/style.css", "/static/none", "/static/../app.py"]


def filled(path: str) -> str:
    return path.replace("{school}", NORTH).replace("{session}", "none")


@pytest.mark.parametrize("path", sorted(PATHS))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_answer_has_the_headers_whatever_it_is(pages: Served, path: str, method: str) -> None:
    for person in (pages.nobody(), pages.it()):
        answer = person.request(method, f"{pages.url}{filled(path)}", allow_redirects=False, timeout=20)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert {name: answer.headers[name] for name in ALWAYS.keys() - {"Content-Security-Policy"}} == {
            name: text for name, text in ALWAYS.items() if name != "Content-Security-Policy"
        }
        assert "Strict-Transport-Security" not in answer.headers
        assert answer.status_code < 500 or path == "/health"


def test_behind_https_browsers_are_told_to_stay_there_and_cookies_are_for_this_host(own_site: Site) -> None:
    with served([own_site.folder], origin=ORIGIN) as pages:
        person = pages.nobody()
        person.headers["Host"] = "provision.example"
        answer = person.send_form("/language", ORIGIN, language="nn", next="/login")
        assert answer.headers["Strict-Transport-Security"]
        assert "Secure" in answer.headers["Set-Cookie"]
        assert person.send_form("/language", pages.url, language="nn").status_code == 400


def test_another_host_is_not_answered(pages: Served) -> None:
    person = pages.nobody()
    person.headers["Host"] = "provision.attacker.example"
    assert person.open("/login").status_code == 400


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "POST"], ids=lambda r: str(r.path))
def test_a_form_from_elsewhere_or_without_the_token_is_not_believed(pages: Served, route: Route) -> None:
    person = pages.it()
    path, token = filled(route.path), person.csrf
    for origin in ("https://attacker.example", "null", f"{pages.url}.attacker.example"):
        assert person.send_form(path, origin).status_code == 400
    for wrong in ("", token[:-1], pages.it().csrf):
        assert person.send_form(path, csrf=wrong).status_code == 400
    bare = person.post(f"{pages.url}{path}", {"csrf": token}, allow_redirects=False, timeout=20)
    assert bare.status_code == 400  # says nothing of where it comes from
    assert person.open("/").status_code == 200


@given(st.none() | st.sampled_from([ORIGIN, "null", "https://x"]), st.none() | st.sampled_from(["same-origin", "none"]))
def test_only_what_is_of_our_own_pages_is_believed(origin: str | None, site: str | None) -> None:
    said = {"origin": origin, "sec-fetch-site": site}
    headers = {name: text for name, text in said.items() if text is not None}
    ours = {origin, site} & {ORIGIN, "same-origin"} and {origin, site} <= {ORIGIN, "same-origin", None}
    assert forged(headers, {}, ORIGIN, None) == (not ours)


def test_opening_a_page_changes_nothing(own_site: Site) -> None:
    """Save that it notes, at most once a minute, that somebody is there."""
    with served([own_site.folder]) as pages:
        person = pages.it()
        for route in (r for r in ROUTES if r.method == "GET"):
            person.open(filled(route.path))  # what is made on first use is made
        before, rows = own_site.state(), _rows(pages)
        for route in (r for r in ROUTES if r.method == "GET"):
            person.open(filled(route.path))
            person.head(f"{pages.url}{filled(route.path)}", timeout=20)
        assert (own_site.state(), _rows(pages)) == (before, rows)


def _rows(pages: Served) -> dict[str, list[object]]:
    """Everything in the journal."""
    from sqlalchemy import select

    from provision.journal.tables import METADATA

    with pages.site.journal._store.read() as connection:
        return {name: list(connection.execute(select(table))) for name, table in METADATA.tables.items()}


def _failing(_: Ask) -> Response:
    raise ValueError("Kari Nordmann 01857012345")


def test_a_page_that_fails_tells_nobody_why(own_site: Site) -> None:
    routes = [*ROUTES, Route("/failing", _failing, frozenset({Role.SIGNED_IN}))]
    with served([own_site.folder], routes) as pages:
        answer = pages.it().open("/failing")
    assert answer.status_code == 500
    assert "Nordmann" not in answer.text
    assert "ValueError" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_too_large_a_form_is_not_read(pages: Served) -> None:
    assert pages.it().send_form("/language", language="nn", next="/" * 70_000).status_code == 400


def test_health_tells_others_no_more_than_whether_all_is_well(pages: Served) -> None:
    asked = {"Accept": "application/json"}
    near = pages.nobody().open("/health", headers=asked).json()
    far = pages.nobody().open("/health", headers=asked | {"X-Forwarded-For": "192.0.2.1"}).json()
    assert far == {"format": near["format"], "well": near["well"]}
    assert near["sites"]
    assert pages.nobody().open("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    assert "provision_up" in pages.nobody().open("/metrics").text

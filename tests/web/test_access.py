"""Who may open what: every role on every address, of the own school and of others."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.scope import Extent, Scope, Shown
from provision.journal.asked import Wish
from provision.web.access import Role, Verdict, Who, decide
from provision.web.route import Route
from provision.web.routes import ROUTES
from tests.app.sites import NORTH, SOUTH
from tests.web.served import Person, Served

NOBODY, NOTHING, PRINCIPAL, SCHOOL_ADMIN, ADMIN, IT = "nobody", "nothing", "principal", "school admin", "admin", "it"
PEOPLE: Final = (NOBODY, NOTHING, PRINCIPAL, SCHOOL_ADMIN, ADMIN, IT)
ANYBODY: Final = frozenset(PEOPLE)
LOGGED_IN: Final = ANYBODY - {NOBODY}
ADMINS: Final = frozenset({SCHOOL_ADMIN, ADMIN, IT})
OF_SCHOOL: Final = ADMINS | {PRINCIPAL}
ONLY_IT: Final = frozenset({IT})
EVERYWHERE: Final = frozenset({ADMIN, IT})

# Who may open what; of a school, if it is their own. A new line of the route table has its line here.
EXPECTED: Final = {
    ("GET", "/"): LOGGED_IN,
    ("GET", "/health"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,  # on this machine itself
    ("GET", "/login"): ANYBODY,
    ("POST", "/login"): ANYBODY,
    ("GET", "/login/callback"): ANYBODY,
    ("GET", "/login/once"): ANYBODY,
    ("POST", "/login/once"): ANYBODY,
    ("POST", "/logout"): LOGGED_IN,
    ("POST", "/language"): ANYBODY,
    ("GET", "/schools/{school}"): OF_SCHOOL,
    ("GET", "/schools/{school}/mend"): OF_SCHOOL,
    ("GET", "/schools/{school}/rows"): OF_SCHOOL,
    ("GET", "/schools/{school}/report"): OF_SCHOOL,
    ("GET", "/schools/{school}/figures.csv"): OF_SCHOOL,
    ("GET", "/schools/{school}/figures.xlsx"): OF_SCHOOL,
    ("GET", "/holds"): ADMINS,
    ("POST", "/holds/{hold}/approve"): ONLY_IT,
    ("POST", "/holds/{hold}/reject"): ONLY_IT,
    ("GET", "/people"): OF_SCHOOL,
    ("POST", "/people"): OF_SCHOOL,
    ("GET", "/people/{person}"): OF_SCHOOL,
    ("GET", "/resync"): ADMINS,
    ("POST", "/resync"): ADMINS,
    ("GET", "/resync/preview/{look}"): ADMINS,
    ("POST", "/resync/preview/{look}"): ADMINS,
    ("GET", "/resync/{request}"): ADMINS,
    ("GET", "/runs"): ONLY_IT,
    ("GET", "/runs/{run}"): ONLY_IT,
    ("GET", "/schedule"): ONLY_IT,
    ("GET", "/targets"): ONLY_IT,
    ("GET", "/audit"): ONLY_IT,
    ("POST", "/audit"): ONLY_IT,
    ("POST", "/audit/verify"): ONLY_IT,
    ("GET", "/sessions"): ONLY_IT,
    ("POST", "/sessions/{session}/end"): ONLY_IT,
}


def head_of(pages: Served, school: str) -> str:
    """What the provider calls the head of a school."""
    staff = pages.site.staff()
    return next(login for login, person in staff.by_login.items() if school in staff.heads.get(person, ()))


def teacher(pages: Served) -> str:
    staff = pages.site.staff()
    return next(login for login, person in staff.by_login.items() if person not in staff.heads)


def somebody(pages: Served, who: str) -> Person:
    if who == NOBODY:
        return pages.nobody()
    if who == IT:
        return pages.named("it@hemne.kommune.no")
    names = {
        NOTHING: teacher(pages),
        PRINCIPAL: head_of(pages, NORTH),
        SCHOOL_ADMIN: "schooladmin@hemne.kommune.no",
        ADMIN: "admin@hemne.kommune.no",
    }
    return pages.named(names[who])


def at_school(pages: Served, school: str) -> str:
    """The first pupil there, and nowhere else, who has a name."""
    people = (each for each in pages.site.roll().people.values() if each.role == "student" and each.name)
    return min(each.id for each in people if each.orgs == {school} and not each.protected)


def asked_for(pages: Served, school: str) -> str:
    """The number of a request to put a school right."""
    asking = pages.site.journal.asking()
    scope = Scope(Extent.SCHOOL, school)
    if found := next((each for each in asking.latest() if each.wish.scope == scope), None):
        return str(found.id)
    made = asking.ask(Wish(pages.site.job, scope, "somebody", "", Shown(frozenset())))
    asking.finish(made.id, None, 0)
    return str(made.id)


def looked_by(person: Person, school: str) -> str:
    """What somebody has begun to look at; what nobody has where they may not."""
    begun = person.send_form("/resync", what=f"school:{school}", reason="access", **{"target:feide": "1"})
    return begun.headers.get("Location", "").rpartition("/")[2] or "none"


# What stands in an address for what is at a school, by the name of the part.
PARTS: Final[dict[str, Callable[[Served, Person, str], str]]] = {
    "school": lambda _pages, _person, school: school,
    "session": lambda pages, _person, _school: pages.site.journal.web_sessions().living()[-1].id,
    "hold": lambda _pages, _person, _school: "H-00000000",
    "run": lambda pages, _person, _school: pages.site.journal.runs(1)[0].id,
    "person": lambda pages, _person, school: at_school(pages, school),
    "request": lambda pages, _person, school: asked_for(pages, school),
    "look": lambda _pages, person, school: looked_by(person, school),
}


def filled(pages: Served, path: str, person: Person, school: str) -> str:
    """An address of the route table as this person opens it, of what is at a school."""
    parts = re.findall(r"{(\w+)}", path)
    assert parts == [part for part in parts if part in PARTS], "say in PARTS what stands in this address"
    return re.sub(r"{(\w+)}", lambda part: PARTS[part[1]](pages, person, school), path)


def opened(pages: Served, who: str, route: Route, school: str) -> bool:
    """Whether somebody gets past the door; what is behind it may say no for its own reasons, with a 400."""
    ended = pages.site.journal.web_sessions().living()[-1].id if "{session}" in route.path else ""
    person = somebody(pages, who)
    path = filled(pages, route.path.replace("{session}", ended), person, school)
    answer = person.open(path) if route.method == "GET" else person.send_form(path)
    assert answer.status_code < 500
    to_login = answer.status_code == 303 and answer.headers["Location"].startswith("/login?next=")
    return answer.status_code not in (401, 404) and not to_login


def test_every_address_is_listed_here() -> None:
    assert {(route.method, route.path) for route in ROUTES} == EXPECTED.keys()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_address_is_open_to_those_whom_it_is_for_and_to_nobody_else(pages: Served, route: Route, who: str) -> None:
    expected = EXPECTED[route.method, route.path]
    pages.named("somebody else")  # a session to be ended
    assert opened(pages, who, route, NORTH) == (who in expected)
    if route.of_school:
        assert opened(pages, who, route, SOUTH) == (who in expected & EVERYWHERE)
        assert not opened(pages, who, route, "999999999")


def test_what_is_not_there_and_what_is_not_ones_own_look_the_same(pages: Served) -> None:
    head = somebody(pages, PRINCIPAL)
    foreign, unknown = head.open(f"/schools/{SOUTH}"), head.open("/schools/000000000")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text.replace(SOUTH, "000000000") == unknown.text


def test_the_navigation_shows_only_what_can_be_opened(pages: Served) -> None:
    assert 'href="/sessions"' not in somebody(pages, PRINCIPAL).open("/").text
    assert 'href="/sessions"' in somebody(pages, IT).open("/").text


def test_a_principal_sees_the_own_school_only(pages: Served) -> None:
    front = somebody(pages, PRINCIPAL).open("/").text
    assert f"/schools/{NORTH}" in front
    assert f"/schools/{SOUTH}" not in front


def test_files_to_take_away_hold_the_own_school_only(pages: Served) -> None:
    rows = somebody(pages, PRINCIPAL).open(f"/schools/{NORTH}/figures.csv").content.decode("utf-8-sig")
    schools = {line.split(",")[3] for line in rows.splitlines()[1:]}
    assert schools == {NORTH}


SOME_ROLES = st.frozensets(st.sampled_from([Role.PRINCIPAL, Role.ADMIN, Role.IT]), min_size=1)
SCHOOLS = st.frozensets(st.sampled_from("ABC"))


@given(SOME_ROLES, st.dictionaries(st.sampled_from([*Role]), st.none() | SCHOOLS), st.sampled_from("ABCD"))
def test_a_school_is_open_exactly_to_whom_a_role_for_it_was_granted(
    roles: frozenset[Role], grants: dict[Role, frozenset[str] | None], school: str
) -> None:
    verdict = decide(roles, Who("x", grants=grants), school, frozenset("ABC"))
    granted = any(role in grants and (grants[role] is None or school in (grants[role] or ())) for role in roles)
    assert (verdict is Verdict.ALLOWED) == (granted and school != "D")
    assert verdict is not Verdict.LOGIN


@given(SOME_ROLES, st.none() | st.sampled_from("ABCD"))
def test_whoever_is_not_logged_in_is_asked_to(roles: frozenset[Role], school: str | None) -> None:
    assert decide(roles, None, school, frozenset("ABC")) is Verdict.LOGIN

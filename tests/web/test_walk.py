"""Somebody of one school who puts another school's ids everywhere: into every address, link, form and parameter."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from lxml import html

from provision.web.routes import ROUTES
from tests.app.sites import NORTH, SOUTH, Site, copy
from tests.web.looked import finished
from tests.web.served import Person, Served, served
from tests.web.test_access import PRINCIPAL, SCHOOL_ADMIN, asked_for, filled, somebody

# Of addresses that differ in ids only so many are walked.
_ALIKE: Final = 2
_LEFT_OUT: Final = {"/logout", "/language"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page lets somebody send. `fields` are what it fills in itself."""

    method: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def like(self) -> tuple[str, str, tuple[str, ...]]:
        """The same of all that differ in ids only."""
        return self.method, re.sub(r"/(?=[^/]*\d)[^/]+", "/…", self.path), tuple(sorted(self.fields))

    def by(self, person: Person) -> requests.Response:
        if self.method == "get":
            path = f"{self.path}?{urlencode(self.fields)}" if self.fields else self.path
            # What is asked for is carried out by a service, and here is none.
            return person.open(path) if re.fullmatch(r"/resync/\d+", path) else finished(person, path)
        return person.send_form(self.path, **{**self.fields, "csrf": person.csrf})


@dataclass(frozen=True, slots=True)
class Foreign:
    """Of another school: ids to try, and all that may stand in no answer."""

    ids: Mapping[str, str]
    names: frozenset[str]

    def told_in(self, answer: requests.Response, typed: str = "") -> set[str]:
        """What an answer gives away, save what was sent itself."""
        text = unescape(answer.content.decode("utf-8", "replace")) + str(answer.headers)
        for form in (typed, escape(typed), urlencode({"": typed})[1:]):
            text = text.replace(form, "") if form else text
        return {name for name in self.names if name in text}


@pytest.fixture(scope="module")
def pages(larger_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site that may be walked over."""
    with served([copy(larger_site, tmp_path_factory.mktemp("walked") / "hemne").folder]) as running:
        yield running


@pytest.fixture(scope="module")
def foreign(pages: Served) -> Foreign:
    """All of SOUTH that is not of NORTH too."""
    roll, schools = pages.site.roll(), pages.site.staff().schools
    mine = {each.name for each in roll.people.values() if NORTH in each.orgs}
    theirs = [each for each in roll.people.values() if SOUTH in each.orgs and NORTH not in each.orgs]
    classes = [each for each in roll.classes.values() if SOUTH in each.orgs]
    told = {each.name for each in theirs} - mine | {each.id for each in (*theirs, *classes)}
    pupil = next(each for each in theirs if each.orgs == {SOUTH} and each.role == "student" and not each.protected)
    ids = {"school": SOUTH, "person": pupil.id, "class": classes[0].id, "request": asked_for(pages, SOUTH)}
    ids |= {f"a {kind}": f"{kind}:{ids[kind]}" for kind in ("school", "person", "class")}
    return Foreign(ids, frozenset(told | {SOUTH, schools[SOUTH]}) - {""})


@pytest.fixture(scope="module", params=[PRINCIPAL, SCHOOL_ADMIN])
def walked(request: pytest.FixtureRequest, pages: Served) -> tuple[Person, list[tuple[Sent, requests.Response]]]:
    """Whoever it is, and all that can be sent from the pages that the person gets to, each with its answer."""
    person = somebody(pages, request.param)
    return person, list(_walk(person))


def _walk(person: Person) -> Iterator[tuple[Sent, requests.Response]]:
    waiting, seen = deque([Sent("get", "/")]), Counter[tuple[str, str, tuple[str, ...]]]()
    while waiting:
        sent = waiting.popleft()
        seen[sent.like] += 1
        if seen[sent.like] > _ALIKE:
            continue
        answer = sent.by(person)
        yield sent, answer
        if answer.status_code == 303:
            waiting.append(Sent("get", answer.headers["Location"]))
        elif answer.headers["Content-Type"].startswith("text/html"):
            waiting += _offered(answer)


def _offered(answer: requests.Response) -> Iterator[Sent]:
    page = html.fromstring(answer.text)
    page.make_links_absolute(answer.url)
    for link in page.iterfind(".//a[@href]"):
        address = urlsplit(link.get("href"))
        if address.netloc == urlsplit(answer.url).netloc and address.path != "/static":
            yield Sent("get", address.path, dict(parse_qsl(address.query)))
    for form in page.forms:
        path = urlsplit(form.action or answer.url).path
        if path not in _LEFT_OUT:
            yield Sent(form.method.lower(), path, {name: value or "" for name, value in form.fields.items() if name})


def test_the_walk_gets_to_what_there_is(walked: tuple[Person, list[tuple[Sent, requests.Response]]]) -> None:
    paths = {sent.path for sent, _ in walked[1]}
    assert {"/", "/people", f"/schools/{NORTH}", f"/schools/{NORTH}/mend", f"/schools/{NORTH}/rows"} <= paths
    assert any(re.fullmatch(r"/people/\w+", path) for path in paths)
    assert all(answer.status_code < 500 for _, answer in walked[1])


def test_no_page_of_ones_own_tells_of_another_school(
    walked: tuple[Person, list[tuple[Sent, requests.Response]]], foreign: Foreign
) -> None:
    for sent, answer in walked[1]:
        assert foreign.told_in(answer) == set(), sent


def test_another_schools_id_in_an_address_is_an_address_that_is_not_there(
    walked: tuple[Person, list[tuple[Sent, requests.Response]]], foreign: Foreign
) -> None:
    person, sents = walked
    for sent, _ in sents:
        parts = sent.path.split("/")
        for place, part in enumerate(parts):
            for id_ in foreign.ids.values() if re.search(r"\d", part) else ():
                changed = Sent(sent.method, "/".join([*parts[:place], id_, *parts[place + 1 :]]), sent.fields)
                answer = changed.by(person)
                assert answer.status_code == 404, changed
                assert foreign.told_in(answer, id_) == set(), changed


def test_another_schools_id_in_a_parameter_tells_nothing(
    walked: tuple[Person, list[tuple[Sent, requests.Response]]], foreign: Foreign
) -> None:
    person, sents = walked
    for sent, _ in sents:
        for name in sent.fields.keys() - {"csrf"}:
            for id_ in foreign.ids.values():
                answer = Sent(sent.method, sent.path, {**sent.fields, name: id_}).by(person)
                assert answer.status_code < 500, sent
                assert foreign.told_in(answer, id_) == set(), (sent, name)


@pytest.mark.parametrize("who", [PRINCIPAL, SCHOOL_ADMIN])
def test_no_address_of_another_school_answers_with_anything_of_it(pages: Served, foreign: Foreign, who: str) -> None:
    person = somebody(pages, who)
    for route in (
        route for route in ROUTES if {"{school}", "{person}", "{request}"} & {*re.findall(r"{\w+}", route.path)}
    ):
        path = filled(pages, route.path, person, SOUTH)
        answer = person.open(path) if route.method == "GET" else person.send_form(path)
        assert answer.status_code == 404, route.path
        assert foreign.told_in(answer, path) == set(), route.path

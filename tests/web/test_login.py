"""Logging in: at a provider that tells the truth, at one that lies in every way, and by the one-time link."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from lxml import etree

from provision.web.app import links
from tests.app.edits import person as one_person
from tests.app.edits import texts
from tests.app.sites import NORTH, Site, copy, read_apart
from tests.web import provider as providers
from tests.web.provider import CLIENT, FEIDE_NAME, SECRET, Provider, providing
from tests.web.served import NOON, Person, Served, served

BADLY: Final = "Innloggingen gikk ikke"


def at(site: Site, issuer: str) -> None:
    site.append(".env", f"OIDC_ISSUER={issuer}", f"OIDC_CLIENT_ID={CLIENT}", f'OIDC_CLIENT_SECRET="{SECRET}"')


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.fixture(scope="module")
def pages(untouched_site: Site, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    site = copy(untouched_site, tmp_path_factory.mktemp("login") / "hemne")
    at(site, provider.url)
    with served([site.folder]) as running:
        yield running


@pytest.fixture(autouse=True)
def _truthful(provider: Provider) -> None:
    provider.name, provider.sign = "it@hemne.kommune.no", None
    provider.claims, provider.more, provider.metadata = {}, {}, {}


def begun(person: Person, onward: str = "/") -> str:
    """Where the browser is sent to log in."""
    fields = dict(re.findall(r'name="(csrf|site)" value="([^"]+)"', person.open("/login").text))
    answer = person.send_form("/login", **fields, next=onward)
    assert answer.status_code == 200, answer.text
    address = answer.headers["Refresh"].removeprefix("0; url=")
    assert address in unescape(answer.text)  # for browsers that do not go by themselves
    return address


def back(person: Person, **said: str) -> requests.Response:
    return person.open("/login/callback", params=said)


def logged_in(provider: Provider, person: Person) -> requests.Response:
    return back(person, **provider.code(begun(person)))


def test_a_login_opens_what_the_roster_says(pages: Served, provider: Provider) -> None:
    staff = pages.site.staff()
    provider.name = next(n for n, person in staff.by_login.items() if NORTH in staff.heads.get(person, ())).upper()
    person = pages.nobody()
    answer = back(person, **provider.code(begun(person, f"/schools/{NORTH}")))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/schools/{NORTH}")
    assert person.open(f"/schools/{NORTH}").status_code == 200


LIES: Final[dict[str, dict[str, Any]]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "another party": {"claims": {"azp": "somebody-else"}},
    "no audience": {"claims": {"aud": None}},
    "another issuer": {"claims": {"iss": "https://login.example"}},
    "an issuer with a slash more": {"metadata": {"issuer": "slash"}},
    "expired": {"claims": {"exp": int(NOON.timestamp()) - 61}},
    "no expiry": {"claims": {"exp": None}},
    "not yet": {"claims": {"nbf": int(NOON.timestamp()) + 120}},
    "issued tomorrow": {"claims": {"iat": int(NOON.timestamp()) + 86400}},
    "nobody": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "unsigned": {"sign": providers.unsigned},
    "signed by another": {"sign": lambda claims: providers.signed(claims, "theirs")},
    "signed with the public key as a secret": {"sign": providers.with_the_public_key_as_a_secret},
    "altered": {"sign": providers.altered},
    "no token": {"sign": lambda _: ""},
    "a token that is none": {"sign": lambda _: "a.b.c"},
    "userinfo of somebody else": {"more": {"sub": "s-2"}},
    "no keys": {"metadata": {"jwks_uri": None}},
    "keys elsewhere": {"metadata": {"jwks_uri": "http://login.example/jwks"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_proves_nothing_opens_nothing(pages: Served, provider: Provider, lie: str) -> None:
    person = pages.nobody()
    came_back = provider.code(begun(person))
    for name, value in LIES[lie].items():
        setattr(provider, name, value if value != {"issuer": "slash"} else {"issuer": f"{provider.url}/"})
    answer = back(person, **came_back)
    assert answer.status_code == 400
    assert BADLY in answer.text
    assert "Traceback" not in answer.text
    assert person.open("/").headers["Location"].startswith("/login")


def test_clocks_may_differ_by_half_a_minute(pages: Served, provider: Provider) -> None:
    provider.claims = {"exp": int(NOON.timestamp()) - 30, "iat": int(NOON.timestamp()) + 30}
    assert logged_in(provider, pages.nobody()).status_code == 303


WAYS: Final[dict[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "forged state": lambda said: {**said, "state": "forged"},
    "no state": lambda said: {"code": said["code"]},
    "no code": lambda said: {"state": said["state"]},
    "made-up code": lambda said: {**said, "code": "made-up"},
    "refusal": lambda said: {"state": said["state"], "error": "access_denied", "error_description": "<script>"},
    "another provider's": lambda said: {**said, "iss": "https://login.example"},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_browser_brings_back_must_be_what_was_begun(pages: Served, provider: Provider, way: str) -> None:
    person = pages.nobody()
    answer = back(person, **WAYS[way](provider.code(begun(person))))
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert person.open("/").status_code == 303


def test_a_code_works_once_and_for_the_browser_that_began(pages: Served, provider: Provider) -> None:
    person, thief = pages.nobody(), pages.nobody()
    said = provider.code(begun(person))
    assert back(thief, **said).status_code == 400  # holds nothing of this login
    begun(thief)
    assert back(thief, **said).status_code == 400  # holds another one
    assert back(person, **said).status_code == 303
    assert back(person, **said).status_code == 400


def test_a_new_login_is_a_new_session_and_ends_the_old_one(pages: Served, provider: Provider) -> None:
    person = pages.nobody()
    person.cookies.set("provision", "hemne~chosen-by-somebody-else", domain="127.0.0.1", path="/")
    logged_in(provider, person)
    first = person.cookies["provision"]
    assert "chosen-by-somebody-else" not in first
    old = Person(pages.url, first)
    logged_in(provider, person)
    assert person.cookies["provision"] != first
    assert person.open("/").status_code == 200
    assert old.open("/").status_code == 303


def test_nobody_is_known_by_a_mail_address(pages: Served, provider: Provider) -> None:
    provider.name, provider.claims = "", {"email": "it@hemne.kommune.no", "preferred_username": "it@hemne.kommune.no"}
    person = pages.nobody()
    logged_in(provider, person)
    assert person.open("/sessions").status_code == 404


def test_groups_of_the_provider_make_it(pages: Served, provider: Provider) -> None:
    provider.name, provider.claims = "x@hemne.kommune.no", {"groups": ["others", "school-it"]}
    person = pages.nobody()
    logged_in(provider, person)
    assert person.open("/sessions").status_code == 200


@pytest.mark.parametrize("onward", ["//login.example/", "https://login.example/", "/\\login.example", "x"])
def test_nobody_is_sent_to_another_server(pages: Served, provider: Provider, onward: str) -> None:
    person = pages.nobody()
    answer = back(person, **provider.code(begun(person, onward)))
    assert answer.headers["Location"] == "/"


def test_by_id_porten_people_are_known_and_their_number_is_not_kept(own_site: Site, provider: Provider) -> None:
    at(own_site, provider.url)
    own_site.replace("jobs/nightly.toml", ("[web]\n", '[web]\nprovider = "id_porten"\n'))
    with served([own_site.folder]) as pages:
        head = next(person for person, led in pages.site.staff().heads.items() if NORTH in led)
        found = one_person(etree.fromstring(own_site.pristine), head)
        (number,) = texts(found, "userid[@useridtype='personNIN']")
        provider.name, provider.claims = "it@hemne.kommune.no", {"pid": number}
        person = pages.nobody()
        assert back(person, **provider.code(begun(person))).status_code == 303
        assert person.open(f"/schools/{NORTH}").status_code == 200
        assert person.open("/sessions").status_code == 404
    files = [path for path in (own_site.folder / "var").iterdir() if path.name.startswith("journal")]
    assert files
    assert not [path for path in files if number.encode() in read_apart(path)]


def test_a_provider_that_is_away_is_a_page_and_not_a_traceback(own_site: Site) -> None:
    at(own_site, "http://127.0.0.1:9")
    with served([own_site.folder]) as pages:
        answer = pages.nobody().send_form("/login", site="hemne", next="/")
    assert answer.status_code == 400
    assert BADLY in answer.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the other side's own libraries
def test_a_provider_that_somebody_else_wrote_is_understood(own_site: Site) -> None:
    from oidc_provider_mock import User, run_server_in_thread

    user = User(sub="s-9", claims={FEIDE_NAME: "it@hemne.kommune.no"})
    with run_server_in_thread(user_claims=[user]) as server:
        at(own_site, f"http://localhost:{server.server_port}")
        with served([own_site.folder], now=None) as pages:
            person = pages.nobody()
            consent = requests.post(begun(person), {"sub": "s-9"}, allow_redirects=False, timeout=10)
            said = dict(re.findall(r"[?&](\w+)=([^&]+)", consent.headers["Location"]))
            assert back(person, **said).status_code == 303
            assert person.open("/sessions").status_code == 200


def test_the_one_time_link_works_once_and_opening_it_uses_nothing_up(untouched_site: Site, tmp_path: Path) -> None:
    site = copy(untouched_site, tmp_path / "hemne")
    with served([site.folder]) as pages:
        (link,) = links(pages.app)
        path, token = link.removeprefix(pages.url), link.rpartition("=")[2]
        first, second = pages.nobody(), pages.nobody()
        assert first.open(path).status_code == second.open(path).status_code == 200
        assert first.send_form("/login/once", site="hemne", token=token).status_code == 303
        assert second.send_form("/login/once", site="hemne", token=token).status_code == 400
        assert first.open("/sessions").status_code == 200
        at(site, "https://login.example")  # from now on there is a provider
        assert first.open("/sessions").status_code == 303
        assert links(pages.app) == []


def test_there_is_no_one_time_link_where_others_reach_the_pages(own_site: Site) -> None:
    with served([own_site.folder], origin="https://provision.example") as pages:
        assert links(pages.app) == []
        assert pages.it().get(f"{pages.url}/", allow_redirects=False, timeout=5).status_code == 303

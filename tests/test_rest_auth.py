"""Credentials of the HTTP client: one token for all, renewed in time and once, and never seen."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from provision.rest import ClientCredentials, OAuth2Client, Rest, RestError, oauth1
from tests.canaries import PASSWORD, plant
from tests.clocks import Clock
from tests.servers.oneroster import CLIENT_ID, signed
from tests.servers.web import Asked, Reply, Web

TOKENS = "/token"


class Desk:
    """Hands out tokens at TOKENS, and admits everywhere else whoever has the last one that is still good."""

    def __init__(self) -> None:
        self.handed_out: list[str] = []
        self.revoked: set[str] = set()
        self.answer: Callable[[str], Reply] = lambda token: Reply(
            f'{{"access_token": "{token}", "token_type": "Bearer", "expires_in": 3600}}'.encode()
        )
        self.web = Web(self._reply)

    def _reply(self, asked: Asked) -> Reply:
        if asked.path == TOKENS:
            token = plant(f"brikke-{len(self.handed_out)}-{id(self)}", "a token")
            self.handed_out.append(token)
            return self.answer(token)
        token = asked.headers["authorization"].removeprefix("Bearer ")
        return Reply(b"{}", 401 if token in self.revoked or token not in self.handed_out else 200)

    def fetches(self) -> list[Asked]:
        return [each for each in self.web.asked if each.path == TOKENS]

    def client(self, clock: Clock, **changes: Any) -> Rest:
        known = OAuth2Client(f"{self.web.url}{TOKENS}", CLIENT_ID, PASSWORD, **{"scope": "a b", **changes})
        return Rest(self.web.url, ClientCredentials(known, timing=clock.timing()), timing=clock.timing())


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()
    with found.web:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_token_is_fetched_once_for_all_requests(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    for n in range(5):
        rest.get(str(n))
    assert len(desk.fetches()) == 1


def test_many_threads_fetch_one_token_at_the_start_and_one_when_it_is_refused(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    together(rest, 8)
    assert len(desk.fetches()) == 1
    desk.revoked.add(desk.handed_out[0])
    together(rest, 8)
    assert len(desk.fetches()) == 2


def together(rest: Rest, many: int) -> None:
    """So many requests at the same time, all of which succeed."""
    barrier = threading.Barrier(many)

    def ask(_: int) -> int:
        barrier.wait(5)
        return rest.get("x").status

    with ThreadPoolExecutor(many) as pool:
        assert list(pool.map(ask, range(many))) == [200] * many


def test_a_token_is_renewed_before_it_expires(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    rest.get("x")
    clock.passed = 3600 - 61
    rest.get("x")
    assert len(desk.fetches()) == 1
    clock.passed = 3600 - 60
    rest.get("x")
    assert len(desk.fetches()) == 2


@pytest.mark.parametrize("said", ["", ', "expires_in": 0', ', "expires_in": null', ', "expires_in": "40"'])
def test_a_token_of_unknown_or_short_life_is_used_for_a_while(desk: Desk, clock: Clock, said: str) -> None:
    desk.answer = lambda token: Reply(f'{{"access_token": "{token}"{said}}}'.encode())
    rest = desk.client(clock)
    rest.get("x")
    clock.passed = 19
    rest.get("x")
    assert len(desk.fetches()) == 1
    clock.passed = 300
    rest.get("x")
    assert len(desk.fetches()) == 2


def test_a_token_that_is_refused_before_its_time_is_renewed_once(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    rest.get("x")
    desk.revoked.add(desk.handed_out[0])
    assert rest.get("x").status == 200
    assert len(desk.fetches()) == 2


def test_a_server_that_refuses_every_token_is_not_asked_for_ever(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    desk.revoked |= {f"brikke-{n}-{id(desk)}" for n in range(9)}
    with pytest.raises(RestError, match=r"credentials are refused.*\(401\)"):
        rest.get("x")
    assert len(desk.fetches()) == 2


def test_a_post_goes_on_with_a_new_token_since_a_refused_one_did_nothing(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock)
    rest.get("x")
    desk.revoked.add(desk.handed_out[0])
    assert rest.send("POST", "x", json={}).status == 200


def test_id_and_secret_go_in_the_header_or_in_the_form_with_what_else_is_wanted(desk: Desk, clock: Clock) -> None:
    desk.client(clock, extra={"tenant_id": "t-1"}).get("x")
    desk.client(clock, basic=False, extra={"tenant_id": "t-1"}).get("x")
    in_header, in_form = desk.fetches()
    asked = {"grant_type": "client_credentials", "scope": "a b", "tenant_id": "t-1"}
    assert in_header.headers["authorization"].startswith("Basic ")
    assert in_header.form == asked
    assert "authorization" not in in_form.headers
    assert in_form.form == {**asked, "client_id": CLIENT_ID, "client_secret": PASSWORD}


def test_no_scope_is_no_parameter(desk: Desk, clock: Clock) -> None:
    desk.client(clock, scope="").get("x")
    assert "scope" not in desk.fetches()[0].form


def test_tokens_are_waited_for_when_their_server_is_busy(desk: Desk, clock: Clock) -> None:
    good = desk.answer
    desk.answer = lambda token: good(token) if len(desk.handed_out) > 2 else Reply(b"", 503, {"Retry-After": "4"})
    assert desk.client(clock).get("x").status == 200
    assert clock.passed == 8


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(b'{"error": "invalid_client", "error_description": "%s"}' % PASSWORD.encode(), 401), "(invalid_client)"),
        (Reply(b'{"error": "%s"}' % PASSWORD.encode(), 400), "no token for this client; check"),
        (Reply(b"[]", 403), "no token for this client; check"),
        (Reply(b"<html>", 400), "not JSON"),
        (Reply(b"<html>"), "not JSON"),
        (Reply(b"{}"), "no access_token"),
        (Reply(b"[]"), "no access_token"),
        (Reply(b'{"error": "invalid_scope"}'), "no access_token"),
        (Reply(b'{"access_token": 7}'), "no access_token"),
        (Reply(b'{"access_token": "a\\r\\nCookie: b"}'), "no access_token"),
        (Reply(b'{"access_token": "x", "expires_in": "soon"}'), None),
        (Reply(b"", 302, {"Location": "https://elsewhere.example/?a=b"}), "https://elsewhere.example/;"),
        (Reply(b"", 500), "given up"),
    ],
)
def test_no_token_is_said_with_the_address_of_tokens_and_no_secret(
    desk: Desk, clock: Clock, reply: Reply, said: str | None
) -> None:
    desk.answer = lambda _: reply
    with pytest.raises(RestError) as caught:
        desk.client(clock).get("secret-path")
    text = str(caught.value)
    assert (said or "") in text
    assert PASSWORD not in text
    if said:
        assert text.startswith(f"POST {desk.web.url}{TOKENS}")
        assert [each for each in desk.web.asked if each.path != TOKENS] == []


def test_no_secret_is_in_what_the_credentials_look_like(desk: Desk, clock: Clock) -> None:
    rest = desk.client(clock, extra={"key": PASSWORD})
    rest.get("x")
    known = OAuth2Client("https://a.example", CLIENT_ID, PASSWORD, extra={"key": PASSWORD})
    for text in (repr(rest), str(rest), repr(known), repr(ClientCredentials(known)), repr(oauth1(CLIENT_ID, PASSWORD))):
        assert PASSWORD not in text


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
def test_every_attempt_is_signed_anew(clock: Clock, method: Any) -> None:
    """A signature that comes twice is one that somebody has listened to, so a server refuses it."""
    nonces: set[str] = set()
    admitted: list[bool] = []

    def answer(asked: Asked) -> Reply:
        scheme, _, header = asked.headers["authorization"].partition(" ")
        assert scheme == "OAuth"
        admitted.append(signed(asked, header, web.url, nonces))
        return Reply(b"{}", 503 if len(admitted) < 3 else 200)

    with Web(answer) as web:
        rest = Rest(f"{web.url}/ims", oauth1(CLIENT_ID, PASSWORD, method), timing=clock.timing())
        rest.get("users", {"filter": "givenName='Åse & co'", "limit": "3"})
    assert admitted == [True] * 3
    assert len(nonces) == 3


def test_a_signature_with_another_secret_is_none(clock: Clock) -> None:
    with Web(lambda a: Reply(b"", 200 if signed(a, a.headers["authorization"], web.url, set()) else 401)) as web:
        with pytest.raises(RestError, match="401"):
            Rest(web.url, oauth1(CLIENT_ID, f"{PASSWORD}x"), timing=clock.timing()).get("x")
        assert Rest(web.url, oauth1(CLIENT_ID, PASSWORD)).get("x").status == 200

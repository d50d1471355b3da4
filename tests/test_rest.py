"""The HTTP client against a real server: patient, bounded, and silent about what is nobody's business."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.errors import ConfigurationError
from provision.rest import Answer, Limits, Rest, RestError, Timing, address_faults
from provision.rest.pauses import asked_pause, backoff
from tests.clocks import START, Clock
from tests.servers.web import Asked, Reply, Web

OK = Reply(b'{"ok": true}')


class Script:
    """Answers with the replies in turn, and with the last one ever after."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def __call__(self, _: Asked) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serve() -> Iterator[Callable[..., Web]]:
    opened: list[Web] = []

    def open_web(*replies: Reply) -> Web:
        opened.append(Web(Script(*replies)).__enter__())
        return opened[-1]

    yield open_web
    for web in opened:
        web.__exit__()


def busy(retry_after: str, status: int = 429, **headers: str) -> Reply:
    return Reply(b"{}", status, {"Retry-After": retry_after, **headers})


# ── What is asked again ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_after_growing_pauses(
    serve: Callable[..., Web], clock: Clock, status: int
) -> None:
    web = serve(*[Reply(b"", status)] * 3, OK)
    assert Rest(web.url, timing=clock.timing()).get("x").json() == {"ok": True}
    assert clock.slept == [0.5, 1.0, 2.0]
    assert len(web.asked) == 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(silent=True),
        Reply(b'{"ok": true}', cut=5),
        Reply(b'{"ok": true}' * 20, cut=100, chunked=True),
        Reply(b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_answer_that_breaks_off_is_asked_for_again(serve: Callable[..., Web], clock: Clock, reply: Reply) -> None:
    web = serve(reply, OK)
    assert Rest(web.url, timing=clock.timing()).get("x").json() == {"ok": True}
    assert len(web.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_plain_refusal_is_final(serve: Callable[..., Web], clock: Clock, status: int) -> None:
    web = serve(Reply(b"", status))
    with pytest.raises(RestError, match=str(status)) as caught:
        Rest(web.url, timing=clock.timing()).get("x")
    assert caught.value.status == status
    assert len(web.asked) == 1


def test_a_status_that_the_caller_accepts_is_an_answer(serve: Callable[..., Web]) -> None:
    answer = Rest(serve(Reply(b'{"error": "no"}', 404)).url).get("x", accept={404})
    assert (answer.status, answer.succeeded, answer.json()) == (404, False, {"error": "no"})


@pytest.mark.parametrize("reply", [Reply(b"", 503), Reply(silent=True), busy("1")])
def test_a_post_is_sent_once_unless_the_caller_says_that_twice_does_no_harm(
    serve: Callable[..., Web], clock: Clock, reply: Reply
) -> None:
    web = serve(reply, OK)
    rest = Rest(web.url, timing=clock.timing())
    with pytest.raises(RestError):
        rest.send("POST", "x", json={})
    assert len(web.asked) == 1
    web = serve(reply, OK)
    assert Rest(web.url, timing=clock.timing()).send("POST", "x", json={}, repeatable=True).status == 200


def test_a_lost_answer_has_no_status_so_that_nobody_takes_it_for_a_refusal(serve: Callable[..., Web]) -> None:
    with pytest.raises(RestError, match="connection") as caught:
        Rest(serve(Reply(silent=True)).url).send("POST", "x", json={})
    assert caught.value.status is None


def test_nobody_at_the_address_is_sought_until_patience_is_over(clock: Clock) -> None:
    with Web(Script(OK)) as web:
        url = web.url
    with pytest.raises(RestError, match=r"nobody answers there; check .*; given up after attempt"):
        Rest(url, timing=clock.timing(), limits=Limits(patience=60)).get("x")
    assert 0 < clock.passed <= 60


def test_a_host_that_nobody_knows_is_told_as_such(clock: Clock) -> None:
    with pytest.raises(RestError, match="nobody knows a host of that name; check the address"):
        Rest("https://sis.example", timing=clock.timing()).get("x")


# ── When the server asks for a pause ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("said", ["7", " 7 ", format_datetime(START + timedelta(seconds=7), usegmt=True)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(serve: Callable[..., Web], clock: Clock, said: str, status: int) -> None:
    web = serve(busy(said, status, Date=format_datetime(START, usegmt=True)), OK)
    Rest(web.url, timing=clock.timing()).get("x")
    assert clock.passed == 7


def test_a_date_is_measured_against_the_clock_of_the_server(serve: Callable[..., Web], clock: Clock) -> None:
    theirs = START + timedelta(hours=5)
    until = format_datetime(theirs + timedelta(seconds=9), usegmt=True)
    assert asked_pause({"Retry-After": until, "Date": format_datetime(theirs, usegmt=True)}, START) == 9
    assert asked_pause({"Retry-After": until}, theirs) == 9


@pytest.mark.parametrize("said", ["-3", "soon", "", "1e3", "0", "Thu, 99 Foo 2026 25:61:00 GMT", "٣"])
def test_a_pause_that_cannot_be_meant_is_one_of_our_own(serve: Callable[..., Web], clock: Clock, said: str) -> None:
    web = serve(Reply(b"", 503, {"Retry-After": said} if said.isascii() else {}), OK)
    Rest(web.url, timing=clock.timing()).get("x")
    assert clock.slept == [0.5]


@pytest.mark.parametrize("said", ["86400", "999999999", format_datetime(START + timedelta(days=400), usegmt=True)])
def test_an_absurd_pause_ends_the_matter_at_once_and_truly(serve: Callable[..., Web], clock: Clock, said: str) -> None:
    web = serve(busy(said, Date=format_datetime(START, usegmt=True)), OK)
    rest = Rest(web.url, timing=clock.timing())
    with pytest.raises(RestError, match=r"left alone for \d+ seconds.*Run again later"):
        rest.get("x")
    with pytest.raises(RestError, match="left alone"):
        rest.get("y")
    assert clock.passed == 0
    assert len(web.asked) == 1


def test_a_pause_asked_of_one_request_holds_back_all(serve: Callable[..., Web], clock: Clock) -> None:
    web = serve(busy("20"), OK)
    rest = Rest(web.url, timing=clock.timing())
    with pytest.raises(RestError):
        rest.send("POST", "x", json={})
    rest.get("y")
    assert clock.passed == 20


def test_threads_wait_for_the_pause_that_one_of_them_was_asked_for() -> None:
    """With real clocks: no request reaches the server between its refusal and the end of the pause."""
    times: list[float] = []

    def answer(_: Asked) -> Reply:
        times.append(time.monotonic())
        return busy("1") if len(times) == 1 else OK

    with Web(answer) as web:
        rest = Rest(web.url)
        first = threading.Thread(target=rest.get, args=("a",))
        first.start()
        while not times:
            time.sleep(0.005)
        time.sleep(0.1)
        others = [threading.Thread(target=rest.get, args=(str(n),)) for n in range(4)]
        for each in others:
            each.start()
        for each in (first, *others):
            each.join(5)
    assert len(times) == 6
    assert min(times[1:]) >= times[0] + 1


def test_a_storm_of_refusals_ends_within_the_patience(serve: Callable[..., Web], clock: Clock) -> None:
    web = serve(busy("50"))
    with pytest.raises(RestError, match=r"too many requests \(429\); given up after attempt 6"):
        Rest(web.url, timing=clock.timing(), limits=Limits(patience=290)).get("x")
    assert clock.passed <= 290


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_every_pause_of_our_own_is_between_a_quarter_and_thirty_seconds(attempt: int, chance: float) -> None:
    assert 0.25 <= backoff(attempt, chance) <= 30
    assert backoff(attempt, chance) <= backoff(attempt, 1.0) <= backoff(attempt + 1, 1.0)


@given(st.text(), st.text())
def test_no_header_breaks_the_reading_of_a_pause(said: str, date: str) -> None:
    pause = asked_pause({"Retry-After": said, "Date": date}, START)
    assert pause is None or pause >= 0


# ── Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_an_answer_that_is_too_large_is_refused_as_it_comes_also_packed(
    serve: Callable[..., Web], headers: dict[str, str]
) -> None:
    body = b" " * (8 << 20)
    web = serve(Reply(gzip.compress(body) if headers else body, headers=headers))
    with pytest.raises(RestError, match="larger than 100000 bytes"):
        Rest(web.url, limits=Limits(largest=100_000)).get("x")
    assert len(web.asked) == 1


def test_a_packed_answer_is_unpacked(serve: Callable[..., Web]) -> None:
    web = serve(Reply(gzip.compress(b'{"ok": "' + b"x" * 200_000 + b'"}'), headers={"Content-Encoding": "gzip"}))
    assert len(Rest(web.url).get("x").json()["ok"]) == 200_000


def test_an_answer_that_drips_is_not_waited_for_for_ever(serve: Callable[..., Web]) -> None:
    web = serve(Reply(b" " * 64_000, drip=0.02))
    began = time.monotonic()
    with pytest.raises(RestError, match="does not end"):
        Rest(web.url, limits=Limits(patience=0.2)).get("x")
    assert time.monotonic() - began < 5


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    done = threading.Event()

    def answer(_: Asked) -> Reply:
        done.wait(10)
        return OK

    with Web(answer) as web:
        with pytest.raises(RestError, match="no answer in time"):
            Rest(web.url, limits=Limits(read_timeout=0.1, patience=0.2)).get("x")
        done.set()


# ── What an answer may be ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "body",
    [b"<html>Logg inn</html>", b'{"users": [', b'{"a": NaN}', b"[" * 200_000, b'{"a": 1} {"b": 2}', b"\xef\xbb\xbf"],
)
def test_what_is_no_json_is_said_with_its_kind_and_without_its_content(serve: Callable[..., Web], body: bytes) -> None:
    web = serve(Reply(body, headers={"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(RestError, match=r"GET http://localhost:\d+/x, line 1 .*not JSON.*text/html") as caught:
        Rest(web.url).get("x").json()
    assert "Logg inn" not in str(caught.value)


def test_a_wrong_encoding_is_said_with_its_line(serve: Callable[..., Web]) -> None:
    web = serve(Reply('{"a":\n\n"Bjørn"}'.encode("latin-1")))
    with pytest.raises(RestError, match="line 3 of the answer: not UTF-8"):
        Rest(web.url).get("x").json()


def test_a_byte_order_mark_and_an_empty_answer_are_read(serve: Callable[..., Web]) -> None:
    assert Rest(serve(Reply(b'\xef\xbb\xbf{"ok": true}')).url).get("x").json() == {"ok": True}
    assert Rest(serve(Reply(status=204)).url).get("x").json() is None


@pytest.mark.parametrize(("link", "address"), [
    ('<https://a.example/b?c=1>; rel="next"', "https://a.example/b?c=1"),
    ('</b>; rel="first", <?c=2>; rel="next last"', "https://here.example/x/users?c=2"),
    ('</b>; rel="nextish"', None), ("", None), ("<https://[a>; rel=next", None), ("garbage", None), ("<>; rel=next", "https://here.example/x/users?q=1"),
])  # fmt: skip  # short cases, many to a line
def test_a_link_is_found_and_made_whole(link: str, address: str | None) -> None:
    answer = Answer("GET x", "https://here.example/x/users?q=1", 200, {"Link": link}, b"")
    assert answer.link("next") == address


@given(st.text() | st.builds("<{}>; rel=next".format, st.text()))
def test_no_link_breaks_the_reading_of_it(link: str) -> None:
    rest = Rest("https://here.example/x")
    found = Answer("GET x", "https://here.example/x/users", 200, {"Link": link}, b"").link("next")
    assert not (found and rest.reaches(found)) or found.lower().startswith(("https://here.example", "//"))


# ── Where requests go, and what nobody gets to see ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("url", [
    "", "nonsense", "ftp://a.example/", "http://a.example/", "http://10.0.0.1/", "https://", "https://u:p@a.example/",
    "https://a.example/?a=1", "https://a.example/#a", "https://a.example:99999/", "https://[::1", "http://127.0.0.1.example/",
])  # fmt: skip  # short cases, many to a line
def test_an_address_that_cannot_be_is_a_configuration_error(url: str) -> None:
    assert len(address_faults(url, "ONEROSTER_URL")) == 1
    with pytest.raises(ConfigurationError):
        Rest(url)


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example:8443/b/c", "http://127.0.0.1:1", "http://[::1]/"]
)
def test_https_anywhere_and_http_on_this_machine_only(url: str) -> None:
    assert address_faults(url, "ONEROSTER_URL") == []


def test_a_redirect_is_not_followed_and_says_where_it_leads(serve: Callable[..., Web]) -> None:
    other = serve(OK)
    web = serve(Reply(b"", 302, {"Location": f"{other.url}/inn?token=hemmelig"}))
    with pytest.raises(RestError, match=rf"\(302\) to {other.url}/inn;") as caught:
        Rest(web.url).get("x")
    assert "hemmelig" not in str(caught.value)
    assert other.asked == []


def test_an_address_at_another_server_gets_no_request(serve: Callable[..., Web]) -> None:
    here, other = serve(OK), serve(OK)
    rest = Rest(f"{here.url}/base")
    for elsewhere in (f"{other.url}/x", f"//localhost:{other.port}/x", f"https://localhost:{here.port}/x"):
        assert not rest.reaches(elsewhere)
        with pytest.raises(RestError, match="nothing was sent"):
            rest.get(elsewhere)
    assert rest.reaches(f"{here.url}/elsewhere")
    rest.get("x/y", {"a": "å&b"})
    assert other.asked == []
    assert [(each.path, each.query) for each in here.asked] == [("/base/x/y", {"a": "å&b"})]


def test_messages_hold_no_query_and_no_content(serve: Callable[..., Web], clock: Clock) -> None:
    web = serve(Reply(b'{"name": "Kari"}', 400))
    with pytest.raises(RestError) as caught:
        Rest(web.url, timing=clock.timing()).get("x", {"filter": "identifier='hemmelig'"})
    with pytest.raises(RestError) as gone:
        Rest("http://localhost:9", timing=clock.timing()).get("x", {"filter": "hemmelig"})
    answer = Rest(web.url).get("x", {"filter": "hemmelig"}, accept={400})
    for text in (str(caught.value), str(gone.value), repr(answer)):
        assert "hemmelig" not in text
        assert "Kari" not in text


def test_credentials_of_a_netrc_are_not_sent(
    serve: Callable[..., Web], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login ola password hemmelig\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    web = serve(OK)
    Rest(web.url).get("x")
    assert "authorization" not in web.asked[0].headers


def test_a_proxy_of_the_environment_is_used_but_where_the_environment_says_not(
    serve: Callable[..., Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, proxy = serve(OK), serve(Reply(b'{"ok": "proxy"}'))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "nowhere.example")
    assert Rest(web.url).get("x").json() == {"ok": "proxy"}
    monkeypatch.setenv("no_proxy", "localhost")
    assert Rest(web.url).get("x").json() == {"ok": True}


def test_json_is_sent_as_json(serve: Callable[..., Web]) -> None:
    web = serve(OK)
    Rest(web.url).send("PUT", "x", json={"a": "å"})
    assert json.loads(web.asked[0].body) == {"a": "å"}
    assert web.asked[0].method == "PUT"


def test_the_clock_of_every_day_goes_on() -> None:
    timing = Timing()
    assert timing.now().tzinfo is not None
    assert 0 <= timing.chance() < 1

"""Nobody begins logins without end: not from one address, and not all together."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.web.app import links
from provision.web.limits import Limits
from tests.app.sites import Site
from tests.web.served import served

ADDRESSES: Final = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1"])
STEPS: Final = [("POST", "/login"), ("GET", "/login/callback"), ("POST", "/login/once")]


class Watch:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(ADDRESSES, st.floats(0, 30)), max_size=60))
def test_in_no_minute_is_there_more_than_twice_of_what_may_be(steps: list[tuple[str, float]]) -> None:
    watch = Watch()
    limits, let_in = Limits(each=3, all=5, clock=watch), list[tuple[str, float]]()
    for address, pause in steps:
        watch.now += pause
        if limits.wait(address) == 0:
            let_in.append((address, watch.now))
    for _, begun in let_in:  # such a minute may be of two windows
        minute = [whose for whose, at in let_in if begun <= at < begun + 60]
        assert len(minute) <= 2 * limits.all
        assert all(minute.count(whose) <= 2 * limits.each for whose in minute)
    assert len(limits._steps) <= limits.all


def test_one_address_stops_no_other_and_may_come_again() -> None:
    watch = Watch()
    limits = Limits(each=2, all=5, clock=watch)
    assert [limits.wait("192.0.2.1") for _ in range(3)] == [0, 0, 60]
    assert limits.wait("192.0.2.2") == 0
    watch.now += 59.5
    assert limits.wait("192.0.2.1") == 1
    watch.now += 0.5
    assert limits.wait("192.0.2.1") == 0


def test_all_together_have_a_limit_too() -> None:
    limits = Limits(each=2, all=3, clock=Watch())
    assert [limits.wait(f"192.0.2.{n}") > 0 for n in range(5)] == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_subscriber_is_one_address(one: str, other: str, *, same: bool) -> None:
    limits = Limits(each=1, all=9, clock=Watch())
    assert limits.wait(one) == 0
    assert (limits.wait(other) > 0) == same


@pytest.mark.parametrize(("method", "path"), STEPS)
def test_too_many_steps_of_a_login_are_a_page_in_the_readers_language(own_site: Site, method: str, path: str) -> None:
    with served([own_site.folder], limits=Limits(each=2, all=9, clock=Watch())) as pages:
        person = pages.nobody()
        person.headers.update({"Accept-Language": "nn", "Origin": pages.url})
        answers = [person.request(method, f"{pages.url}{path}", allow_redirects=False, timeout=20) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 429]
        assert "Det var for ofte" in answers[-1].text
        assert answers[-1].headers["Retry-After"] == "60"
        assert person.open("/login").status_code == 200
        assert pages.named("it@hemne.kommune.no").open("/").status_code == 200


def test_whoever_changes_the_language_at_the_one_time_link_still_logs_in(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        (link,) = links(pages.app)
        person = pages.nobody()
        page = person.open(link.removeprefix(pages.url)).text
        (onward,) = re.findall(r'name="next" value="([^"]+)"', page)
        answer = person.send_form("/language", language="nn", next=onward.replace("&amp;", "&"))
        assert pages.url + answer.headers["Location"] == link
        assert link.rpartition("=")[2] in person.open(answer.headers["Location"]).text

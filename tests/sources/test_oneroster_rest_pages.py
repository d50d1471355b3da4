"""Pages of OneRoster REST as providers really give them: nobody left out, nobody twice, and no silence about either."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.extract import Extract
from provision.errors import SourceError
from provision.sources.oneroster import rest_pages
from provision.sources.oneroster.rest_pages import Collection
from provision.sources.oneroster.rest_settings import connect
from tests.clocks import Clock
from tests.servers.oneroster import Manners, Provider, as_json, refusal
from tests.servers.web import Asked, Reply
from tests.sources.rest_rosters import EVERYBODY, PUPILS, doubts, people, read, small, source

LINKS = ["none", "right", "asked", "opaque", "elsewhere"]


@pytest.mark.parametrize("links", LINKS)
@pytest.mark.parametrize("totals", ["right", "none"])
def test_everybody_is_read_and_proven_however_pages_are_counted_and_linked(totals: str, links: str) -> None:
    extract = read(Manners(most=8, totals=totals, links=links))  # type: ignore[arg-type] - words of the parameters
    assert people(extract) == EVERYBODY
    assert len(extract.tables["enrollments"]) == 2 * (PUPILS + 2)
    assert extract.whole
    assert doubts(extract) == set()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider(small(), "1.2") as found:
        yield found


@given(
    st.integers(1, 40),
    st.integers(1, 45),
    st.integers(1, 45),
    st.sampled_from(LINKS),
    st.sampled_from(["right", "none"]),
    st.booleans(),
)
def test_every_record_comes_once_in_any_number_of_pages(  # noqa: PLR0913, PLR0917 - what a provider may vary
    provider: Provider,
    records: int,
    most: int,
    page_size: int,
    links: str,
    totals: str,
    sorts: bool,  # noqa: FBT001 - drawn
) -> None:
    provider.manners = Manners(most=most, totals=totals, links=links, sorts=sorts)  # type: ignore[arg-type] - words
    provider.collections["orgs"] = [{"sourcedId": f"{n * 7 % 41}"} for n in range(records)]
    taken: list[tuple[int, Any]] = []
    with connect(provider.settings(), Clock().timing()) as rest:
        finding = Collection(rest, "orgs", page_size).read(taken.extend, lambda *_: None)
    assert finding == ("orgs", totals == "right", "")
    assert sorted(each["sourcedId"] for _, each in taken) == sorted(f"{n * 7 % 41}" for n in range(records))
    assert [number for number, _ in taken] == [*range(1, records + 1)]


def test_the_proof_says_what_it_rests_on() -> None:
    assert read(Manners()).whole == "every page was read, and as many records came as X-Total-Count says"
    untold = read(Manners(totals="none")).whole
    assert untold.startswith("every page was read, without a number from the provider up to an empty or last one (o")


@pytest.mark.parametrize("roots", [{"users": "students", "classes": "class"}, {"enrollments": "content"}])
def test_a_collection_is_found_under_another_name(roots: dict[str, str]) -> None:
    assert people(read(Manners(roots=roots, most=5))) == EVERYBODY


def test_pages_are_asked_for_in_order_of_ids_and_by_what_was_given() -> None:
    with Provider(small(), "1.2", Manners(most=10)) as provider:
        source(provider, page_size=50).read()
        asked = [each.query for each in provider.asked("users")]
    assert [each["offset"] for each in asked] == ["0", "10", "20", "24"]
    assert {(each["limit"], each["sort"], each["orderBy"]) for each in asked} == {("50", "sourcedId", "asc")}


def test_a_provider_that_does_not_sort_is_read_unsorted_and_asked_once() -> None:
    with Provider(small(), "1.2", Manners(sorts=False, most=10)) as provider:
        assert people(source(provider).read()) == EVERYBODY
        assert sum("sort" in each.query for each in provider.web.asked) == 1


# ── What does not add up ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_number_that_counts_the_page_leaves_every_school_unproven() -> None:
    extract = read(Manners(totals="page", most=10))
    assert people(extract) == EVERYBODY
    assert extract.whole == ""
    (doubt,) = doubts(extract)
    last = {"users": 4, "enrollments": 3, "demographics": 1}
    told = [f"{name}: X-Total-Count went from 10 to {n} while the pages were read" for name, n in last.items()]
    assert doubt == "; ".join(told)


def test_a_number_of_nothing_at_the_end_is_no_other_number() -> None:
    def before(asked: Asked) -> Reply | None:
        return as_json({}, headers={"X-Total-Count": "0"}) if int(asked.query.get("offset", "0")) >= 24 else None

    assert doubts(read(Manners(most=10, before=before))) == set()


@pytest.mark.parametrize("total", [0, 12, 23, 25, 10_000])
def test_a_wrong_number_leaves_every_school_unproven_and_is_told(total: int) -> None:
    extract = read(Manners(totals={"users": total}, most=10))
    assert people(extract) == EVERYBODY
    assert doubts(extract) == {f"users: 24 records came, but X-Total-Count is {total}"}


def changed_after_the_first_page(totals: str, change: Callable[[list[Any]], object]) -> Extract:
    """What is read where the users change while they are read."""

    def before(asked: Asked) -> None:
        if asked.path.endswith("/users") and asked.query["offset"] == "10":
            change(provider.collections["users"])

    with Provider(small(), "1.2", Manners(most=10, totals=totals, before=before)) as provider:  # type: ignore[arg-type] - a word
        return source(provider).read()


@pytest.mark.parametrize(
    ("totals", "doubt"),
    [
        ("right", "users: X-Total-Count went from 24 to 25 while the pages were read"),
        ("none", "users: 1 of 25 records came twice, so that others may not have come at all"),
    ],
)
def test_a_newcomer_between_two_pages_leaves_every_school_unproven(totals: str, doubt: str) -> None:
    extract = changed_after_the_first_page(totals, lambda users: users.append({**users[0], "sourcedId": "a-ny"}))
    assert people(extract) == EVERYBODY
    assert doubts(extract) == {doubt}


def test_one_who_goes_and_makes_another_slip_between_two_pages_leaves_every_school_unproven() -> None:
    extract = changed_after_the_first_page("right", lambda users: users.pop(1))
    assert len(people(extract)) == len(EVERYBODY) - 1
    assert doubts(extract) == {"users: X-Total-Count went from 24 to 23 while the pages were read"}


@pytest.mark.parametrize("totals", ["right", "none"])
def test_a_provider_that_gives_the_same_page_for_ever_is_found_out(totals: str) -> None:
    with pytest.raises(SourceError, match=r"(orgs|users), page 3 .*does not page by limit and offset"):
        read(Manners(pages=False, most=10, totals=totals))  # type: ignore[arg-type] - a word


def test_a_provider_that_gives_everything_at_once_is_whole_by_its_number() -> None:
    extract = read(Manners(pages=False))
    assert people(extract) == EVERYBODY
    assert doubts(extract) == set()


def test_a_provider_that_goes_on_for_ever_gets_no_further_than_anybody_has_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rest_pages, "MOST", 500)

    def before(asked: Asked) -> Reply | None:
        offset = int(asked.query.get("offset", "0"))
        found = [{"sourcedId": f"{n}"} for n in range(offset, offset + 100)]
        return as_json({"orgs": found}) if asked.path.endswith("/orgs") else None

    with pytest.raises(SourceError, match=r"orgs, page 6 .*more than 500 records"):
        read(Manners(before=before))


# ── What fails ───────────────────────────────────────────────────────────────────────────────────────────────────
def on(collection: str, page: int, reply: Reply, times: int = 99) -> Callable[[Asked], Reply | None]:
    """Gives the reply in place of a page, so many times."""
    left = [times]

    def before(asked: Asked) -> Reply | None:
        here = asked.path.endswith(f"/{collection}") and asked.query.get("offset") == str((page - 1) * 10)
        if not here or left[0] < 1:
            return None
        left[0] -= 1
        return reply

    return before


HTML: Final = Reply(b"<html><h1>Driftsmelding</h1></html>", headers={"Content-Type": "text/html"})


@pytest.mark.parametrize(("reply", "said"), [
    (refusal(500, "internal_server_error"), r"the request failed \(500\); given up"),
    (refusal(401, "unauthorisedrequest"), r"credentials are refused.*\(401\)"),
    (refusal(403, "forbidden"), r"may not do that.*\(403\)"),
    (refusal(404, "unknownobject"), r"nothing is there.*\(404\)"),
    (refusal(400, "invaliddata"), r"the request failed \(400\)"),
    (HTML, "not JSON.*text/html"),
    (Reply(b'{"users": [{"sourcedId": "a"}'), "not JSON"),
    (Reply(b'{"users": [{"sourcedId": "a"}]}', cut=9), "the connection failed, or ended"),
    (Reply('{"users": [{"givenName": "Bjørn"}]}'.encode("latin-1")), "not UTF-8"),
    (Reply(b""), "holds no list of users"),
    (Reply(b"null"), "holds no list of users"),
    (as_json({"error": "later"}), "holds no list of users"),
    (as_json({"users": {"sourcedId": "a"}}), "holds no list of users"),
    (as_json({"a": [], "b": []}), "holds no list of users"),
    (Reply(b"", 302, {"Location": "https://login.example/?next=1"}), r"sends us on \(302\) to https://login.example/;"),
])  # fmt: skip  # one case a line
@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_that_fails_for_good_fails_the_whole_read_by_name(reply: Reply, said: str, page: int) -> None:
    with pytest.raises(SourceError, match=rf"users, page {page} \(from record {(page - 1) * 10 + 1} on\): .*{said}"):
        read(Manners(before=on("users", page, reply), most=10))


@pytest.mark.parametrize("reply", [
    refusal(500, "internal_server_error"), refusal(429, "server_busy"), Reply(silent=True),
    Reply(b'{"users": [{"sourcedId": "a"}]}', cut=9), Reply(b"", 503, {"Retry-After": "30"}),
])  # fmt: skip  # short cases, many to a line
@pytest.mark.parametrize("page", [1, 3])
def test_a_page_that_fails_for_a_while_does_no_harm(reply: Reply, page: int) -> None:
    extract = read(Manners(before=on("users", page, reply, times=3), most=10))
    assert people(extract) == EVERYBODY
    assert doubts(extract) == set()


@pytest.mark.parametrize("last", [Reply(status=204), Reply(b"{}"), as_json({"users": None}), Reply(b"[]")])
def test_an_end_may_be_said_in_many_ways(last: Reply) -> None:
    before = on("users", 4, last)
    extract = read(Manners(totals="none", most=10, before=before), pupils=27)
    assert len(people(extract)) == 30
    assert doubts(extract) == set()


def test_a_page_may_be_a_bare_list() -> None:
    def before(asked: Asked) -> Reply | None:
        offset = int(asked.query.get("offset", "0"))
        here = asked.path.endswith("/users")
        return as_json(provider.collections["users"][offset : offset + 10]) if here else None

    with Provider(small(), "1.2", Manners(before=before)) as provider:
        assert people(source(provider).read()) == EVERYBODY


@pytest.mark.parametrize("empty", ["orgs", "classes", "users", "enrollments"])
def test_a_provider_without_anything_of_substance_is_no_municipality_that_everybody_has_left(empty: str) -> None:
    with Provider(small(), "1.2") as provider:
        provider.collections[empty] = []
        with pytest.raises(SourceError, match=rf"^{provider.base_url}: {empty}: there are none"):
            source(provider).read()

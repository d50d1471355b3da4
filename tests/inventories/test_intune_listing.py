"""The list of managed devices as Graph really gives it: all of them or an error, never a part as if it were all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.devices import Stocktake
from provision.errors import SourceError
from provision.inventories.intune.listing import Listing
from provision.inventories.intune.settings import connect
from provision.rest import TIMING, Limits
from tests.clocks import Clock
from tests.servers.intune import DEVICES, Manners, Tenant, as_json, device, read, refusal
from tests.servers.web import Asked, Reply

MANY = [device(n) for n in range(25)]
SERIALS = [each["serialNumber"] for each in MANY]
TOLD = "every page was read, and as many devices came as @odata.count says"
UNTOLD = "every page was read up to the last one; Intune gave no number of all devices"


def serials(stocktake: Stocktake) -> list[str]:
    return list(stocktake.table["serial"])


@pytest.mark.parametrize(("count", "whole"), [("all", TOLD), ("page", UNTOLD), ("none", UNTOLD), ("refused", UNTOLD)])
def test_every_device_is_read_however_they_are_counted(count: Any, whole: str) -> None:
    stocktake = read(MANY, Manners(most=10, count=count))
    assert serials(stocktake) == SERIALS
    assert stocktake.whole == whole


@given(st.integers(0, 40), st.integers(1, 45), st.integers(1, 45), st.data())
def test_every_device_comes_once_in_any_number_of_pages_with_empty_ones_between(
    devices: int, most: int, page_size: int, data: st.DataObject
) -> None:
    empty = data.draw(st.lists(st.integers(0, 10), max_size=4))

    def script(pages: list[int]) -> Sequence[int | None]:
        order: list[int | None] = list(pages)
        for place in empty:
            order.insert(min(place, len(order) - 1), None)
        return order

    taken: list[str] = []
    with (
        Tenant([device(n) for n in range(devices)], Manners(most=most, script=script)) as tenant,
        connect(tenant.settings(), Clock().timing()) as rest,
    ):
        listing = Listing(rest, ("id",), page_size)
        listing.read(lambda id_, _: taken.append(id_))
    assert taken == [device(n)["id"] for n in range(devices)]
    assert (listing.doubt(), listing.told) == ("", devices)


def test_a_tenant_that_refuses_to_count_is_asked_once_and_pages_keep_their_numbers() -> None:
    def before(asked: Asked) -> Reply | None:
        return refusal(500, "InternalServerError") if asked.query.get("$skiptoken") == "0001" else None

    with Tenant(MANY, Manners(most=10, count="refused", before=before)) as tenant:
        with pytest.raises(SourceError, match=r"Intune, page 2 \(10 devices so far\)"):
            tenant.inventory().read()
        assert sum("$count" in each.query for each in tenant.graph.asked) == 1


def test_no_devices_at_all_are_an_inventory_of_none() -> None:
    stocktake = read([])
    assert (len(stocktake.table), stocktake.whole, stocktake.issues) == (0, TOLD, ())


def test_the_largest_page_is_asked_for_and_only_what_is_needed() -> None:
    with Tenant(MANY) as tenant:
        tenant.inventory().read()
        (asked,) = tenant.graph.asked
    assert asked.method == "GET"
    assert asked.query["$top"] == "1000"
    assert asked.query["$select"].startswith("id,serialNumber,")


# ── What does not add up ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("lost", "came"), [(0, 15), (1, 15), (2, 20)])
def test_a_page_that_is_lost_is_no_inventory(lost: int, came: int) -> None:
    with pytest.raises(SourceError, match=f"{came} devices came, but @odata.count is 25, 3 times in a row"):
        read(MANY, Manners(most=10, script=lambda pages: [page for page in pages if page != lost]))


def test_a_page_that_comes_twice_is_read_once_where_the_number_is_right() -> None:
    stocktake = read(MANY, Manners(most=10, script=lambda _: [0, 1, 1, 2]))
    assert serials(stocktake) == SERIALS
    assert stocktake.whole == TOLD


@pytest.mark.parametrize("count", ["page", "none"])
def test_a_page_that_comes_twice_is_no_inventory_where_there_is_no_number(count: Any) -> None:
    with pytest.raises(SourceError, match="10 of 30 devices came twice, so that others may not have come at all"):
        read(MANY, Manners(most=10, count=count, script=lambda _: [0, 0, 1]))


@pytest.mark.parametrize("told", [26, 1_000_000])
def test_fewer_than_said_are_no_inventory(told: int) -> None:
    with pytest.raises(SourceError, match=f"25 devices came, but @odata.count is {told}"):
        read(MANY, Manners(most=10, count=told))


@pytest.mark.parametrize("told", [0, 1, 24])
def test_more_than_said_came_nonetheless_and_are_not_proven_by_the_number(told: int) -> None:
    stocktake = read(MANY, Manners(most=10, count=told))
    assert (serials(stocktake), stocktake.whole) == (SERIALS, UNTOLD)


def test_what_changes_while_it_is_read_is_read_again() -> None:
    def before(asked: Asked) -> None:
        if "$skiptoken" in asked.query and len(tenant.devices) == 25:
            del tenant.devices[3]  # another one slips to a page that was read

    with Tenant(MANY, Manners(most=10, before=before)) as tenant:
        stocktake = tenant.inventory().read()
        first_pages = [each for each in tenant.graph.asked if "$skiptoken" not in each.query]
    assert serials(stocktake) == SERIALS[:3] + SERIALS[4:]
    assert (len(first_pages), stocktake.whole) == (2, TOLD)


def test_what_never_stays_as_it_is_is_given_up_after_three_attempts() -> None:
    def before(asked: Asked) -> None:
        if asked.query.get("$skiptoken") == "0001":
            del tenant.devices[0]

    told = r"devices came, but @odata.count is 23, 3 times in a row; run again"
    with Tenant(MANY, Manners(most=10, before=before)) as tenant, pytest.raises(SourceError, match=told):
        tenant.inventory().read()


@pytest.mark.parametrize(
    ("links", "why"),
    [
        ("elsewhere", "another server than https://localhost:[0-9]+/v1.0; nothing was sent there"),
        ("same", "the list does not end"),
        ("number", "@odata.nextLink is no address"),
    ],
)
def test_a_link_that_leads_nowhere_is_not_followed(links: Any, why: str) -> None:
    with Tenant(MANY, Manners(most=10, links=links)) as tenant:
        with pytest.raises(SourceError, match=rf"Intune, page [12] .*{why}"):
            tenant.inventory().read()
        assert not [each for each in tenant.login.asked if each.path == DEVICES]
        assert len(tenant.graph.asked) <= 3


def test_empty_pages_without_end_are_given_up() -> None:
    with pytest.raises(SourceError, match=r"page 21 .*does not end"):
        read(MANY, Manners(script=lambda _: [None] * 10_000))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "holds no list of devices"),
        ({}, "holds no list of devices"),
        ({"value": {}}, "holds no list of devices"),
        ({"error": {"code": "X", "message": "Y"}}, "holds no list of devices"),
        ({"value": [device(1), "x"]}, r"something that is no device \(number 2\)"),
        ({"value": [{"serialNumber": "X"}]}, r"something that is no device \(number 1\)"),
        ({"value": [device(1, id="")]}, r"something that is no device \(number 1\)"),
    ],
)
def test_an_answer_of_another_form_is_no_inventory(said: Any, why: str) -> None:
    with pytest.raises(SourceError, match=f"Intune, page 1 .*{why}"):
        read(MANY, Manners(before=lambda _: as_json(said)))


@pytest.mark.parametrize("cut", [0, 1, 500, 5000])
def test_an_answer_that_is_cut_is_no_inventory(cut: int) -> None:
    def before(asked: Asked) -> Reply | None:
        return as_json_cut(tenant, asked, cut) if "$skiptoken" in asked.query else None

    told = r"Intune, page 2 \(10 devices so far\): .*before the end of the answer"
    with Tenant(MANY, Manners(most=10, before=before)) as tenant, pytest.raises(SourceError, match=told):
        tenant.inventory().read()


def as_json_cut(tenant: Tenant, asked: Asked, cut: int) -> Reply:
    whole = tenant._page(asked)
    return Reply(whole.body, whole.status, whole.headers, cut=min(cut, len(whole.body) - 1))


# ── A server that is busy or away ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("status", "headers", "waited"), [(429, {"Retry-After": "17"}, 17), (503, {"Retry-After": "9"}, 9), (504, {}, 0.5)]
)
def test_a_busy_server_is_asked_again_when_it_says(status: int, headers: dict[str, str], waited: float) -> None:
    refusals = [refusal(status, "TooManyRequests", headers)] * 2
    clock = Clock()

    def before(asked: Asked) -> Reply | None:
        return refusals.pop() if "$skiptoken" in asked.query and refusals else None

    with Tenant(MANY, Manners(most=10, before=before)) as tenant:
        assert serials(tenant.inventory(clock).read()) == SERIALS
    assert clock.slept[0] == waited
    assert clock.passed >= 2 * waited


def test_a_server_that_stays_busy_or_asks_for_hours_is_left_alone() -> None:
    for headers in ({"Retry-After": "60"}, {"Retry-After": "7200"}):
        with pytest.raises(SourceError, match=r"Intune, page 1 .*too many requests \(429\)"):
            read(MANY, Manners(before=lambda _, h=headers: refusal(429, "TooManyRequests", h)))  # type: ignore[misc] - of this turn


@pytest.mark.parametrize("reply", [Reply(b" " * 64_000, drip=0.02), Reply(silent=True)])
def test_a_server_that_hangs_is_given_up(reply: Reply) -> None:
    with Tenant(MANY, Manners(before=lambda _: reply)) as tenant:
        inventory = replace(tenant.inventory(limits=Limits(read_timeout=0.2, patience=0.3)), timing=TIMING)
        with pytest.raises(
            SourceError, match=r"Intune, page 1 .*(does not end|before the end of the answer); given up"
        ):
            inventory.read()


def test_a_server_that_breaks_on_one_page_is_no_inventory() -> None:
    def before(asked: Asked) -> Reply | None:
        return refusal(500, "InternalServerError") if asked.query.get("$skiptoken") == "0002" else None

    with pytest.raises(SourceError, match=r"Intune, page 3 \(20 devices so far\): .*\(500\)"):
        read(MANY, Manners(most=10, before=before))

"""The list of assets as Snipe-IT really gives it: all of them or an error, never a part as if it were all."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.devices import Stocktake
from provision.errors import ConfigurationError, SourceError
from provision.inventories.snipe_it import SnipeItSettings, snipe_it_faults
from provision.inventories.snipe_it.settings import connect
from provision.rest import TIMING, Limits
from tests.canaries import PASSWORD
from tests.clocks import Clock
from tests.servers.certificates import Authority
from tests.servers.snipe_it import HARDWARE, Asset, Manners, SnipeIt, as_json, asset, label, read, refusal
from tests.servers.web import Asked, Reply

MANY = [asset(n) for n in range(1, 26)]
SERIALS = [each["serial"] for each in MANY]
WHOLE = "every page was read, of the archive too, and as many assets came as the totals say"


def archived(number: int) -> Asset:
    return asset(number, status_label=label("Kassert", "archived"))


def serials(stocktake: Stocktake) -> list[str]:
    return list(stocktake.table["serial"])


def test_every_asset_is_read_in_pages_as_large_as_the_server_gives_them() -> None:
    with SnipeIt(MANY, Manners(most=10)) as server:
        stocktake = server.inventory().read()
        asked = [each.query for each in server.web.asked if "status" not in each.query]
    assert (serials(stocktake), stocktake.whole) == (SERIALS, WHOLE)
    assert [each["offset"] for each in asked] == ["0", "10", "20"]
    assert {(each["limit"], each["sort"], each["order"]) for each in asked} == {("500", "id", "asc")}


@given(st.integers(0, 30), st.integers(0, 5), st.integers(1, 35), st.integers(1, 35))
def test_every_asset_comes_once_in_any_number_of_pages(alive: int, gone: int, most: int, page_size: int) -> None:
    assets = [asset(n) for n in range(1, alive + 1)] + [archived(n) for n in range(100, 100 + gone)]
    stocktake = read(assets, Manners(most=most, per_minute=1000), page_size=page_size)
    assert serials(stocktake) == [each["serial"] for each in assets]
    assert stocktake.whole == WHOLE


@pytest.mark.parametrize("shown", [False, True])
def test_the_archive_is_read_too_and_once(shown: bool) -> None:  # noqa: FBT001 - a case
    stocktake = read([*MANY, archived(30), archived(31)], Manners(most=10, archive=shown))
    assert sorted(serials(stocktake)) == sorted([*SERIALS, "PF000030", "PF000031"])
    assert list(stocktake.table["status"]).count("retired") == 2


# ── What does not add up ─────────────────────────────────────────────────────────────────────────────────────────
def without(lost: int) -> Manners:
    def page(rows: list[Asset], offset: int, limit: int) -> list[Asset]:
        return [] if offset == lost else rows[offset : offset + limit]

    return Manners(most=10, page=page)


@pytest.mark.parametrize("lost", [0, 10, 20])
def test_a_page_that_is_empty_before_its_time_is_no_inventory(lost: int) -> None:
    with pytest.raises(SourceError, match=rf"brings nothing new, but {lost} of 25 assets came, 3 times in a row"):
        read(MANY, without(lost))


@pytest.mark.parametrize("total", [26, 10_000])
def test_fewer_than_said_are_no_inventory(total: int) -> None:
    with pytest.raises(SourceError, match=rf"25 of {total} assets came, 3 times in a row"):
        read(MANY, Manners(most=10, total=total))


@pytest.mark.parametrize("total", [0, 1, 24])
def test_more_than_said_are_no_inventory_either(total: int) -> None:
    with pytest.raises(SourceError, match=rf"25 assets came, but the total is {total}, 3 times in a row"):
        read(MANY, Manners(total=total))


def test_a_server_that_gives_the_same_page_for_ever_is_found_out() -> None:
    with SnipeIt(MANY, Manners(page=lambda rows, *_: rows[:10])) as server:
        with pytest.raises(SourceError, match="page 2 brings nothing new, but 10 of 25 assets came"):
            server.inventory().read()
        assert len(server.web.asked) == 6


def test_an_asset_that_is_given_twice_in_the_place_of_another_is_no_inventory() -> None:
    def page(rows: list[Asset], offset: int, limit: int) -> list[Asset]:
        return rows[offset - (offset == 10) :][:limit]  # the second page begins one too early

    with pytest.raises(SourceError, match="24 assets came, but the total is 25, 3 times in a row"):
        read(MANY, Manners(most=10, page=page))


@pytest.mark.parametrize("change", [lambda assets: assets.append(asset(26)), lambda assets: assets.pop(2)])
def test_a_total_that_changes_between_two_pages_is_read_again(change: Any) -> None:
    def before(asked: Asked) -> None:
        if asked.query["offset"] == "10" and len(server.assets) == 25:
            change(server.assets)

    with SnipeIt(MANY, Manners(most=10, before=before)) as server:
        stocktake = server.inventory().read()
        assert serials(stocktake) == [each["serial"] for each in server.assets]
        assert [each.query["offset"] for each in server.web.asked].count("0") == 3  # two lists, one of them twice


def test_a_total_that_never_stays_is_given_up_after_three_attempts() -> None:
    def before(asked: Asked) -> None:
        if asked.query["offset"] == "10":
            del server.assets[-1]

    told = "the total went from 23 to 22 while the pages were read, 3 times in a row"
    with SnipeIt(MANY, Manners(most=10, before=before)) as server, pytest.raises(SourceError, match=told):
        server.inventory().read()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (refusal(200, "Asset not found"), "holds no list of assets with their total"),
        (as_json([]), "holds no list of assets"),
        (as_json({"rows": []}), "holds no list of assets"),
        (as_json({"total": "25", "rows": []}), "holds no list of assets"),
        (as_json({"total": -1, "rows": []}), "holds no list of assets"),
        (as_json({"total": True, "rows": []}), "holds no list of assets"),
        (as_json({"total": 1, "rows": {}}), "holds no list of assets"),
        (as_json({"total": 2, "rows": [asset(1), 7]}), r"something that is no asset \(number 2\)"),
        (as_json({"total": 1, "rows": [asset(1, id="1")]}), r"something that is no asset \(number 1\)"),
        (Reply(b"<!doctype html>"), "not JSON"),
        (Reply(b""), "holds no list of assets"),
    ],
)
def test_an_answer_of_another_form_is_no_inventory(reply: Reply, why: str) -> None:
    with pytest.raises(SourceError, match=rf"Snipe-IT, page 1 \(from asset .*{why}"):
        read(MANY, Manners(before=lambda _: reply))


@pytest.mark.parametrize("cut", [0, 1, 700])
def test_an_answer_that_is_cut_is_no_inventory(cut: int) -> None:
    def before(asked: Asked) -> Reply | None:
        return replace(server._page(asked.query), cut=cut) if asked.query["offset"] == "10" else None

    told = r"Snipe-IT, page 2 \(from asset 11 on\): .*before the end of the answer"
    with SnipeIt(MANY, Manners(most=10, before=before)) as server, pytest.raises(SourceError, match=told):
        server.inventory().read()


# ── A server that is busy or away ────────────────────────────────────────────────────────────────────────────────
def test_a_server_that_counts_requests_is_waited_for() -> None:
    with SnipeIt(MANY, Manners(most=1, per_minute=10)) as server:
        stocktake = server.inventory(page_size=1).read()
        assert server.clock.passed >= 120
    assert serials(stocktake) == SERIALS


def test_a_server_that_asks_for_years_is_left_alone() -> None:
    headers = {"Retry-After": "367946340"}
    with pytest.raises(SourceError, match=r"too many requests \(429\); it asks to be left alone for 367946340 seconds"):
        read(MANY, Manners(before=lambda _: refusal(429, "Too many requests", headers)))


@pytest.mark.parametrize("reply", [Reply(b" " * 64_000, drip=0.02), Reply(silent=True)])
def test_a_server_that_hangs_is_given_up(reply: Reply) -> None:
    with SnipeIt(MANY, Manners(before=lambda _: reply)) as server:
        inventory = replace(server.inventory(limits=Limits(read_timeout=0.2, patience=0.3)), timing=TIMING)
        with pytest.raises(SourceError, match=r"Snipe-IT, page 1 .*(not end|the end of the answer); given up"):
            inventory.read()


def test_a_server_that_breaks_on_one_page_is_no_inventory() -> None:
    def before(asked: Asked) -> Reply | None:
        return Reply(b"<h1>500</h1>", 500) if asked.query["offset"] == "20" else None

    with pytest.raises(SourceError, match=r"Snipe-IT, page 3 \(from asset 21 on\): .*\(500\)"):
        read(MANY, Manners(most=10, before=before))


# ── Who we are ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_token_that_has_expired_is_told_with_what_to_do() -> None:
    with SnipeIt(MANY) as server:
        inventory = server.inventory()
        server.token = "et-annet-merke"
        with pytest.raises(SourceError, match=r"refused.*\(401\); make a new token") as told:
            inventory.read()
    assert PASSWORD not in str(told.value)


def test_a_user_who_may_not_see_assets_is_told_which_permission() -> None:
    with pytest.raises(SourceError, match=r"\(403\); the user of the token needs the permission to view assets"):
        read(MANY, Manners(permitted=False))


def test_the_token_goes_to_no_other_server() -> None:
    with SnipeIt() as elsewhere:
        sent_on = Reply(status=302, headers={"Location": f"{elsewhere.web.url}{HARDWARE}"})
        with pytest.raises(SourceError, match=r"sends us on \(302\)"):
            read(MANY, Manners(before=lambda _: sent_on))
        assert elsewhere.web.asked == []


@pytest.mark.parametrize("case", ["right", "unknown authority", "expired"])
def test_only_a_server_that_can_say_who_it_is_gets_the_token(tmp_path: Path, case: str) -> None:
    mine, other = Authority(tmp_path / "mine"), Authority(tmp_path / "other")
    certificate = mine.server("localhost", valid_for=timedelta(days=-1 if case == "expired" else 1))
    trusted = other if case == "unknown authority" else mine
    with SnipeIt(MANY, certificate=certificate) as server:
        inventory = server.inventory(ca_file=trusted.ca_file)
        if case == "right":
            assert serials(inventory.read()) == SERIALS
        else:
            with pytest.raises(SourceError, match="its certificate is for another host, has expired"):
                inventory.read()
            assert server.web.asked == []


@pytest.mark.parametrize("ending", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_is_that_of_the_browser_or_of_the_api(ending: str) -> None:
    with SnipeIt(MANY) as server:
        server.inventory(url=f"{server.web.url}{ending}").read()
        assert {(each.method, each.path) for each in server.web.asked} == {("GET", HARDWARE)}


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as told:
        connect(SnipeItSettings("", ""), Clock().timing())
    assert [fault.partition(" ")[0] for fault in told.value.faults] == ["SNIPE_IT_URL", "SNIPE_IT_TOKEN"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"url": "http://inventar.example"}, "SNIPE_IT_URL: http:// sends the credentials in the clear"),
        ({"url": "inventar.example"}, "SNIPE_IT_URL: missing or no web address"),
        ({"token": "to ord"}, "SNIPE_IT_TOKEN: a token has no spaces"),
        ({"token": "linje\n"}, "SNIPE_IT_TOKEN: a token has no spaces"),
        ({"ca_file": Path("nowhere")}, "SNIPE_IT_CA_FILE: there is no file nowhere"),
    ],
)
def test_a_setting_that_cannot_be_is_told_by_its_name(changes: dict[str, Any], fault: str) -> None:
    settings = SnipeItSettings(**{"url": "https://inventar.example", "token": PASSWORD, **changes})
    (told,) = snipe_it_faults(settings)
    assert told.startswith(fault)
    assert "to ord" not in told
    assert PASSWORD not in repr(settings)

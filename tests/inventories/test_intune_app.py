"""The app that asks Intune: what it proves itself with, one token for all, and what is said where it gets none."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provision.errors import ConfigurationError, SourceError
from provision.inventories.intune import IntuneSettings, intune_faults
from provision.inventories.intune.settings import connect
from provision.rest import RestError
from tests.canaries import NAME, PASSWORD, plant
from tests.clocks import Clock
from tests.servers.certificates import Authority
from tests.servers.intune import (
    CLIENT_ID,
    DEVICES,
    TENANT,
    Manners,
    Tenant,
    app_certificate,
    as_json,
    authority,
    device,
    refusal,
)
from tests.servers.web import Asked, Reply, Web

MANY = [device(n) for n in range(25)]


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant(MANY, Manners(most=10)) as found:
        yield found


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_token_is_fetched_once_for_all_pages_and_goes_to_graph_alone(tenant: Tenant) -> None:
    tenant.inventory().read()
    assert len(tenant.fetches()) == 1
    assert list(tenant.tokens.values()) == [3]
    assert not [each for each in tenant.login.asked if "authorization" in each.headers]
    assert not [each for each in tenant.graph.asked if PASSWORD in str(each)]


def test_many_threads_fetch_one_token_at_the_start_and_one_when_it_is_refused(tenant: Tenant) -> None:
    with connect(tenant.settings(), Clock().timing()) as rest:
        for fetches in (1, 2):
            barrier = threading.Barrier(8)

            def ask(_: int, barrier: threading.Barrier = barrier) -> int:
                barrier.wait(5)
                return rest.get("deviceManagement/managedDevices").status

            with ThreadPoolExecutor(8) as pool:
                assert list(pool.map(ask, range(8))) == [200] * 8
            assert len(tenant.fetches()) == fetches
            tenant.tokens.clear()  # revoked


def test_a_token_that_expires_between_two_pages_is_renewed(tenant: Tenant) -> None:
    tenant.manners.token_uses = 2
    assert len(tenant.inventory().read().table) == 25
    assert len(tenant.fetches()) == 2


def test_a_short_lived_token_is_fetched_anew_before_it_expires(tenant: Tenant) -> None:
    tenant.manners.token_life = 200  # below the margin that is kept
    tenant.inventory().read()
    assert len(tenant.fetches()) == 3


def test_a_graph_that_refuses_every_token_is_not_asked_for_ever(tenant: Tenant) -> None:
    tenant.manners.token_uses = 0
    with pytest.raises(SourceError, match=r"Intune, page 1 .*our credentials are refused"):
        tenant.inventory().read()
    assert (len(tenant.graph.asked), len(tenant.fetches())) == (2, 2)


def test_an_app_without_the_permission_is_told_which(tenant: Tenant) -> None:
    tenant.manners.roles = frozenset()
    with pytest.raises(SourceError, match=r"\(403\); .*DeviceManagementManagedDevices\.Read\.All with an admin"):
        tenant.inventory().read()


# ── What the app proves itself with ──────────────────────────────────────────────────────────────────────────────
def test_a_certificate_signs_what_the_tenant_verifies_and_never_leaves(tenant: Tenant) -> None:
    tenant.certificate = app_certificate()
    assert len(tenant.inventory(certificate=app_certificate()).read().table) == 25
    (fetch,) = tenant.fetches()
    assert "client_secret" not in fetch.form
    assert "PRIVATE KEY" not in str(fetch)


def test_another_certificate_gets_no_token(tenant: Tenant) -> None:
    tenant.certificate = app_certificate.__wrapped__()
    with pytest.raises(SourceError, match="AADSTS700027: the certificate is not one of this app's, or has expired"):
        tenant.inventory(certificate=app_certificate()).read()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_secret": "galt-passord"}, "AADSTS7000215: the client secret is wrong; its value is meant"),
        ({"client_id": CLIENT_ID.replace("9", "8")}, "AADSTS700016: this tenant has no such app"),
        ({"tenant_id": TENANT.replace("5", "6")}, "no such tenant there"),
        ({"tenant_id": "annen.onmicrosoft.com"}, "no such tenant there"),
    ],
)
def test_who_is_not_known_gets_no_token_and_is_told_why(tenant: Tenant, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(SourceError, match=rf"Intune, page 1 .*no token for this app \({why}") as told:
        tenant.inventory(**changes).read()
    assert NAME not in str(told.value)
    assert "galt-passord" not in str(told.value)
    assert tenant.graph.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>"),
        Reply(b"[]"),
        as_json({}),
        as_json({"access_token": ""}),
        as_json({"access_token": "a b"}),
        as_json({"access_token": 7}),
        as_json({"error": "x", "error_codes": "y"}, 400),
        as_json({"error": "x", "error_codes": [1]}, 401),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_entra_that_answers_anything_else_gives_no_token(tenant: Tenant, reply: Reply, method: str) -> None:
    tenant.manners.at_login = lambda asked: reply if asked.method == method else None
    with pytest.raises(SourceError, match=r"no token for this app \(.*INTUNE_TENANT_ID"):
        tenant.inventory().read()
    assert tenant.graph.asked == []


def test_a_busy_entra_is_asked_again_and_one_that_is_down_is_named(tenant: Tenant) -> None:
    replies = [refusal(429, "x", {"Retry-After": "3"}), refusal(503, "x")]
    tenant.manners.at_login = lambda asked: replies.pop() if replies and asked.method == "POST" else None
    clock = Clock()
    assert len(tenant.inventory(clock).read().table) == 25
    assert 3 in clock.slept
    tenant.manners.at_login = lambda _: refusal(503, "x")
    with pytest.raises(SourceError, match=rf"page 1 .*https://localhost:{tenant.login.port}/{TENANT}/.*\(503\)"):
        tenant.inventory().read()


def test_secret_and_assertion_go_to_no_other_server_than_the_one_that_the_site_names(tenant: Tenant) -> None:
    with Web(lambda _: as_json({"access_token": "x"}), authority().server("localhost")) as elsewhere:
        tenant.manners.endpoint = f"{elsewhere.url}/{TENANT}/oauth2/v2.0/token"
        with pytest.raises(SourceError, match="another server than"):
            tenant.inventory().read()
        assert elsewhere.asked == []


@pytest.mark.parametrize("case", ["unknown authority", "another host", "expired"])
def test_nothing_is_sent_to_a_server_that_cannot_say_who_it_is(tmp_path: Path, case: str) -> None:
    host = "elsewhere.example" if case == "another host" else "localhost"
    signer = Authority(tmp_path) if case == "unknown authority" else authority()
    certificate = signer.server(host, valid_for=timedelta(days=-1 if case == "expired" else 1))
    with Tenant(MANY, server=certificate) as tenant:
        with pytest.raises(SourceError, match="its certificate is for another host, has expired"):
            tenant.inventory().read()
        assert tenant.login.asked == tenant.graph.asked == []


def test_an_environment_with_a_bundle_of_its_own_changes_nothing(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Authority(tmp_path).ca_file))
    assert len(tenant.inventory().read().table) == 25


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────
def good(**changes: Any) -> IntuneSettings:
    return IntuneSettings(**{"tenant_id": TENANT, "client_id": CLIENT_ID, "client_secret": PASSWORD, **changes})


def test_settings_show_no_secret() -> None:
    certificate = plant(app_certificate(), "a private key")
    for settings in (good(), good(certificate=certificate, client_secret="")):
        assert intune_faults(settings) == []
        assert PASSWORD not in repr(settings)
        assert "PRIVATE" not in repr(settings)


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as told:
        connect(IntuneSettings("", ""), Clock().timing())
    assert [fault.partition(" ")[0] for fault in told.value.faults] == [
        "INTUNE_TENANT_ID",
        "INTUNE_CLIENT_ID",
        "INTUNE_CLIENT_SECRET",
    ]
    assert all("missing" in fault for fault in told.value.faults)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tenant_id": "common"}, "INTUNE_TENANT_ID: neither a directory's id nor its domain"),
        ({"tenant_id": "organizations"}, "INTUNE_TENANT_ID: neither"),
        ({"tenant_id": f"{TENANT}/x"}, "INTUNE_TENANT_ID: neither"),
        ({"client_id": "provision"}, "INTUNE_CLIENT_ID: no id of an app"),
        ({"certificate": app_certificate()}, "INTUNE_CLIENT_SECRET: there is a certificate too"),
        ({"certificate": "x", "client_secret": ""}, "INTUNE_CERTIFICATE: cannot be read"),
        ({"graph_url": "https://graph.microsoft.us"}, "INTUNE_LOGIN_URL and INTUNE_GRAPH_URL belong to one cloud"),
        (
            {"login_url": "http://localhost:1", "graph_url": "https://localhost:2"},
            "INTUNE_LOGIN_URL: write https://HOST",
        ),
        ({"login_url": "http://x.example", "graph_url": "https://x.example"}, "INTUNE_LOGIN_URL: http:// sends"),
        ({"ca_file": Path("nowhere")}, "INTUNE_CA_FILE: there is no file nowhere"),
    ],
)
def test_a_setting_that_cannot_be_is_told_by_its_name(changes: dict[str, Any], fault: str) -> None:
    (told,) = intune_faults(good(**changes))
    assert told.startswith(fault)


def test_a_certificate_needs_its_own_key_and_no_passphrase() -> None:
    mine, other = app_certificate(), app_certificate.__wrapped__()
    key, certificate = (re.findall(r"-----BEGIN.+?-----END [A-Z ]+-----", pem, re.DOTALL) for pem in (mine, other))
    (told,) = intune_faults(good(certificate=key[0] + "\n" + certificate[1], client_secret=""))
    assert "the private key is not an RSA key of this certificate" in told
    for half in re.findall(r"-----BEGIN.+?-----END [A-Z ]+-----", mine, re.DOTALL):
        (told,) = intune_faults(good(certificate=half, client_secret=""))
        assert "cannot be read" in told


def test_a_request_that_cannot_be_signed_is_an_error_of_the_request(tenant: Tenant) -> None:
    settings = tenant.settings(client_secret="galt-passord")
    with connect(settings, Clock().timing()) as rest, pytest.raises(RestError, match="no token for this app"):
        rest.get(DEVICES)


def test_nothing_but_reading_is_ever_asked(tenant: Tenant) -> None:
    tenant.inventory().read()
    asked: list[Asked] = tenant.graph.asked
    assert {each.method for each in asked} == {"GET"}
    assert {each.path for each in asked} == {DEVICES}

"""The HTTP client and certificates: only who is who they say."""

from datetime import timedelta
from pathlib import Path

import pytest

from provision.rest import Limits, Rest, RestError
from tests.servers.certificates import Authority
from tests.servers.web import Reply, Web

OK = Reply(b'{"ok": true}')


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_certificate_of_an_authority_that_the_site_names_is_trusted(authority: Authority) -> None:
    with Web(lambda _: OK, authority.server("localhost")) as web:
        assert Rest(web.url, ca_file=authority.ca_file).get("x").json() == {"ok": True}


@pytest.mark.parametrize("case", ["unknown authority", "another host", "expired"])
def test_no_request_goes_to_a_server_that_cannot_say_who_it_is(
    authority: Authority, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "elsewhere.example" if case == "another host" else "localhost"
    certificate = authority.server(host, valid_for=timedelta(days=-1 if case == "expired" else 1))
    trusted = Authority(tmp_path / "other").ca_file if case == "unknown authority" else authority.ca_file
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))  # of the environment, which nobody looks at
    with Web(lambda _: OK, certificate) as web:
        with pytest.raises(RestError, match=f"GET https://localhost:{web.port}/x: its certificate"):
            Rest(web.url, ca_file=trusted).get("x", {"q": "hemmelig"})
        assert web.asked == []


def test_an_encrypted_request_to_a_server_in_the_clear_fails() -> None:
    with Web(lambda _: OK) as web, pytest.raises(RestError, match="check that https is spoken"):
        Rest(web.url.replace("http:", "https:"), limits=Limits(patience=0.1)).get("x")

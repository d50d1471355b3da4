"""TLS is verified however the server is reached, and what is wrong with it is said."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from provision.directory import Directory
from provision.errors import TargetUnavailable
from tests.servers.certificates import Authority, ServerCertificate
from tests.servers.slapd import SUFFIX, Slapd, SlapdOptions


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Slapd]:
    options = SlapdOptions(certificate=authority.server("localhost"))
    with Slapd(tmp_path_factory.mktemp("slapd") / "server", options) as server:
        yield server


def fetched(slapd: Slapd, authority: Authority, **other: object) -> bool:
    """Whether the base is read; in any case over TLS."""
    ordinary: dict[str, object] = {"url": slapd.tls_url, "ca_file": authority.ca_file}
    with Directory(slapd.settings(**(ordinary | other))) as client:
        return client.get(SUFFIX, ["dc"]) is not None


def with_certificate(folder: Path, certificate: ServerCertificate) -> Slapd:
    return Slapd(folder / "server", SlapdOptions(certificate=certificate))


def test_the_right_certificate_is_accepted(slapd: Slapd, authority: Authority) -> None:
    assert fetched(slapd, authority)


def test_start_tls_verifies_as_well(slapd: Slapd, authority: Authority) -> None:
    url = f"ldap://localhost:{slapd.port}"
    assert fetched(slapd, authority, url=url, start_tls=True)
    with pytest.raises(TargetUnavailable, match="not trusted here"):
        fetched(slapd, authority, url=url, start_tls=True, ca_file=None)


def test_an_authority_that_is_not_trusted_is_named_as_the_reason(
    slapd: Slapd, authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(TargetUnavailable, match="LDAP_CA_FILE"):
        fetched(slapd, authority, ca_file=Authority(tmp_path).ca_file)
    with pytest.raises(TargetUnavailable, match="LDAP_CA_FILE"):
        fetched(slapd, authority, ca_file=None)


def test_a_certificate_for_another_host_is_refused(authority: Authority, tmp_path: Path) -> None:
    with (
        with_certificate(tmp_path, authority.server("ldap.nordlys.kommune.no")) as server,
        pytest.raises(TargetUnavailable, match="its certificate is not for localhost"),
    ):
        fetched(server, authority)


def test_an_expired_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    with (
        with_certificate(tmp_path, authority.server("localhost", valid_for=timedelta(days=-1))) as server,
        pytest.raises(TargetUnavailable, match="has expired"),
    ):
        fetched(server, authority)


def test_an_address_must_be_in_the_certificate(slapd: Slapd, authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(TargetUnavailable, match=r"not for 127\.0\.0\.1; write a host name"):
        fetched(slapd, authority, url=f"ldaps://127.0.0.1:{slapd.tls_port}")
    with with_certificate(tmp_path, authority.server("localhost", "127.0.0.1")) as server:
        assert fetched(server, authority, url=f"ldaps://127.0.0.1:{server.tls_port}")


def test_a_port_without_tls_is_explained(slapd: Slapd, authority: Authority) -> None:
    with pytest.raises(TargetUnavailable, match="is this the port for it"):
        fetched(slapd, authority, url=f"ldaps://localhost:{slapd.port}")


def test_start_tls_on_a_server_without_it_sends_no_password(authority: Authority, tmp_path: Path) -> None:
    with Slapd(tmp_path / "server") as server, pytest.raises(TargetUnavailable):
        fetched(server, authority, url=server.url, start_tls=True)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_older_than_1_2_is_refused(authority: Authority, slapd: Slapd) -> None:
    certificate = authority.server("localhost")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.load_cert_chain(certificate.certificate, certificate.key)
    with _greeting(old) as port, pytest.raises(TargetUnavailable, match=r"no TLS 1\.2 or newer"):
        fetched(slapd, authority, url=f"ldaps://localhost:{port}")


@contextmanager
def _greeting(context: ssl.SSLContext) -> Iterator[int]:
    """A server that shakes hands once and knows nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener, context))
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def _greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    client, _ = listener.accept()
    with client, suppress(OSError):
        context.wrap_socket(client, server_side=True).close()

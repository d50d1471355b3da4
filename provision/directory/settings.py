"""Where the directory is and who we are there; nothing here may send a password in the clear."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from provision.core.hosts import is_loopback
from provision.errors import ConfigurationError

_PORTS: Final = {"ldap": 389, "ldaps": 636}


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """Times are seconds; `timeout` is per answer, `retry_for` how long a lost connection is sought again."""

    url: str
    bind_dn: str
    password: str = field(repr=False)
    ca_file: Path | None = None
    connect_timeout: float = 5.0
    timeout: float = 30.0
    start_tls: bool = False
    page_size: int = 1000
    retry_for: float = 10.0


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(settings: DirectorySettings) -> Address:
    """Where to connect. Raises ConfigurationError with every fault in the settings."""
    faults = [*_url_faults(settings), *_account_faults(settings), *_ca_faults(settings)]
    if faults:
        raise ConfigurationError(faults)
    parts = urlsplit(settings.url)
    return Address(parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme == "ldaps")


def _url_faults(settings: DirectorySettings) -> list[str]:
    right = "write ldaps://HOST or ldaps://HOST:PORT"
    try:
        parts = urlsplit(settings.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return [f"LDAP_URL: not an address; {right}"]
    if parts.scheme not in _PORTS or not host:
        return [f"LDAP_URL: not the address of an LDAP server; {right}"]
    if not _bare(parts):
        return [f"LDAP_URL: only scheme, host and port belong here; {right}"]
    if settings.start_tls and parts.scheme == "ldaps":
        return ["LDAP_START_TLS: ldaps:// is encrypted from the start; leave this out, or write ldap:// in LDAP_URL"]
    if _in_the_clear(settings) and not is_loopback(host):
        return ["LDAP_URL: ldap:// sends the password in the clear; write ldaps://, or set LDAP_START_TLS=true"]
    return []


def _in_the_clear(settings: DirectorySettings) -> bool:
    with suppress(ValueError):  # what is no address is told as that
        return urlsplit(settings.url).scheme == "ldap" and not settings.start_tls
    return False


def _bare(parts: SplitResult) -> bool:
    return parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)


def _account_faults(settings: DirectorySettings) -> list[str]:
    # A bind with a name and no password succeeds as nobody at many servers (RFC 4513, 5.1.2).
    missing = {"LDAP_BIND_DN": settings.bind_dn, "LDAP_PASSWORD": settings.password}
    return [f"{name}: missing; the service account needs it" for name, value in missing.items() if not value]


def _ca_faults(settings: DirectorySettings) -> list[str]:
    if settings.ca_file is None or _in_the_clear(settings) or settings.ca_file.is_file():
        return []
    return [f"LDAP_CA_FILE: there is no file {settings.ca_file}"]

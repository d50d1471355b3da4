"""Every test has a clean environment, no world outside this machine, and a watch on what it logs."""

import errno
import os
import re
import socket
import sys
from collections.abc import Generator, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import pytest
from hypothesis import settings
from loguru import logger

from tests import canaries

SETTINGS: Final = re.compile(
    r"(LDAP|ONEROSTER|INTUNE|SNIPE|PEPPER|SITE|JOURNAL|PROVISION|SMTP|ALERT|AUDIT|OIDC|PUBLIC)(_.*|$)"
    r"|(https?|all|no|ftp)_proxy$",
    re.IGNORECASE,
)
LOCAL_NAMES: Final = frozenset({None, "", "localhost", socket.gethostname()})

_logged: Final[list[str]] = []


def _scrub_environment() -> None:
    for name in list(os.environ):
        if SETTINGS.match(name):
            del os.environ[name]


def _address(host: object) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(str(host))
    except ValueError:
        return None


def _stay_at_home(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
        address = _address(host)
        if host not in LOCAL_NAMES and not (address and (address.is_loopback or address.is_unspecified)):
            raise OSError(errno.ENETUNREACH, "tests reach this machine only")
    if event == "socket.getaddrinfo":
        name = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if name not in LOCAL_NAMES and not _address(name):
            raise socket.gaierror(socket.EAI_AGAIN, "tests look up no outside names")


def pytest_configure() -> None:
    _scrub_environment()
    sys.addaudithook(_stay_at_home)
    settings.register_profile("dev", max_examples=50, deadline=None)
    settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
    settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(autouse=True)
def _watched_log() -> Iterator[None]:
    logger.remove()
    _logged.clear()
    logger.add(lambda line: _logged.append(str(line)), level=0, format="{message} {extra}", diagnose=False)
    yield
    logger.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that let a planted value reach a log or standard error."""
    report = yield
    leaked = canaries.found_in("\n".join((*_logged, report.caplog, report.capstderr)))
    if leaked:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {', '.join(leaked)} reached the log or standard error"
    return report

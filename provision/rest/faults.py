"""What can be wrong with an exchange, in words that hold no secret, and whether trying again may help."""

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

import requests
import urllib3.exceptions

from provision.rest.address import shown
from provision.rest.pauses import TRANSIENT, asked_pause

_REFUSALS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "our credentials are refused; check client id, secret and scope",
    HTTPStatus.FORBIDDEN: "this client may not do that here; check its scope and rights",
    HTTPStatus.NOT_FOUND: "nothing is there; check the address",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests",
}
_REDIRECTS: Final = range(300, 400)

# Theirs may repeat addresses with their queries, so that only the kind of an error counts. The first that fits.
_LOSSES: Final[Sequence[tuple[tuple[type[Exception], ...], str]]] = (
    ((requests.exceptions.ProxyError,), "the proxy does not let us through; check it and https_proxy"),
    ((socket.gaierror,), "nobody knows a host of that name; check the address, and that names are looked up here"),
    ((ConnectionRefusedError,), "nobody answers there; check the address and its port, the server and the firewall"),
    ((ssl.SSLError,), "the encrypted connection failed; check that https is spoken at that address and port"),
    ((requests.exceptions.ConnectTimeout,), "cannot be reached in time; check the address and the firewall"),
    ((requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError), "no answer in time"),
    ((requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError), "the answer cannot be unpacked"),
    (
        (requests.exceptions.ConnectionError, urllib3.exceptions.HTTPError),
        "the connection failed, or ended before the end of the answer",
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`status` None: no answer, so that nobody knows whether the request was carried out."""

    why: str
    status: int | None = None
    again: bool = False
    asked: float | None = None  # seconds


def refused(status: int, headers: Mapping[str, str], now: datetime) -> Fault:
    """The fault of an answer that the caller did not ask for."""
    if status in _REDIRECTS:
        elsewhere = shown(headers.get("Location", ""))
        return Fault(f"sends us on ({status}) to {elsewhere}; set the address that is right", status)
    why = _REFUSALS.get(status, "the request failed")
    return Fault(f"{why} ({status})", status, status in TRANSIENT, asked_pause(headers, now))


def lost(error: Exception) -> Fault:
    """The fault of an exchange without an answer, or without the end of one."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        right = "check the address, this machine's clock, and the CA file in the settings"
        return Fault(f"its certificate is for another host, has expired, or is signed by nobody whom we trust; {right}")
    causes = list(_causes(error))
    for kinds, why in _LOSSES:
        if any(isinstance(cause, kinds) for cause in causes):
            return Fault(why, again=True)
    return Fault(f"the request cannot be sent ({type(error).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""One server, asked over HTTPS: every request bounded, and repeated only where that does no harm."""

import itertools
import threading
from collections.abc import Container, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol, Self, runtime_checkable

import requests
from loguru import logger
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from provision.errors import ConfigurationError
from provision.rest.address import address_faults, resolved, shown
from provision.rest.answer import Answer, RestError
from provision.rest.faults import Fault, lost, refused
from provision.rest.pauses import LIMITS, TIMING, Limits, Timing, backoff

_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})  # RFC 9110, 9.2.2
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_CHUNK: Final = 1 << 16


@runtime_checkable
class Renewable(Protocol):
    def forget(self, refused: str) -> None:
        """This Authorization header was refused; the next one is to be another."""
        ...

    def close(self) -> None: ...


class Rest:
    """The server at `base_url`; addresses elsewhere are refused, so that no credential goes there. For many threads.

    Redirects are not followed, for the same reason. Raises ConfigurationError at once for an address that cannot be,
    RestError for each request that fails.
    """

    def __init__(
        self,
        base_url: str,
        auth: AuthBase | None = None,
        *,
        limits: Limits = LIMITS,
        timing: Timing = TIMING,
        ca_file: Path | None = None,
    ) -> None:
        if faults := address_faults(base_url, shown(base_url)):
            raise ConfigurationError(faults)
        self.timing = timing
        self._base = base_url
        self._auth = auth
        self._renewable: Renewable | None = auth if isinstance(auth, Renewable) else None
        self._limits = limits
        self._session = requests.Session()
        # Proxies are what a municipality's network may need; a .netrc would send credentials meant for something else.
        self._session.trust_env = False
        self._session.verify = str(ca_file) if ca_file else True
        self._lock = threading.Lock()
        self._not_before = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return shown(self._base)

    def close(self) -> None:
        self._session.close()
        if self._renewable:
            self._renewable.close()

    def reaches(self, url: str) -> bool:
        """Whether the address is at this server, so that requests may go there."""
        return resolved(self._base, url) is not None

    def get(self, url: str, params: Mapping[str, str] | None = None, accept: Container[int] = ()) -> Answer:
        return self.send("GET", url, params=params, accept=accept)

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        url: str = "",
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: str | None = None,
        accept: Container[int] = (),
        repeatable: bool | None = None,
    ) -> Answer:
        """The answer, of a status that is a success or one of those to `accept`. Raises RestError.

        `url` is a path below the base, or an address at the same server. A POST or PATCH is sent again only where the
        caller says that doing it twice does no harm.
        """
        address = resolved(self._base, url) if url else self._base
        where = f"{method} {shown(address or url)}"
        if address is None:
            raise RestError(f"{where}: another server than {self}; nothing was sent there")
        headers = _FORM if form is not None else None
        request = requests.Request(method, address, headers, params=params, json=json, data=form, auth=self._auth)
        again = method in _REPEATABLE if repeatable is None else repeatable
        return self._until_answered(where, request, accept, again=again)

    def _until_answered(self, where: str, request: requests.Request, accept: Container[int], *, again: bool) -> Answer:
        deadline = self.timing.monotonic() + self._limits.patience
        for attempt in itertools.count(1):
            self._await_turn(where, deadline)
            outcome = self._once(where, request, deadline)
            if isinstance(outcome, Answer):
                if outcome.succeeded or outcome.status in accept:
                    return outcome
                outcome = refused(outcome.status, outcome.headers, self.timing.now())
                self._hold_back(outcome.asked or 0)
            if not (again and outcome.again):
                raise RestError(f"{where}: {outcome.why}", outcome.status)
            self._pause(where, outcome, attempt, deadline)
        raise AssertionError  # itertools.count never ends

    def _once(self, where: str, request: requests.Request, deadline: float) -> Answer | Fault:
        """One attempt; where our token is refused, a second one with a new token."""
        prepared = self._session.prepare_request(request)
        outcome = self._exchange(where, prepared, deadline)
        if isinstance(outcome, Answer) and outcome.status == HTTPStatus.UNAUTHORIZED and self._renewable:
            self._renewable.forget(str(prepared.headers.get("Authorization")))
            outcome = self._exchange(where, self._session.prepare_request(request), deadline)
        return outcome

    def _exchange(self, where: str, prepared: requests.PreparedRequest, deadline: float) -> Answer | Fault:
        limits = self._limits
        try:
            with self._session.send(
                prepared,
                stream=True,
                timeout=(limits.connect_timeout, limits.read_timeout),
                allow_redirects=False,
                proxies=get_environ_proxies(prepared.url or ""),
            ) as response:
                content = self._content(response, deadline)
        except (requests.RequestException, HTTPError) as error:
            return lost(error)
        if isinstance(content, Fault):
            return content
        return Answer(where, prepared.url or self._base, response.status_code, response.headers, content)

    def _content(self, response: requests.Response, deadline: float) -> bytes | Fault:
        """The whole answer, unpacked. Read as it comes, so that one that drips cannot take for ever."""
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            content += chunk
            if len(content) > self._limits.largest:
                return Fault(f"the answer is larger than {self._limits.largest} bytes")
            if self.timing.monotonic() > deadline:
                return Fault("the answer does not end", again=True)
        return bytes(content)

    def _pause(self, where: str, fault: Fault, attempt: int, deadline: float) -> None:
        """Waits before the next attempt; RestError where there is to be none."""
        pause = fault.asked or backoff(attempt, self.timing.chance())
        if pause > self._limits.longest_pause:
            asks = f"asks to be left alone for {pause:.0f} seconds, longer than the {self._limits.longest_pause:.0f}"
            raise RestError(f"{where}: {fault.why}; it {asks} that we wait. Run again later", fault.status)
        now = self.timing.monotonic()
        if now + pause > deadline:
            raise RestError(f"{where}: {fault.why}; given up after attempt {attempt}", fault.status)
        logger.info("{}: {}; attempt {} in {:.1f} s", where, fault.why, attempt + 1, pause)
        self.timing.sleep(pause)

    def _hold_back(self, pause: float) -> None:
        """A server that asks for a pause means all of our requests."""
        with self._lock:
            self._not_before = max(self._not_before, self.timing.monotonic() + pause)

    def _await_turn(self, where: str, deadline: float) -> None:
        while (left := self._not_before - self.timing.monotonic()) > 0:
            if self._not_before > deadline:
                raise RestError(f"{where}: the server asked to be left alone for longer than we wait")
            self.timing.sleep(left)

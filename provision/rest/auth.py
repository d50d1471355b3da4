"""Who we are to a server: OAuth 2 client credentials, or OAuth 1 signatures."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import AuthBase, HTTPBasicAuth
from requests_oauthlib import OAuth1

from provision.rest.answer import RestError
from provision.rest.client import Rest
from provision.rest.pauses import LIMITS, TIMING, Limits, Timing

if TYPE_CHECKING:
    from requests import PreparedRequest

Signature = Literal["HMAC-SHA256", "HMAC-SHA1"]

_LIFETIME: Final = 300.0  # of a token that does not say its own
_MARGIN: Final = 60.0
_REFUSED: Final = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True)
class OAuth2Client:
    """What a token is asked for with. Id and secret go in the header (`basic`) or in the form, as the server wants it.

    `extra` are parameters that it wants besides, such as a tenant.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic: bool = True


class ClientCredentials(AuthBase):
    """A bearer token (RFC 6749, 4.4), fetched when first needed and anew before it expires; for many threads.

    Raises ConfigurationError for an address that cannot be; a request that it signs raises RestError without token.
    """

    def __init__(
        self,
        client: OAuth2Client,
        *,
        limits: Limits = LIMITS,
        timing: Timing = TIMING,
        ca_file: Path | None = None,
    ) -> None:
        # In octets, since the library would write text as Latin-1.
        basic = HTTPBasicAuth(client.client_id.encode(), client.client_secret.encode()) if client.basic else None
        self._tokens = Rest(client.token_url, basic, limits=limits, timing=timing, ca_file=ca_file)
        self._library = BackendApplicationClient(client.client_id)
        self._form = self._library.prepare_request_body(
            scope=client.scope,
            include_client_id=not client.basic,
            client_secret=None if client.basic else client.client_secret,
            **client.extra,
        )
        self._lock = threading.Lock()  # one fetch, however many wait for it
        self._token = ""
        self._until = 0.0

    def __call__(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self._valid()}"
        return request

    def forget(self, refused: str) -> None:
        """Lets the next request fetch a new token, unless somebody has done so since this header was refused."""
        with self._lock:
            if refused == f"Bearer {self._token}":
                self._token = ""

    def close(self) -> None:
        self._tokens.close()

    def _valid(self) -> str:
        with self._lock:
            asked_at = self._tokens.timing.monotonic()
            if not self._token or asked_at >= self._until:
                self._token, lifetime = self._fetch()
                self._until = asked_at + max(lifetime - _MARGIN, lifetime / 2)
            return self._token

    def _fetch(self) -> tuple[str, float]:
        """A token and the seconds that it lives. Asking twice does no harm, so it may be repeated."""
        answer = self._tokens.send("POST", form=self._form, accept=_REFUSED, repeatable=True)
        said = answer.json()
        if answer.status in _REFUSED:
            raise RestError(f"{answer.where}: {_refusal(said)}", answer.status)
        try:
            token = self._library.parse_request_body_response(answer.content.decode("utf-8-sig"))
            return _bearer(token["access_token"]), float(token.get("expires_in") or _LIFETIME)
        except (OAuth2Error, LookupError, ValueError, AttributeError, TypeError):
            wrong = "the answer holds no access_token; is this the address of tokens?"
            raise RestError(f"{answer.where}: {wrong}", answer.status) from None


def oauth1(client_id: str, client_secret: str, signature: Signature = "HMAC-SHA256") -> AuthBase:
    """Signs every request anew (RFC 5849), each time with a nonce and a time of its own."""
    return OAuth1(client_id, client_secret, signature_method=signature)


def _bearer(token: object) -> str:
    """A token that can stand in a header."""
    if isinstance(token, str) and re.fullmatch(r"[!-~]+", token):
        return token
    raise ValueError


def _refusal(said: object) -> str:
    code = said.get("error") if isinstance(said, dict) else None
    why = f" ({code})" if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""
    return f"no token for this client{why}; check client id, secret, scope and further parameters"

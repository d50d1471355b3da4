"""Who we are to Microsoft Graph: an app of the tenant, which proves itself to Entra and gets tokens of its own."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msal  # type: ignore[import-untyped]  # it ships no types
from requests.auth import AuthBase

from provision.rest import Answer, Rest, RestError

if TYPE_CHECKING:
    from requests import PreparedRequest

Credential = str | Mapping[str, str]

_REFUSED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
)
_REASONS: Final[Mapping[int, str]] = {
    90002: "no such tenant; check INTUNE_TENANT_ID",
    700016: "this tenant has no such app; check INTUNE_CLIENT_ID and INTUNE_TENANT_ID",
    7000112: "the app is switched off in this tenant",
    7000215: "the client secret is wrong; its value is meant, not its id",
    7000222: "the client secret has expired; make a new one",
    700027: "the certificate is not one of this app's, or has expired",
    53003: "a rule of conditional access stops the app",
}
_OTHERWISE: Final = "check INTUNE_TENANT_ID, INTUNE_CLIENT_ID and the secret or certificate"


class EntraApp(AuthBase):
    """A bearer token for `scope`, fetched when first needed and anew before it expires; for many threads.

    Everything that msal sends goes through `login`, so that neither secret nor assertion goes to another server. A
    request that this signs raises RestError without a token.
    """

    def __init__(self, authority: str, client_id: str, credential: Credential, scope: str, login: Rest) -> None:
        self._authority = authority
        self._client_id = client_id
        self._credential = credential
        self._scope = scope
        self._login = login
        self._lock = threading.Lock()  # one fetch, however many wait for it
        self._app: Any = None
        self._token = ""

    def __call__(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self._valid()}"
        return request

    def forget(self, refused: str) -> None:
        """Lets the next request fetch a new token, unless somebody has done so since this header was refused."""
        with self._lock:
            if refused == f"Bearer {self._token}" and self._app is not None:
                self._token = ""
                self._app.remove_tokens_for_client()

    def close(self) -> None:
        self._login.close()

    def _valid(self) -> str:
        with self._lock:
            try:
                said = self._client().acquire_token_for_client([self._scope])
            except (ValueError, LookupError, TypeError, AttributeError):
                # msal's own words would repeat what the server said.
                raise self._no_token("no such tenant there, or no answer as of Entra; " + _OTHERWISE) from None
            self._token = self._bearer(said)
            return self._token

    def _client(self) -> Any:
        """Made when it is needed, since msal asks the server at once."""
        if self._app is None:
            self._app = msal.ConfidentialClientApplication(
                self._client_id,
                client_credential=self._credential,
                authority=self._authority,
                instance_discovery=False,  # the site says whom to ask; nobody else is asked about it
                http_client=_Transport(self._login),
            )
        return self._app

    def _bearer(self, said: Mapping[str, Any]) -> str:
        token = said.get("access_token")
        if isinstance(token, str) and re.fullmatch(r"[!-~]+", token):
            return token
        codes = said.get("error_codes")
        code = codes[0] if isinstance(codes, list) and codes and isinstance(codes[0], int) else None
        named = f"AADSTS{code}: " if code is not None else ""
        raise self._no_token(named + (_REASONS.get(code, _OTHERWISE) if code is not None else _OTHERWISE))

    def _no_token(self, why: str) -> RestError:
        return RestError(f"{self._login}: no token for this app ({why})", HTTPStatus.UNAUTHORIZED)


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer as msal reads it."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class _Transport:
    """The client that msal sends with. Asking for a token twice does no harm, so that may be repeated."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def get(self, url: str, params: Mapping[str, str] | None = None, **_: Any) -> _Heard:
        return _heard(self._rest.get(url, params, accept=_REFUSED))

    def post(self, url: str, data: Mapping[str, Any] | None = None, **_: Any) -> _Heard:
        form = urlencode(dict(data or {}))
        return _heard(self._rest.send("POST", url, form=form, accept=_REFUSED, repeatable=True))

    def close(self) -> None:
        """Whoever made the client closes it."""


def _heard(answer: Answer) -> _Heard:
    # Nothing is to be put off within msal: the client has waited already.
    return _Heard(answer.status, answer.content.decode("utf-8", "replace"), {})

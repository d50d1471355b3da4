"""Login by OpenID Connect: code with PKCE, state and nonce; every doubt about an answer is a refusal."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.auth import AuthBase, HTTPBasicAuth

from provision.errors import ConfigurationError, ProvisionError
from provision.rest import Limits, Rest, RestError

# None of them is "none", and none takes a public key for a secret.
ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
# Clocks differ by that much.
_LEEWAY: Final = 60
_BYTES: Final = 32
# Somebody waits at a screen.
_PATIENCE: Final = Limits(connect_timeout=3.0, read_timeout=5.0, patience=4.0, longest_pause=2.0, largest=1 << 20)
_METADATA: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class LoginRefused(ProvisionError):
    """An answer of a provider that proves nothing. Says why, and nothing of the person."""


@dataclass(frozen=True, slots=True)
class Provider:
    """`issuer` as its own metadata names it; `ours` is the address that it sends people back to."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    ours: str
    scopes: tuple[str, ...]
    ca_file: Path | None = None
    limits: Limits = _PATIENCE


@dataclass(frozen=True, slots=True)
class Begun:
    """A login on its way: where the browser goes, and what must be kept until it is back."""

    address: str = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)


def begin(provider: Provider) -> Begun:
    """Raises LoginRefused where the provider cannot be asked."""
    metadata = _metadata(provider)
    kept = {name: secrets.token_urlsafe(_BYTES) for name in ("state", "nonce", "verifier")}
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.ours,
        "scope": " ".join(("openid", *provider.scopes)),
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": create_s256_code_challenge(kept["verifier"]),
        "code_challenge_method": "S256",
    }
    address = metadata["authorization_endpoint"]
    return Begun(f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}", kept)


def complete(provider: Provider, kept: Mapping[str, Any], said: Mapping[str, str], now: datetime) -> Mapping[str, Any]:
    """The claims that the provider proves of whoever came back with `said`. Raises LoginRefused."""
    if not said.get("state") or not secrets.compare_digest(said["state"].encode(), str(kept.get("state")).encode()):
        raise LoginRefused("the state is not the one that was sent")
    if said.get("iss", provider.issuer) != provider.issuer:
        raise LoginRefused("the answer is another provider's")
    if not said.get("code"):
        raise LoginRefused("the provider gave no code")
    metadata = _metadata(provider)
    tokens = _tokens(provider, metadata["token_endpoint"], said["code"], str(kept.get("verifier")))
    claims = _proven(provider, metadata["jwks_uri"], tokens, str(kept.get("nonce")), now)
    return {**_more(provider, metadata, tokens, claims), **claims}


def _metadata(provider: Provider) -> dict[str, str]:
    found = _asked(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise LoginRefused("the metadata is of another issuer than OIDC_ISSUER")
    if missing := [name for name in _METADATA if not isinstance(found.get(name), str)]:
        raise LoginRefused(f"the metadata has no {missing[0]}")
    return found


def _tokens(provider: Provider, address: str, code: str, verifier: str) -> dict[str, Any]:
    form = urlencode(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": provider.ours,
            "client_id": provider.client_id,
            "code_verifier": verifier,
        }
    )
    # Both are quoted before they are joined (RFC 6749, 2.3.1).
    basic = HTTPBasicAuth(quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    return _asked(provider, address, basic, form)


def _proven(provider: Provider, keys: str, tokens: Mapping[str, Any], nonce: str, now: datetime) -> Mapping[str, Any]:
    """What the ID token says, once its signature, issuer, audience, times and nonce are right."""
    given = tokens.get("id_token")
    if not isinstance(given, str):
        raise LoginRefused("there is no ID token in the answer")
    try:
        token = jwt.decode(given, KeySet.import_key_set(_asked(provider, keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # a key set is checked as it is imported
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": nonce, "client_id": provider.client_id, "access_token": tokens.get("access_token")},
        )
        claims.validate(int(now.timestamp()), _LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise LoginRefused(f"the ID token proves nothing ({type(error).__name__})") from None
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise LoginRefused("the ID token says of nobody that they are logged in")
    return dict(claims)


def _more(
    provider: Provider, metadata: Mapping[str, str], tokens: Mapping[str, Any], claims: Mapping[str, Any]
) -> dict[str, Any]:
    """What the provider says besides of the same person, where it has more than the token holds; as Feide does."""
    address, token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
    if not isinstance(address, str) or not isinstance(token, str):
        return {}
    found = _asked(provider, address, _Bearer(token))
    if found.get("sub") != claims["sub"]:
        raise LoginRefused("the provider tells of somebody else than it logged in")
    return found


class _Bearer(AuthBase):
    """An access token in the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _asked(provider: Provider, address: str, auth: AuthBase | None = None, form: str | None = None) -> dict[str, Any]:
    """One JSON object. Raises LoginRefused; where the provider's address is wrong that is one, too."""
    try:
        with Rest(address, auth, limits=provider.limits, ca_file=provider.ca_file) as server:
            found = server.send("GET" if form is None else "POST", form=form).json()
    except (RestError, ConfigurationError) as error:
        raise LoginRefused(str(error)) from None
    if not isinstance(found, dict):
        raise LoginRefused("the provider's answer is no JSON object")
    return found

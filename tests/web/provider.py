"""A provider of logins that does as it is told, also what none should."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers.web import Asked, Reply, Web
from tests.web.served import NOON

CLIENT: Final = "provision"
SECRET: Final = "a secret: of/the client"
FEIDE_NAME: Final = "https://n.feide.no/claims/eduPersonPrincipalName"


@cache
def key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name})


@dataclass(slots=True)
class Provider:
    """`claims` are added to the ID token, None takes one away; `sign` makes the token, `more` is what userinfo says."""

    name: str = "it@hemne.kommune.no"
    claims: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    url: str = ""
    _asked_for: dict[str, dict[str, str]] = field(default_factory=dict)

    def code(self, address: str) -> dict[str, str]:
        """Somebody logs in at the address that we sent the browser to; with what it comes back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = hashlib.sha256(asked["nonce"].encode()).hexdigest()
        self._asked_for[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, asked: Asked) -> Reply:
        match asked.path:
            case "/.well-known/openid-configuration":
                return _json({**self._own(), **self.metadata})
            case "/jwks":
                return _json({"keys": [key("ours").as_dict(private=False)]})
            case "/userinfo":
                assert asked.headers["authorization"] == "Bearer opaque"
                return _json({"sub": "s-1", FEIDE_NAME: self.name, **self.more})
            case "/token":
                return self._token(asked)
        return Reply(status=404)

    def _own(self) -> Mapping[str, str]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in ends.items()},
        }

    def _token(self, asked: Asked) -> Reply:
        """Once for each code, to whoever has the secret and knows what the challenge was made from."""
        begun = self._asked_for.pop(asked.form.get("code", ""), None)
        who = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
        if begun is None or who != "provision:a%20secret%3A%20of%2Fthe%20client":
            return _json({"error": "invalid_grant"}, 400)
        hashed = hashlib.sha256(asked.form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == begun["code_challenge"]
        assert begun["code_challenge_method"] == "S256"
        assert asked.form["redirect_uri"] == begun["redirect_uri"]
        now = int(NOON.timestamp())
        told = {"iss": self.url, "sub": "s-1", "aud": CLIENT, "nonce": begun["nonce"], "iat": now, "exp": now + 300}
        told = {name: claim for name, claim in {**told, **self.claims}.items() if claim is not None}
        token = (self.sign or signed)(told)
        return _json({"access_token": "opaque", "token_type": "Bearer", "id_token": token})


def signed(claims: dict[str, Any], by: str = "ours") -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, key(by))


def unsigned(claims: dict[str, Any]) -> str:
    parts = (_part({"alg": "none", "typ": "JWT"}), _part(claims), "")
    return ".".join(parts)


def with_the_public_key_as_a_secret(claims: dict[str, Any]) -> str:
    """What a library that asks the token how to check it would believe."""
    said = f"{_part({'alg': 'HS256', 'kid': 'ours'})}.{_part(claims)}"
    made = hmac.digest(key("ours").as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def altered(claims: dict[str, Any]) -> str:
    """The signature of another token."""
    head, _, signature = signed(claims).split(".")
    return f"{head}.{_part({**claims, 'sub': 's-2'})}.{signature}"


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _json(content: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status, {"Content-Type": "application/json"})


@contextmanager
def providing() -> Iterator[Provider]:
    provider = Provider()
    with Web(provider.answer) as web:
        provider.url = web.url
        yield provider

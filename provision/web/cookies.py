"""What a browser holds of us: a session, a login that was begun, and a language."""

from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from provision.journal.web_sessions import WebSession
from provision.web.sites import Site, Sites

LANGUAGE: Final = "provision-language"
_SESSION: Final = "provision"
_LOGIN: Final = "provision-login"
_APART: Final = "~"
_YEAR: Final = 365 * 24 * 3600

Kind = Literal["session", "login"]


def _name(request: Request, kind: Kind) -> str:
    """Behind HTTPS one that no other host of the domain can set."""
    return f"{'__Host-' if request.app.state.https else ''}{_SESSION if kind == 'session' else _LOGIN}"


def put(request: Request, response: Response, kind: Kind, site: Site, token: str) -> None:
    response.set_cookie(
        _name(request, kind),
        f"{site.name}{_APART}{token}",
        path="/",
        secure=request.app.state.https,
        httponly=True,
        samesite="lax",
    )


def drop(request: Request, response: Response, kind: Kind) -> None:
    response.delete_cookie(
        _name(request, kind), path="/", secure=request.app.state.https, httponly=True, samesite="lax"
    )


def held(request: Request, sites: Sites, kind: Kind) -> tuple[Site | None, str]:
    """The site that a cookie is of, and what it holds."""
    name, _, token = request.cookies.get(_name(request, kind), "").rpartition(_APART)
    return sites.get(name), token


def session(request: Request, sites: Sites) -> tuple[Site | None, WebSession | None]:
    """The session that the browser holds, and its site."""
    site, token = held(request, sites, "session")
    found = site.journal.web_sessions().find(token) if site and token else None
    return (site, found) if found else (None, None)


def put_language(request: Request, response: Response, language: str) -> None:
    response.set_cookie(
        LANGUAGE, language, max_age=_YEAR, path="/", secure=request.app.state.https, httponly=True, samesite="lax"
    )

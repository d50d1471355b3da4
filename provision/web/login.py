"""What a provider says of somebody, as an identity that is kept with the session; and the one-time link."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from provision.journal.web_sessions import WebSession
from provision.web.grants import Identity, person_of
from provision.web.oidc import Provider
from provision.web.sites import Site
from provision.wiring import Place

CALLBACK: Final = "/login/callback"
ONCE: Final = "/login/once"
LINK_LIVES: Final = timedelta(minutes=10)
# How long somebody may take at the provider.
LOGIN_LIVES: Final = timedelta(minutes=15)
LOCAL: Final = "local"
# What names a person, and what must be asked for so that it is told.
_FEIDE_NAME: Final = "https://n.feide.no/claims/eduPersonPrincipalName"
_CLAIMS: Final = {"feide": _FEIDE_NAME, "entra": "oid", "id_porten": "pid"}
_SCOPES: Final = {"feide": ("userid-feide",), "entra": ("profile",), "id_porten": ()}


def provider_of(place: Place, origin: str) -> Provider | None:
    """Where people log in; None where the site names nothing."""
    settings, web = place.settings, place.job.web
    if not settings.oidc_issuer:
        return None
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else "",
        ours=f"{origin}{CALLBACK}",
        scopes=tuple(web.scopes) or _SCOPES[web.provider],
        ca_file=settings.oidc_ca_file,
    )


def identity_from(site: Site, claims: Mapping[str, Any]) -> Identity:
    """What the claims say; an identity number only as a hash that nobody else can make."""
    web = site.place.job.web
    named = claims.get(_CLAIMS[web.provider])
    name = named if isinstance(named, str) else ""
    by_number = web.provider == "id_porten"
    groups = claims.get(web.groups_claim)
    return Identity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        login="" if by_number else name,
        number=site.journal.keyed(f"number {name}") if by_number and name else "",
        groups=frozenset(each for each in groups if isinstance(each, str)) if isinstance(groups, list) else frozenset(),
    )


def begin_session(site: Site, identity: Identity) -> str:
    """What the browser is to hold from now on."""
    claims = {
        "login": identity.login,
        "number": identity.number,
        "groups": sorted(identity.groups),
        "local": identity.local,
    }
    person = "" if identity.local else person_of(identity, site.staff(), site.place.job.web)
    return site.journal.web_sessions().begin(identity.issuer, identity.subject, person, claims)


def identity_of(session: WebSession) -> Identity:
    """Whose session it is, as the login proved it."""
    claims = session.claims
    return Identity(
        issuer=session.issuer,
        subject=session.subject,
        login=claims["login"],
        number=claims["number"],
        groups=frozenset(claims["groups"]),
        local=claims["local"],
    )


def one_time_link(site: Site, origin: str) -> str:
    """An address that logs whoever opens it in as IT, once and within ten minutes."""
    token = site.journal.web_sessions().begin_login({"kind": "link"}, LINK_LIVES)
    return f"{origin}{ONCE}?site={site.name}&token={token}"

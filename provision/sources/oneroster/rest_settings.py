"""Where a provider of OneRoster REST is and who we are to it; providers whose addresses are published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from requests.auth import AuthBase

from provision.errors import ConfigurationError
from provision.formats.oneroster import Version
from provision.rest import LIMITS, ClientCredentials, Limits, OAuth2Client, Rest, Timing, address_faults, oauth1

_ORG: Final = "{org}"
_CORE: Final = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"


@dataclass(frozen=True, slots=True)
class OneRosterRestSettings:
    """`base_url` ends in the version's own path, such as /ims/oneroster/rostering/v1p2; `scope` as the provider has it.

    `page_size` is asked for; what counts is what is given. `client_auth` is how the token's address wants id and
    secret, `token_parameters` what it wants besides, such as a tenant_id.
    """

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    version: Version = "1.2"
    auth: Literal["oauth2", "oauth1"] = "oauth2"
    token_url: str = ""
    scope: str = ""
    token_parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_auth: Literal["basic", "body"] = "basic"
    signature: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256"
    page_size: int = 500
    ca_file: Path | None = None
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Preset:
    """What a provider has published. `{org}` stands for the customer's own part of the address."""

    base_url: str
    token_url: str
    scope: str = ""
    version: Version = "1.2"
    client_auth: Literal["basic", "body"] = "basic"
    page_size: int = 500


PRESETS: Final[Mapping[str, Preset]] = {
    # github.com/Visma-Flyt/FlytOASOneRosterAPI, June 2025
    "visma_flyt_skole": Preset(
        base_url="https://api.oneroster.cloud.skole.visma.no/ims/oneroster/rostering/v1p2",
        token_url="https://connect.visma.com/connect/token",  # noqa: S106 - an address
        scope=f"one-roster-api:{_CORE}",
        client_auth="body",
        page_size=100,
    ),
    # github.com/Vigilo-AS/onedhub-docs
    "vigilo": Preset(
        base_url="https://api.onedhub.io/{org}/ims/oneroster/rostering/v1p2",
        token_url="https://id.onedhub.io/realms/onedhub/protocol/openid-connect/token",  # noqa: S106 - an address
    ),
}


def preset(name: str, client_id: str, client_secret: str, org: str = "") -> OneRosterRestSettings:
    """The settings for one of PRESETS."""
    known = PRESETS[name]
    return OneRosterRestSettings(
        base_url=known.base_url.replace(_ORG, org or _ORG),
        client_id=client_id,
        client_secret=client_secret,
        version=known.version,
        token_url=known.token_url,
        scope=known.scope,
        client_auth=known.client_auth,
        page_size=known.page_size,
    )


def connect(settings: OneRosterRestSettings, timing: Timing) -> Rest:
    """A client of the provider. Raises ConfigurationError with every fault in the settings; nothing is sent yet."""
    if faults := provider_faults(settings):
        raise ConfigurationError(faults)
    return Rest(
        settings.base_url,
        _signer(settings, timing),
        limits=settings.limits,
        timing=timing,
        ca_file=settings.ca_file,
    )


def provider_faults(settings: OneRosterRestSettings) -> list[str]:
    """What is missing in the settings of a site, or cannot be, by the names that the site calls it."""
    needed = {
        "ONEROSTER_URL": settings.base_url,
        **({"ONEROSTER_TOKEN_URL": settings.token_url} if settings.auth == "oauth2" else {}),
        "ONEROSTER_ORG": "" if _ORG in settings.base_url else "there",
        "ONEROSTER_CLIENT_ID": settings.client_id,
        "ONEROSTER_CLIENT_SECRET": settings.client_secret,
    }
    faults = [
        f"{name} (or {name}_FILE) is missing; a source of kind oneroster_rest needs it"
        for name, value in needed.items()
        if not value
    ]
    for name in ("ONEROSTER_URL", "ONEROSTER_TOKEN_URL"):
        faults += address_faults(needed[name], name) if needed.get(name) else []
    if settings.ca_file is not None and not settings.ca_file.is_file():
        faults.append(f"ONEROSTER_CA_FILE: there is no file {settings.ca_file}")
    return faults


def _signer(settings: OneRosterRestSettings, timing: Timing) -> AuthBase:
    if settings.auth == "oauth1":
        return oauth1(settings.client_id, settings.client_secret, settings.signature)
    client = OAuth2Client(
        token_url=settings.token_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        scope=settings.scope,
        extra=settings.token_parameters,
        basic=settings.client_auth == "basic",
    )
    return ClientCredentials(client, limits=settings.limits, timing=timing, ca_file=settings.ca_file)

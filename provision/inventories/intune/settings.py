"""Which tenant is asked, and as which app."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provision.errors import ConfigurationError
from provision.inventories.intune.entra import Credential, EntraApp
from provision.rest import LIMITS, Limits, Rest, Timing, address_faults

LOGIN: Final = "https://login.microsoftonline.com"
GRAPH: Final = "https://graph.microsoft.com"

_GUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Not `common` and its like, which lead to whatever tenant the app happens to be of.
_TENANT: Final = re.compile(rf"{_GUID}|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class IntuneSettings:
    """The app proves itself with a secret, or with a `certificate`: PEM, with its private key.

    `login_url` and `graph_url` are a pair; those of the national clouds differ in both.
    """

    tenant_id: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    login_url: str = LOGIN
    graph_url: str = GRAPH
    page_size: int = 1000
    ca_file: Path | None = None
    limits: Limits = LIMITS


def connect(settings: IntuneSettings, timing: Timing) -> Rest:
    """A client of the tenant's Graph. Raises ConfigurationError with every fault in the settings; nothing is sent."""
    if faults := intune_faults(settings):
        raise ConfigurationError(faults)
    app = EntraApp(
        f"{settings.login_url.rstrip('/')}/{settings.tenant_id}",
        settings.client_id,
        _credential(settings),
        f"{settings.graph_url.rstrip('/')}/.default",
        Rest(settings.login_url, limits=settings.limits, timing=timing, ca_file=settings.ca_file),
    )
    base = f"{settings.graph_url.rstrip('/')}/v1.0"
    return Rest(base, app, limits=settings.limits, timing=timing, ca_file=settings.ca_file)


def intune_faults(settings: IntuneSettings) -> list[str]:
    """What is missing in the settings of a site, or cannot be, by the names that the site calls it."""
    needed = {"INTUNE_TENANT_ID": settings.tenant_id, "INTUNE_CLIENT_ID": settings.client_id}
    needed["INTUNE_CLIENT_SECRET or INTUNE_CERTIFICATE"] = settings.client_secret or settings.certificate
    faults = [
        f"{name} (or {name.split(' ')[-1]}_FILE) is missing; an inventory of kind intune needs it"
        for name, value in needed.items()
        if not value
    ]
    if settings.client_secret and settings.certificate:
        faults.append("INTUNE_CLIENT_SECRET: there is a certificate too; leave one of them out")
    if settings.tenant_id and not _TENANT.fullmatch(settings.tenant_id):
        faults.append("INTUNE_TENANT_ID: neither a directory's id nor its domain, such as hemne.onmicrosoft.com")
    if settings.client_id and not re.fullmatch(_GUID, settings.client_id):
        faults.append("INTUNE_CLIENT_ID: no id of an app, such as 11111111-2222-3333-4444-555555555555")
    return [*faults, *_address_faults(settings), *_certificate_faults(settings)]


def _address_faults(settings: IntuneSettings) -> list[str]:
    faults = []
    for name, url in {"INTUNE_LOGIN_URL": settings.login_url, "INTUNE_GRAPH_URL": settings.graph_url}.items():
        # msal speaks to no other than https, wherever it is.
        found = address_faults(url, name) or ([] if url.startswith("https:") else [f"{name}: write https://HOST"])
        faults += found
    if (settings.login_url == LOGIN) != (settings.graph_url == GRAPH):
        faults.append("INTUNE_LOGIN_URL and INTUNE_GRAPH_URL belong to one cloud; set both, or neither")
    if settings.ca_file is not None and not settings.ca_file.is_file():
        faults.append(f"INTUNE_CA_FILE: there is no file {settings.ca_file}")
    return faults


def _certificate_faults(settings: IntuneSettings) -> list[str]:
    if not settings.certificate:
        return []
    right = "write one PEM file with the certificate and its RSA private key, without a passphrase"
    try:
        found = _parts(settings.certificate)
        certificate = x509.load_pem_x509_certificate(found["public_certificate"].encode())
        key = load_pem_private_key(found["private_key"].encode(), password=None)
    except (ValueError, TypeError, LookupError):
        return [f"INTUNE_CERTIFICATE: cannot be read; {right}"]
    if not isinstance(key, RSAPrivateKey) or certificate.public_key() != key.public_key():
        return [f"INTUNE_CERTIFICATE: the private key is not an RSA key of this certificate; {right}"]
    return []


def _credential(settings: IntuneSettings) -> Credential:
    return _parts(settings.certificate) if settings.certificate else settings.client_secret


def _parts(pem: str) -> Mapping[str, str]:
    """The first certificate and the private key. Raises LookupError."""
    blocks = {found[1].rpartition(" ")[2]: found[0] for found in reversed(list(_PEM.finditer(pem)))}
    return {"public_certificate": blocks["CERTIFICATE"], "private_key": blocks["KEY"]}

"""A tenant of Microsoft Entra with Intune, as its token endpoint and Graph behave towards an app, also badly."""

import atexit
import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, Self

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from provision.core.devices import Stocktake
from provision.formats.device_cells import NO_WORDS, Words
from provision.inventories.intune import IntuneInventory, IntuneSettings
from tests.canaries import NAME, PASSWORD, plant
from tests.clocks import START, Clock
from tests.servers.certificates import Authority, ServerCertificate
from tests.servers.web import Asked, Reply, Web

TENANT: Final = "5d1f3c1e-0000-4000-8000-00000000cafe"
CLIENT_ID: Final = "9a7b0f52-0000-4000-8000-0000000a0001"
ROLE: Final = "DeviceManagementManagedDevices.Read.All"
DEVICES: Final = "/v1.0/deviceManagement/managedDevices"

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
_MOST: Final = 1000

Device = dict[str, Any]


@dataclass(slots=True)
class Manners:
    """How the tenant behaves; as Microsoft says where nothing is set.

    `most` is the size of a page. `count`: of all devices, of the page, none, another number, or refused. `script` is
    the order in which pages are given: a number left out is lost, one that stands twice is repeated, None is empty.
    `links` may lead to another server. `before` may answer in Graph's place, `at_login` in Entra's.
    """

    most: int = _MOST
    count: Literal["all", "page", "none", "refused"] | int = "all"
    script: Callable[[list[int]], Sequence[int | None]] = lambda pages: pages
    links: Literal["here", "elsewhere", "same", "number"] = "here"
    roles: frozenset[str] = frozenset({ROLE})
    token_life: int = 3599
    token_uses: int | None = None  # after so many requests a token is refused, whatever it was said to live
    endpoint: str = ""  # a token endpoint at another server
    before: Callable[[Asked], Reply | None] = lambda _: None
    at_login: Callable[[Asked], Reply | None] = lambda _: None


class Tenant:
    """Serves while the context lasts, Entra and Graph on a port each. `devices` may be changed meanwhile.

    `tokens` are those that were handed out, with how often each has been used; `certificate` is the app's.
    """

    def __init__(
        self, devices: Sequence[Device] = (), manners: Manners | None = None, server: ServerCertificate | None = None
    ) -> None:
        self.devices = list(devices)
        self.manners = manners or Manners()
        self.secret = PASSWORD
        self.certificate = ""
        self.tokens: dict[str, int] = {}
        self.login = Web(self._answer_login, server or _certificate())
        self.graph = Web(self._answer_graph, server or _certificate())

    def __enter__(self) -> Self:
        self.login.__enter__()
        self.graph.__enter__()
        return self

    def __exit__(self, *args: object) -> None:
        self.graph.__exit__(*args)
        self.login.__exit__(*args)

    def settings(self, **changes: Any) -> IntuneSettings:
        standard: dict[str, Any] = {
            "tenant_id": TENANT,
            "client_id": CLIENT_ID,
            "client_secret": "" if "certificate" in changes else self.secret,
            "login_url": self.login.url,
            "graph_url": self.graph.url,
            "ca_file": authority().ca_file,
        }
        return IntuneSettings(**{**standard, **changes})

    def inventory(self, clock: Clock | None = None, words: Words = NO_WORDS, **changes: Any) -> IntuneInventory:
        """A client of the tenant whose waiting takes no time."""
        timing = (clock or Clock()).timing()
        return IntuneInventory(self.settings(**changes), lambda: START, words, timing=timing)

    def fetches(self) -> list[Asked]:
        return [each for each in self.login.asked if each.method == "POST"]

    # ── Entra ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _answer_login(self, asked: Asked) -> Reply:
        if reply := self.manners.at_login(asked):
            return reply
        tenant, _, rest = asked.path.removeprefix("/").partition("/")
        if tenant != TENANT:
            return _aadsts(400, "invalid_tenant", 90002)
        base = f"{self.login.url}/{TENANT}"
        endpoint = self.manners.endpoint or f"{base}/oauth2/v2.0/token"
        if rest == "v2.0/.well-known/openid-configuration":
            said = {"issuer": f"{base}/v2.0", "authorization_endpoint": f"{base}/authorize", "token_endpoint": endpoint}
            return as_json(said)
        if rest != "oauth2/v2.0/token" or asked.method != "POST":
            return Reply(status=404)
        return self._token(asked.form, endpoint)

    def _token(self, form: Mapping[str, str], endpoint: str) -> Reply:
        graph, _, rest = form.get("scope", "").rpartition("/")
        if (
            not f"{graph}/".startswith(f"{self.graph.url}/")
            or rest != ".default"
            or form.get("grant_type") != "client_credentials"
        ):
            return _aadsts(400, "invalid_scope", 70011)
        if form.get("client_id") != CLIENT_ID:
            return _aadsts(400, "unauthorized_client", 700016)
        if "client_assertion" in form:
            if not self._proven(form, endpoint):
                return _aadsts(401, "invalid_client", 700027)
        elif form.get("client_secret") != self.secret:
            return _aadsts(401, "invalid_client", 7000215)
        token = plant(secrets.token_urlsafe(24), "a token")
        self.tokens[token] = 0
        return as_json({"token_type": "Bearer", "expires_in": self.manners.token_life, "access_token": token})

    def _proven(self, form: Mapping[str, str], endpoint: str) -> bool:
        """Whether the assertion is signed with the app's certificate, for this endpoint, by this app, and is new."""
        if not self.certificate or form.get("client_assertion_type") != _ASSERTION:
            return False
        certificate = x509.load_pem_x509_certificate(self.certificate.encode())
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
        thumbprint = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        try:
            said = jwt.decode(
                form["client_assertion"],
                certificate.public_key(),  # type: ignore[arg-type] - an RSA key, as it was made
                algorithms=["PS256"],
                audience=endpoint,
                options={"require": ["exp", "iss", "sub", "jti"]},
            )
        except jwt.PyJWTError:
            return False
        named = jwt.get_unverified_header(form["client_assertion"]).get("x5t#S256", "").rstrip("=") == thumbprint
        return named and said["iss"] == said["sub"] == CLIENT_ID

    # ── Graph ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _answer_graph(self, asked: Asked) -> Reply:
        if reply := self.manners.before(asked):
            return reply
        if not self._admits(asked):
            return refusal(401, "InvalidAuthenticationToken")
        if ROLE not in self.manners.roles:
            return refusal(403, "Forbidden")
        if asked.path != DEVICES or asked.method != "GET":
            return refusal(404, "ResourceNotFound")
        uncountable = self.manners.count == "refused" and "$count" in asked.query
        if uncountable or not 1 <= int(asked.query.get("$top", "100")) <= _MOST:
            return refusal(400, "BadRequest")
        return self._page(asked)

    def _admits(self, asked: Asked) -> bool:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return False
        self.tokens[token] += 1
        return self.manners.token_uses is None or self.tokens[token] <= self.manners.token_uses

    def _page(self, asked: Asked) -> Reply:
        manners = self.manners
        size = min(int(asked.query.get("$top", "100")), manners.most)
        order = manners.script([*range(max(1, -(-len(self.devices) // size)))])
        place = int(asked.query.get("$skiptoken", "0"))
        number = order[place]
        page = [] if number is None else self.devices[number * size : (number + 1) * size]
        wanted = asked.query.get("$select", "").split(",")
        said: dict[str, Any] = {"@odata.context": f"{self.graph.url}/v1.0/$metadata#deviceManagement/managedDevices"}
        if "$count" in asked.query or manners.count == "page":
            numbers = {"all": len(self.devices), "page": len(page), "none": None, "refused": None}
            number = manners.count if isinstance(manners.count, int) else numbers[manners.count]
            said |= {} if number is None or (place and manners.count == "all") else {"@odata.count": number}
        said["value"] = [{name: each[name] for name in wanted} if wanted != [""] else each for each in page]
        if place + 1 < len(order):
            said["@odata.nextLink"] = self._link(asked, place)
        return as_json(said)

    def _link(self, asked: Asked, place: int) -> object:
        query = "&".join(f"{name}={asked.query[name]}" for name in ("$select", "$top") if name in asked.query)
        return {
            "here": f"{self.graph.url}{DEVICES}?{query}&$skiptoken={place + 1:04}",
            "same": f"{self.graph.url}{DEVICES}?{query}&$skiptoken=0",
            "elsewhere": f"https://localhost:{self.login.port}{DEVICES}?{query}&$skiptoken={place + 1}",
            "number": 7,
        }[self.manners.links]


def read(devices: Sequence[Device], manners: Manners | None = None, words: Words = NO_WORDS) -> Stocktake:
    """What is read of a tenant with these devices and manners."""
    with Tenant(devices, manners) as tenant:
        return tenant.inventory(words=words).read()


def device(number: int, **changes: Any) -> Device:
    """A managed device as Graph gives it, with what nobody needs; its names must never be asked for."""
    standard = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "userId": "00000000-0000-4000-8000-000000000001",
        "deviceName": f"PC-{NAME}",
        "managedDeviceOwnerType": "company",
        "enrolledDateTime": "2025-08-20T07:15:30Z",
        "lastSyncDateTime": "2026-11-22T06:00:00.1234567Z",
        "operatingSystem": "Windows",
        "complianceState": "compliant",
        "jailBroken": "Unknown",
        "managementAgent": "mdm",
        "osVersion": "10.0.26100.2314",
        "emailAddress": "kanarine@hemne.kommune.no",
        "deviceEnrollmentType": "windowsAzureADJoin",
        "deviceRegistrationState": "registered",
        "deviceCategoryDisplayName": "Sodin skole",
        "isSupervised": False,
        "userPrincipalName": f"elev{number}@hemne.kommune.no",
        "model": "ThinkPad L13",
        "manufacturer": "LENOVO",
        "imei": "",
        "serialNumber": f"PF{number:06}",
        "phoneNumber": "99999999",
        "userDisplayName": NAME,
        "managedDeviceName": f"{NAME}_Windows",
        "managementState": "managed",
        "enrollmentProfileName": "Autopilot elev",
        "notes": None,
    }
    return {**standard, **changes}


def as_json(said: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Letters as they are, save halves of them, which only escapes can write."""
    text = json.dumps(said, ensure_ascii=False)
    halves = re.sub(r"[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
    return Reply(halves.encode(), status, {**_JSON, **(headers or {})})


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error as Graph has it."""
    inner = {"date": "2026-11-23T01:00:00", "request-id": "r-1", "client-request-id": "c-1"}
    return as_json({"error": {"code": code, "message": f"{code}.", "innerError": inner}}, status, headers)


def _aadsts(status: int, error: str, code: int) -> Reply:
    said = {"error": error, "error_description": f"AADSTS{code}: {NAME}", "error_codes": [code]}
    return as_json({**said, "correlation_id": "c-1"}, status)


@cache
def authority() -> Authority:
    """Who signs the certificates of these servers; lives as long as the process."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Authority(Path(folder.name))


@cache
def _certificate() -> ServerCertificate:
    return authority().server("localhost")


@cache
def app_certificate() -> str:
    """A certificate that an app proves itself with, and its private key, as one PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provision")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode()

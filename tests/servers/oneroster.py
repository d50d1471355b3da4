"""A provider of OneRoster REST, version 1.1 or 1.2, which serves the rows of a CSV package and can be unpleasant."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self
from urllib.parse import quote, unquote

from provision.formats.oneroster import Version
from provision.sources.oneroster.rest_settings import OneRosterRestSettings
from tests.canaries import PASSWORD, plant
from tests.servers.certificates import ServerCertificate
from tests.servers.web import Asked, Reply, Web

CLIENT_ID: Final = "klient-7"
SCOPE: Final = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly roster-demographics.readonly"
PATHS: Final = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
TOKEN_PATH: Final = "/connect/token"

_MODIFIED: Final = {"dateLastModified": "2026-11-22T23:00:00.000Z"}
_KINDS: Final = {
    "parent": "org", "org": "org", "orgs": "org", "school": "org", "primaryOrg": "org", "course": "course",
    "class": "class", "user": "user", "agents": "user", "schoolYear": "academicSession", "terms": "academicSession",
    "academicSessions": "academicSession", "userProfile": "userProfile",
}  # fmt: skip  # a table of names
_PLURALS: Final = {"class": "classes"} | {each: f"{each}s" for each in ("org", "course", "user", "academicSession")}
_NAMES: Final = {"preferredGivenName": "preferredFirstName", "preferredFamilyName": "preferredLastName"}
_ALWAYS: Final = {"orgs": ("identifier",), "courses": ("courseCode",), "users": ("username",)}
_LISTS: Final = frozenset({"grades", "subjects", "subjectCodes", "periods"})

Tables = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(slots=True)
class Manners:
    """How the provider behaves; the standard's way where nothing is set.

    `most` is what it clamps a page to; `totals` whether X-Total-Count is right, missing, or counts the page (or is
    another number for some collections); `roots` are other names for a collection in the answer. `links`: none, right
    ones, ones that count what was asked for, opaque ones, or ones to another server. `before` may answer in its place.
    """

    most: int = 1000
    totals: Literal["right", "none", "page"] | Mapping[str, int] = "right"
    roots: Mapping[str, str] = field(default_factory=dict)
    links: Literal["none", "right", "asked", "opaque", "elsewhere"] = "none"
    sorts: bool = True
    pages: bool = True
    demographics: int = 200
    scope: str = SCOPE
    token_life: int | None = 3600
    token_uses: int | None = None  # after so many requests a token is refused, whatever it was said to live
    before: Callable[[Asked], Reply | None] = lambda _: None


class Provider:
    """Serves while the context lasts. `collections` are the records, and may be changed meanwhile.

    `tokens` are those that were handed out, with how often each has been used.
    """

    def __init__(
        self,
        tables: Tables,
        version: Version,
        manners: Manners | None = None,
        certificate: ServerCertificate | None = None,
    ) -> None:
        self.version = version
        self.manners = manners or Manners()
        self.tokens: dict[str, int] = {}
        self.nonces: set[str] = set()
        self.web = Web(self._answer, certificate)
        self.collections = collections_of(tables, version, self.base_url)

    def __enter__(self) -> Self:
        self.web.__enter__()
        return self

    def __exit__(self, *args: object) -> None:
        self.web.__exit__(*args)

    @property
    def base_url(self) -> str:
        return f"{self.web.url}{PATHS[self.version]}"

    def asked(self, collection: str) -> list[Asked]:
        return [each for each in self.web.asked if each.path.endswith(f"/{collection}")]

    def settings(self, **changes: Any) -> OneRosterRestSettings:
        """What a client needs to know; a page of 1.1 is signed where `auth` is oauth1."""
        standard: dict[str, Any] = {
            "token_url": f"{self.web.url}{TOKEN_PATH}",
            "scope": self.manners.scope,
            "version": self.version,
        }
        return OneRosterRestSettings(
            **{"base_url": self.base_url, "client_id": CLIENT_ID, "client_secret": PASSWORD, **standard, **changes}
        )

    def _answer(self, asked: Asked) -> Reply:
        if reply := self.manners.before(asked):
            return reply
        if asked.path == TOKEN_PATH:
            return self._token(asked)
        if not self._admits(asked):
            return refusal(401, "unauthorisedrequest")
        name = asked.path.removeprefix(f"{PATHS[self.version]}/")
        if name not in self.collections or (name == "demographics" and self.manners.demographics != 200):
            return refusal(self.manners.demographics if name == "demographics" else 404, "unknownobject")
        if "sort" in asked.query and not self.manners.sorts:
            return refusal(400, "invalid_selection_field")
        return self._page(name, asked)

    def _token(self, asked: Asked) -> Reply:
        """Id and secret in the header or in the form, never in both."""
        form = asked.form
        basic = base64.b64encode(f"{CLIENT_ID}:{PASSWORD}".encode()).decode()
        in_header = asked.headers.get("authorization") == f"Basic {basic}" and "client_secret" not in form
        in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, PASSWORD)
        if (
            asked.method != "POST"
            or form.get("grant_type") != "client_credentials"
            or form.get("scope") != self.manners.scope
        ):
            return as_json({"error": "invalid_request"}, 400)
        if in_header == (in_form and "authorization" not in asked.headers):
            return as_json({"error": "invalid_client", "error_description": "not this one"}, 401)
        token = plant(secrets.token_urlsafe(24), "a token")
        self.tokens[token] = 0
        life = {} if self.manners.token_life is None else {"expires_in": self.manners.token_life}
        return as_json({"access_token": token, "token_type": "Bearer", **life})

    def _admits(self, asked: Asked) -> bool:
        scheme, _, said = asked.headers.get("authorization", "").partition(" ")
        if scheme == "OAuth":
            return signed(asked, said, self.web.url, self.nonces)
        if scheme != "Bearer" or said not in self.tokens:
            return False
        self.tokens[said] += 1
        return self.manners.token_uses is None or self.tokens[said] <= self.manners.token_uses

    def _page(self, name: str, asked: Asked) -> Reply:
        manners, query = self.manners, asked.query
        wanted = int(query.get("limit", "100"))
        offset = int(query.get("after") or query.get("offset", "0")) if manners.pages else 0
        records = self.collections[name]
        if "sort" in query or (manners.sorts and "after" in query):
            records = sorted(records, key=lambda each: str(each.get("sourcedId")))
        page = records[offset : offset + min(wanted, manners.most)]
        if isinstance(manners.totals, str):
            total = {"right": len(records), "page": len(page), "none": None}[manners.totals]
        else:
            total = manners.totals.get(name, len(records))
        headers = {} if total is None else {"X-Total-Count": str(total)}
        following = offset + len(page)
        if manners.links != "none" and following < len(records):
            headers["Link"] = f'<{self._next(asked, following, offset + wanted)}>; rel="next"'
        return as_json({manners.roots.get(name, name): page}, headers=headers)

    def _next(self, asked: Asked, following: int, by_what_was_asked: int) -> str:
        here = f"{self.web.url}{asked.path}"
        return {
            "right": f"{asked.path}?limit={asked.query.get('limit', 100)}&offset={following}",
            "asked": f"{here}?limit={asked.query.get('limit', 100)}&offset={by_what_was_asked}",
            "opaque": f"{here}?after={following}&limit={asked.query.get('limit', 100)}",
            "elsewhere": f"http://elsewhere.example{asked.path}?after={following}",
        }[self.manners.links]


def as_json(said: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Reply(body, status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def refusal(status: int, minor: str) -> Reply:
    """An error as the standard has it."""
    code = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    said = {"imsx_codeMajor": "failure", "imsx_severity": "error"}
    return as_json({**said, "imsx_CodeMinor": {"imsx_codeMinorField": [code]}}, status)


def signed(asked: Asked, header: str, origin: str, nonces: set[str]) -> bool:
    """Whether an OAuth 1 signature is ours and new (RFC 5849, 3.4.1 and 3.4.2), worked out anew here."""
    said = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
    if said.get("oauth_consumer_key") != CLIENT_ID or said.get("oauth_nonce") in (None, *nonces):
        return False
    nonces.add(said["oauth_nonce"])
    pairs = [*asked.query.items(), *((n, v) for n, v in said.items() if n not in ("oauth_signature", "realm"))]
    text = "&".join(sorted(f"{_escaped(name)}={_escaped(value)}" for name, value in pairs))
    base = "&".join(map(_escaped, (asked.method, f"{origin}{asked.path}", text)))
    digest = {"HMAC-SHA256": hashlib.sha256, "HMAC-SHA1": hashlib.sha1}[said["oauth_signature_method"]]
    right = base64.b64encode(hmac.new(f"{_escaped(PASSWORD)}&".encode(), base.encode(), digest).digest()).decode()
    return hmac.compare_digest(right, said.get("oauth_signature", ""))


def collections_of(tables: Tables, version: Version, base_url: str) -> dict[str, list[Any]]:
    """The records that say the same as the rows of a package."""
    found = {name: [_record(name, row, base_url) for row in rows] for name, rows in tables.items() if name != "roles"}
    if version == "1.2":
        users = {each["sourcedId"]: each for each in found["users"]}
        for user in users.values():
            user["roles"] = []
        for row in tables["roles"]:
            role = _record("roles", row, base_url)
            users[role.pop("user")["sourcedId"]]["roles"].append(
                {name: role[name] for name in role if name not in ("sourcedId", "status", "dateLastModified")}
            )
    return found


def _record(name: str, row: Mapping[str, str], base_url: str) -> dict[str, Any]:
    record: dict[str, Any] = {member: "" for member in _ALWAYS.get(name, ())}
    for column, cell in row.items():
        if column.startswith("metadata."):
            record.setdefault("metadata", {})[column.removeprefix("metadata.")] = cell
        elif cell:
            member, value = _member(name, column, cell, base_url)
            record[member] = value
    return {**record, "sourcedId": unquote(row["sourcedId"]), "status": row.get("status") or "active", **_MODIFIED}


def _member(name: str, column: str, cell: str, base_url: str) -> tuple[str, Any]:
    if column.endswith("SourcedIds"):
        member = f"{column.removesuffix('SourcedIds')}s"
        return member, [_reference(member, each, base_url) for each in cell.split(",")]
    if column.endswith("SourcedId"):
        member = column.removesuffix("SourcedId")
        kind = "academicSessions" if name == "academicSessions" else member
        return member, _reference(kind, cell, base_url)
    if column == "userIds":
        return column, [{"type": t, "identifier": i} for t, i in re.findall(r"\{([^:}]*):([^}]*)\}", cell)]
    return _NAMES.get(column, column), cell.split(",") if column in _LISTS else cell


def _reference(member: str, written: str, base_url: str) -> dict[str, str]:
    kind = _KINDS[member]
    sourced_id = unquote(written)
    return {"href": f"{base_url}/{_PLURALS[kind]}/{quote(sourced_id, safe='')}", "sourcedId": sourced_id, "type": kind}


def _escaped(text: str) -> str:
    return quote(text, safe="")

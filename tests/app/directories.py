"""A directory that others made before us, on a server or in a file, for whatever must be the same in both."""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ldap3.core.exceptions import LDAPNoSuchObjectResult

from provision.formats.ldif import read_entries, write_entries
from tests.app.sites import BASE, PEOPLE, Held, Site, carries, hashed_as, on_ldap
from tests.servers.slapd import Slapd

ORGANISATIONS = f"ou=organization,{BASE}"
OLD_PASSWORD = "gammelt passord 1"
_KEPT = ("*", "entryUUID", "pwdAccountLockedTime")

Entry = tuple[str, Mapping[str, str | list[str]]]


class Holder(Protocol):
    """Where a site's directory is."""

    def put(self, *entries: Entry) -> None: ...

    def entries(self) -> dict[str, Held]: ...

    def can_log_in(self, dn: str, password: str) -> bool: ...


@dataclass
class OnServer:
    slapd: Slapd

    def put(self, *entries: Entry) -> None:
        for dn, held in entries:
            self.slapd.add(dn, held)

    def entries(self, below: str = "") -> dict[str, Held]:
        """Everything at and below this DN; nothing where it does not exist."""
        with suppress(LDAPNoSuchObjectResult):
            return dict(self.slapd.entries(below, _KEPT))
        return {}

    def can_log_in(self, dn: str, password: str) -> bool:
        return self.slapd.can_log_in(dn, password)


@dataclass
class InFile:
    site: Site

    def put(self, *entries: Entry) -> None:
        held = self.entries() or {BASE: as_held(base())}
        self.site.ldif.parent.mkdir(exist_ok=True)
        with self.site.ldif.open("w", encoding="utf-8") as fh:
            write_entries(fh, {**held, **{dn: as_held(attributes) for dn, attributes in entries}}.items())

    def entries(self) -> dict[str, Held]:
        return self.site.entries()

    def can_log_in(self, dn: str, password: str) -> bool:
        held = self.entries()[dn]
        return "pwdAccountLockedTime" not in held and hashed_as(min(held["userPassword"]), password)


def holder_of(site: Site, slapd: Slapd | None) -> Holder:
    if slapd is None:
        return InFile(site)
    on_ldap(site, slapd)
    return OnServer(slapd)


def as_held(attributes: Mapping[str, str | list[str]]) -> Held:
    return {n: frozenset([values] if isinstance(values, str) else values) for n, values in attributes.items()}


def base() -> Mapping[str, str | list[str]]:
    return {"objectClass": ["dcObject", "organization"], "dc": "hemne", "o": "hemne"}


def containers() -> tuple[Entry, ...]:
    return tuple(
        (dn, {"objectClass": "organizationalUnit", "ou": dn.partition(",")[0].removeprefix("ou=")})
        for dn in (PEOPLE, ORGANISATIONS)
    )


def a_school(name: str, **more: str) -> Entry:
    classes = ["organizationalUnit", "norEduOrgUnit"]
    return f"ou={name},{ORGANISATIONS}", {"objectClass": classes, "ou": name, **more}


def a_person(uid: str, given: str, family: str, **more: str) -> Entry:
    """Somebody whom another program provisioned, with the password of then."""
    salt = b"salt"
    digest = hashlib.sha1(OLD_PASSWORD.encode() + salt, usedforsecurity=False).digest()
    return f"uid={uid},{PEOPLE}", {
        "objectClass": ["inetOrgPerson", "eduPerson", "norEduPerson"],
        "uid": uid,
        "cn": f"{given} {family}",
        "givenName": given,
        "sn": family,
        "eduPersonPrincipalName": f"{uid}@hemne.kommune.no",
        "userPassword": "{SSHA}" + base64.b64encode(digest + salt).decode(),
        **more,
    }


def held(slapd: Slapd, below: str = "") -> dict[str, Held]:
    return OnServer(slapd).entries(below)


def dn_of(slapd: Slapd, sourced_id: str) -> str:
    return next(dn for dn, each in held(slapd, PEOPLE).items() if carries(each, sourced_id))


def uid_of(dn: str) -> str:
    return dn.partition(",")[0].removeprefix("uid=")


def read_ldif(path: Path) -> dict[str, Held]:
    with path.open(encoding="utf-8") as fh:
        return {dn: dict(each) for dn, each in read_entries(fh)}


def plain(entries: dict[str, Held]) -> dict[str, dict[str, frozenset[str]]]:
    """Without passwords, which are each its own, and with what the server adds by itself left out."""
    left_out = {"userPassword", "entryUUID"}
    return {dn: {n: v for n, v in each.items() if n not in left_out} for dn, each in entries.items()}

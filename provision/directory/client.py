"""The client: lazily connected, verified, never following a referral; entries as plain text."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Literal, Self

import ldap3
from ldap3.core.exceptions import LDAPCommunicationError, LDAPException, LDAPOperationResult
from ldap3.operation import search as library
from pyasn1.codec.ber.encoder import encode

from provision.directory.connection import asks_policy, connect, hang_up
from provision.directory.refusals import LostReply, NoSuchEntry, refusal, unreadable
from provision.directory.schema import (
    ASSERTION,
    ROOT_ATTRIBUTES,
    SCHEMA_ATTRIBUTES,
    ServerSchema,
    server_schema,
)
from provision.directory.settings import DirectorySettings, address
from provision.directory.tls import verified_tls

Attributes = Mapping[str, frozenset[str]]
Modification = tuple[Literal["add", "delete", "replace"], str, Iterable[str]]
Reply = tuple[dict[str, Any], list[dict[str, Any]]]  # the result, and what came before it
Operation = Callable[[Any], object]  # of a library's connection, whose methods are not typed

_PAGED: Final = "1.2.840.113556.1.4.319"
_EVERY: Final = "(objectClass=*)"
_FIRST_PAUSE: Final = 0.05
_OPS: Final = {"add": ldap3.MODIFY_ADD, "delete": ldap3.MODIFY_DELETE, "replace": ldap3.MODIFY_REPLACE}


class Scope(StrEnum):
    BASE = "BASE"
    LEVEL = "LEVEL"
    SUBTREE = "SUBTREE"


class Directory:
    """One directory server; for one thread. Connects when first used, anew after a lost connection.

    Text that is no UTF-8 comes and goes with surrogates (PEP 383), so that reading never fails and nothing is altered.
    Raises ConfigurationError at once for settings that cannot be, TargetUnavailable whenever the server cannot be used.
    """

    def __init__(self, settings: DirectorySettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._address = address(settings)
        self._tls = verified_tls(settings, self._address)
        self._sleep = sleep
        self._connection: ldap3.Connection | None = None
        self._schema: ServerSchema | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return str(self._address)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            hang_up(connection)

    def search(
        self, base: str, wanted: str, attributes: Iterable[str], scope: Scope = Scope.SUBTREE
    ) -> Iterator[tuple[str, Attributes]]:
        """Every match, page by page, with the attributes asked for; referrals to other servers are left out.

        Complete or TargetUnavailable; NoSuchEntry when the base is missing. No second search while this one goes on.
        """
        request: dict[str, Any] = {"search_base": base, "search_filter": wanted, "search_scope": scope.value}
        request |= {"attributes": list(attributes), "paged_size": self._settings.page_size}
        cookie: bytes | None = b""
        while cookie is not None:
            result, found = self._read(request | {"paged_cookie": cookie or None}, once=bool(cookie))
            cookie = result.get("controls", {}).get(_PAGED, {}).get("value", {}).get("cookie") or None
            yield from _entries(found)

    def get(self, dn: str, attributes: Iterable[str]) -> Attributes | None:
        """The entry's attributes asked for, or None when there is no such entry."""
        request = {"search_base": dn, "search_filter": _EVERY, "search_scope": Scope.BASE.value}
        try:
            _, found = self._read(request | {"attributes": list(attributes)}, once=False)
        except NoSuchEntry:
            return None
        return next((held for _, held in _entries(found)), None)

    def add(self, dn: str, attributes: Attributes) -> None:
        """Raises EntryExists, NoSuchEntry (no parent), ChangeRejected, LostReply, TargetUnavailable."""
        sent = [*attributes, *attributes.get("objectClass", ())]
        octets = {name: [_octets(value) for value in sorted(values)] for name, values in attributes.items()}
        self._write(lambda connection: connection.add(dn, attributes=octets), sent)

    def modify(self, dn: str, mods: Sequence[Modification], assertion: str | None = None) -> None:
        """All or nothing, and only if the filter `assertion` is true of the entry, where the server can tell.

        Raises NoSuchEntry, ChangeStale, ChangeRejected, LostReply, TargetUnavailable.
        """
        changes: dict[str, list[tuple[str, list[bytes]]]] = {}
        for op, attribute, values in mods:
            changes.setdefault(attribute, []).append((_OPS[op], [_octets(value) for value in sorted(values)]))
        if changes:
            controls = _controls(assertion)
            self._write(lambda connection: connection.modify(dn, changes, controls=controls), changes)

    def delete(self, dn: str, assertion: str | None = None) -> None:
        """Raises NoSuchEntry, ChangeStale, ChangeRejected, LostReply, TargetUnavailable."""
        self._write(lambda connection: connection.delete(dn, controls=_controls(assertion)), ())

    def schema(self) -> ServerSchema:
        """What the server says about itself; asked once."""
        if self._schema is None:
            root = _lower(self.get("", ROOT_ATTRIBUTES) or {})
            subschema = next(iter(root.get("subschemasubentry", ())), "")
            held = self.get(subschema, SCHEMA_ATTRIBUTES) if subschema else None
            self._schema = server_schema(root, _lower(held or {}))
        return self._schema

    def asks_policy(self, dn: str) -> bool:
        """Whether a password policy has a say when this entry, which must be locked, logs in."""
        return asks_policy(self._settings, self._address, self._tls, dn)

    def reconnect(self) -> None:
        """A new connection, sought for `retry_for` seconds with growing pauses. Raises TargetUnavailable."""
        self.close()
        pause, left = _FIRST_PAUSE, self._settings.retry_for
        while True:
            try:
                self._connected()
            except LostReply:
                if left <= 0:
                    raise
            else:
                return
            self._sleep(min(pause, left))
            pause, left = pause * 2, left - pause

    def _read(self, request: Mapping[str, Any], *, once: bool) -> Reply:
        """One search. A connection that had ended meanwhile is made anew, unless the search began on it."""
        try:
            return self._ask(lambda connection: connection.search(**request, dereference_aliases=ldap3.DEREF_NEVER))
        except LDAPException as error:
            ours = unreadable(error, str(self))
        if once or not isinstance(ours, LostReply):
            raise ours
        self.reconnect()
        return self._read(request, once=True)

    def _write(self, operation: Operation, sent: Iterable[str]) -> None:
        try:
            self._ask(operation)
        except LDAPException as error:
            raise refusal(error, str(self), sent) from None  # theirs may repeat values

    def _ask(self, operation: Operation) -> Reply:
        """The library raises for most results; for some, such as limits and referrals, it does not."""
        connection = self._connected()
        try:
            operation(connection)
        except LDAPCommunicationError:
            self.close()
            raise
        result: dict[str, Any] = connection.result
        if result["result"] != 0:
            raise LDAPOperationResult(result["result"], message=result["message"])
        return result, connection.response or []

    def _connected(self) -> ldap3.Connection:
        if self._connection is None:
            self._connection = connect(self._settings, self._address, self._tls)
        return self._connection


def _entries(found: list[dict[str, Any]]) -> Iterator[tuple[str, Attributes]]:
    for item in found:
        if item["type"] == "searchResEntry":
            yield (
                _text(item["raw_dn"]),
                {name: frozenset(_text(value) for value in values) for name, values in item["raw_attributes"].items()},
            )


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _lower(attributes: Attributes) -> Attributes:
    return {name.lower(): values for name, values in attributes.items()}


def _controls(assertion: str | None) -> list[tuple[str, bool, bytes]] | None:
    if assertion is None:
        return None
    parse: Any = library.parse_filter  # neither of them is typed
    compiled: Any = library.compile_filter
    parsed = parse(assertion, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
    return [(ASSERTION, True, encode(compiled(parsed.elements[0])))]

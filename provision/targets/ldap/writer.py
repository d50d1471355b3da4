"""Carries out one change at a time: under the version that was read, and read back whenever that is in doubt."""

from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from provision.core.dn import equals_filter
from provision.core.plan import Change, Create, Rekey
from provision.core.ports import Passwords
from provision.core.state import Kind
from provision.directory import Directory, EntryExists, LostReply, NoSuchEntry
from provision.errors import ChangeRejected, ChangeStale
from provision.formats.entry import Layout
from provision.formats.operations import Add, Modify, Operation, Remove, containers, dn_of, ssha
from provision.formats.steps import Found, step
from provision.targets.ldap.known import VERSION, Known

_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Writer:
    directory: Directory
    layout: Layout
    known: Known
    passwords: Passwords | None

    def settle(self, change: Change) -> None:
        """Make the change true; whatever is out of date, or not answered, is read back and decided anew.

        What is known must be complete. Raises ChangeRejected, ChangeStale, TargetUnavailable.
        """
        if change.key in self.known.ambiguous:
            raise ChangeRejected(self.known.ambiguous[change.key])
        found = self._first_look(change)
        for attempt in range(_TRIES):
            operation = step(change, found, self.layout, self.known.dns, self._password_hash(change, found))
            try:
                self._send(operation, found)
            except LostReply:
                self.directory.reconnect()
            except (ChangeStale, EntryExists, NoSuchEntry):
                if attempt == _TRIES - 1:
                    raise
            else:
                self._keep(change, operation, found)
                return
            found = self._look(change)
        raise LostReply(f"{self.directory}: the answers to one change were lost {_TRIES} times")

    def _first_look(self, change: Change) -> Found | None:
        """What we know already is enough where the server itself can tell that it no longer holds."""
        if isinstance(change, Create):
            if change.key not in self.known.dns:
                return None
        elif not isinstance(change, Rekey) and self.directory.schema().has_assertion:
            return self.known.as_read(change.before) or self._look(change)
        return self._look(change)

    def _look(self, change: Change) -> Found | None:
        if isinstance(change, Rekey):
            return self._look_for_id(change)
        found = self.known.find(change.key)
        if found is None and isinstance(change, Create):
            return self.known.at(dn_of(change.after, self.layout))
        return found

    def _look_for_id(self, change: Rekey) -> Found | None:
        """The entry that is to get the id, or has it already. Raises ChangeRejected when another one has it."""
        found = self.known.search_id(change.key)
        there = self.known.find(change.previous) if change.previous else self.known.at(change.handle)
        if found and there and found.dn != there.dn:
            raise ChangeRejected("another entry carries this id already")
        return found or there

    def _password_hash(self, change: Change, found: Found | None) -> str | None:
        if self.passwords is None or found or not isinstance(change, Create) or change.key.kind is not Kind.ACCOUNT:
            return None
        password = self.passwords.first(change.key)
        return None if password is None else ssha(password, token_bytes(16))

    def _send(self, operation: Operation | None, found: Found | None) -> None:
        assertion = None
        if found and found.version and self.directory.schema().has_assertion:
            assertion = equals_filter(VERSION, found.version)
        match operation:
            case Add():
                self._add(operation)
            case Modify(dn, mods):
                self.directory.modify(dn, [(mod.op, mod.attribute, mod.values) for mod in mods], assertion)
            case Remove(dn):
                self.directory.delete(dn, assertion)
            case None:
                return

    def _add(self, entry: Add) -> None:
        try:
            self.directory.add(entry.dn, entry.attributes)
        except NoSuchEntry:
            for container in containers(entry.dn, self.layout, self._exists):
                self._add_container(container)
            self.directory.add(entry.dn, entry.attributes)

    def _exists(self, dn: str) -> bool:
        return self.directory.get(dn, ["1.1"]) is not None

    def _add_container(self, container: Add) -> None:
        try:
            self.directory.add(container.dn, container.attributes)
        except EntryExists:
            return
        except NoSuchEntry:
            raise ChangeRejected(f"{self.layout.base} does not exist, or we may not see it") from None

    def _keep(self, change: Change, operation: Operation | None, found: Found | None) -> None:
        """Where things are now."""
        if isinstance(change, Rekey) and change.previous:
            self.known.forget(change.previous)
        if isinstance(operation, Add):
            self.known.place(change.key, operation.dn)
        elif isinstance(operation, Remove) or found is None:
            self.known.forget(change.key)
        else:
            self.known.place(change.key, found.dn)

"""Carries out one change at a time: under the version that was read, and read back whenever that is in doubt."""

from dataclasses import dataclass
from typing import Final

from provision.core.dn import equals_filter
from provision.core.plan import Change, Create, Rekey, Withdraw
from provision.core.ports import Passwords
from provision.core.state import Key
from provision.directory import Directory, EntryExists, LostReply, NoSuchEntry
from provision.errors import ChangeRejected, ChangeStale
from provision.formats.entry import Layout
from provision.formats.operations import Add, Modify, Operation, Remove, containers, dn_of, password_hash
from provision.formats.steps import EntryChange, Found, entry_to_rekey, step, withdrawal
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
        if isinstance(change, Withdraw):
            self._withdraw(change.key)
            return
        for key in (change.key, change.previous if isinstance(change, Rekey) else None):
            if key in self.known.ambiguous:
                raise ChangeRejected(self.known.ambiguous[key])
        self._settle(change)

    def _withdraw(self, key: Key) -> None:
        """No entry carries this id any more, whatever became of those that did since they were read."""
        for attempt in range(_TRIES):
            try:
                self._remove_all(key)
            except LostReply:
                self.directory.reconnect()
            except (ChangeStale, NoSuchEntry):
                if attempt == _TRIES - 1:
                    raise
            else:
                self.known.forget(key)
                self.known.ambiguous.pop(key, None)
                return
        raise self._given_up()

    def _remove_all(self, key: Key) -> None:
        """One try at every entry that carries the id: one that cannot go keeps none of the others back.

        Raises what one of them met, first of all what may be otherwise at the next try.
        """
        met: list[ChangeRejected | ChangeStale] = []
        assertion = self.known.carried(key) if self.directory.schema().has_assertion else None
        for removal in withdrawal(self.known.carrying(key)):
            try:
                self.directory.delete(removal.dn, assertion)
            except (ChangeRejected, ChangeStale) as error:
                met.append(error)
        if met:
            raise min(met, key=lambda error: not isinstance(error, ChangeStale | NoSuchEntry))

    def _settle(self, change: EntryChange) -> None:
        found = self._first_look(change)
        for attempt in range(_TRIES):
            hashed = password_hash(change, self.passwords) if found is None else None
            operation = step(change, found, self.layout, self.known.dns, hashed)
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
        raise self._given_up()

    def _given_up(self) -> LostReply:
        return LostReply(f"{self.directory}: the answers to one change were lost {_TRIES} times")

    def _first_look(self, change: EntryChange) -> Found | None:
        """What we know already is enough where the server itself can tell that it no longer holds."""
        if isinstance(change, Create):
            if change.key not in self.known.dns:
                return None
        elif not isinstance(change, Rekey) and self.directory.schema().has_assertion:
            return self.known.as_read(change.before) or self._look(change)
        return self._look(change)

    def _look(self, change: EntryChange) -> Found | None:
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
        return entry_to_rekey(found, there)

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

    def _keep(self, change: EntryChange, operation: Operation | None, found: Found | None) -> None:
        """Where things are now."""
        if isinstance(change, Rekey) and change.previous:
            self.known.forget(change.previous)
        if isinstance(operation, Add):
            self.known.place(change.key, operation.dn)
        elif isinstance(operation, Remove) or found is None:
            self.known.forget(change.key)
        else:
            self.known.place(change.key, found.dn)

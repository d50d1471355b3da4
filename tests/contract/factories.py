"""Every target on the real thing it writes to, with the hands of somebody else at it."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from provision.core.dn import normal, parse_dn
from provision.core.ports import Target
from provision.directory import Directory
from provision.formats.entry import Attributes
from provision.formats.ldif import read_entries, write_entries
from provision.targets.ldap import LdapTarget
from provision.targets.ldif import LdifTarget
from tests.builders import BASE, LAYOUT, OnePassword
from tests.canaries import PASSWORD
from tests.servers.slapd import Slapd, SlapdOptions

SECRET: Final = b"the key of the fingerprints"

# What a directory holds before we come.
BASE_ENTRY: Final[Attributes] = {
    "objectClass": frozenset({"dcObject", "organization"}),
    "dc": frozenset({"nordlys"}),
    "o": frozenset({"nordlys"}),
}


class Bench(Protocol):
    """One target's far side. It begins with a base entry that others made; new accounts get PASSWORD."""

    def clear(self) -> None:
        """As it began."""
        ...

    def target(self) -> Target:
        """The target as a new run makes it."""
        ...

    def entries(self) -> Mapping[str, Attributes]:
        """What is there, by normal DN and lower-case attribute name, operational attributes but the lock left out."""
        ...

    def put(self, dn: str, attributes: Attributes) -> None:
        """Somebody else's new entry."""
        ...

    def set(self, dn: str, attribute: str, *values: str) -> None:
        """Somebody else's change to an entry."""
        ...

    def can_log_in(self, dn: str, password: str) -> bool: ...

    def stop(self) -> None:
        """The far side is gone until `start`."""
        ...

    def start(self) -> None: ...


@dataclass(slots=True)
class LdifBench:
    path: Path

    def clear(self) -> None:
        self._write({BASE: BASE_ENTRY})

    def target(self) -> LdifTarget:
        return LdifTarget("ldif", self.path, LAYOUT, OnePassword(PASSWORD), SECRET)

    def entries(self) -> Mapping[str, Attributes]:
        return compared(self._held())

    def put(self, dn: str, attributes: Attributes) -> None:
        self._write({**self._held(), dn: attributes})

    def set(self, dn: str, attribute: str, *values: str) -> None:
        held = self._held()
        held[dn] = {**held[dn], attribute: frozenset(values)}
        self._write(held)

    def can_log_in(self, dn: str, password: str) -> bool:
        entry = self.entries().get(normal(dn), {})
        locked = LAYOUT.lock[1] in entry.get(LAYOUT.lock[0].lower(), ())
        return not locked and any(_opens(each, password) for each in entry.get("userpassword", ()))

    def stop(self) -> None:
        self.path.parent.rename(self._away)
        self.path.parent.touch()

    def start(self) -> None:
        self.path.parent.unlink()
        self._away.rename(self.path.parent)

    @property
    def _away(self) -> Path:
        return self.path.parent.with_suffix(".away")

    def _held(self) -> dict[str, Attributes]:
        with self.path.open(encoding="utf-8", errors="surrogateescape") as fh:
            return dict(read_entries(fh))

    def _write(self, entries: Mapping[str, Attributes]) -> None:
        with self.path.open("w", encoding="utf-8", errors="surrogateescape") as fh:
            write_entries(fh, entries.items())


@dataclass(slots=True)
class LdapBench:
    slapd: Slapd
    opened: ExitStack = field(default_factory=ExitStack)

    def clear(self) -> None:
        self.opened.close()
        with self.slapd.admin() as connection:
            for dn in sorted(self.slapd.entries(), key=lambda each: len(parse_dn(each)), reverse=True)[:-1]:
                connection.delete(dn)  # type: ignore[no-untyped-call]  # so in the stubs of ldap3
            held = self.slapd.entries()[BASE]
            wanted = {name: sorted(BASE_ENTRY.get(name, ())) for name in held}
            changes = {name: [("MODIFY_REPLACE", values)] for name, values in wanted.items()}
            connection.modify(BASE, changes)  # type: ignore[no-untyped-call]  # so in the stubs of ldap3

    def target(self) -> LdapTarget:
        directory = self.opened.enter_context(Directory(self.slapd.settings()))
        return LdapTarget("ldap", directory, LAYOUT, OnePassword(PASSWORD), SECRET)

    def entries(self) -> Mapping[str, Attributes]:
        return compared(self.slapd.entries(attributes=("*", LAYOUT.lock[0])))

    def put(self, dn: str, attributes: Attributes) -> None:
        self.slapd.add(dn, {name: sorted(values) for name, values in attributes.items()})

    def set(self, dn: str, attribute: str, *values: str) -> None:
        self.slapd.modify(dn, {attribute: ("MODIFY_REPLACE", list(values))})

    def can_log_in(self, dn: str, password: str) -> bool:
        return self.slapd.can_log_in(dn, password)

    def stop(self) -> None:
        self.slapd.kill()

    def start(self) -> None:
        self.slapd.start()


def compared(entries: Mapping[str, Attributes]) -> dict[str, Attributes]:
    """Entries in the form in which two directories with the same content are equal."""
    return {
        normal(dn): {name.lower(): frozenset(values) for name, values in attributes.items()}
        for dn, attributes in entries.items()
    }


@contextmanager
def ldif(folder: Path) -> Iterator[LdifBench]:
    bench = LdifBench(folder / "out" / "feide.ldif")
    bench.path.parent.mkdir()
    bench.clear()
    yield bench


@contextmanager
def ldap(folder: Path) -> Iterator[LdapBench]:
    with Slapd(folder / "slapd", SlapdOptions(suffix=BASE)) as slapd:
        bench = LdapBench(slapd)
        with bench.opened:
            yield bench


TARGETS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Bench]]]] = {"ldif": ldif, "ldap": ldap}


def _opens(stored: str, password: str) -> bool:
    """Whether a server that holds this value would accept the password."""
    if not stored.startswith("{SSHA}"):
        return stored == password
    octets = b64decode(stored.removeprefix("{SSHA}"))
    return octets[:20] == hashlib.sha1(password.encode() + octets[20:], usedforsecurity=False).digest()

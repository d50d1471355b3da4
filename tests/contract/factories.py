"""Every target on the real thing it writes to, with the hands of somebody else at it."""

import csv
import hashlib
import io
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

from provision.core.dn import normal, parse_dn
from provision.core.ports import Target
from provision.directory import Directory
from provision.formats.entry import Attributes
from provision.formats.ldif import read_entries, write_entries
from provision.targets.ldap import LdapTarget
from provision.targets.ldif import LdifTarget
from provision.targets.oneroster_csv import OneRosterCsvTarget
from tests.builders import BASE, LAYOUT, LMS_FIELDS, OnePassword
from tests.canaries import PASSWORD
from tests.contract.dialects import FEIDE, ONEROSTER, Dialect
from tests.oneroster import load, tables_of
from tests.servers.slapd import Slapd, SlapdOptions

SECRET: Final = b"the key of the fingerprints"

# What a directory holds before we come.
BASE_ENTRY: Final[Attributes] = {
    "objectClass": frozenset({"dcObject", "organization"}),
    "dc": frozenset({"nordlys"}),
    "o": frozenset({"nordlys"}),
}


class Bench(Protocol):
    """One target's far side, with the hands of somebody else at it."""

    says: Dialect

    def clear(self) -> None:
        """As it began: what we are given by others, if anything."""
        ...

    def target(self) -> Target:
        """The target as a new run makes it."""
        ...

    def entries(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """What is there, by place and lower-case name: all but what changes by itself."""
        ...

    def set(self, place: str, name: str, *values: str) -> None:
        """Somebody else's change to an entry."""
        ...

    def check(self) -> None:
        """What is there is sound by the rules of its format, whatever a test has done."""
        ...

    def stop(self) -> None:
        """The far side is gone until `start`."""
        ...

    def start(self) -> None: ...


class DirectoryBench(Bench, Protocol):
    """It begins with a base entry that others made; new accounts get PASSWORD. A place is a DN."""

    def put(self, dn: str, attributes: Attributes) -> None:
        """Somebody else's new entry."""
        ...

    def can_log_in(self, dn: str, password: str) -> bool: ...


class FileBench(Bench, Protocol):
    """What is there is one file, with others of that name `beside` it."""

    path: Path
    beside: frozenset[str]


@dataclass(slots=True)
class LdifBench:
    path: Path
    says: Dialect = FEIDE
    beside: frozenset[str] = frozenset({"feide.changes.ldif"})

    def clear(self) -> None:
        self._write({BASE: BASE_ENTRY})

    def target(self) -> LdifTarget:
        return LdifTarget("ldif", self.path, LAYOUT, OnePassword(PASSWORD), SECRET)

    def entries(self) -> Mapping[str, Attributes]:
        return compared(self._held())

    def put(self, dn: str, attributes: Attributes) -> None:
        self._write({**self._held(), dn: attributes})

    def set(self, place: str, name: str, *values: str) -> None:
        held = self._held()
        dn = next(each for each in held if normal(each) == place)
        held[dn] = {**held[dn], name: frozenset(values)}
        self._write(held)

    def check(self) -> None:
        assert normal(BASE) in self.entries()

    def can_log_in(self, dn: str, password: str) -> bool:
        entry = self.entries().get(normal(dn), {})
        locked = LAYOUT.lock[1] in entry.get(LAYOUT.lock[0].lower(), ())
        return not locked and any(_opens(each, password) for each in entry.get("userpassword", ()))

    def stop(self) -> None:
        _take_away(self.path.parent)

    def start(self) -> None:
        _bring_back(self.path.parent)

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
    says: Dialect = FEIDE

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

    def set(self, place: str, name: str, *values: str) -> None:
        self.slapd.modify(place, {name: ("MODIFY_REPLACE", list(values))})

    def check(self) -> None:
        assert normal(BASE) in self.entries()

    def can_log_in(self, dn: str, password: str) -> bool:
        return self.slapd.can_log_in(dn, password)

    def stop(self) -> None:
        self.slapd.kill()

    def start(self) -> None:
        self.slapd.start()


@dataclass(slots=True)
class OneRosterBench:
    path: Path
    says: Dialect = ONEROSTER
    beside: frozenset[str] = frozenset()

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def target(self) -> OneRosterCsvTarget:
        once = frozenset({"username"})
        return OneRosterCsvTarget("lms", self.path, LMS_FIELDS, once, site_name="nordlys", secret=SECRET, clock=_noon)

    def entries(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        if not self.path.exists():
            return {}
        rows = {f"{name}/{row['sourcedId']}": row for name, table in tables_of(self.path).items() for row in table}
        return {
            place: {name.lower(): frozenset(filter(None, [cell])) for name, cell in row.items()}
            for place, row in rows.items()
        }

    def set(self, place: str, name: str, *values: str) -> None:
        table, _, sourced_id = place.partition("/")
        rewrite(self.path, table, lambda row: row | {name: ",".join(values)} if row["sourcedId"] == sourced_id else row)

    def check(self) -> None:
        assert not self.path.exists() or load(self.path).faults == []

    def stop(self) -> None:
        _take_away(self.path.parent)

    def start(self) -> None:
        _bring_back(self.path.parent)


def _noon() -> datetime:
    return datetime(2026, 9, 1, 12, tzinfo=UTC)


def rewrite(path: Path, table: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Somebody else's hand at one file of a package, which stays a zip with a manifest."""
    with ZipFile(path) as archive:
        members = {info.filename: archive.read(info).decode() for info in archive.infolist()}
    header, *lines = csv.reader(io.StringIO(members[f"{table}.csv"], newline=""))
    out = io.StringIO(newline="")
    rows = [change(dict(zip(header, line, strict=True))) for line in lines]
    csv.writer(out).writerows([header, *([row[name] for name in header] for row in rows)])
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in (members | {f"{table}.csv": out.getvalue()}).items():
            archive.writestr(name, text)


def _take_away(folder: Path) -> None:
    folder.rename(folder.with_suffix(".away"))
    folder.touch()


def _bring_back(folder: Path) -> None:
    folder.unlink()
    folder.with_suffix(".away").rename(folder)


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


@contextmanager
def oneroster_csv(folder: Path) -> Iterator[OneRosterBench]:
    bench = OneRosterBench(folder / "out" / "oneroster.zip")
    bench.path.parent.mkdir()
    yield bench


DIRECTORIES: Final[Mapping[str, Callable[[Path], AbstractContextManager[DirectoryBench]]]] = {
    "ldif": ldif,
    "ldap": ldap,
}
IN_A_FILE: Final[Mapping[str, Callable[[Path], AbstractContextManager[FileBench]]]] = {
    "ldif": ldif,
    "oneroster_csv": oneroster_csv,
}
WITH_GROUPS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Bench]]]] = {"oneroster_csv": oneroster_csv}
TARGETS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Bench]]]] = {**DIRECTORIES, **WITH_GROUPS}


def _opens(stored: str, password: str) -> bool:
    """Whether a server that holds this value would accept the password."""
    if not stored.startswith("{SSHA}"):
        return stored == password
    octets = b64decode(stored.removeprefix("{SSHA}"))
    return octets[:20] == hashlib.sha1(password.encode() + octets[20:], usedforsecurity=False).digest()

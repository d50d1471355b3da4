"""What each kind of target keeps, and where: as the criteria compare it, and as it was on an earlier day."""

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from zipfile import ZipFile

from tests.app.sites import REALM, Held, Site, hashed_as
from tests.crashes.world import Account, Holding
from tests.servers.slapd import Slapd

_LIN: Final = f"{REALM}:localnin:"
_IDS: Final = (
    ("norEduPersonLIN", _LIN, "account"),
    ("norEduOrgUnitUniqueIdentifier", "NO", "org"),
    ("norEduOrgNIN", "NO", "org"),
)
_LOCKED: Final = "pwdAccountLockedTime"
_OPERATIONAL: Final = ("entryUUID", "entryCSN")
_NOT_COMPARED: Final = frozenset({"userPassword", *_OPERATIONAL})


class Shelf(Protocol):
    """Where one target of a site keeps what it holds."""

    def look(self) -> Holding: ...

    def let_in(self, passwords: Mapping[str, str]) -> set[str]:
        """Of these places those whose account is entered with this password."""
        ...


@dataclass(frozen=True, slots=True)
class InLdif:
    site: Site

    def look(self) -> Holding:
        return _directory(self.site.entries())

    def let_in(self, passwords: Mapping[str, str]) -> set[str]:
        held = self.site.entries()
        return {
            place
            for place, password in passwords.items()
            if _LOCKED not in held[place] and hashed_as(min(held[place].get("userPassword", {""})), password)
        }


@dataclass(frozen=True, slots=True)
class InPackage:
    """A OneRoster package; its readers let people in themselves."""

    path: Path

    def look(self) -> Holding:
        if not self.path.exists():
            return Holding()
        rows = [(table, row) for table in _ROWS for row in self._rows(table)]
        return Holding(
            content={_place(table, row): _filled(row) for table, row in rows},
            accounts={
                _place(table, row): Account(row["sourcedId"], row["username"], row["enabledUser"] == "true")
                for table, row in rows
                if table == "users"
            },
            keys={_place(table, row): _keys(table, row) for table, row in rows},
        )

    def _rows(self, table: str) -> Iterable[Mapping[str, str]]:
        with ZipFile(self.path) as package:
            if f"{table}.csv" not in package.namelist():
                return []
            return list(csv.DictReader(io.StringIO(package.read(f"{table}.csv").decode(), newline="")))

    def let_in(self, passwords: Mapping[str, str]) -> set[str]:
        return set(passwords)


# By table, what its rows are about: of these kinds, with the ids in these columns.
_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "orgs": {"sourcedId": "org"},
    "academicSessions": {"sourcedId": "session"},
    "courses": {"sourcedId": "course"},
    "classes": {"sourcedId": "group"},
    "users": {"sourcedId": "account", "agentSourcedIds": "account"},
    "roles": {"userSourcedId": "account"},
    "enrollments": {"classSourcedId": "group", "userSourcedId": "account"},
}


def _place(table: str, row: Mapping[str, str]) -> str:
    return f"{table}.csv {row['sourcedId']}"


def _filled(row: Mapping[str, str]) -> Held:
    return {name: frozenset(cell.split(",")) for name, cell in row.items() if cell}


def _keys(table: str, row: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{kind}:{each}" for name, kind in _ROWS[table].items() for each in row[name].split(",") if each)


@dataclass(frozen=True, slots=True)
class OnServer:
    slapd: Slapd

    def look(self) -> Holding:
        return _directory(self.slapd.entries("", ("*", _LOCKED, *_OPERATIONAL)))

    def let_in(self, passwords: Mapping[str, str]) -> set[str]:
        return {place for place, password in passwords.items() if self.slapd.can_log_in(place, password)}


def _directory(entries: dict[str, Held]) -> Holding:
    """A Feide directory, on a server or in a file."""
    return Holding(
        content={dn: {n: v for n, v in held.items() if n not in _NOT_COMPARED} for dn, held in entries.items()},
        accounts={dn: account for dn, held in entries.items() for account in _accounts(held)},
        keys={dn: frozenset(_keys_of(held)) or _keys_below(dn, entries) for dn, held in entries.items()},
        versions=_single(entries, "entryCSN"),
        identities=_single(entries, "entryUUID"),
    )


def _accounts(held: Held) -> Iterable[Account]:
    for lin in held.get("norEduPersonLIN", ()):
        yield Account(lin.removeprefix(_LIN), min(held["uid"]), _LOCKED not in held)


def _keys_of(held: Held) -> Iterable[str]:
    for attribute, start, kind in _IDS:
        yield from (f"{kind}:{value.removeprefix(start)}" for value in held.get(attribute, ()))


def _keys_below(container: str, entries: dict[str, Held]) -> frozenset[str]:
    """What is nobody's own is about whoever lies there."""
    below = (held for dn, held in entries.items() if dn.endswith(f",{container}"))
    return frozenset(key for held in below for key in _keys_of(held))


def _single(entries: dict[str, Held], attribute: str) -> dict[str, str]:
    return {dn: min(held[attribute]) for dn, held in entries.items() if held.get(attribute)}


def keep(slapd: Slapd, folder: Path) -> None:
    """The server's database, as it is now."""
    slapd.stop()
    shutil.copytree(slapd.folder / "data", folder)


def put_back(slapd: Slapd, folder: Path) -> None:
    """The server holds what was kept there, and answers."""
    slapd.kill()
    shutil.rmtree(slapd.folder / "data")
    shutil.copytree(folder, slapd.folder / "data")
    slapd.start()

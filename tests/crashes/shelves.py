"""What each kind of target keeps, and where: as the criteria compare it, and as it was on an earlier day."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.app.sites import REALM, Held, Site, hashed_as
from tests.crashes.world import Account, Holding
from tests.servers.slapd import Slapd

_LIN: Final = f"{REALM}:localnin:"
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
            if _LOCKED not in held[place] and hashed_as(min(held[place]["userPassword"]), password)
        }


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
        versions=_single(entries, "entryCSN"),
        identities=_single(entries, "entryUUID"),
    )


def _accounts(held: Held) -> Iterable[Account]:
    for lin in held.get("norEduPersonLIN", ()):
        yield Account(lin.removeprefix(_LIN), min(held["uid"]), _LOCKED not in held)


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

"""What the nights are measured against: OpenLDAP's own server, and its own client programs doing the same work."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provision.formats.entry import Attributes
from provision.formats.ldif import read_entries, write_changes
from provision.formats.operations import Add, Mod, Modify, Operation, Remove
from tests.servers.slapd import SUFFIX, Slapd, SlapdOptions

# What an entry takes in the database, with its indices and with room to be changed.
_OCTETS_PER_ENTRY: Final = 40_000
CLIENTS: Final = ("ldapsearch", "ldapadd", "ldapmodify")
_DATABASE: Final = "olcDatabase={2}mdb,cn=config"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a finished program took, in seconds."""

    wall: float
    cpu: float
    code: int


def finished(command: Sequence[str], out: Path, codes: Sequence[int] = (0,)) -> Spent:
    """Runs a program to its end, its output in a file. Fails with the end of that where it ends with another code."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    with out.open("wb") as file:
        began = time.perf_counter()
        running = subprocess.Popen(  # noqa: S603  our own command lines
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**environment, "LANG": "C.UTF-8"},
        )
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - began
    running.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise RuntimeError(f"{command[0]} ended with {code}: {_end_of(out)}")
    return Spent(wall, used.ru_utime + used.ru_stime, code)


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2000))
        return file.read().decode("utf-8", "replace")


@contextmanager
def server(folder: Path, people: int, *, durable: bool) -> Iterator[Slapd]:
    """An empty server as the manual recommends it, with room for so many people, until the end of the context."""
    slapd = Slapd(folder, SlapdOptions(base_entry=False))
    slapd.start()
    try:
        _set(slapd, folder / "size.ldif", "olcDbMaxSize", str(max(2**30, people * _OCTETS_PER_ENTRY)))
        _set(slapd, folder / "sync.ldif", "olcDbNoSync", "FALSE" if durable else "TRUE")
        slapd.restart()  # the size counts from the next start
        yield slapd
    finally:
        slapd.kill()  # its folder goes as well, so nothing need reach the disk any more


def _set(slapd: Slapd, ldif: Path, attribute: str, value: str) -> None:
    ldif.write_text(f"dn: {_DATABASE}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")
    _client("ldapmodify", slapd, "cn=config", "-f", str(ldif), out=ldif.with_suffix(".out"))


def read_all(slapd: Slapd, out: Path) -> Spent:
    """`ldapsearch` reads every entry as the service account does, into a file."""
    return _client("ldapsearch", slapd, slapd.service_dn, *_EVERYTHING, out=out)


def dump(slapd: Slapd, out: Path) -> Path:
    """Everything that the server holds, passwords included, in the order in which it was added."""
    _client("ldapsearch", slapd, slapd.root_dn, *_EVERYTHING, out=out)
    return out


_EVERYTHING: Final = ("-LLL", "-o", "ldif-wrap=no", "-b", SUFFIX, "(objectClass=*)")


def add_all(slapd: Slapd, entries: Path) -> Spent:
    """`ldapadd` adds these entries as the service account."""
    return _client("ldapadd", slapd, slapd.service_dn, "-f", str(entries), out=entries.with_suffix(".out"))


def change_all(slapd: Slapd, changes: Path) -> Spent:
    """`ldapmodify` makes these changes as the service account."""
    return _client("ldapmodify", slapd, slapd.service_dn, "-f", str(changes), out=changes.with_suffix(".out"))


def _client(program: str, slapd: Slapd, dn: str, *more: str, out: Path) -> Spent:
    return finished([program, "-x", "-H", slapd.url, "-D", dn, "-w", slapd.password, *more], out)


def held(entries: Path) -> dict[str, Attributes]:
    with entries.open(encoding="utf-8", errors="surrogateescape") as file:
        return dict(read_entries(file))


def write_difference(before: Mapping[str, Attributes], after: Mapping[str, Attributes], out: Path) -> int:
    """Writes the change records that make one directory of the other; how many there are."""
    operations = list(_operations(before, after))
    with out.open("w", encoding="utf-8", errors="surrogateescape") as file:
        write_changes(file, operations)
    return len(operations)


def _operations(before: Mapping[str, Attributes], after: Mapping[str, Attributes]) -> Iterator[Operation]:
    for dn, attributes in after.items():
        if dn not in before:
            yield Add(dn, attributes)
        elif mods := tuple(_mods(before[dn], attributes)):
            yield Modify(dn, mods)
    yield from (Remove(dn) for dn in before.keys() - after.keys())


def _mods(before: Attributes, after: Attributes) -> Iterator[Mod]:
    """The values that go and those that come, as a night has them."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, frozenset()), after.get(name, frozenset())
        if gone := old - new:
            yield Mod("delete", name, gone)
        if come := new - old:
            yield Mod("add", name, come)

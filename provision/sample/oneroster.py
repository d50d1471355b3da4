"""Writes a municipality as a OneRoster package, school by school, so that memory is bounded by the largest school."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final, TextIO

from provision.formats.oneroster import MANIFEST_FILES, Version, columns
from provision.formats.oneroster_write import write_package
from provision.sample.oneroster_rows import Row, rows, word_1_1
from provision.sample.places import Places, places
from provision.sample.roll import Roll

_SYSTEM: Final = "Hemne SIS"
_USERS_1_1: Final = columns("users", "1.1")
_ORGS: Final = _USERS_1_1.index("orgSourcedIds")
_ROLE: Final = _USERS_1_1.index("role")

# Schools at which somebody has a role besides the one where they are listed, by person and role.
_Elsewhere = defaultdict[tuple[str, str], list[str]]


def write_oneroster(out: BinaryIO, folder: Path, rolls: Iterable[Roll], at: datetime, version: Version) -> None:
    """Writes a whole package to `out`, as of the local time `at`.

    A zip holds one file after another, so the rows wait in temporary files in the folder, which must have room for
    them.
    """
    elsewhere: _Elsewhere = defaultdict(list)
    with ExitStack() as opened:
        spools = {name: opened.enter_context(_spool(folder)) for name in MANIFEST_FILES[version]}
        sessions: set[str] = set()
        for roll in (roll for roll in rolls if roll.groups):  # of a kindergarten version 1.1 says nothing
            here = places(roll)
            _note(roll, here, elsewhere)
            for name, each in rows(roll, here, version).items():
                _keep(spools[name], each if name != "academicSessions" else _new(each, sessions))
        tables = {name: _kept(spool) for name, spool in spools.items()}
        if version == "1.1":
            tables["users"] = _everywhere(tables["users"], elsewhere)
        write_package(out, tables, version, at=at, system_name=_SYSTEM)


def _note(roll: Roll, here: Places, elsewhere: _Elsewhere) -> None:
    """Keeps in mind where guests are; they are listed with the school that they come from."""
    listed = {person.id for person in roll.people}
    for user, each in here.items():
        if user not in listed:
            elsewhere[user, word_1_1(each[0].word)].append(each[0].org)


def _everywhere(users: Iterable[Row], elsewhere: Mapping[tuple[str, str], list[str]]) -> Iterator[Row]:
    """Rows of users of version 1.1 with all the schools of each."""
    for row in users:
        cells = list(row)
        cells[_ORGS] = [*row[_ORGS], *elsewhere.get((str(row[0]), str(row[_ROLE])), ())]
        yield cells


def _new(each: Iterable[Row], seen: set[str]) -> Iterator[Row]:
    for row in each:
        if str(row[0]) not in seen:
            seen.add(str(row[0]))
            yield row


def _keep(spool: TextIO, each: Iterable[Row]) -> None:
    spool.writelines(f"{json.dumps(row)}\n" for row in each)


def _kept(spool: TextIO) -> Iterator[Row]:
    spool.seek(0)
    yield from map(json.loads, spool)


def _spool(folder: Path) -> TextIO:
    return TemporaryFile("w+", encoding="utf-8", newline="\n", dir=folder)

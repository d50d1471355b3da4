"""What the world holds at one moment: every target's content, and what the journal says of it."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.app.sites import Held


class Account(NamedTuple):
    person: str
    username: str
    active: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """What one target holds, by place: a DN, or a file and an id.

    `keys` are the records, as the journal calls them, any of which a change there may be about. Where a target has
    them, `versions` change with each write and `identities` never.
    """

    content: Mapping[str, Held] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journal:
    """What the journal holds; `intents` and `results` are (target, key) as the audit chain has them."""

    names: Mapping[str, str] = field(default_factory=dict)
    intents: frozenset[tuple[str, str]] = frozenset()
    results: frozenset[tuple[str, str]] = frozenset()
    intended: int = 0  # changes without an answer
    runs: tuple[tuple[str, int | None], ...] = ()  # status and exit code, the latest last


@dataclass(frozen=True, slots=True)
class World:
    targets: Mapping[str, Holding]
    journal: Journal
    status: Mapping[str, Any] = field(default_factory=dict)  # what `status --json` says


def read_journal(file: Path) -> Journal:
    """From a copy, with whatever lies beside it: the next run is to find the journal as it was left."""
    if not file.exists():
        return Journal()
    with tempfile.TemporaryDirectory() as folder:
        for path in file.parent.glob(f"{file.name}*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / file.name)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
                return Journal()
            return _journal(connection)


def _journal(connection: sqlite3.Connection) -> Journal:
    records = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit ORDER BY seq")]
    (intended,) = connection.execute("SELECT count(*) FROM change WHERE status = 'intended'").fetchone()
    return Journal(
        names=dict(connection.execute("SELECT name, sourced_id FROM username").fetchall()),
        intents=_named(records, "intend"),
        results=_named(records, "settle"),
        intended=intended,
        runs=tuple(connection.execute("SELECT status, exit_code FROM run ORDER BY rowid").fetchall()),
    )


def _named(records: Iterable[Mapping[str, Any]], event: str) -> frozenset[tuple[str, str]]:
    return frozenset((each["target"], each["key"]) for each in records if each["event"] == event)

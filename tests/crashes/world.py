"""What the world holds at one moment: every target's content, and what the journal says of it."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
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
    """What the journal holds: usernames by whose they are, `intents` (target and key) in the order of the audit chain.

    `evidence` is what later nights go by: who was seen when, and since when who is locked out. `intended` are changes
    without an answer.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    intents: tuple[tuple[str, str], ...] = ()
    evidence: frozenset[tuple[object, ...]] = frozenset()
    intended: int = 0


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
    def rows(query: str) -> list[Any]:
        return connection.execute(query).fetchall()

    records = [json.loads(body) for (body,) in rows("SELECT body FROM audit ORDER BY seq")]
    return Journal(
        names=dict(rows("SELECT name, sourced_id FROM username")),
        intents=tuple((each["target"], each["key"]) for each in records if each["event"] == "intend"),
        evidence=frozenset(rows("SELECT * FROM sighting") + rows("SELECT * FROM account_state")),
        intended=rows("SELECT count(*) FROM change WHERE status = 'intended'")[0][0],
    )

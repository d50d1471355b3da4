"""Brings a journal to the schema we know, once, and refuses one that is newer or was begun with another secret."""

import fcntl
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select
from sqlalchemy.engine import Connection

from provision.errors import ConfigurationError
from provision.journal.store import Store
from provision.journal.tables import META

HEAD: Final = "0008"

_VERSION: Final = Table("alembic_version", MetaData(), Column("version_num", String))
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def prepare(store: Store) -> None:
    """The schema is the latest and the secret is the one it was begun with. Raises ConfigurationError."""
    with _alone(store.file):
        with store.read() as connection:
            version = _version(connection)
        if version != HEAD:
            with store.write() as connection:
                _migrate(connection, version, store.place)
        with store.write() as connection:
            _check_secret(connection, store)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table(_VERSION.name):
        return ""
    return connection.scalar(select(_VERSION.c.version_num)) or ""


def _migrate(connection: Connection, version: str, place: str) -> None:
    """All steps in the caller's transaction: cut short anywhere, they have not happened."""
    from alembic import command, config, script  # noqa: PLC0415  a third of a second, needed once per step

    settings = config.Config()
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    known = {step.revision for step in script.ScriptDirectory.from_config(settings).walk_revisions()}
    if version and version not in known:
        fault = f"journal {place}: it has schema {version}, newer than the {HEAD} known here; install the newer version"
        raise ConfigurationError([fault])
    command.upgrade(settings, "head")


def _check_secret(connection: Connection, store: Store) -> None:
    expected = hmac.new(store.secret, b"the key of this journal", "sha256").hexdigest()
    stored = connection.scalar(select(META.c.value).where(META.c.name == "key_check"))
    if stored is None:
        connection.execute(insert(META), {"name": "key_check", "value": expected})
    elif not hmac.compare_digest(stored, expected):
        fault = (
            f"journal {store.place}: it was begun with another secret; put that secret back (it is not in the journal)"
        )
        raise ConfigurationError([fault])


@contextmanager
def _alone(file: Path | None) -> Iterator[None]:
    """Of several processes that open one new journal, one makes it and the others wait."""
    if file is None:
        yield
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)

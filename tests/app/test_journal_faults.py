"""The journal on a full, locked, read-only or foreign disk, cut short while it is made, older or newer than we are."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from provision.core.history import Sighting
from provision.core.outcome import Result, Status
from provision.core.state import Key, Kind
from provision.errors import AlreadyRunning, ConfigurationError, JournalError
from provision.journal import Journal, Lease, open_journal
from provision.journal.schema import _MIGRATIONS, HEAD
from provision.journal.tables import METADATA
from tests import builders
from tests.app.journals import (
    NIGHT,
    PRELUDE,
    REPOSITORY,
    SECRET,
    Clock,
    a_hold,
    another_process,
    begun,
    database,
    on_both,
    opened,
    url,
)

MANY = 400
CHANGES = [builders.create(builders.a_pupil(number)) for number in range(MANY)]
LONG = "x" * 200_000


def _sightings(number: int) -> dict[Key, Sighting]:
    return {Key(Kind.ACCOUNT, str(each)): Sighting(NIGHT) for each in range(number)}


# Each is a commit of the journal that needs room.
COMMITS: dict[str, Callable[[Journal, Lease, str], object]] = {
    "begin": lambda journal, lease, _: journal.begin(LONG, "run", NIGHT, lease),
    "finish": lambda journal, _, run: journal.finish(run, 0, {"text": LONG}),
    "intend": lambda journal, lease, run: journal.intend(run, "feide", CHANGES, lease),
    "settle": lambda journal, _, run: journal.settle(
        run, "lms", [Result(c, Status.REJECTED, LONG) for c in CHANGES[:5]]
    ),
    "remember": lambda journal, *_: journal.remember(_sightings(9000), {}),
    "note_disabled": lambda journal, *_: journal.note_disabled("feide", dict.fromkeys(_sightings(9000), NIGHT)),
    "reserve": lambda journal, *_: journal.reserve({f"name{number}": "p1" for number in range(9000)}),
    "save_holds": lambda journal, _, run: journal.save_holds(run, "lms", [a_hold(LONG)]),
    "approve": lambda journal, *_: journal.approve("H-0a1b2c3d", "rektor", LONG, Clock().now + timedelta(days=1)),
    "decide": lambda journal, *_: journal.decide("account:p1", LONG, "ikt"),
}


def content(folder: Path) -> list[str]:
    """Every row of every table, as another program sees it."""
    connection = sqlite3.connect(database(folder))
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def prepared(journal: Journal, lease: Lease) -> str:
    run = begun(journal, lease)
    journal.intend(run, "lms", CHANGES[:5], lease)
    journal.save_holds(run, "feide", [a_hold()])
    journal.reserve({"karnor": "p1"})
    return run


def pragma(journal: Journal, text: str) -> int:
    with journal._store.engine.connect() as connection:
        answer = connection.exec_driver_sql(f"PRAGMA {text}")
        return int(answer.scalar_one()) if answer.returns_rows else 0


@pytest.mark.parametrize("commit", COMMITS.values(), ids=COMMITS)
def test_a_full_disk_stops_the_commit_whole_and_space_mends_it(
    tmp_path: Path, commit: Callable[[Journal, Lease, str], object]
) -> None:
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        run = prepared(journal, lease)
        pragma(journal, f"max_page_count={pragma(journal, 'page_count')}")
        before = content(tmp_path)
        with pytest.raises(JournalError, match=r"journal /.*journal\.db: the disk is full; free some space"):
            commit(journal, lease, run)
        assert content(tmp_path) == before
        pragma(journal, "max_page_count=1000000")
        commit(journal, lease, run)
        assert content(tmp_path) != before
        assert journal.verify_audit() is None


def test_no_message_holds_what_was_to_be_written(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        pragma(journal, f"max_page_count={pragma(journal, 'page_count')}")
        with pytest.raises(JournalError) as refused:
            journal.reserve({f"karnor{number}": "p1" for number in range(9000)})
    assert "karnor" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_locked_journal_is_waited_for_and_then_named(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        other = sqlite3.connect(database(tmp_path), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program has it locked"):
            journal.reserve({"karnor": "p1"})
        assert journal.usernames() == {}
        other.execute("ROLLBACK")
        other.close()
        journal.reserve({"karnor": "p1"})


@on_both
def test_reading_goes_on_while_another_writes(tmp_path: Path) -> None:
    with opened(tmp_path) as writer, opened(tmp_path) as reader:
        with writer._store.write() as connection:
            connection.exec_driver_sql("INSERT INTO decision VALUES ('a', 'b', 'c', 'd')")
            assert reader.decisions() == {}
        assert reader.decisions() == {"a": "b"}


@on_both
def test_who_is_about_to_write_keeps_others_from_writing_before_the_first_word(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path) as other:
        with one._store.write(), pytest.raises(JournalError, match="locked"):
            other.reserve({"karnor": "p1"})
        other.reserve({"karnor": "p1"})


def test_a_journal_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        pragma(journal, "query_only=ON")
        with pytest.raises(JournalError, match="may not be written; give the user"):
            journal.reserve({"karnor": "p1"})


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, no folder")
    with pytest.raises(JournalError, match=r"journal /.*/var/journal\.db: it cannot be made"):
        opened(tmp_path)


def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    database(tmp_path).write_text("Kari Nordmann;17.08.1970\n" * 200)
    with pytest.raises(JournalError, match="not a journal, or is damaged"):
        opened(tmp_path)
    assert database(tmp_path).read_text() == "Kari Nordmann;17.08.1970\n" * 200


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("var/journal.db", "is no database URL; write sqlite:////"),
        ("sqlite://", "a file is needed"),
        ("sqlite:///:memory:", "a file is needed"),
        ("oracle9://host/journal", "its driver is not installed"),
    ],
)
def test_an_address_that_cannot_be_is_a_fault_of_the_configuration(address: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        open_journal(address, SECRET, Clock())


@on_both
def test_another_secret_is_refused_and_none_too(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(ConfigurationError, match="begun with another secret"):
        open_journal(url(tmp_path), b"another", Clock())
    with pytest.raises(ConfigurationError, match="secret is empty"):
        open_journal(url(tmp_path), b"", Clock())
    opened(tmp_path).close()


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(database(tmp_path))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = content(tmp_path)
    with pytest.raises(ConfigurationError, match=f"has schema 9999, newer than the {HEAD} known here"):
        opened(tmp_path)
    assert content(tmp_path) == before


@on_both
def test_the_migrations_lead_to_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal._store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


DIES_WHILE_MIGRATING = (
    """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
left = int(sys.argv[3])
@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    global left
    if statement.lstrip().startswith(("CREATE", "INSERT")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
"""
    + PRELUDE
)


@pytest.mark.parametrize("statement", [1, 9, 20])
def test_a_migration_killed_half_way_is_completed_by_the_next_start(tmp_path: Path, statement: int) -> None:
    arguments = [sys.executable, "-c", DIES_WHILE_MIGRATING, url(tmp_path), SECRET.decode(), str(statement)]
    assert subprocess.run(arguments, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        begun(journal, lease)
        assert journal.verify_audit() is None


def test_two_that_open_a_new_journal_at_once_both_get_it(tmp_path: Path) -> None:
    script = PRELUDE.replace("journal = ", "pause()\njournal = ") + "print(journal.verify_audit(), flush=True)"
    arguments = [sys.executable, "-c", script, url(tmp_path), SECRET.decode()]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(arguments, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[0] for process in both] == ["None\n", "None\n"]


KILLED_BETWEEN = """
lease = journal.lease("nightly")
run = journal.begin("nightly", "run", date(2026, 11, 23), lease)
journal.reserve({"karnor": "p1"})
with journal._store.write() as connection:
    connection.exec_driver_sql("INSERT INTO username VALUES ('olanor', 'p2', '')")
    pause()
"""


def test_what_returned_is_kept_and_what_did_not_is_gone_after_a_kill(tmp_path: Path) -> None:
    with another_process(tmp_path, KILLED_BETWEEN):
        pass
    with opened(tmp_path) as journal:
        assert journal.usernames() == {"karnor": "p1"}
        with journal.lease("nightly") as lease:
            begun(journal, lease)


def test_a_journal_restored_from_yesterday_still_knows_its_names_and_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        prepared(journal, lease)
    backup = tmp_path / "backup.db"
    shutil.copy(database(tmp_path), backup)
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        run = begun(journal, lease)
        journal.reserve({"olanor": "p2"})
        head = journal.finish(run, 0, {})
    shutil.copy(backup, database(tmp_path))
    with opened(tmp_path) as journal:
        assert journal.usernames() == {"karnor": "p1"}
        assert journal.verify_audit() is None
        assert "were cut off" in str(journal.verify_audit(head))
        with journal.lease("nightly") as lease:
            begun(journal, lease)


def test_a_journal_copied_while_it_was_leased_is_free_elsewhere(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal.lease("nightly"):
        elsewhere = tmp_path / "elsewhere"
        connection = sqlite3.connect(database(tmp_path))
        (elsewhere / "var").mkdir(parents=True)
        connection.execute("VACUUM INTO ?", (str(database(elsewhere)),))
        connection.close()
        with opened(elsewhere) as copy, copy.lease("nightly") as lease:
            assert lease.fence == 2
        with pytest.raises(AlreadyRunning):
            journal.lease("nightly")


def test_a_wide_open_journal_is_closed_to_others(tmp_path: Path) -> None:
    opened(tmp_path).close()
    database(tmp_path).chmod(0o644)
    opened(tmp_path).close()
    assert database(tmp_path).stat().st_mode & 0o777 == 0o600


def test_the_disk_is_asked_to_keep_every_commit(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal._store.engine.connect() as connection:
        asked = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert asked == ["wal", 2, 1]

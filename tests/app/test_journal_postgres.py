"""A journal that several hosts share on a server: what is special about that, with a real PostgreSQL."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import pytest
from sqlalchemy import make_url, text

from provision.core.scope import Extent, Scope, Shown
from provision.core.words import Measure
from provision.errors import AlreadyRunning, ConfigurationError, JournalError, UsageError
from provision.journal import Journal, open_journal
from provision.journal.asked import Wish
from provision.journal.schema import HEAD
from tests import builders, canaries
from tests.app.journals import (
    REPOSITORY,
    SECRET,
    Clock,
    Served,
    another_process,
    begun,
    execute,
    on_a_server,
    opened,
    url,
    written,
)
from tests.app.test_journal_faults import DIES_WHILE_MIGRATING
from tests.app.test_journal_lease import HOLDS_THE_LEASE, answer
from tests.servers.postgres import Postgres

AT_ONCE: Final = 6
Answer = TypeVar("Answer")
SLOT: Final = ("nightly", "sync", "2026-11-23T02:30")

STANDS_STILL = """
from provision.errors import JournalError
try:
    with journal._store.write() as connection:
        connection.exec_driver_sql("INSERT INTO username VALUES ('olanor', 'p2', '')")
        pause()
    print("wrote", flush=True)
except JournalError as error:
    print(error, flush=True)
"""


@pytest.fixture
def empty(tmp_path: Path, postgres: Postgres) -> Iterator[Served]:
    """The journal of this test's folder is a database in which nothing was made yet."""
    with on_a_server(tmp_path, postgres, "template1") as served:
        yield served


@pytest.fixture
def shared(tmp_path: Path, served_journal: Served) -> Path:
    """A folder whose journal is on the server."""
    assert served_journal.url == url(tmp_path)
    return tmp_path


def at_once(folder: Path, ask: Callable[[int, Journal], Answer]) -> list[Answer]:
    """What so many get who ask at the same time, each with a journal of their own."""

    def one(number: int) -> Answer:
        with patient(folder) as journal:
            return ask(number, journal)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def patient(folder: Path) -> Journal:
    """The journal as a site has it, which waits for its turn."""
    return open_journal(url(folder).partition("&options")[0], SECRET, Clock())


def reserved(name: str, number: int, journal: Journal) -> bool:
    try:
        journal.reserve({name: f"p{number}"})
    except JournalError as error:
        if "was given to" not in str(error):
            raise
        return False
    return True


@contextmanager
def cut(server: Postgres, how: Callable[[], None]) -> Iterator[None]:
    """The server ends now, and is up again afterwards."""
    how()
    try:
        yield
    finally:
        server.start()


def cut_in_the_middle(journal: Journal, server: Postgres, how: Callable[[Postgres], None]) -> None:
    """The server ends between two rows of one transaction."""
    with journal._store.write() as connection:
        connection.execute(text("INSERT INTO username VALUES ('olanor', 'p2', '')"))
        with cut(server, partial(how, server)):
            connection.execute(text("INSERT INTO username VALUES ('karnor', 'p1', '')"))


@pytest.mark.parametrize("statement", [1, 9, 20])
@pytest.mark.usefixtures("empty")
def test_a_migration_killed_half_way_is_completed_by_the_next_start(tmp_path: Path, statement: int) -> None:
    arguments = [sys.executable, "-c", DIES_WHILE_MIGRATING, url(tmp_path), SECRET.decode(), str(statement)]
    assert subprocess.run(arguments, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    with patient(tmp_path) as journal, journal.lease("nightly") as lease:
        begun(journal, lease)
        assert journal.verify_audit() is None


@pytest.mark.usefixtures("empty")
def test_all_that_open_a_new_journal_at_once_get_it(tmp_path: Path) -> None:
    assert at_once(tmp_path, lambda _, journal: journal.verify_audit()) == [None] * AT_ONCE


def test_a_newer_schema_is_refused_and_left_alone(shared: Path) -> None:
    execute(shared, "UPDATE alembic_version SET version_num = '9999'")
    before = written(shared)
    with pytest.raises(ConfigurationError, match=f"has schema 9999, newer than the {HEAD} known here"):
        opened(shared)
    assert written(shared) == before


def test_one_name_wanted_by_many_at_once_is_given_to_one(shared: Path) -> None:
    for name in ("karnor", "olanor", "åse"):
        assert sum(at_once(shared, partial(reserved, name))) == 1
    with opened(shared) as journal:
        assert len(journal.usernames()) == 3
        assert journal.verify_audit() is None


def test_one_slot_wanted_by_many_at_once_is_claimed_by_one(shared: Path) -> None:
    turns = at_once(shared, lambda number, journal: journal.slots().claim(*SLOT, f"service {number}", None, 300))
    assert sum(turn is not None for turn in turns) == 1


def test_one_lease_wanted_by_many_at_once_is_taken_by_one(shared: Path) -> None:
    def take(number: int, journal: Journal) -> int:
        try:
            return journal.lease(f"service {number}").fence
        except AlreadyRunning:
            return 0

    assert sorted(at_once(shared, take)) == [0] * (AT_ONCE - 1) + [1]


def test_what_many_write_at_once_is_one_chain_and_the_latest_word_counts(shared: Path) -> None:
    def write(number: int, journal: Journal) -> None:
        for _ in range(5):
            journal.decide("account:p1", f"verdict {number}", "ikt")
            journal.say(Measure.PROTECT, "p1", begins=True, by=f"{number}", reason="")
            journal.progress().note("nightly", "apply", number, AT_ONCE)

    at_once(shared, write)
    with opened(shared) as journal:
        assert journal.verify_audit() is None
        assert journal.audit_head().startswith(f"{AT_ONCE * 10}:")
        assert journal.decisions().keys() == {"account:p1"}


def test_what_is_read_is_of_one_moment(shared: Path) -> None:
    count = text("SELECT count(*) FROM username")
    with opened(shared) as reader, opened(shared) as writer:
        with reader._store.read() as connection:
            assert connection.scalar(count) == 0
            writer.reserve({"karnor": "p1"})
            assert connection.scalar(count) == 0
        assert reader.usernames() == {"karnor": "p1"}


def test_a_process_killed_on_this_host_is_replaced_at_once_and_its_work_is_found(shared: Path) -> None:
    with opened(shared) as journal:
        with another_process(shared, HOLDS_THE_LEASE) as process:
            assert [row.status for row in journal.runs()] == ["running"]
            with pytest.raises(AlreadyRunning, match="the other one"):
                journal.lease("nightly")
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert [row.status for row in journal.runs()] == ["died"]
        with journal.lease("nightly") as lease:
            assert lease.fence == 2
            run = begun(journal, lease)
            assert {row.id: row.status for row in journal.runs()}[run] == "running"
        assert journal.open_intents() == 0


def test_a_process_killed_on_another_host_is_replaced_when_its_lease_is_over(shared: Path) -> None:
    clock = Clock()
    with opened(shared, clock) as journal:
        with another_process(shared, HOLDS_THE_LEASE):
            execute(shared, "UPDATE lease SET host = 'another'")
        clock.pass_(minutes=14)
        assert [row.status for row in journal.runs()] == ["running"]
        with pytest.raises(AlreadyRunning, match="on another"):
            journal.lease("nightly")
        clock.pass_(minutes=2)
        assert [row.status for row in journal.runs()] == ["died"]
        with journal.lease("nightly") as lease:
            assert lease.fence == 2


def test_of_many_who_ask_at_once_one_waits_and_one_is_begun(shared: Path) -> None:
    def ask(number: int, journal: Journal) -> bool:
        wish = Wish("nightly", Scope(Extent.PERSON, f"p{number}"), f"it{number}", "", Shown(frozenset()))
        try:
            journal.asking().ask(wish)
        except UsageError:
            return False
        return True

    assert sum(at_once(shared, ask)) == 1
    taken = at_once(shared, lambda number, journal: journal.asking().next(f"service {number}", 300))
    assert sum(each is not None for each in taken) == 1


def test_who_stands_still_in_the_middle_of_writing_keeps_others_for_a_while_and_writes_nothing(
    shared: Path, served_journal: Served
) -> None:
    short = served_journal.server.url(served_journal.database, idle_in_transaction_session_timeout="1000")
    with opened(shared) as hasty, patient(shared) as journal, another_process(shared, STANDS_STILL, short) as process:
        with pytest.raises(JournalError, match="another program has it locked"):
            hasty.reserve({"karnor": "p1"})
        journal.reserve({"karnor": "p1"})
        assert answer(process).endswith("run again")
        assert journal.usernames() == {"karnor": "p1"}


@pytest.mark.parametrize("how", [Postgres.stop, Postgres.crash], ids=["stopped", "crashed"])
def test_a_server_restarted_in_the_middle_leaves_no_half_commit_and_is_found_again(
    shared: Path, postgres: Postgres, how: Callable[[Postgres], None]
) -> None:
    changes = [builders.create(builders.a_pupil(number)) for number in range(3)]
    with opened(shared) as journal, journal.lease("nightly") as lease:
        run = begun(journal, lease)
        head = journal.audit_head()
        with pytest.raises(JournalError, match="run again"):
            cut_in_the_middle(journal, postgres, how)
        assert journal.usernames() == {}
        journal.intend(run, "feide", changes, lease)
        assert journal.open_intents() == len(changes)
        assert journal.verify_audit(head) is None


def test_a_server_that_is_away_is_named_without_the_password(shared: Path, postgres: Postgres) -> None:
    address = make_url(url(shared)).set(password=canaries.PASSWORD).render_as_string(hide_password=False)
    with open_journal(address, SECRET, Clock()) as journal:
        with cut(postgres, postgres.stop), pytest.raises(JournalError, match="see that it is up") as refused:
            journal.reserve({"karnor": "p1"})
        journal.reserve({"karnor": "p1"})
    assert canaries.PASSWORD not in str(refused.value)
    assert "karnor" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ("ALTER DATABASE {} SET default_transaction_read_only = on", "may not be written, being a standby"),
        ("ALTER DATABASE {} SET role = pg_monitor", "let the user in the address own"),
        ("ALTER DATABASE {} ALLOW_CONNECTIONS false", "see that it is up"),
    ],
    ids=["read only", "no rights", "closed"],
)
def test_what_the_server_refuses_is_told_with_what_to_do(
    shared: Path, served_journal: Served, change: str, advice: str
) -> None:
    served_journal.server.execute(change.format(served_journal.database))
    with pytest.raises(JournalError, match=advice), opened(shared) as journal:
        journal.reserve({"karnor": "p1"})


def test_a_copy_made_by_pg_dump_is_a_journal_and_lacks_what_came_after(shared: Path, postgres: Postgres) -> None:
    with opened(shared) as journal, journal.lease("nightly") as lease:
        begun(journal, lease)
        journal.reserve({"karnor": "p1"})
        copy = postgres.restore(written(shared))
        journal.reserve({"olanor": "p2"})
        head = journal.audit_head()
    with open_journal(postgres.url(copy), SECRET, Clock()) as journal:
        assert journal.usernames() == {"karnor": "p1"}
        assert journal.verify_audit() is None
        assert "were cut off" in str(journal.verify_audit(head))
    postgres.drop(copy)


def test_an_address_without_a_driver_gets_the_one_that_is_installed(shared: Path) -> None:
    with open_journal(url(shared).replace("postgresql+psycopg", "postgresql"), SECRET, Clock()) as journal:
        assert journal.usernames() == {}


def test_a_missing_driver_is_told_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match='install the extra "postgres"'):
        open_journal("postgresql://journal@localhost/journal", SECRET, Clock())

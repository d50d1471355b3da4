"""Two services on one PostgreSQL journal, as on two hosts: one does it, and when that one is gone or stands still, the
other; each slot is done once.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import create_engine, text

from provision.journal import Journal
from provision.journal.lease import CHECKED_FOR
from provision.wiring import open_journal_of, open_place
from tests.app.sites import copy, without_lms
from tests.servers.postgres import Postgres
from tests.service.killing import Heard, World, begun_by, directories, kill, missed_night, wanted_since_long
from tests.service.test_serve import serving, turns

PUPILS: Final = 250
PAUSE: Final = CHECKED_FOR.total_seconds()
# As on another host, a quarter of an hour later.
PAST: Final = "SET host = 'another', expires = '2000-01-01T00:00:00.000000+00:00'"
AT_WORK: Final = 20  # entries are written by now, and many are not

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which processes a service began")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def address(postgres: Postgres) -> str:
    return postgres.url(postgres.new())


@pytest.fixture
def hosts(tmp_path: Path, address: str) -> Iterator[tuple[World, Path]]:
    """A site whose night was missed, its directory, and the same site's folder on another host."""
    night = missed_night(tmp_path / "site", PUPILS)
    without_lms(night)
    night.append(".env", f'JOURNAL_URL="{address}"')
    wanted_since_long(night)
    with directories(tmp_path, [night]) as (world,):
        yield world, copy(world.site, tmp_path / "other").folder


def journal_of(world: World) -> Journal:
    return open_journal_of(open_place(world.site.folder, "nightly"))


def execute(address: str, *statements: str) -> list[int]:
    """As somebody who is not the program; the one number of each answer."""
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            found = [connection.execute(text(each)) for each in statements]
            return [each.scalar_one() if each.returns_rows else each.rowcount for each in found]
    finally:
        engine.dispose()


def until_written(world: World, heard: Heard) -> None:
    heard.wait_for("begun")
    while world.count() < AT_WORK:
        heard.must_not_say("ended with")


def all_is_well(world: World) -> None:
    """The night is done, once, by a run that came to its end."""
    with journal_of(world) as journal:
        assert [run.exit_code for run in journal.runs()].count(0) == 1
        assert journal.open_intents() == 0
        assert journal.verify_audit() is None
    (done,) = turns(world.site.folder)
    assert (done.exit_code, done.attempts) == (0, 2)
    assert world.site.cli("verify", "--json").code == 0


def test_when_one_is_killed_the_other_ends_its_night_at_once(hosts: tuple[World, Path]) -> None:
    world, elsewhere = hosts
    with serving(world.site.folder) as one:
        heard = Heard(one)
        until_written(world, heard)
        with serving(elsewhere) as other:
            second = Heard(other)
            kill(one, with_its_command=True)
            second.wait_for("ended with exit code 0")
    all_is_well(world)


def test_one_that_stood_still_past_its_lease_writes_nothing_more_when_it_wakes(
    hosts: tuple[World, Path], address: str
) -> None:
    world, elsewhere = hosts
    with serving(world.site.folder) as one:
        heard = Heard(one)
        until_written(world, heard)
        asleep = [*begun_by(one.pid), one.pid]
        put_to_sleep(asleep, address)
        written = world.count()
        execute(address, f"UPDATE lease {PAST}", f"UPDATE slot {PAST} WHERE ended IS NULL")
        with serving(elsewhere) as other:
            Heard(other).wait_for("ended with exit code 0")
            assert written < world.count(), "it was in the middle of it"
            before = world.slapd.entries("", ("*", "+"))
            wake(asleep)
            heard.wait_for("another run took over this site")
            heard.wait_for("another service has taken it over")
            assert dict(world.slapd.entries("", ("*", "+"))) == dict(before)
    all_is_well(world)


def test_not_even_the_rest_of_what_was_permitted_is_written_by_one_that_stood_still(
    hosts: tuple[World, Path], address: str
) -> None:
    world, _ = hosts
    with serving(world.site.folder) as one:
        heard = Heard(one)
        until_written(world, heard)
        asleep = begun_by(one.pid)
        put_to_sleep(asleep, address)
        execute(address, "UPDATE lease SET fence = fence + 1, owner = 'another'")
        time.sleep(PAUSE)
        written = world.count()
        wake(asleep)
        heard.wait_for("another run took over this site")
        heard.wait_for("ended with exit code 8")
        assert world.count() <= written + 1, "at most the one that it was about to send"


def put_to_sleep(pids: list[int], address: str) -> None:
    """All of them, at a moment at which none holds up the journal."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while True:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        if execute(address, f"{busy} AND state <> 'idle'") == [0]:
            return
        wake(pids)
        time.sleep(0.01)


def wake(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGCONT)

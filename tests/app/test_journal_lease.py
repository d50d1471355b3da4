"""Two runs never write at once, and a run that lost its lease writes no more; with real processes."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from provision.errors import AlreadyRunning
from provision.journal import open_journal
from tests import builders
from tests.app.journals import SECRET, Clock, another_process, begun, database, execute, on_both, opened, url

HOLDS_THE_LEASE = """
lease = journal.lease("the other one")
run = journal.begin("nightly", "run", date(2026, 11, 23), lease)
journal.intend(run, "feide", [builders.create(builders.a_pupil(1))], lease)
pause()
"""

WRITES_WHEN_TOLD = (
    HOLDS_THE_LEASE
    + """
from provision.errors import AlreadyRunning
try:
    journal.intend(run, "feide", [builders.create(builders.a_pupil(2))], lease)
    print("wrote", flush=True)
except AlreadyRunning as error:
    print(error, flush=True)
"""
)


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@on_both
def test_a_second_run_is_told_who_runs(tmp_path: Path) -> None:
    told = rf"nightly by root \(process {os.getpid()} on .*since 2026-11-23 00:15"
    with (
        opened(tmp_path) as one,
        opened(tmp_path) as other,
        one.lease("nightly by root"),
        pytest.raises(AlreadyRunning, match=told),
    ):
        other.lease("nightly")


@on_both
def test_a_lease_given_back_is_free_and_the_fence_grows_by_one(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        fences = []
        for _ in range(3):
            with journal.lease("nightly") as lease:
                fences.append(lease.fence)
    assert fences == [1, 2, 3]


@on_both
def test_a_lease_given_back_after_an_error_is_free_too(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        with pytest.raises(ZeroDivisionError), journal.lease("nightly"):
            raise ZeroDivisionError
        with journal.lease("nightly") as lease:
            assert lease.fence == 2


@on_both
def test_a_living_process_keeps_its_lease(tmp_path: Path) -> None:
    with another_process(tmp_path, HOLDS_THE_LEASE) as process, opened(tmp_path) as journal:
        told = rf"the other one \(process {process.pid} "
        with pytest.raises(AlreadyRunning, match=told):
            journal.lease("nightly")


def test_a_killed_process_is_replaced_at_once_and_its_work_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        with another_process(tmp_path, HOLDS_THE_LEASE) as process:
            assert journal.open_intents() == 1
            assert [row.status for row in journal.runs()] == ["running"]
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert [row.status for row in journal.runs()] == ["died"]
        with journal.lease("nightly") as lease:
            assert lease.fence == 2
            begun(journal, lease)
            assert [row.status for row in journal.runs()].count("died") == 1
        assert journal.open_intents() == 0


@on_both
def test_a_process_that_slept_past_its_lease_writes_no_more(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, another_process(tmp_path, WRITES_WHEN_TOLD) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(AlreadyRunning):
            journal.lease("nightly")
        clock.pass_(minutes=16)
        with journal.lease("nightly") as lease:
            run = begun(journal, lease)
            process.send_signal(signal.SIGCONT)
            assert answer(process).startswith("another run took over")
            journal.intend(run, "feide", [builders.create(builders.a_pupil(3))], lease)
        assert journal.last_changes(builders.a_pupil(2).key) == []
        assert journal.last_changes(builders.a_pupil(3).key) != []


@on_both
def test_who_took_over_from_a_sleeper_is_not_taken_for_dead_when_the_sleeper_dies(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, opened(tmp_path, clock) as third:
        with another_process(tmp_path, WRITES_WHEN_TOLD) as sleeper:
            clock.pass_(minutes=16)
            lease = journal.lease("nightly")
        assert sleeper.poll() is not None
        with lease, pytest.raises(AlreadyRunning, match="nightly"):
            third.lease("resync")


@on_both
def test_checking_a_lease_keeps_it(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, opened(tmp_path, clock) as other, journal.lease("nightly", 60) as lease:
        for _ in range(5):
            clock.pass_(seconds=50)
            lease.check()
            with pytest.raises(AlreadyRunning):
                other.lease("resync")


@on_both
def test_a_stale_fence_is_refused_everywhere_and_giving_it_back_frees_nothing(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal:
        stale = journal.lease("nightly", 60)
        run = begun(journal, stale)
        clock.pass_(seconds=61)
        with journal.lease("resync") as lease:
            for attempt in (
                stale.check,
                lambda: begun(journal, stale),
                lambda: journal.intend(run, "feide", [builders.create(builders.a_pupil())], stale),
            ):
                with pytest.raises(AlreadyRunning, match="took over"):
                    attempt()
            stale.release()
            lease.check()
        assert journal.last_changes(builders.a_pupil().key) == []
        assert len(journal.runs()) == 1


def test_the_lock_lies_beside_the_journal_for_its_owner_only(tmp_path: Path) -> None:
    with open_journal(url(tmp_path), SECRET, Clock()) as journal, journal.lease("nightly"):
        assert {file.stat().st_mode & 0o777 for file in database(tmp_path).parent.iterdir()} == {0o600}
        assert database(tmp_path).parent.stat().st_mode & 0o777 == 0o700


@on_both
def test_a_holder_that_stood_still_is_told_before_its_next_write_and_not_only_before_its_next_batch(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, journal.lease("nightly") as lease:
        clock.pass_(seconds=4)
        execute(tmp_path, "UPDATE lease SET fence = 2, owner = 'another'")
        lease.keep()  # it is not asked again after so short a time
        clock.pass_(minutes=16)
        with pytest.raises(AlreadyRunning, match="took over"):
            lease.keep()


@on_both
def test_a_slow_write_does_not_lose_the_lease_that_is_kept_meanwhile(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, opened(tmp_path, clock) as other, journal.lease("nightly", 60) as lease:
        for _ in range(20):
            clock.pass_(seconds=50)
            lease.keep()
        with pytest.raises(AlreadyRunning):
            other.lease("resync")
        clock.pass_(hours=-2)
        lease.keep()

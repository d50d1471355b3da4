"""A process that holds something is told apart from all others, also where names and numbers are the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provision.errors import AlreadyRunning
from provision.journal.processes import is_gone, is_here, name_of, place, this_process
from tests.app.journals import Clock, begun, execute, on_both, opened


def of(name: str = "", where: str = "", began: str = "") -> str:
    """This process with something else about it."""
    mine = this_process().split("/")
    return "/".join(other or own for other, own in zip((name, where, began), mine, strict=True))


def test_this_process_is_here_and_there() -> None:
    assert is_here(this_process())
    assert not is_gone(this_process(), os.getpid())
    assert name_of(this_process()) == os.uname().nodename


def test_one_that_has_ended_is_gone() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_gone(this_process(), ended.pid)


def test_its_number_is_no_proof_once_another_process_has_it() -> None:
    assert is_gone(of(began="1"), os.getpid())


def test_of_another_host_or_container_nobody_knows_what_is_gone() -> None:
    for host in (of(name="elsewhere"), of(where="another-container"), "elsewhere", ""):
        assert not is_here(host)
        assert not is_gone(host, os.getpid())
        assert not is_gone(host, 2**22 + 1)


def test_where_it_cannot_be_read_when_it_began_its_number_must_do() -> None:
    host = f"{this_process().rpartition('/')[0]}/"
    assert is_here(host)
    assert not is_gone(host, os.getpid())
    assert is_gone(host, 2**22 + 1)


def test_places_differ_by_machine_and_by_space_and_one_is_enough(tmp_path: Path) -> None:
    none, one, other = tmp_path / "none", tmp_path / "one", tmp_path / "other"
    one.write_text("1\n")
    other.write_text("2\n")
    (tmp_path / "empty").touch()
    assert len({place(), place(one), place(other), ""}) == 4
    assert place(none) == place() == place(tmp_path / "empty")
    assert place(none, one) == place(one) == place(one, other)


@on_both
def test_a_run_is_not_taken_for_one_at_work_because_its_number_came_again(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        begun(journal, lease)
        assert [run.status for run in journal.runs()] == ["running"]
        execute(tmp_path, "UPDATE lease SET host = :host", host=of(began="1"))
        assert [run.status for run in journal.runs()] == ["died"]


@on_both
def test_what_a_container_of_the_same_name_holds_is_its_own_until_it_runs_out(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal, opened(tmp_path, clock) as other:
        begun(journal, journal.lease("nightly", 60))
        execute(tmp_path, "UPDATE lease SET host = :host, pid = 4194305, guarded = false", host=of(where="another"))
        assert [run.status for run in journal.runs()] == ["running"]
        with pytest.raises(AlreadyRunning, match=rf"\(process 4194305 on {os.uname().nodename}\)"):
            other.lease("resync")
        clock.pass_(seconds=61)
        assert [run.status for run in journal.runs()] == ["died"]

"""`provision serve` with its real commands: killed, stopped, two at once; the night is done once all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
import requests

from provision.core.scope import Extent, Scope, Shown
from provision.core.slots import Turn
from provision.journal.asked import ENDED, Wish
from provision.wiring import open_journal_of, open_place
from tests.app.sites import call, environment
from tests.service.benches import scheduled


@contextmanager
def serving(site: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A service in a process of its own, ended at the end however it stands."""
    process = subprocess.Popen(
        [sys.executable, "-m", "provision", "serve", "--site", str(site), *(more or ("--no-web",))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def heard(process: subprocess.Popen[str], text: str) -> str:
    """Waits until the service says so; the line."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if text in line:
            return line
    raise AssertionError("".join(said))


def turns(site: Path) -> list[Turn]:
    with open_journal_of(open_place(site, "nightly")) as journal:
        return [turn for turn in journal.slots().latest().values() if turn.owner]


def runs(site: Path) -> list[str]:
    with open_journal_of(open_place(site, "nightly")) as journal:
        return [run.status for run in journal.runs()]


@pytest.fixture
def missed(site: Path) -> Path:
    """A site whose last night was missed."""
    scheduled(site, 'sync = "0 1 * * *"')
    with open_journal_of(open_place(site, "nightly")) as journal:
        journal.slots().begin_after("nightly", "sync", "2000-01-01T01:00")
    return site


def test_a_missed_night_is_made_up_for_at_the_start_and_sigterm_ends_with_0(missed: Path) -> None:
    with serving(missed) as process:
        heard(process, "ended with exit code 0")
        process.terminate()
        assert process.wait(30) == 0
    assert runs(missed) == ["finished"]
    assert call("verify", "--json", "--site", str(missed)).code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a command with the service that began it")
def test_a_command_ends_with_the_service_that_began_it(missed: Path) -> None:
    fifo = missed / "data" / "sis.xml"
    fifo.unlink()
    os.mkfifo(fifo)  # a run that waits for its source for ever
    with serving(missed) as process:
        heard(process, "begun")
        with fifo.open("wb") as source:  # opened by the command by now
            process.kill()
            process.wait(30)
            with pytest.raises(BrokenPipeError):
                _fill(source)


def _fill(pipe: BinaryIO) -> None:
    """Writes until nobody reads."""
    while True:
        pipe.write(b" " * 65536)
        pipe.flush()


def test_sigterm_during_a_run_leaves_it_to_the_next_service(missed: Path) -> None:
    export = missed / "data" / "sis.xml"
    content = export.read_bytes()
    export.unlink()
    os.mkfifo(export)
    with serving(missed) as process:
        heard(process, "begun")
        with export.open("wb"):
            process.terminate()
            assert process.wait(30) == 0
    (left,) = turns(missed)
    assert left.exit_code == 128 + signal.SIGTERM
    assert left.again is not None
    export.unlink()
    export.write_bytes(content)
    os.utime(export, (0, 0))
    with serving(missed) as process:
        heard(process, "ended with exit code 0")
    assert turns(missed)[0].exit_code == 0


def test_of_two_services_on_one_journal_one_works_and_the_other_takes_over_when_it_is_killed(missed: Path) -> None:
    export = missed / "data" / "sis.xml"
    content = export.read_bytes()
    export.unlink()
    os.mkfifo(export)
    with serving(missed) as first:
        heard(first, "begun")
        with serving(missed) as second:
            heard(second, "next ")
            assert [turn.attempts for turn in turns(missed)] == [1]
            with export.open("wb"):
                first.kill()
                first.wait(30)
            export.unlink()
            export.write_bytes(content)
            os.utime(export, (0, 0))
            heard(second, "begun")
            heard(second, "ended with exit code 0")
    assert [turn.attempts for turn in turns(missed)] == [2]


def test_the_pages_are_there_while_the_service_is(missed: Path) -> None:
    scheduled(missed)
    with serving(missed, "--port", "0") as process:
        address = heard(process, "pages: ").split()[-1]
        heard(process, "no job has a [schedule]")
        answer = requests.get(address + "/", timeout=30, allow_redirects=False)  # the socket is there by now
        assert answer.status_code < 500
        process.terminate()
        assert process.wait(30) == 0


def test_what_is_asked_for_by_hand_is_carried_out_once_and_answered(site: Path) -> None:
    scheduled(site)
    assert call("run", "--json", "--site", str(site)).code == 0
    with serving(site) as process, open_journal_of(open_place(site, "nightly")) as journal:
        heard(process, "no job has a [schedule]")
        asked = journal.asking().ask(Wish("nightly", Scope(Extent.ALL), "it", "to see", Shown(frozenset())))
        heard(process, f"asked/{asked.id}: ended with exit code 0")
        row = journal.asking().row(asked.id)
        assert (row.state, row.exit_code) == (ENDED, 0)
        assert journal.runs(1)[0].id == row.run


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "speak no TLS themselves"),  # noqa: S104  which is refused
        (["--host", "0.0.0.0", "--behind-proxy"], "PUBLIC_URL"),  # noqa: S104  reached by what is in front of it
        (["--at-once", "0"], "greater than or equal to 1"),
    ],
)
def test_what_would_not_be_safe_is_refused(site: Path, options: list[str], told: str) -> None:
    said = call("serve", "--site", str(site), *options)
    assert said.code == 2
    assert told in said.err


def test_a_folder_without_a_site_is_refused(tmp_path: Path) -> None:
    assert call("serve", "--sites", str(tmp_path)).code == 3


def test_a_port_that_is_taken_is_refused(site: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = call("serve", "--site", str(site), "--port", str(taken.getsockname()[1]))
    assert said.code == 2
    assert "--port" in said.err


def test_a_progress_is_noted_for_the_pages_and_forgotten_when_it_is_over(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISION_WORK", "nightly/sync/2026-11-23T02:30")
    assert call("run", "--json", "--site", str(site)).code == 0
    with open_journal_of(open_place(site, "nightly")) as journal:
        (step,) = journal.progress().steps().values()
        assert step.work == "nightly/sync/2026-11-23T02:30"
        assert step.at <= datetime.now(UTC)
        journal.progress().forget(step.work)
        assert journal.progress().steps() == {}

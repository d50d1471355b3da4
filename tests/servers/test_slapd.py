"""The test server does what the tests that lean on it believe."""

import threading
from pathlib import Path

import pytest

from tests.servers.slapd import Slapd


@pytest.fixture
def slapd(tmp_path: Path) -> Slapd:
    return Slapd(tmp_path / "slapd")


def _states(pid: int) -> set[str]:
    """Of all threads of this process."""
    stats = Path(f"/proc/{pid}/task").glob("*/stat")
    return {stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] for stat in stats}


def test_a_server_that_is_paused_has_no_thread_at_work(slapd: Slapd) -> None:
    def ask() -> None:
        while not done.is_set():
            slapd.entries()

    done = threading.Event()
    with slapd:
        asking = threading.Thread(target=ask)
        asking.start()
        for _ in range(20):
            slapd.pause()
            assert _states(slapd.pid) == {"T"}
            slapd.resume()
        done.set()
        asking.join()
        slapd.pause()
        slapd.pause()
        slapd.resume()
        assert slapd.entries()


def test_a_server_that_runs_is_not_started_again(slapd: Slapd) -> None:
    with slapd:
        pid = slapd.pid
        with pytest.raises(AssertionError, match=f"slapd {pid} is running already"):
            slapd.start()
        slapd.restart()
        assert slapd.pid != pid
        slapd.kill()
        slapd.start()
        assert slapd.entries()

"""A browser is there or the build fails; it reaches nobody; nothing is left of it when its test is done or killed."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from tests.servers.chromium import chromium, require_chromium

GONE_WITHIN: Final = 20.0
A_TEST: Final = """
import sys, time
from pathlib import Path
from tests.servers.chromium import chromium
with chromium(Path(sys.argv[1])) as browser:
    browser.new_page()
    print("open", flush=True)
    sys.stdin.read()
"""


def alive(home: Path) -> int:
    """How many processes work for the browser of this home."""
    return sum(str(home).encode() in _environment(process) for process in Path("/proc").glob("[0-9]*"))


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()  # of one that has ended, nothing
    except OSError:
        return b""


def wait_until_gone(home: Path) -> None:
    deadline = time.monotonic() + GONE_WITHIN
    while alive(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive(home) == 0


def test_a_test_that_fails_leaves_no_browser(tmp_path: Path) -> None:
    def fails() -> None:
        with chromium(tmp_path) as browser:
            browser.new_page()
            assert alive(tmp_path)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    wait_until_gone(tmp_path)


def test_a_run_that_is_killed_leaves_no_browser(tmp_path: Path) -> None:
    require_chromium()
    command = [sys.executable, "-c", A_TEST, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout
        assert run.stdout.readline() == b"open\n"
        assert alive(tmp_path)
        run.kill()
    wait_until_gone(tmp_path)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_browser_a_laptop_skips_and_a_build_server_fails(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("tests.servers.chromium.BINARY", None)
    with pytest.raises(outcome, match="NOT TESTED: Chromium"):
        require_chromium()


def test_no_name_means_anything_to_a_browser(tmp_path: Path) -> None:
    from playwright.sync_api import Error

    with chromium(tmp_path) as browser:
        tab = browser.new_page()
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            tab.goto("http://localhost:65000/")

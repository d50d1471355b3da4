"""On a terminal a resync is shown and then asks, and only a yes does anything."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from tests.app.sites import SOUTH, Site, day, environment, pupils
from tests.app.test_resync import spoiled, wrong


def answered(site: Site, who: str, answer: str) -> tuple[int, str]:
    """The exit code, and all that stood on the terminal."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "provision", "resync", who, "--day", str(day(1)), "--site", str(site.folder)]
    given = environment(TERM="dumb", NO_COLOR="1")
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=given) as running:
        os.close(terminal)
        said = b""
        with suppress(OSError):  # how a terminal ends on Linux
            while chunk := os.read(controller, 4096):
                said += chunk
                if said.endswith(b"[y/N]: "):
                    os.write(controller, f"{answer}\n".encode())
    os.close(controller)
    return running.returncode, said.decode()


@pytest.mark.parametrize(("answer", "left"), [("y", False), ("n", True), ("", True)])
def test_it_asks_and_only_a_yes_does_it(site: Site, answer: str, left: bool) -> None:  # noqa: FBT001 - a column
    pupil = pupils(site, SOUTH)[0]
    spoiled(site, pupil)
    code, said = answered(site, pupil, answer)
    assert code == 0
    assert "Carry out 1 change? [y/N]" in said
    assert ("Nothing was done." in said) == left
    assert bool(wrong(site, pupil)) == left


def test_where_there_is_nothing_to_do_it_asks_nothing(site: Site) -> None:
    code, said = answered(site, pupils(site, SOUTH)[0], "y")
    assert (code, "Carry out" in said) == (0, False)
    assert "feide: nothing to do" in said

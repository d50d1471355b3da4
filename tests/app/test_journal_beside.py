"""A journal that one process has open twice, as a service has, while commands open and close it beside."""

import subprocess
import sys
from pathlib import Path

from provision.core.scope import Extent, Scope, Shown
from provision.journal import open_journal
from provision.journal.asked import Wish
from tests.app.journals import PRELUDE, REPOSITORY, SECRET, Clock, database

LOOKS = PRELUDE + "print(len(journal.asking().latest()))\njournal.close()\n"


def seen_by_another(tmp_path: Path) -> int:
    """How many requests a process of its own finds, which opens the journal and closes it again."""
    command = [sys.executable, "-c", LOOKS, f"sqlite:///{database(tmp_path)}", SECRET.decode()]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60)
    return int(said.stdout)


def test_what_is_written_after_another_process_has_closed_it_is_seen_by_the_next(tmp_path: Path) -> None:
    """In a system that ends a process's locks on a file when it closes any descriptor of it, as POSIX has it."""
    url = f"sqlite:///{database(tmp_path)}"
    with open_journal(url, SECRET, Clock()) as first, open_journal(url, SECRET, Clock()) as second:
        assert seen_by_another(tmp_path) == 0
        first.asking().ask(Wish("nightly", Scope(Extent.ALL), "it", "", Shown(frozenset())))
        assert seen_by_another(tmp_path) == 1
        assert len(second.asking().latest()) == 1

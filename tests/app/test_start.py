"""A command waits for no library that only others need."""

import subprocess
import sys

import pytest

from tests.app.sites import DAY, Site, environment

_LOADED = """
import sys
from provision.cli.main import main
try:
    main()
finally:
    sys.stderr.write("loaded " + " ".join(sys.modules))
"""
# The site's source and target are files, and its journal is there already.
_NOT_NEEDED = {"alembic", "ldap3", "provision.adoption", "provision.doctor", "provision.sample", "requests"}


@pytest.mark.parametrize("command", [("run", "--day", str(DAY)), ("status",)], ids=["run", "status"])
def test_a_command_waits_for_no_library_that_only_others_need(site: Site, command: tuple[str, ...]) -> None:
    called = [sys.executable, "-c", _LOADED, *command, "--site", str(site.folder)]
    ended = subprocess.run(called, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    loaded = set(ended.stderr.rpartition("loaded ")[2].split())
    assert "provision.cli.commands" in loaded
    assert sorted(loaded & _NOT_NEEDED) == []

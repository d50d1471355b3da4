"""The watch over all tests does bark."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import canaries

BAD_TESTS = f"""
import logging, socket, sys
from loguru import logger

def test_a_name_in_loguru():
    logger.info("created {canaries.NAME}")

def test_a_number_in_an_exception_that_is_logged():
    try:
        raise ValueError("{canaries.NIN}")
    except ValueError:
        logger.exception("bad row")

def test_a_password_in_a_library_s_log():
    logging.getLogger("ldap3").warning("bind with {canaries.PASSWORD}")

def test_a_name_on_standard_error():
    print("{canaries.NAME}", file=sys.stderr)

def test_a_log_without_personal_data():
    logger.info("created user-17")
"""


def pytest_on(path: Path, **environment: str) -> str:
    """What pytest says about this file when our watch is on."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--rootdir", str(path.parent), "-q", str(path)]
    done = subprocess.run(
        command, cwd=path.parent, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_value_that_reaches_a_log_fails_the_test(tmp_path: Path) -> None:
    bad = tmp_path / "test_bad.py"
    bad.write_text(BAD_TESTS)
    assert "4 failed, 1 passed" in pytest_on(bad)


def test_a_test_reaches_this_machine_only_and_inherits_no_settings(tmp_path: Path) -> None:
    outside = tmp_path / "test_outside.py"
    outside.write_text(
        "import os, socket, pytest\n"
        "def test_address():\n"
        "    with pytest.raises(OSError, match='this machine only'):\n"
        "        socket.create_connection(('192.0.2.1', 389), timeout=1)\n"
        "def test_name():\n"
        "    with pytest.raises(socket.gaierror):\n"
        "        socket.create_connection(('ldap.example', 389), timeout=1)\n"
        "def test_loopback():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "        socket.create_connection(server.getsockname(), timeout=1).close()\n"
        "def test_environment():\n"
        "    assert not {'LDAP_PASSWORD', 'https_proxy', 'PEPPER_FILE'} & os.environ.keys()\n"
    )
    said = pytest_on(outside, LDAP_PASSWORD="x", https_proxy="http://192.0.2.1", PEPPER_FILE="/x")
    assert "4 passed" in said


def test_a_canary_is_long_enough_not_to_turn_up_by_chance() -> None:
    with pytest.raises(ValueError, match="characters"):
        canaries.plant("Ola", "a name")

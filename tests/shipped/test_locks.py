"""The lock files hold all that is needed, once, by hash, and say nothing about where it comes from."""

import re
import tomllib

import pytest

from tests.shipped.machine import ROOT

LOCKS = ("requirements.lock", "requirements-postgres.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    """The requirement of each package, by its normalised name."""
    text = (ROOT / lock).read_text().replace("\\\n", "")
    return {re.split(r"[=\[ ]", line, maxsplit=1)[0]: " ".join(line.split()) for line in text.splitlines()}


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return {re.split(r"[^\w.-]", one, maxsplit=1)[0].lower().replace("_", "-") for one in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    assert len(pins(lock)) > 20
    assert [name for name, pin in pins(lock).items() if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_is_named(lock: str) -> None:
    assert re.findall(r"\w+://\S*|--?\w*(?:index|links|host)\S*|^-.*", (ROOT / lock).read_text(), re.MULTILINE) == []


def test_what_the_project_declares_is_locked() -> None:
    assert declared() - pins("requirements.lock").keys() == set()
    assert declared("postgres") - pins("requirements-postgres.lock").keys() == set()
    assert declared("dev") - pins("requirements-dev.lock").keys() == set()


def test_the_tests_run_on_the_versions_that_run() -> None:
    # ./test adds to what ./run installed, so what both name has to be the same
    assert pins("requirements.lock").items() <= pins("requirements-postgres.lock").items()
    assert pins("requirements-postgres.lock").items() <= pins("requirements-dev.lock").items()

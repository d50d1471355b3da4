"""./test: every step runs whatever becomes of the others, and what was left out is said."""

from pathlib import Path

import pytest

from tests.shipped.machine import Machine, new_machine

STEP = """
import os, sys
name = __name__ if __name__ != "__main__" else __spec__.name.partition(".")[0]
print("ran", name, *sys.argv[1:])
sys.exit(name in os.environ.get("BROKEN", "").split())
"""
PYTEST = """
import os, sys
from pathlib import Path
for argument in sys.argv:
    if argument.startswith("--junit-xml="):
        Path(".pytest_cache").mkdir(exist_ok=True)
        Path(argument.partition("=")[2]).write_text(
            '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="20" time="1">')
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A checkout whose tools only say that they ran."""
    machine = new_machine(tmp_path)
    machine.with_uv()
    for name in ("ruff", "mypy", "pytest"):
        (machine.checkout / f"{name}.py").write_text((PYTEST if name == "pytest" else "") + STEP)
    (machine.checkout / "importlinter").mkdir()
    (machine.checkout / "importlinter" / "__init__.py").touch()
    (machine.checkout / "importlinter" / "cli.py").write_text(
        f"def lint_imports_command():\n    exec({STEP!r}, {{'__name__': 'importlinter'}})\n"
    )
    for name in ("slapd", "ldapmodify", "chromium", "initdb"):
        machine.program(name, "#!/bin/sh\n")
    return machine


def test_all_steps_run_and_the_last_line_counts(machine: Machine) -> None:
    ended = machine.run(command="test")
    ran = [line.split()[1:] for line in ended.out.splitlines() if line.startswith("ran ")]
    assert [" ".join(words[:2]) for words in ran] == [
        "ruff check",
        "ruff format",
        "mypy",
        "importlinter",
        "pytest --numprocesses",
    ]
    assert ended.err.splitlines()[-1] == "test: 14 passed, 3 failed, 3 skipped; steps that failed: none"
    assert ended.code == 0


@pytest.mark.parametrize(
    ("broken", "named"), [("ruff", "style format"), ("mypy", "types"), ("importlinter", "layers"), ("pytest", "tests")]
)
def test_a_step_that_fails_stops_no_other_and_fails_the_whole(machine: Machine, broken: str, named: str) -> None:
    ended = machine.run(command="test", BROKEN=broken)
    assert ended.out.count("ran ") == 5
    assert ended.err.splitlines()[-1].endswith(f"steps that failed: {named}")
    assert ended.code == 1


def test_tests_that_were_never_counted_are_told(machine: Machine) -> None:
    pytest_py = machine.checkout / "pytest.py"
    pytest_py.write_text("import sys\nsys.exit(1)\n" + pytest_py.read_text())
    ended = machine.run(command="test")
    assert ended.err.splitlines()[-1] == "test: the tests were not counted; steps that failed: tests"
    assert ended.code == 1


def test_with_arguments_only_pytest_runs(machine: Machine) -> None:
    ended = machine.run("tests/core", "-x", command="test", BROKEN="pytest")
    assert ended.out.splitlines() == ["ran pytest tests/core -x"]
    assert ended.code == 1


@pytest.mark.parametrize(
    ("missing", "who", "named"), [("ldapmodify", "A DIRECTORY", "openldap"), ("chromium", "A BROWSER", "chromium")]
)
@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_what_cannot_be_had_warns_a_laptop_and_fails_a_build_server(
    machine: Machine, missing: str, who: str, named: str, ci: str, code: int
) -> None:
    (machine.bin / missing).unlink()
    ended = machine.run(command="test", CI=ci)
    assert f"ALL TESTS THAT NEED {who} ARE LEFT OUT" in ended.err
    assert ended.err.count("LEFT OUT") == 1
    assert ended.err.splitlines()[-1].endswith(f"steps that failed: {named}" if code else "steps that failed: none")
    assert ended.code == code

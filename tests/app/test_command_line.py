"""What the command line says of itself: its help, what the shell completes, and what `provision` alone tells."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import time_machine
import typer

from provision.cli.examples import EXAMPLES
from provision.cli.main import app
from tests.app.sites import DAY, Site, call, environment

COMPLETED = """
eval "$(provision --show-completion)"
COMP_WORDS=(provision {words}) COMP_CWORD={at}
_provision_completion provision
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


# ── Help ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield above + name, command
        yield from commands(command, f"{above}{name} ")


COMMANDS = {"": typer.main.get_command(app), **dict(commands(typer.main.get_command(app)))}


def test_every_command_has_examples_and_nothing_else_has() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_has_its_examples_before_everything_that_is_looked_up(name: str) -> None:
    text = call(*name.split(), "--help").out
    examples = [f"    {each}\n" for each in EXAMPLES[name]]
    assert "".join(["  Examples:\n", *examples, "\nArguments:" if "\nArguments:" in text else "\nOptions:"]) in text
    assert text.startswith(f"Usage: provision {name}".rstrip())


def parsed(example: str) -> str:
    """The command that an example gives. Raises TyperException where it could not be given so."""
    program, *words = shlex.split(example)
    assert program == "provision"
    name, command = "", COMMANDS[""]
    while hasattr(command, "commands"):
        name = f"{name} {words[0]}".strip()
        command = command.commands[words.pop(0)]
    with command.make_context(name, words) as context:
        assert not context.args
    return name


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_can_be_given_as_it_stands_and_is_of_its_command(name: str) -> None:
    given = {parsed(each) for each in EXAMPLES[name]}
    assert given <= COMMANDS.keys()
    assert hasattr(COMMANDS[name], "commands") or given == {name}


def test_help_waits_for_nothing_that_only_work_needs() -> None:
    asked = "import sys; from provision.cli.main import app; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], env=environment(), capture_output=True, text=True, check=True)
    loaded = set(said.stdout.split())
    assert "provision.cli.night" in loaded
    assert loaded & {"pandas", "sqlalchemy", "lxml", "rich", "pydantic"} == set()


# ── Completion ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def bash(site: Site, tmp_path: Path) -> Any:
    """What bash offers in the site's folder for what stands behind `provision` so far."""
    if not (shell := shutil.which("bash")):
        pytest.skip("NOT TESTED: completion in bash (apt install bash)")
    program = tmp_path / "bin" / "provision"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m provision "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"

    def offered(words: str) -> list[str]:
        script = COMPLETED.format(words=words, at=len(shlex.split(words)))
        said = subprocess.run(
            [shell, "--norc", "-c", script],
            env=environment(PATH=path),
            cwd=site.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stderr == ""
        return said.stdout.split()

    return offered


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("st", ["status"]),
        ("re", ["reject", "resync", "retention"]),
        ("audit ver", ["verify"]),
        ("plan --exit", ["--exit-code"]),
        ("run n", ["nightly"]),
        ("status --job ni", ["nightly"]),
        ("resync --target f", ["feide"]),
        ("preflight --language n", ["nb", "nn"]),
        ("explain p", []),
    ],
)
def test_bash_completes_commands_options_jobs_and_targets_and_nobodys_name(
    bash: Any, words: str, offered: list[str]
) -> None:
    assert sorted(bash(words)) == offered


def test_a_job_that_cannot_be_read_offers_no_targets_and_says_nothing(site: Site, bash: Any) -> None:
    (site.folder / "jobs" / "broken.toml").write_text("targets = [", encoding="utf-8")
    assert bash("resync --target f") == ["feide"]
    assert sorted(bash("run ''")) == ["broken", "nightly"]


# ── Alone ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def that_day() -> Iterator[None]:
    """It is the day on which the sample was made."""
    with time_machine.travel(datetime.combine(DAY, time(12), UTC)):
        yield


def alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(folder)
    return call()


def test_alone_in_a_folder_that_is_no_site_it_says_what_to_begin_with_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = alone(tmp_path, monkeypatch)
    assert (said.code, said.err) == (0, "")
    assert all(f"provision {step} " in said.out for step in ("demo", "sample DIR", "status --site DIR", "--help"))
    assert list(tmp_path.iterdir()) == []


def test_alone_in_a_site_it_says_what_is_going_on_and_what_to_do_next(
    fresh: Site, monkeypatch: pytest.MonkeyPatch, that_day: None
) -> None:
    before = alone(fresh.folder, monkeypatch)
    assert before.code == 0
    assert "nothing has been run yet" in before.out
    assert "provision run nightly" in before.out
    fresh.run(0)
    after = alone(fresh.folder, monkeypatch)
    assert ": run, exit 0" in after.out
    assert "all is well" in after.out
    fresh.sis.unlink()
    fresh.run(1, code=4)
    failed = alone(fresh.folder, monkeypatch)
    assert "all is well" not in failed.out
    assert "  ! sync failed (exit code 4)" in failed.out
    fresh.search(failed, ids_only=True)


def test_alone_in_a_site_without_settings_it_says_what_is_missing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (site.folder / ".env").unlink()
    said = alone(site.folder, monkeypatch)
    assert said.code == 3
    assert "copy .env.example to it" in said.err
    assert "`provision doctor`" in said.err


def test_a_job_that_is_not_nightly_is_told_of_under_its_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = site.folder / "jobs"
    shutil.copy(jobs / "nightly.toml", jobs / "weekly.toml")
    assert "provision status --job weekly" in alone(site.folder, monkeypatch).out
    (jobs / "nightly.toml").unlink()
    assert "provision plan weekly" in alone(site.folder, monkeypatch).out

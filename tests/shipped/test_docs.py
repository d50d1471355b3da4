"""The documentation is true: its links, paths, commands, options and keys are those of the program."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
from pydantic import BaseModel

from provision import config
from provision.cli.main import app
from provision.core import mapping_file
from provision.core.rules.families import FAMILIES
from provision.wiring import SOURCES, TARGETS
from tests.app.test_sample_dialects import DIFFERENCES
from tests.shipped.machine import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# Folders whose files are ours; what a site or a run makes lies elsewhere.
OURS = ("provision/", "docs/", "tests/", "benchmarks/", ".ci/")
GROUP = typer.main.get_command(app)
COMMANDS: Mapping[str, Any] = GROUP.commands  # type: ignore[attr-defined]  # a group, since there are several


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links to them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        there = (page.parent / path) if path else page
        if "://" in link:
            continue
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {word for word in re.findall(r"`([\w./-]+)`", text) if word.startswith(OURS)}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_pages_that_messages_point_to_have_what_they_promise() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "provision").rglob("*.py")]
    pointed = {found for text in sources for found in re.findall(r"see (docs/[\w./-]+\.md), ([A-Z][\w ]+)", text)}
    assert pointed
    assert [(page, title) for page, title in pointed if f"\n## {title}\n" not in (ROOT / page).read_text()] == []


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Each long name and its help, also of the commands that a command has."""
    for own in getattr(command, "commands", {}).values():
        yield from options(own)
    for parameter in command.params:
        for name in parameter.opts:
            if name.startswith("--"):
                yield name, getattr(parameter, "help", "") or ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented_and_has_help(name: str) -> None:
    command = COMMANDS[name]
    _, _, section = OPERATIONS.partition("\n## Commands\n")
    section = section.partition("\n## ")[0]
    assert f"`provision {name}" in section
    assert command.help
    for option, text in options(command):
        assert text, option
        assert f"`{option}" in section, option
    documented = [row.strip("|").split("|") for row in section.splitlines() if row.startswith("| `--")]
    theirs = {option for cells in documented if f"`{name}`" in cells[1] for option in re.findall(r"--[\w-]+", cells[0])}
    assert theirs <= {option for option, _ in options(command)}


def test_no_command_is_documented_that_does_not_exist() -> None:
    every = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"(?:`provision|/run) ([a-z]+)", every)) == COMMANDS.keys()


def parts(annotation: Any) -> Iterator[Any]:
    """What a key's type is made of."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for each in get_args(annotation):
            yield from parts(each)


def leaves(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a model and of the models in it."""
    for name, field in model.model_fields.items():
        yield name
        for part in parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from leaves(part)


def choices(model: type[BaseModel]) -> Iterator[str]:
    """Every word that a key of a model allows."""
    for field in model.model_fields.values():
        for part in parts(field.annotation):
            if get_origin(part) is Literal:
                yield from filter(None, map(str, get_args(part)))
            elif isinstance(part, type) and issubclass(part, StrEnum):
                yield from part
            elif isinstance(part, type) and issubclass(part, BaseModel):
                yield from choices(part)


def test_every_key_of_a_job_and_every_setting_is_explained() -> None:
    told = set(re.findall(r"[A-Z_]+|[a-z_][a-z0-9_]*", " ".join(re.findall(r"`([^`]+)`", OPERATIONS))))
    wanted = {*leaves(config.Job), *(name.upper() for name in config.Settings.model_fields)}
    assert sorted((wanted | SOURCES.keys() | TARGETS.keys()) - told) == []


def test_every_word_that_a_job_allows_is_explained() -> None:
    inventories = (ROOT / "docs" / "inventories.md").read_text(encoding="utf-8")
    named = re.findall(r"`([^`\n]+)`", OPERATIONS + inventories)
    told = {*named, *(name.rpartition(".")[2] for name in named)}
    words = {*choices(config.Job)}
    assert {"homeroom", "linked", "HMAC-SHA1", "oauth1", "vanished"} <= words
    assert sorted(words - told) == []


def test_every_key_placeholder_and_rule_of_a_mapping_is_explained() -> None:
    text = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", text))))
    parts = (mapping_file.MappingFile, mapping_file.EntrySpec, mapping_file.FieldSpec, mapping_file.IdSpec)
    wanted = {name for part in (*parts, mapping_file.UsernameSpec, mapping_file.LockSpec) for name in part.model_fields}
    wanted |= {name for family in FAMILIES.values() for rules in family.rules.values() for name in rules}
    wanted |= {of for family in FAMILIES.values() for of in family.kinds} | FAMILIES.keys()
    assert sorted(wanted - told) == []
    texts = {name for family in FAMILIES.values() for texts in family.texts.values() for name in texts}
    assert sorted(name for name in texts if f"`{{{name}}}`" not in text) == []


def test_every_source_that_is_shown_is_one_that_a_job_can_have(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "jobs").mkdir()
    kinds = set()
    for number, block in enumerate(shown):
        target = '[[targets]]\nname = "feide"\nkind = "ldap"\nmapping = "feide"\n'
        (tmp_path / "jobs" / f"shown{number}.toml").write_text(f"{block}\n{target}")
        kinds.add(config.load_job(tmp_path, f"shown{number}").source.kind)
    assert kinds == SOURCES.keys()


@pytest.mark.parametrize(("page", "kinds"), [("sources.md", SOURCES), ("targets.md", TARGETS)])
def test_every_kind_of_source_and_target_has_its_section(page: str, kinds: Mapping[str, object]) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [kind for kind in kinds if f"\n## {kind}\n" not in text] == []


def test_what_a_dialect_cannot_say_is_what_the_sample_shows() -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    section = text.partition("\n## What a dialect cannot say\n")[2].partition("\n## ")[0]
    heading, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    listed = {heading[n]: [row[0] for row in rows if row[n] == "x"] for n in (1, 2)}
    assert listed == {dialect: [each.what for each in every] for dialect, every in DIFFERENCES.items()}


def test_every_exit_code_is_explained() -> None:
    section = OPERATIONS.partition("## Exit codes")[2].partition("\n## ")[0]
    codes = {int(row) for row in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert codes == {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 130, 143}


def test_pages_are_as_short_as_they_promise() -> None:
    long = {"README.md": 70, **{str(page.relative_to(ROOT)): 40 for page in PAGES if page.parent.name == "decisions"}}
    assert [name for name, limit in long.items() if len((ROOT / name).read_text().splitlines()) > limit] == []


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in re.findall(r"^    (\./run\b.*)$", text, re.MULTILINE)]
    assert commands[0] == ["./run"]
    for _, *arguments in commands:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "provision", *(arguments or ["demo"])],  # as ./run does it
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if not arguments:
            promised = re.findall(r"^    \d\. ([^:\n]*?)(?:  .*|:.*)?$", text, re.MULTILINE)
            assert len(promised) == 5
            assert [line for line in promised if line not in done.stdout] == []

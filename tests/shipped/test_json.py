"""docs/json.md shows every document as it is: its examples have the keys of the real ones, each explained."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from provision.cli.main import app
from provision.reports.coverage.columns import COLUMNS
from tests.app.sites import call
from tests.shipped.documents import documents
from tests.shipped.machine import ROOT

PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
# What is below these has names of its own: kinds of change, results, targets, schools.
OPEN = ("counts", "differences", "done", "erased", "summary", "figures", "by_year", "replaced", "said")


def sections() -> Iterator[tuple[str, str]]:
    """Each document's name with what the page says of it; `plan, run` are two of one shape."""
    for heading, body in re.findall(r"^## ([\w, ]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL):
        for name in heading.split(", "):
            yield name, body


SECTIONS = dict(sections())


def example(name: str) -> Any:
    (text,) = re.findall(r"```json\n(.*?)```", SECTIONS[name], re.DOTALL)
    return json.loads(text)


def paths(document: Any, above: str = "") -> set[str]:
    """Every key with those above it; the items of a list count as one."""
    if isinstance(document, list):
        return {path for item in document for path in paths(item, f"{above}[]")}
    if not isinstance(document, dict) or above.rpartition(".")[2] in OPEN:
        return set()
    here = {f"{above}.{key}" for key in document}
    return here | {path for key, value in document.items() for path in paths(value, f"{above}.{key}")}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    return documents(tmp_path_factory.mktemp("documents"))


@pytest.mark.parametrize("name", SECTIONS)
def test_the_example_has_exactly_the_keys_of_the_real_document(name: str, real: Mapping[str, Any]) -> None:
    assert paths(example(name)) == paths(real[name])
    assert example(name)["format"] == real[name]["format"]


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_is_explained(name: str) -> None:
    texts = [SECTIONS[name], *([SECTIONS["run"]] if "as above" in SECTIONS[name] else [])]
    told = {key for text in texts for key in re.findall(r"`(\w+)`", text.rpartition("```")[2])}
    keys = {path.rpartition(".")[2] for path in paths(example(name))} - {"format"}
    assert sorted(keys - told) == []


def test_every_summary_of_a_run_has_the_keys_that_are_told(real: Mapping[str, Any]) -> None:
    told = set(re.findall(r"`(\w+)`", SECTIONS["status"]))
    summaries = [run["summary"] for run in real["status"]["runs"]]
    keys = {key for summary in summaries for key in summary}
    keys |= {key for summary in summaries for target in summary["targets"].values() for key in target}
    assert sorted(keys - told) == []


def test_every_figure_of_devices_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", SECTIONS["ratios"]))
    assert sorted({column.key for column in COLUMNS} - told) == []


def test_every_command_has_its_document() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    others = {"error", "word", "declare", "list", "audit verify", "audit search"}
    assert names - {"demo", "serve"} == SECTIONS.keys() - others


@pytest.mark.parametrize("wrong", [("plan", "--no-such-option"), ("plan", "--day", "yesterday"), ("no-such-command",)])
def test_a_command_line_that_cannot_be_understood_has_the_document_of_an_error(wrong: tuple[str, ...]) -> None:
    said = call(*wrong, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, 2)
    assert paths(said.json) == paths(example("error"))


def test_something_stands_in_every_list_of_the_real_documents(real: Mapping[str, Any]) -> None:
    (target,) = real["run"]["targets"]
    lists = [target[name] for name in ("changes", "held", "waiting", "holds")]
    (adoption,) = real["adopt"]["targets"]
    lists += [adoption[name] for name in ("adopt", "proposals", "ambiguous")]
    lists += [
        real["run"]["issues"],
        real["status"]["holds"],
        real["explain"]["changes"],
        real["explain"]["enrollments"],
        real["ratios"]["groups"],
        real["ratios"]["trends"],
        real["ratios"]["planning"]["loans"],
    ]
    assert all(lists)

"""What a checker is told to pass over has its reason beside it."""

import re

import pytest

from tests.shipped.machine import ROOT

MARK = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type: ignore(?:\[[a-z, -]+\])?)(.*)")


def is_silent(line: str) -> bool:
    found = MARK.search(line)
    return found is not None and found[1].strip(" #-") in ("", "as above")


def test_every_rule_that_is_suppressed_says_why() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("provision", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if is_silent(line)
    ]
    assert silent == []


@pytest.mark.parametrize("mark", ["noqa", "noqa: S101", "noqa: S101, PLC0415", "type: ignore", "type: ignore[misc]"])
@pytest.mark.parametrize(("reason", "silent"), [("", True), ("  as above", True), (" - a table", False)])
def test_a_suppression_without_its_own_reason_is_found(mark: str, reason: str, silent: object) -> None:
    assert is_silent(f"pass  # {mark}{reason}") is silent

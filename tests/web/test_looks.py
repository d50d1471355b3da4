"""Commands that only look: one at a time, bounded, forgotten in time, ended with the service."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provision.web.looks import KEPT_FOR, Look, Looks

# Says what it was asked, once the file that is its first argument is there.
SLOW = """
import json, pathlib, sys, time
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print(json.dumps({"asked": sys.argv[1:]}))
"""
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Hands:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def looks(clock: Hands) -> Iterator[Looks]:
    made = Looks(clock, (sys.executable, "-S", "-E", "-c", SLOW))
    yield made
    made.close()


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(looks: Looks, look: Look | None, whose: str = "") -> Look:
    assert look is not None
    until(lambda: (found := looks.find(look.id, whose)) and found.ended)
    found = looks.find(look.id, whose)
    assert found is not None
    return found


def test_what_a_command_says_is_there_for_whom_it_is_and_nobody_else(looks: Looks, tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.touch()
    begun = looks.begin([str(go), "x"], whose="me")
    assert ended(looks, begun, "me").said == {"asked": [str(go), "x"]}
    assert begun
    assert looks.find(begun.id, "you") is None
    assert looks.find(begun.id) is None


def test_the_same_is_begun_once_and_too_many_are_not_begun(looks: Looks, tmp_path: Path) -> None:
    go = str(tmp_path / "go")
    first = looks.begin([go, "0"])
    assert first
    assert looks.begin([go, "0"]) == first
    more = [looks.begin([go, str(number)]) for number in range(1, 12)]
    assert [each is not None for each in more] == [True] * 7 + [False] * 4
    (tmp_path / "go").touch()
    for look in [first, *more[:7]]:
        ended(looks, look)
    assert looks.begin([go, "12"]) is not None


def test_a_look_is_forgotten_after_half_an_hour_and_memory_is_bounded(
    looks: Looks, clock: Hands, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    go.touch()
    begun = [ended(looks, looks.begin([str(go), str(number)])) for number in range(30)]
    assert len(looks._all) <= 25
    assert looks.find(begun[-1].id)
    clock.now += KEPT_FOR
    assert looks.find(begun[-1].id) is None


def test_the_latest_on_the_same_terms_serves_everybody_until_it_is_too_old(
    looks: Looks, clock: Hands, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    go.touch()
    made = ended(looks, looks.begin([str(go)], terms={"run": "1"}))
    assert looks.latest([str(go)], {"run": "1"}, NOON) == made
    assert looks.latest([str(go)], {"run": "2"}, NOON) is None
    assert looks.latest([str(go)], {"run": "1"}, NOON + timedelta(seconds=1)) is None


def test_what_says_nothing_is_a_fault_and_an_error_says_which(clock: Hands) -> None:
    for script, fault in (
        ("", "nothing was said"),
        ("print('[]')", "nothing was said"),
        (f"print({json.dumps(json.dumps({'error': {'messages': ['a', 'b']}}))})", "a\nb"),
    ):
        looks = Looks(clock, (sys.executable, "-S", "-E", "-c", script))
        assert ended(looks, looks.begin(["x"])).fault == fault
        looks.close()
    missing = Looks(clock, ("/nowhere/at/all",))
    assert ended(missing, missing.begin(["x"])).fault == "nothing was said"


def test_closing_ends_what_is_at_work_and_begins_nothing_more(clock: Hands, tmp_path: Path) -> None:
    looks = Looks(clock, (sys.executable, "-S", "-E", "-c", SLOW))
    looks.begin([str(tmp_path / "never")])
    looks.begin([str(tmp_path / "never"), "2"])
    until(lambda: looks._process is not None)
    process = looks._process
    assert process is not None
    looks.close()
    assert process.poll() is not None
    assert looks.begin(["x"]) is None

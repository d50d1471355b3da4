"""Commands that only look: one at a time, bounded, forgotten in time, ended with the service."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

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
    begun = looks.begin([str(go), "x"], "kari", whose="me")
    assert ended(looks, begun, "me").said == {"asked": [str(go), "x"]}
    assert begun
    assert looks.find(begun.id, "you") is None
    assert looks.find(begun.id) is None


def test_the_same_is_begun_once_and_too_many_are_not_begun(looks: Looks, tmp_path: Path) -> None:
    go = str(tmp_path / "go")
    first = looks.begin([go, "0"], "kari")
    assert first
    assert looks.begin([go, "0"], "kari") == first
    more = [looks.begin([go, str(number)], str(number)) for number in range(1, 12)]
    assert [each is not None for each in more] == [True] * 7 + [False] * 4
    (tmp_path / "go").touch()
    for look in [first, *more[:7]]:
        ended(looks, look)
    assert looks.begin([go, "12"], "kari") is not None


def test_nobody_takes_the_room_of_the_others(looks: Looks, tmp_path: Path) -> None:
    go = str(tmp_path / "go")
    of_one = [looks.begin([go, str(number)], "kari", whose=str(number % 2)) for number in range(5)]
    assert [each is not None for each in of_one] == [True] * 3 + [False] * 2
    other = looks.begin([go, "0"], "ola", whose="2")
    assert other
    assert looks.begin([go, "1"], "kari", whose="1") == of_one[1], "what was begun is found again"
    (tmp_path / "go").touch()
    ended(looks, other, "2")
    assert looks.begin([go, "5"], "kari")


def test_what_is_for_one_session_outlasts_what_anybody_can_have_again(looks: Looks, tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.touch()
    preview = ended(looks, looks.begin([str(go), "mine"], "kari", whose="me"), "me")
    for number in range(30):
        ended(looks, looks.begin([str(go), str(number)], "ola"))
    assert looks.find(preview.id, "me") == preview


def test_half_an_hour_begins_when_the_look_is_there(looks: Looks, clock: Hands, tmp_path: Path) -> None:
    begun = looks.begin([str(tmp_path / "go")], "kari")
    clock.now += KEPT_FOR
    (tmp_path / "go").touch()
    ended(looks, begun)
    clock.now += KEPT_FOR - timedelta(seconds=1)
    assert begun
    assert looks.find(begun.id)


def test_what_cannot_even_be_begun_is_a_fault_and_the_next_has_its_turn(clock: Hands, tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.touch()
    looks = Looks(clock, (sys.executable, "-S", "-E", "-c", SLOW))
    assert ended(looks, looks.begin(["\0"], "kari")).fault == "nothing was said"
    odd = looks.begin([None], "kari")  # type: ignore[list-item]  what no caller may give, and fails as nothing else does
    assert ended(looks, odd).fault == "nothing was said"
    assert ended(looks, looks.begin([str(go)], "kari")).said == {"asked": [str(go)]}
    looks.close()


def test_where_no_thread_can_be_had_the_next_one_tries_again(
    looks: Looks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.touch()
    with monkeypatch.context() as without:
        without.setattr(Thread, "start", raise_as_when_there_are_too_many)
        with pytest.raises(RuntimeError):
            looks.begin([str(go)], "kari")
    assert ended(looks, looks.begin([str(go)], "kari")).said


def raise_as_when_there_are_too_many(_thread: Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_look_is_forgotten_after_half_an_hour_and_memory_is_bounded(
    looks: Looks, clock: Hands, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    go.touch()
    begun = [ended(looks, looks.begin([str(go), str(number)], "kari")) for number in range(30)]
    assert len(looks._all) <= 25
    assert looks.find(begun[-1].id)
    clock.now += KEPT_FOR
    assert looks.find(begun[-1].id) is None


def test_the_latest_on_the_same_terms_serves_everybody_until_it_is_too_old(
    looks: Looks, clock: Hands, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    go.touch()
    made = ended(looks, looks.begin([str(go)], "kari", terms={"run": "1"}))
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
        assert ended(looks, looks.begin(["x"], "kari")).fault == fault
        looks.close()
    missing = Looks(clock, ("/nowhere/at/all",))
    assert ended(missing, missing.begin(["x"], "kari")).fault == "nothing was said"


def test_closing_ends_what_is_at_work_and_begins_nothing_more(clock: Hands, tmp_path: Path) -> None:
    looks = Looks(clock, (sys.executable, "-S", "-E", "-c", SLOW))
    looks.begin([str(tmp_path / "never")], "kari")
    looks.begin([str(tmp_path / "never"), "2"], "kari")
    until(lambda: looks._process is not None)
    process = looks._process
    assert process is not None
    looks.close()
    assert process.poll() is not None
    assert looks.begin(["x"], "kari") is None

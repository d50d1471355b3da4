"""While what the SIS said last is read anew, nobody waits for it but who came first; a new day is waited for."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from provision.core.words import Measure
from provision.web.sites import Site as Pages
from provision.wiring import kept
from tests.app.sites import Site
from tests.web.served import NOON


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(counted_site: Site, clock: Clock) -> Iterator[Pages]:
    made = Pages(counted_site.folder, "nightly", clock)
    yield made
    made.close()


def kept_anew(here: Pages) -> None:
    """As a run leaves it: the same, written later."""
    for path in kept(here.place).files():
        if Path(path).exists():
            os.utime(path, ns=(Path(path).stat().st_atime_ns, Path(path).stat().st_mtime_ns + 1))


def test_nobody_waits_while_another_reads_what_a_run_has_kept(here: Pages) -> None:
    before = here.staff()
    assert before.heads
    kept_anew(here)
    with here._reading:  # as a thread that is reading
        assert here.staff() is before
    assert here.staff() is not before
    assert here.staff() == before


def test_on_a_new_day_nobody_goes_by_yesterday(here: Pages, clock: Clock) -> None:
    before = here.staff()
    clock.now += timedelta(days=1)
    with ThreadPoolExecutor(1) as pool:
        with here._reading:
            waiting = pool.submit(here.staff)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
        assert waiting.result(30) is not before


def test_a_new_day_begins_when_it_does_at_the_schools(here: Pages, clock: Clock) -> None:
    clock.now = datetime(2027, 1, 10, 22, 30, tzinfo=UTC)
    assert here.today == date(2027, 1, 10)
    clock.now += timedelta(hours=1)
    assert here.today == date(2027, 1, 11)


def test_whom_a_word_takes_out_is_taken_out_of_the_pages_at_once(here: Pages) -> None:
    person = next(iter(here.staff().heads))
    here.journal.say(Measure.BLOCK, person, begins=True, by="it", reason="")
    assert person in here.staff().blocked
    assert person not in here.staff().heads
    here.journal.say(Measure.BLOCK, person, begins=False, by="it", reason="")
    assert person in here.staff().heads

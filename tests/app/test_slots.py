"""Which slot counts as the last, and what is due, when the clock was wrong for a while."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
import time_machine

from provision.journal import Journal
from provision.standing import look
from provision.wiring import open_journal_of, open_place
from tests.app.journals import Clock
from tests.app.sites import Site

TASK: Final = ("nightly", "sync")
AHEAD: Final = datetime(2027, 5, 1, 3, tzinfo=UTC)


def done(journal: Journal, slot: str) -> None:
    mine = journal.slots().claim(*TASK, slot, "a service", None, 300)
    assert mine is not None
    assert journal.slots().finish(mine, 0, "", None)


def test_the_last_slot_is_the_one_begun_last_by_a_clock_that_is_right(journal: Journal, clock: Clock) -> None:
    now = clock.now
    clock.now = AHEAD
    done(journal, "2027-05-01T01:15")
    assert journal.slots().latest()[TASK].slot == "2027-05-01T01:15"
    clock.now = now
    assert journal.slots().latest()[TASK].slot == "2027-05-01T01:15", "there is no other"
    done(journal, "2026-11-23T01:15")
    assert journal.slots().latest()[TASK].slot == "2026-11-23T01:15"
    clock.pass_(days=365)
    assert journal.slots().latest()[TASK].slot == "2027-05-01T01:15", "by now that is past"


@pytest.mark.parametrize("is_done", [True, False])
def test_a_night_is_late_though_the_clock_was_ahead_for_a_while(site: Site, *, is_done: bool) -> None:
    site.append("jobs/nightly.toml", "[schedule]", 'sync = "15 1 * * *"')
    place = open_place(site.folder, "nightly")
    with open_journal_of(place) as journal:
        with time_machine.travel(AHEAD, tick=False):
            done(journal, "2027-05-01T01:15")
        morning = datetime(2026, 11, 24, 6, tzinfo=UTC)
        with time_machine.travel(morning - timedelta(hours=4), tick=False):
            if is_done:
                done(journal, "2026-11-24T01:15")
        with time_machine.travel(morning, tick=False):
            (slot,) = look(place, journal, morning).picture.slots
    assert (slot.due is None) is is_done

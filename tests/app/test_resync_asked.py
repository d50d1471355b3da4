"""What is asked for by hand waits in a queue of one, is carried out as it was shown, and is answered once."""

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.cli.session import Bar, request
from provision.core.scope import Extent, Scope, Shown, shown
from provision.errors import UsageError
from provision.journal import Journal
from provision.journal.asked import ENDED, RUNNING, WAITING, Asked, Asking, Wish, free_again
from provision.journal.erasure import Cut
from provision.request import Mode, Part
from provision.resync import preview
from provision.wiring import kept_sources, open_journal_of, open_place, open_routes
from tests.app.journals import Clock, begun, on_both, opened
from tests.app.sites import SOUTH, Site, day, pupils
from tests.app.test_resync import resync, spoiled, wrong
from tests.builders import a_pupil, create
from tests.crashes.children import Go, run_child
from tests.crashes.points import APPLY, Point

SHOWN = Shown(frozenset({"a", "b"}))
MOMENTS = st.lists(st.integers(-7200, 0), max_size=20)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def wish(who: str = "p1", by: str = "rektor", digests: Shown = SHOWN) -> Wish:
    return Wish("nightly", Scope(Extent.PERSON, who), by, "mangler tilgang", digests, frozenset({"lms"}))


def test_what_is_asked_is_read_back_and_waits(journal: Journal) -> None:
    asked = journal.asking().ask(wish())
    assert (asked.wish, asked.state, asked.run, asked.ended) == (wish(), WAITING, None, None)
    assert journal.asking().row(asked.id) == asked
    assert journal.asking().latest() == [asked]
    with pytest.raises(UsageError, match="nothing was asked for as 99"):
        journal.asking().row(99)


def test_one_is_at_work_and_one_waits_and_a_third_is_refused(journal: Journal) -> None:
    asking = journal.asking()
    first = asking.ask(wish("p1"))
    assert begun_by("one", asking) == journal.asking().row(first.id)
    second = asking.ask(wish("p2"))
    assert asking.next("one", 300) is None, "the first is still at work"
    with pytest.raises(UsageError, match="something else waits already"):
        asking.ask(wish("p3"))
    asking.finish(first.id, "20261123-0115-ab12", 0)
    taken = begun_by("one", asking)
    assert (taken.id, taken.state) == (second.id, RUNNING)


def test_the_same_asked_twice_is_one_whoever_asks(journal: Journal) -> None:
    first = journal.asking().ask(wish())
    assert journal.asking().ask(wish(by="it")).id == first.id
    with pytest.raises(UsageError):
        journal.asking().ask(wish(digests=Shown(frozenset({"c"}))))


def test_who_asks_for_all_that_the_guard_lets_through_is_shown_nothing_and_whoever_asks_then_asks_for_the_same(
    journal: Journal,
) -> None:
    everything = replace(wish(), scope=Scope(Extent.ALL), shown=None)
    asked = journal.asking().ask(everything)
    assert journal.asking().row(asked.id).wish == everything
    assert journal.asking().ask(everything).id == asked.id
    assert journal.asking().ask(replace(everything, shown=SHOWN)).id == asked.id


def test_what_was_shown_is_not_all_that_the_guard_lets_through(journal: Journal) -> None:
    journal.asking().ask(wish())
    with pytest.raises(UsageError, match="something else waits already"):
        journal.asking().ask(replace(wish(), shown=None))


def test_what_is_over_stays_over(journal: Journal) -> None:
    asked = journal.asking().ask(wish())
    journal.asking().finish(asked.id, "20261123-0115-ab12", 5, "{}")
    journal.asking().finish(asked.id, None, 1)
    row = journal.asking().row(asked.id)
    assert (row.state, row.run, row.exit_code, row.said) == (ENDED, "20261123-0115-ab12", 5, "{}")
    with pytest.raises(UsageError, match="is over; ask again"):
        journal.asking().take(asked.id, "nightly")


def test_a_request_is_carried_out_for_its_own_job_alone(journal: Journal) -> None:
    asked = journal.asking().ask(wish())
    with pytest.raises(UsageError, match=f"request {asked.id} is of nightly: --job nightly"):
        journal.asking().take(asked.id, "weekly")
    assert journal.asking().row(asked.id).state == WAITING


def test_what_a_dead_service_was_at_is_begun_again_but_not_while_a_run_is_at_work(
    journal: Journal, clock: Clock
) -> None:
    asked = journal.asking().ask(wish())
    begun_by("one", journal.asking())
    clock.pass_(minutes=5)
    with journal.lease("somebody") as lease:
        begun(journal, lease)
        assert journal.asking().next("other", 300) is None
    assert begun_by("other", journal.asking()).id == asked.id


@on_both
def test_what_another_service_is_at_is_left_to_it_while_it_says_that_it_lives(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        asked = journal.asking().ask(wish())
        found = journal.asking().next("one", 300)
        assert found is not None
        for _ in range(5):
            clock.pass_(seconds=299)
            assert journal.asking().next("other", 300) is None
            assert journal.slots().renew(found[1], 300)
        clock.pass_(seconds=300)
        taken = journal.asking().next("other", 300)
        assert taken is not None
        assert (taken[0].id, taken[1].attempts) == (asked.id, 2)
        assert not journal.slots().renew(found[1], 300), "the other has it now"


@on_both
def test_what_could_not_be_begun_is_taken_by_no_other_before_it_was_given_back(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        asked = journal.asking().ask(wish())
        found = journal.asking().next("one", 300)
        assert found is not None
        journal.asking().put_back(asked.id)
        assert journal.asking().next("other", 300) is None
        journal.slots().finish(found[1], 8, "", None)
        assert begun_by("other", journal.asking()).id == asked.id


def begun_by(owner: str, asking: Asking) -> Asked:
    found = asking.next(owner, 300)
    assert found is not None
    return found[0]


def test_who_asks_too_often_is_told_from_when_on_again(journal: Journal, clock: Clock) -> None:
    for number in range(10):
        asked = journal.asking().ask(wish(f"p{number}"))
        journal.asking().finish(asked.id, None, 0)
        clock.pass_(minutes=1)
    with pytest.raises(UsageError, match="10 times within an hour is the most"):
        journal.asking().ask(wish())
    assert journal.asking().ask(wish(by="another")).state == WAITING


@given(MOMENTS, st.integers(1, 5))
def test_nobody_asks_more_often_within_an_hour_than_they_may(seconds: list[int], at_most: int) -> None:
    asked = [NOW + timedelta(seconds=each) for each in seconds]
    again = free_again(asked, NOW, at_most)
    recent = [moment for moment in asked if moment > NOW - timedelta(hours=1)]
    assert (again is None) == (len(recent) < at_most)
    if again:
        assert again > NOW
        assert free_again(asked, again, at_most) is None


def test_neither_names_nor_numbers_are_kept_of_what_somebody_writes(journal: Journal) -> None:
    number = "150886" + "12345"
    asked = journal.asking().ask(Wish("nightly", Scope(Extent.ALL), "it", f"for {number}", SHOWN))
    assert number not in asked.wish.reason
    assert journal.verify_audit() is None


def test_who_is_forgotten_is_taken_out_of_what_was_asked(journal: Journal) -> None:
    asked = journal.asking().ask(wish("p0000042"))
    assert {"where": "asked.what", "times": 1} in journal.about({"p0000042"})["mentions"]
    journal.erasure().erase(Cut("", ""), {"p0000042"}, rehearse=False)
    journal.erasure().compact()
    assert journal.erasure().search(["p0000042"]) == {}
    assert journal.asking().row(asked.id).wish.scope.extent is Extent.PERSON


# On a site


def asked_for(site: Site, who: str, digests: Shown | None = None) -> Asked:
    """As the pages ask: with what the preview showed."""
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        return journal.asking().ask(
            Wish("nightly", Scope(Extent.PERSON, who), "rektor", "", digests or _shown(site, who))
        )


def _shown(site: Site, who: str) -> Shown:
    place = open_place(site.folder, "nightly")
    part = Part(lambda _: Scope(Extent.PERSON, who), "rektor")
    with open_journal_of(place) as journal, open_routes(place) as routes:
        asked = replace(request(place, Mode.PLAN, day(1), Bar()), part=part)
        return preview(asked, kept_sources(place), routes, journal, place.site).shown


def answer(site: Site, identity: int) -> Asked:
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        return journal.asking().row(identity)


@pytest.fixture
def two(site: Site) -> tuple[str, str]:
    """Two pupils of a school, with a fault on the entry of each."""
    one, other, *_ = pupils(site, SOUTH)
    spoiled(site, one, other)
    return one, other


def carried_out(site: Site, identity: int, code: int = 0) -> str:
    return site.cli("resync", "--request", str(identity), "--day", str(day(1)), "--json", code=code).out


def test_a_request_is_carried_out_as_it_was_shown_and_answered(site: Site, two: tuple[str, str]) -> None:
    asked = asked_for(site, two[0])
    said = json.loads(carried_out(site, asked.id))
    row = answer(site, asked.id)
    assert (row.state, row.run, row.exit_code) == (ENDED, said["run"], 0)
    assert json.loads(row.said)["targets"] == [
        {"target": "feide", "failure": None, "done": {"update": 1}, "refused": [], "holds": [], "held": []}
    ]
    assert wrong(site, *two) == {two[1]}
    assert "is over; ask again" in carried_out(site, asked.id, code=2)


def test_where_more_would_be_done_than_was_shown_nothing_is(site: Site, two: tuple[str, str]) -> None:
    before = site.state()
    asked = asked_for(site, two[0], Shown(shown("feide", [create(a_pupil())], frozenset())))
    assert "changed since it was shown; look again" in carried_out(site, asked.id, code=2)
    row = answer(site, asked.id)
    assert (row.state, row.exit_code) == (ENDED, 2)
    assert "look again" in json.loads(row.said)["error"]
    assert site.state() == before
    (last, *_) = site.cli("status", "--json", code=0).json["runs"]
    assert last["summary"]["resync"]["by"] == "rektor", "nobody takes it for a night that failed"


def test_what_has_been_done_meanwhile_is_not_done_again(site: Site, two: tuple[str, str]) -> None:
    asked = asked_for(site, two[0])
    resync(site, two[0], "--yes", code=0)
    carried_out(site, asked.id)
    assert json.loads(answer(site, asked.id).said)["targets"][0]["done"] == {}


def test_a_request_waits_on_while_another_run_is_at_work(site: Site, two: tuple[str, str]) -> None:
    asked = asked_for(site, two[0])
    with open_journal_of(open_place(site.folder, "nightly")) as journal, journal.lease("another"):
        carried_out(site, asked.id, code=8)
    assert answer(site, asked.id).state == WAITING


@pytest.mark.parametrize("turn", [0, 3, 7])
def test_killed_in_the_middle_it_is_finished_by_asking_again(site: Site, two: tuple[str, str], turn: int) -> None:
    asked, passed = asked_for(site, two[0]), []

    def kill(point: Point, _go: Go) -> None:
        passed.append(point.phase)
        if point.phase == APPLY and passed.count(APPLY) > turn:
            os.kill(os.getpid(), signal.SIGKILL)

    ended = run_child(("resync", "--request", str(asked.id), "--day", str(day(1))), site.folder, kill)
    assert ended.code == -signal.SIGKILL
    assert answer(site, asked.id).state == RUNNING
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        again = begun_by("a service", journal.asking())
    carried_out(site, again.id)
    assert answer(site, asked.id).exit_code == 0
    assert wrong(site, *two) == {two[1]}
    status = site.cli("status", "--json", code=0).json
    assert status["open_intents"] == 0

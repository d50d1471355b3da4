"""The service by a clock that is set: what is done when, once each, and tried again when it went wrong."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provision.core.scope import Extent, Scope, Shown
from provision.core.slots import TIMES
from provision.journal.asked import ENDED, Wish
from provision.service.alerting import tell_all
from provision.service.work import summary
from tests.service.benches import Bench, scheduled, settled

RUN = "run nightly"


def test_a_new_schedule_begins_with_its_next_night(bench: Bench) -> None:
    bench.service()
    bench.wait(hours=1)
    assert bench.asked() == []
    bench.go("2026-11-23T02:30")
    assert bench.asked() == [RUN]
    assert bench.turn("2026-11-23T02:30").exit_code == 0


@pytest.mark.parametrize("start", ["2026-10-24T20:00", "2027-03-27T20:00", "2028-02-28T20:00", "2026-12-31T20:00"])
def test_each_night_is_done_once_when_the_clock_is_changed_on_leap_days_and_at_new_year(
    bench: Bench, start: str
) -> None:
    bench.go(start)
    bench.service()
    for _ in range(48):
        bench.wait(minutes=30)
    assert bench.asked() == [RUN]


def test_a_clock_set_back_two_hours_repeats_nothing(bench: Bench) -> None:
    bench.service()
    bench.go("2026-11-23T02:31")
    bench.wait(hours=-2)
    for _ in range(6):
        bench.wait(minutes=30)
    assert bench.asked() == [RUN]
    bench.go("2026-11-24T02:30")
    assert bench.asked() == [RUN, RUN]


def test_of_nights_that_a_sleeping_host_missed_only_the_latest_is_made_up_for(bench: Bench) -> None:
    bench.service()
    bench.go("2026-11-23T02:30")
    bench.wait(days=5)
    assert bench.asked() == [RUN, RUN]
    assert "site nightly/sync: 4 were missed; only the latest is made up for" in bench.said


def test_a_night_that_was_missed_is_made_up_for_when_the_service_starts(bench: Bench) -> None:
    bench.service().stop()
    bench.services.clear()
    bench.go("2026-11-23T07:00")
    settled(bench.service())
    assert bench.asked() == [RUN]
    assert bench.turn("2026-11-23T02:30").exit_code == 0


def test_a_source_that_was_missing_is_asked_again_until_it_is_there(bench: Bench) -> None:
    bench.service()
    (bench.folders[0] / "code").write_text("4")
    bench.go("2026-11-23T02:30")
    bench.wait(minutes=14)
    assert len(bench.asked()) == 1
    bench.wait(minutes=1)
    assert len(bench.asked()) == 2
    (bench.folders[0] / "code").write_text("0")
    bench.wait(minutes=30)
    bench.wait(hours=5)
    assert len(bench.asked()) == 3
    assert bench.turn("2026-11-23T02:30").exit_code == 0


def test_what_does_not_mend_is_given_up_until_the_next_night(bench: Bench) -> None:
    bench.service()
    (bench.folders[0] / "code").write_text("7")
    bench.go("2026-11-23T02:30")
    for _ in range(20):
        bench.wait(minutes=30)
    assert len(bench.asked()) == 7
    bench.go("2026-11-24T02:30")
    assert len(bench.asked()) == 8


def test_what_waits_for_a_person_is_not_tried_again(bench: Bench) -> None:
    bench.service()
    (bench.folders[0] / "code").write_text("5")
    bench.go("2026-11-23T02:30")
    bench.wait(hours=3)
    assert len(bench.asked()) == 1


def test_of_two_services_one_does_it(bench: Bench) -> None:
    bench.service()
    bench.service()
    bench.go("2026-11-23T02:30")
    bench.wait(minutes=1)
    assert bench.asked() == [RUN]


def test_what_is_asked_of_a_service_that_stops_is_begun_by_the_next_one(bench: Bench) -> None:
    hangs = bench.folders[0] / "hangs"
    hangs.touch()
    first = bench.service()
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    first.tick()
    assert [work.name for work in first.at_work()] == ["nightly/sync/2026-11-23T02:30"]
    first.tick()
    first.stop()
    bench.services.clear()
    hangs.unlink()
    settled(bench.service())
    assert bench.turn("2026-11-23T02:30").exit_code == 0
    assert bench.turn("2026-11-23T02:30").attempts == 2


def test_one_that_stops_begins_nothing_more(bench: Bench) -> None:
    service = bench.service()
    service.stop()
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    service.tick()
    assert bench.asked() == []


def test_a_claim_of_another_host_is_taken_over_when_it_has_run_out(bench: Bench) -> None:
    service = bench.service()
    slots = service.sites[0].journal().slots()
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    assert slots.claim("nightly", "sync", "2026-11-23T02:30", "one elsewhere", None, 300)
    bench.wait(seconds=299)
    assert bench.asked() == []
    bench.wait(seconds=1)
    assert bench.asked() == [RUN]


def test_a_claim_that_was_taken_over_is_neither_renewed_nor_finished_by_who_lost_it(bench: Bench) -> None:
    slots = bench.service().sites[0].journal().slots()
    mine = slots.claim("nightly", "sync", "2026-11-23T02:30", "me", None, 0)
    assert mine is not None
    assert slots.claim("nightly", "sync", "2026-11-23T02:30", "too late", None, 300) is None
    assert slots.claim("nightly", "sync", "2026-11-23T02:30", "another", mine, 300) is not None
    assert slots.claim("nightly", "sync", "2026-11-23T02:30", "too late", mine, 300) is None
    assert not slots.renew(mine, 300)
    assert not slots.finish(mine, 0, "", None)
    assert bench.turn("2026-11-23T02:30").ended is None


def test_a_changed_job_is_done_at_its_new_time_and_not_for_a_time_that_had_passed(bench: Bench) -> None:
    bench.service()
    bench.go("2026-11-23T02:30")
    bench.go("2026-11-23T10:00")
    scheduled(bench.folders[0], 'sync = "0 9 * * *"', 'retention = "0 11 * * *"')
    bench.wait(minutes=1)
    assert bench.asked() == [RUN]
    bench.go("2026-11-23T11:00")
    assert bench.asked() == [RUN, "retention nightly"]
    bench.go("2026-11-24T09:00")
    assert bench.asked()[2:] == [RUN]


def test_what_is_no_longer_scheduled_is_no_longer_done(bench: Bench) -> None:
    bench.service()
    scheduled(bench.folders[0])
    bench.wait(days=2)
    assert bench.asked() == []


def test_a_site_that_cannot_be_read_is_told_of_once_and_the_others_go_on(
    bench: Bench, cooperation: Callable[[int], list[Path]]
) -> None:
    bench.folders = cooperation(3)
    bench.service()
    job = bench.folders[1] / "jobs" / "nightly.toml"
    job.write_text("[schedule\n" + job.read_text())
    bench.wait(minutes=1)
    bench.go("2026-11-23T02:30")
    bench.wait(minutes=1)
    assert [len(bench.asked(number)) for number in range(3)] == [1, 0, 1]
    assert len([line for line in bench.said if line.startswith("site1: jobs/nightly.toml")]) == 1
    job.write_text(job.read_text().partition("\n")[2])
    bench.wait(minutes=1)
    assert "site1: in order again" in bench.said
    assert bench.asked(1) == [RUN]


def test_a_journal_that_cannot_be_used_is_told_of_once_and_tried_again(bench: Bench) -> None:
    service = bench.service()
    journal, kept = bench.folders[0] / "var" / "journal.db", bench.folders[0] / "kept.db"
    service.sites[0].close()
    shutil.move(journal, kept)
    for left in journal.parent.glob("journal.db-*"):
        left.unlink()
    journal.write_text("this is no database, and long enough to be taken for none" * 20)
    bench.go("2026-11-23T02:30")
    bench.wait(minutes=5)
    assert len([line for line in bench.said if "journal.db: " in line]) == 1
    for left in journal.parent.glob("journal.db*"):
        left.unlink()
    shutil.move(kept, journal)
    bench.wait(minutes=1)
    assert bench.asked() == [RUN]


def test_no_more_sites_are_worked_on_at_once_than_there_may_be(
    bench: Bench, cooperation: Callable[[int], list[Path]]
) -> None:
    bench.folders = cooperation(4)
    for folder in bench.folders:
        (folder / "hangs").touch()
    service = bench.service(at_once=2)
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    service.tick()
    assert len(service.at_work()) == 2
    service.tick()
    assert len(service.at_work()) == 2
    for folder in bench.folders:
        (folder / "hangs").unlink()
    settled(service)
    assert [len(bench.asked(number)) for number in range(4)] == [1, 1, 1, 1]


def test_what_several_kinds_want_at_a_site_is_done_one_after_the_other(bench: Bench) -> None:
    scheduled(bench.folders[0], 'retention = "30 2 * * *"', 'sync = "30 2 * * *"', 'inventory = "0 2 * * *"')
    bench.service()
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    bench.services[0].tick()
    settled(bench.services[0])
    assert bench.asked() == ["ratios nightly", RUN, "retention nightly"]


def test_a_command_that_cannot_be_begun_is_tried_again(bench: Bench) -> None:
    service = bench.service()
    works, service.command = service.command, ("/nowhere/python",)
    bench.go("2026-11-23T02:30")
    found = bench.turn("2026-11-23T02:30")
    assert (found.exit_code, found.said) == (1, "it could not be begun: No such file or directory")
    service.command = works
    bench.wait(minutes=15)
    assert bench.asked() == [RUN]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (b"", ""),
        (b"[1]", ""),
        (b'{"error": {"code": 4, "messages": ["data/sis.xml is not there", "and more"]}}', "data/sis.xml is not there"),
        (b'{"targets": [{"target": "feide", "done": {"done": 3}, "holds": [{}]}]}', "feide: 3 done, 1 held"),
        (b'{"targets": [{"target": "lms", "failure": "no answer"}]}', "lms: unavailable"),
        (b'{"targets": [{"target": "lms", "differences": {"create": 2}}, 7]}', "lms: 2 create"),
        (b'{"targets": [{"target": "lms", "differences": {}}]}', "lms: nothing to do"),
    ],
)
def test_a_line_is_kept_of_what_a_command_said(document: bytes, line: str) -> None:
    assert summary(document) == line


def test_what_was_asked_for_comes_before_what_is_due_and_is_answered_when_it_fails(bench: Bench) -> None:
    service = bench.service()
    asking = service.sites[0].journal().asking()
    asked = asking.ask(Wish("nightly", Scope(Extent.ALL), "it", "to see", Shown(frozenset())))
    bench.traveller.move_to(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), tick=False)
    (bench.folders[0] / "code").write_text("3")
    service.tick()
    settled(service)
    assert bench.asked() == ["resync --request", RUN]
    assert (asking.row(asked.id).state, asking.row(asked.id).exit_code) == (ENDED, 3)


def test_what_was_asked_for_while_a_run_is_at_work_is_begun_again_after_a_minute(bench: Bench) -> None:
    asking = bench.service().sites[0].journal().asking()
    asked = asking.ask(Wish("nightly", Scope(Extent.ALL), "it", "to see", Shown(frozenset())))
    (bench.folders[0] / "code").write_text("8")
    bench.wait(seconds=1)
    bench.wait(seconds=59)
    assert len(bench.asked()) == 1
    (bench.folders[0] / "code").write_text("0")
    bench.wait(seconds=1)
    assert len(bench.asked()) == 2
    assert asking.row(asked.id).state == ENDED


def test_what_was_asked_for_and_is_killed_each_time_is_given_up_and_says_so(bench: Bench) -> None:
    asking = bench.service().sites[0].journal().asking()
    asked = asking.ask(Wish("nightly", Scope(Extent.ALL), "it", "to see", Shown(frozenset())))
    (bench.folders[0] / "code").write_text("137")
    for times in range(1, TIMES + 1):
        bench.wait(minutes=1)
        assert bench.asked() == ["resync --request"] * times
        assert asking.row(asked.id).state != ENDED
    bench.wait(minutes=1)
    found = asking.row(asked.id)
    assert (found.state, found.exit_code) == (ENDED, 137)
    assert json.loads(found.said)["error"].startswith("the system ended it each time")
    bench.wait(minutes=5)
    assert len(bench.asked()) == TIMES + 1
    asking.ask(Wish("nightly", Scope(Extent.PERSON, "p1"), "it", "to see", Shown(frozenset())))
    (bench.folders[0] / "code").write_text("0")
    bench.wait(minutes=1)
    assert len(bench.asked()) == TIMES + 2, "the next one has its turn"


def test_the_service_has_it_told_what_began_at_one_site_while_another_cannot_be_read(
    bench: Bench, cooperation: Callable[[int], list[Path]]
) -> None:
    bench.folders = cooperation(2)
    service = bench.service()
    service.sites[0].close()
    shutil.rmtree(bench.folders[0] / "var")
    (bench.folders[0] / "var").write_text("no folder")
    bench.traveller.move_to(datetime(2026, 11, 23, 7, tzinfo=UTC), tick=False)
    tell_all(service.sites, datetime.now(UTC), bench.said.append)
    assert not [line for line in bench.said if "nobody could be told" in line]
    told = service.sites[1].journal().telling("nightly").rows()
    assert "late" in {row.what for row in told}


def test_a_retry_is_not_lost_when_the_service_is_started_anew(bench: Bench) -> None:
    bench.service()
    (bench.folders[0] / "code").write_text("4")
    bench.go("2026-11-23T02:30")
    bench.services.pop().stop()
    bench.move(datetime.now(UTC) + timedelta(minutes=15))
    settled(bench.service())
    assert len(bench.asked()) == 2

"""A no to what is held: it is left alone as long as it is the same, and calls for nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from provision.core.guard import Hold, Rejection
from provision.errors import UsageError
from provision.journal import Journal
from tests.app.edits import without
from tests.app.journals import begun, on_both
from tests.app.sites import SOUTH, Site, day, pupils
from tests.app.test_guarded_nights import held, locked

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NO = Rejection("it@host", "p7 is at camp", NOW)


def hold(digest: str = "1a2b3c4d5e6f", digests: frozenset[str] = frozenset({"d1", "d2"})) -> Hold:
    return Hold("feide", SOUTH, "disable", 2, 1, 50, digest, digests, ("p1", "p2"))


def night_of(journal: Journal) -> str:
    with journal.lease("somebody") as lease:
        return begun(journal, lease)


@pytest.fixture
def leavers(site: Site) -> list[str]:
    return pupils(site, SOUTH)[4::7]


def test_the_command_says_no_and_the_next_night_is_a_good_one(site: Site, leavers: list[str]) -> None:
    identity = held(site, without(leavers))
    said = site.cli("reject", identity.lower(), "--reason", "they are at camp", "--json", code=0).json
    assert (said["hold"], said["target"], said["org"], said["changes"]) == (identity, "feide", SOUTH, len(leavers))
    assert said["rejected"]["reason"] == "they are at camp"
    assert site.night(4, without(leavers)).target["done"] == {}
    assert site.cli("health", "--json").json["sites"][0]["conditions"] == []
    for command in (("status",), ("run", "--day", str(day(4))), ("plan", "--day", str(day(4)))):
        told = site.cli(*command, code=0).out
        assert "rejected by" in told, command
        assert "they are at camp" in told
    assert locked(site) == set()


def test_on_the_terminal_it_says_what_to_do_next(site: Site, leavers: list[str]) -> None:
    identity = held(site, without(leavers))
    told = site.cli("reject", identity, "--reason", "at camp", code=0).out
    assert f"no to {identity}" in told
    assert f"provision approve {identity}" in told


def test_explain_says_that_it_was_rejected(site: Site, leavers: list[str]) -> None:
    site.cli("reject", held(site, without(leavers)), "--reason", "at camp", code=0)
    told = site.cli("explain", leavers[0], "--day", str(day(3)), code=0).out
    assert "rejected by" in told
    assert "mend it in the SIS" in told


def test_what_was_rejected_is_approved_after_all(site: Site, leavers: list[str]) -> None:
    identity = held(site, without(leavers))
    site.cli("reject", identity, "--reason", "at camp", code=0)
    site.cli("approve", identity, "--reason", "no camp", "--day", str(day(3)), code=0)
    assert locked(site) == set(leavers)


def test_what_is_no_hold_and_a_no_without_a_reason_are_refused(site: Site, leavers: list[str]) -> None:
    identity = held(site, without(leavers))
    for subject in ("H-00000000", "R-00000000", "care.csv"):
        site.cli("reject", subject, "--reason", "no", code=2)
    assert "say why" in site.cli("reject", identity, "--reason", " ", code=2).err
    assert "say why" in site.cli("approve", identity, "--reason", "", code=2).err


@on_both
def test_a_no_ends_with_the_hold_that_it_was_said_to(journal: Journal) -> None:
    run = night_of(journal)
    journal.save_holds(run, "feide", [hold()])
    journal.reject(hold().id, NO)
    assert journal.rejections() == {hold().id: NO}
    journal.save_holds(run, "feide", [hold()])
    journal.save_holds(run, "lms", [])
    assert [row.hold.rejected for row in journal.holds()] == [NO], "it is still the same"
    journal.save_holds(run, "feide", [hold("9f8e7d6c5b4a")])
    assert [row.hold.rejected for row in journal.holds()] == [None]
    assert journal.rejections() == {}


@on_both
def test_a_no_takes_back_the_yes_to_more_of_the_same_and_no_other(journal: Journal) -> None:
    run = night_of(journal)
    larger = hold("9f8e7d6c5b4a", frozenset({"d1", "d2", "d3"}))
    other = Hold("lms", SOUTH, "disable", 2, 1, 50, "aaaaaaaaaaaa", frozenset({"d1"}), ())
    journal.save_holds(run, "feide", [larger])
    journal.save_holds(run, "lms", [other])
    for each in (larger, other):
        journal.approve(each.id, "it@host", "gone", NOW + timedelta(hours=24))
    journal.save_holds(run, "feide", [hold()])
    journal.reject(hold().id, NO)
    assert [each.hold for each in journal.approvals(NOW)] == [other.id]
    assert journal.verify_audit() is None


@on_both
def test_a_second_no_replaces_the_first_and_a_yes_takes_both_back(journal: Journal) -> None:
    journal.save_holds(night_of(journal), "feide", [hold()])
    journal.reject(hold().id, NO)
    again = Rejection("rektor@host", "still at camp", NOW + timedelta(hours=1))
    journal.reject(hold().id, again)
    assert journal.rejections() == {hold().id: again}
    journal.approve(hold().id, "it@host", "no camp", NOW + timedelta(hours=24))
    assert journal.rejections() == {}


@on_both
def test_nobody_says_no_to_a_run_that_has_begun(journal: Journal) -> None:
    journal.save_holds(night_of(journal), "feide", [hold()])
    with journal.lease("somebody"), pytest.raises(UsageError, match="once it is over"):
        journal.reject(hold().id, NO)
    assert journal.rejections() == {}

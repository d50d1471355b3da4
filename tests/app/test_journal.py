"""What the journal records of runs and changes, and what it must never record."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from provision.core.outcome import Result, Status
from provision.core.plan import Change, Withdraw
from provision.core.state import Key, Kind, Member, Record
from provision.errors import JournalError
from provision.journal import Image, Journal, Lease
from tests import builders, canaries
from tests.app.journals import NIGHT, Clock, begun, on_both, opened, written

pytestmark = on_both

PUPIL = builders.a_pupil(1)
LOCKED = replace(PUPIL, active=False)
GROUP = Record(
    Key(Kind.GROUP, "6a"),
    {"title": "6A", "school": builders.SCHOOL, "mixed": frozenset({"x", builders.SCHOOL, builders.OTHER_SCHOOL})},
    frozenset({Member(PUPIL.key, "student", "2026-08-01", "2027-07-31", primary=True), Member(PUPIL.key, "aide")}),
)


@pytest.fixture
def lease(journal: Journal) -> Iterator[Lease]:
    with journal.lease("nightly") as lease:
        yield lease


def carried_out(journal: Journal, run: str, change: Change, status: Status = Status.DONE) -> None:
    """As the apply loop does it, for a change that the target answers with this status."""
    with journal.lease("nightly") as lease:
        journal.intend(run, "feide", [change], lease)
    journal.settle(run, "feide", [Result(change, status)])


def a_run(journal: Journal, day: date = NIGHT) -> str:
    with journal.lease("nightly") as lease:
        return begun(journal, lease, day)


def test_a_run_is_named_after_the_minute_it_began_in(journal: Journal, lease: Lease) -> None:
    assert re.fullmatch(r"20261123-0015-[0-9a-f]{4}", begun(journal, lease))


def test_a_finished_run_tells_what_came_of_it(journal: Journal, clock: Clock, lease: Lease) -> None:
    began = clock.now
    run = begun(journal, lease)
    clock.pass_(minutes=3)
    journal.finish(run, 6, {"created": 3, "held back": 1})
    (row,) = journal.runs()
    assert (row.id, row.job, row.mode, row.day, row.status) == (run, "nightly", "run", NIGHT, "finished")
    assert (row.began, row.ended, row.exit_code) == (began, clock.now, 6)
    assert row.summary == {"created": 3, "held back": 1}


def test_the_latest_runs_come_first(journal: Journal, clock: Clock, lease: Lease) -> None:
    names = []
    for _ in range(5):
        names.append(begun(journal, lease))
        clock.pass_(days=1)
    assert [row.id for row in journal.runs(limit=3)] == names[:1:-1]


def test_a_run_that_was_never_begun_cannot_be_finished(journal: Journal) -> None:
    with pytest.raises(JournalError, match="knows no run 20260101-0000-0000"):
        journal.finish("20260101-0000-0000", 0, {})


def test_an_intent_is_open_until_it_is_settled(journal: Journal, lease: Lease) -> None:
    run = begun(journal, lease)
    changes = [builders.create(builders.a_pupil(number)) for number in range(3)]
    journal.intend(run, "feide", changes, lease)
    assert journal.open_intents() == 3
    journal.settle(
        run, "feide", [Result(changes[0], Status.DONE), Result(changes[1], Status.REJECTED, "no such class")]
    )
    assert journal.open_intents() == 1
    (refused,) = journal.last_changes(changes[1].key)
    assert (refused.status, refused.detail) == ("rejected", "no such class")


def test_what_a_run_intended_and_nobody_answered_is_left_to_the_next(journal: Journal, lease: Lease) -> None:
    run = begun(journal, lease)
    change = builders.create(PUPIL)
    journal.intend(run, "feide", [change], lease)
    journal.finish(run, 7, {})
    assert journal.open_intents() == 0
    assert journal.last_changes(PUPIL.key)[0].status == "left to the next run"


def test_a_run_that_died_is_found_by_the_next(journal: Journal) -> None:
    with journal.lease("nightly") as lease:
        died = begun(journal, lease)
        journal.intend(died, "feide", [builders.create(PUPIL)], lease)
    assert [row.status for row in journal.runs()] == ["died"], "also before anybody else comes by"
    assert journal.open_intents() == 1
    with journal.lease("nightly") as lease:
        run = begun(journal, lease)
        assert {row.id: row.status for row in journal.runs()} == {died: "died", run: "running"}
    assert journal.open_intents() == 0
    assert journal.last_changes(PUPIL.key)[0].status == "left to the next run"


def test_an_answer_that_comes_after_the_run_was_taken_for_dead_still_counts(journal: Journal) -> None:
    change = builders.disable(PUPIL)
    with journal.lease("nightly") as lease:
        slow = begun(journal, lease)
        journal.intend(slow, "feide", [change], lease)
    a_run(journal)
    journal.settle(slow, "feide", [Result(change, Status.DONE)])
    assert journal.last_changes(PUPIL.key)[0].status == "done"
    assert journal.history().disabled == {("feide", PUPIL.key): NIGHT}


def test_a_better_answer_replaces_an_unknown_one_but_a_settled_one_stands(journal: Journal) -> None:
    run, change = a_run(journal), builders.create(PUPIL)
    carried_out(journal, run, change, Status.UNKNOWN)
    journal.settle(run, "feide", [Result(change, Status.DONE)])
    assert journal.last_changes(PUPIL.key)[0].status == "done"
    with pytest.raises(JournalError, match="never intended"):
        journal.settle(run, "feide", [Result(change, Status.REJECTED)])


def test_an_answer_without_an_intent_is_refused_and_changes_nothing(journal: Journal) -> None:
    run = a_run(journal)
    with pytest.raises(JournalError, match="never intended"):
        journal.settle(run, "feide", [Result(builders.disable(PUPIL), Status.DONE)])
    assert journal.history().disabled == {}
    assert journal.verify_audit() is None


@pytest.mark.parametrize(
    ("change", "image"),
    [
        (builders.create(PUPIL), Image()),
        (
            builders.update(PUPIL, builders.with_fields(PUPIL, sn="Ny", mail="k@nordlys.kommune.no", givenName=None)),
            Image({"sn": "Prøve1", "mail": None, "givenName": "Kari"}),
        ),
        (builders.update(LOCKED, PUPIL), Image(active=False)),
        (
            builders.update(GROUP, replace(GROUP, members=frozenset(), fields={"title": "6A"})),
            Image({"school": builders.SCHOOL, "mixed": GROUP.fields["mixed"]}, members=GROUP.members),
        ),
        (builders.disable(PUPIL), Image(PUPIL.fields, members=frozenset(), active=True)),
        (builders.withdraw(GROUP), Image()),
        (builders.delete(LOCKED), Image(LOCKED.fields, members=frozenset(), active=False)),
        (builders.delete(GROUP), Image(GROUP.fields, members=GROUP.members, active=True)),
        (builders.rekey(PUPIL.key, handle="uid=kari,dc=no"), Image(handle="uid=kari,dc=no")),
        (builders.rekey(PUPIL.key, previous=Key(Kind.ACCOUNT, "a:b")), Image(previous=Key(Kind.ACCOUNT, "a:b"))),
    ],
    ids=["create", "update", "return", "members", "disable", "withdraw", "delete", "group", "adopt", "rekey"],
)
def test_every_change_comes_back_as_it_was_with_what_it_replaced(
    journal: Journal, change: Change, image: Image
) -> None:
    run = a_run(journal)
    carried_out(journal, run, change)
    (row,) = journal.last_changes(change.key)
    assert row.before == image
    called = "disable" if isinstance(change, Withdraw) else type(change).__name__.lower()
    assert (row.run, row.target, row.verb) == (run, "feide", called)
    assert (row.key, row.orgs, row.role, row.reason) == (change.key, change.orgs, change.role, change.reason)


def test_the_latest_changes_come_first_and_are_the_records_own(journal: Journal) -> None:
    run = a_run(journal)
    for change in (builders.create(PUPIL), builders.disable(PUPIL), builders.create(builders.a_pupil(2))):
        carried_out(journal, run, change)
    assert [row.verb for row in journal.last_changes(PUPIL.key)] == ["disable", "create"]
    assert [row.verb for row in journal.last_changes(PUPIL.key, limit=1)] == ["disable"]


def test_somebody_disabled_is_known_since_the_first_night(journal: Journal) -> None:
    carried_out(journal, a_run(journal), builders.disable(PUPIL))
    carried_out(journal, a_run(journal, date(2026, 11, 30)), builders.update(LOCKED, replace(LOCKED, fields={})))
    assert journal.history().disabled == {("feide", PUPIL.key): NIGHT}


@pytest.mark.parametrize(
    "change",
    [builders.update(LOCKED, PUPIL), builders.delete(LOCKED), builders.withdraw(LOCKED)],
    ids=["back", "deleted", "withdrawn"],
)
def test_coming_back_and_leaving_for_good_end_the_time_of_being_disabled(journal: Journal, change: Change) -> None:
    run = a_run(journal)
    carried_out(journal, run, builders.disable(PUPIL))
    carried_out(journal, run, change)
    assert journal.history().disabled == {}


def test_a_refused_change_leaves_the_time_of_being_disabled_alone(journal: Journal) -> None:
    run = a_run(journal)
    carried_out(journal, run, builders.disable(PUPIL), Status.REJECTED)
    assert journal.history().disabled == {}
    carried_out(journal, run, builders.disable(PUPIL))
    carried_out(journal, run, builders.update(LOCKED, PUPIL), Status.STALE)
    assert journal.history().disabled == {("feide", PUPIL.key): NIGHT}


def test_the_time_of_being_disabled_follows_an_account_to_its_new_id(journal: Journal) -> None:
    run, other = a_run(journal), Key(Kind.ACCOUNT, "p1-new")
    carried_out(journal, run, builders.disable(PUPIL))
    carried_out(journal, run, builders.rekey(other, previous=PUPIL.key))
    assert journal.history().disabled == {("feide", other): NIGHT}


def test_nothing_on_the_disk_tells_a_withdrawal_or_whom_it_took_out(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        run = a_run(journal)
        for status in (Status.REJECTED, Status.DONE):
            carried_out(journal, run, builders.withdraw(PUPIL), status)
        journal.finish(run, 0, {})
        everything = written(tmp_path)
    assert b"account:p1" in everything
    for word in ("ithdraw", "Kari", "pup00001", "20150817", "displayName", "members"):
        assert word.encode() not in everything, word


def test_an_account_is_known_once_it_was_made(journal: Journal) -> None:
    run = a_run(journal)
    assert not journal.knows_accounts("feide")
    carried_out(journal, run, builders.create(builders.a_school()))
    carried_out(journal, run, builders.create(PUPIL), Status.REJECTED)
    carried_out(journal, run, builders.create(builders.a_pupil(2)), Status.UNKNOWN)
    assert not journal.knows_accounts("feide")
    carried_out(journal, run, builders.create(builders.a_pupil(3)))
    assert journal.knows_accounts("feide")
    assert not journal.knows_accounts("lms")


def test_an_adopted_account_is_known_as_well_and_a_disabled_one_still_is(journal: Journal) -> None:
    run = a_run(journal)
    carried_out(journal, run, builders.rekey(PUPIL.key, handle="uid=kari,dc=no"))
    assert journal.knows_accounts("feide")
    carried_out(journal, run, builders.disable(PUPIL))
    assert journal.knows_accounts("feide")


@pytest.mark.parametrize("end", [builders.delete(LOCKED), builders.withdraw(PUPIL)])
def test_an_account_that_rightly_went_is_known_no_more(journal: Journal, end: Change) -> None:
    run = a_run(journal)
    carried_out(journal, run, builders.create(PUPIL))
    carried_out(journal, run, end)
    assert not journal.knows_accounts("feide")


def test_a_lock_that_others_set_is_never_noted_as_ours(journal: Journal) -> None:
    run = a_run(journal)
    still_locked = replace(builders.with_fields(PUPIL, givenName="Anne"), active=False)
    carried_out(journal, run, builders.update(replace(PUPIL, active=False), still_locked))
    assert journal.history().disabled == {}


def test_an_account_found_disabled_is_noted_once_and_forgotten_when_found_active(journal: Journal) -> None:
    journal.note_disabled("feide", {PUPIL.key: NIGHT})
    journal.note_disabled("feide", {PUPIL.key: date(2026, 12, 24)})
    assert journal.history().disabled == {("feide", PUPIL.key): NIGHT}
    journal.forget_disabled("lms", [PUPIL.key])
    assert journal.history().disabled == {("feide", PUPIL.key): NIGHT}
    journal.forget_disabled("feide", [PUPIL.key])
    assert journal.history().disabled == {}


def test_identity_numbers_and_secret_fields_never_reach_the_disk(tmp_path: Path) -> None:
    number, spaced = canaries.NIN, f"{canaries.NIN[:6]} {canaries.NIN[6:]}"
    person = builders.with_fields(
        PUPIL,
        noredupersonnin=number,
        userPassword=canaries.PASSWORD,
        favouriteColour="ultramarine",
        remark=f"born as {spaced}",
        eduPersonEntitlement=frozenset({f"urn:x:{number}", "urn:y"}),
        grep="urn:mace:feide.no:go:grep:uuid:0f2ba9b4-9f4c-4f5e-8d3a-123456789012",
    )
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        run = begun(journal, lease)
        for change in (builders.delete(person), builders.update(person, PUPIL), builders.create(person)):
            told = replace(change, reason=f"id {number}")
            journal.intend(run, "feide", [told], lease)
            journal.settle(run, "feide", [Result(told, Status.REJECTED, f"bad value: {spaced}")])
        journal.intend(run, "feide", [builders.rekey(PUPIL.key, handle=f"cn={number},dc=no")], lease)
        rows = journal.last_changes(PUPIL.key)
        everything = written(tmp_path)
    assert b"0f2ba9b4-9f4c-4f5e-8d3a-123456789012" in everything
    for secret in (number, spaced, canaries.PASSWORD, "ultramarine"):
        assert secret.encode() not in everything
    hidden = {"noredupersonnin", "userPassword", "favouriteColour", "remark", "eduPersonEntitlement"}
    assert rows[-1].before.withheld == hidden
    assert rows[-1].reason == "id [number]"
    assert rows[-1].detail == "bad value: [number]"


def test_a_servers_odd_bytes_in_a_message_do_no_harm(journal: Journal) -> None:
    run, change = a_run(journal), builders.create(PUPIL)
    carried_out(journal, run, change, Status.UNKNOWN)
    journal.settle(run, "feide", [Result(change, Status.REJECTED, "odd \0 and \udc80")])
    assert journal.last_changes(PUPIL.key)[0].detail == "odd  and ?"

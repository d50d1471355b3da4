"""Which conditions hold of a site."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.conditions import ENOUGH_BYTES, Condition, Severity, What, conditions
from provision.core.guard import Hold, Rejection
from provision.core.standing import HeldStanding, LastRun, Picture, SlotStanding, TargetStanding, Terms

NOW: Final = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
GOOD: Final = LastRun("20261123-0130-ab12", "run", "finished", NOW - 5 * HOUR, NOW - 5 * HOUR, 0)
WELL: Final = Picture(
    site="Hemne kommune",
    job="nightly",
    now=NOW,
    runs=(GOOD,),
    targets=(TargetStanding("feide", "full", NOW - 5 * HOUR, NOW - 5 * HOUR, held_back=2, usual=2, fresh_hours=26),),
    sources={"pifu_ims": NOW - 6 * HOUR},
    slots=(SlotStanding("sync", "2026-11-23T02:30", NOW - 5 * HOUR, NOW - 5 * HOUR, 0, 1),),
    free_bytes=ENOUGH_BYTES,
    expires={"INTUNE_CLIENT_SECRET": date(2026, 12, 24)},
)
HOLD: Final = Hold("feide", "974588145", "disable", 9, 5, 100, "0a1b", frozenset({"0a1b-1"}), (), role="student")


def found(**changed: Any) -> list[tuple[str, str]]:
    return [each.key for each in conditions(replace(WELL, **changed))]


def target(**changed: Any) -> tuple[TargetStanding, ...]:
    return (replace(WELL.targets[0], **changed),)


def slot(**changed: Any) -> tuple[SlotStanding, ...]:
    return (replace(WELL.slots[0], **changed),)


def run(**changed: Any) -> tuple[LastRun, ...]:
    return (replace(GOOD, **changed),)


def test_of_a_site_where_all_is_well_nothing_holds() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"audit": "audit record 7 is missing"}, ("audit", "nightly")),
        ({"free_bytes": ENOUGH_BYTES - 1}, ("disk", "var")),
        ({"expires": {"the certificate": date(2026, 12, 23)}}, ("expiring", "the certificate")),
        ({"expires": {"the certificate": date(2025, 1, 1)}}, ("expiring", "the certificate")),
        ({"sources": {"pifu_ims": NOW - timedelta(days=4)}}, ("nothing_new", "pifu_ims")),
        ({"undelivered": {"mail": "nobody answers there"}}, ("undelivered", "mail")),
        ({"slots": slot(exit_code=3)}, ("failed", "sync")),
        ({"slots": slot(exit_code=4, again=NOW, attempts=2)}, ("failed", "sync")),
        ({"slots": (), "runs": run(exit_code=4)}, ("failed", "sync")),
        ({"slots": (), "runs": run(status="died", ended=None, exit_code=None)}, ("failed", "sync")),
        ({"slots": slot(kind="verify", exit_code=10)}, ("drifted", "verify")),
        ({"slots": slot(due=NOW - 4 * HOUR)}, ("late", "sync")),
        ({"slots": (), "runs": run(ended=NOW - 52 * HOUR)}, ("late", "sync")),
        ({"targets": target(failure="nobody answers")}, ("target_down", "feide")),
        ({"targets": target(good=NOW - 27 * HOUR)}, ("promise", "feide")),
        ({"targets": target(good=None)}, ("promise", "feide")),
        ({"targets": target(held_back=14)}, ("held_back", "feide")),
        ({"holds": (HeldStanding(HOLD, NOW - HOUR),)}, ("held", "feide 974588145 disable student")),
        ({"relinking": "R-1a2b"}, ("held", "relinking")),
    ],
)
def test_what_is_wrong_is_one_condition(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    assert found(**changed) == [expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"slots": slot(exit_code=5)},
        {"slots": slot(exit_code=6)},
        {"slots": slot(exit_code=4, again=NOW, attempts=1)},  # it is tried again
        {"slots": slot(due=NOW - 2 * HOUR)},
        {"slots": slot(exit_code=3), "runs": run(began=NOW - HOUR, ended=NOW - HOUR)},  # somebody ran it since
        {"runs": (), "targets": target(good=None, tried=None), "slots": ()},  # a new site
        {"targets": target(good=None, stage="off")},
        {"targets": target(held_back=13)},
        {"targets": target(held_back=90, usual=None)},
        {"holds": (HeldStanding(HOLD, NOW - HOUR, "until 2027-06-11"),)},
        {"holds": (HeldStanding(replace(HOLD, rejected=Rejection("it@host", "at camp", NOW)), NOW - HOUR),)},
        {"sources": {"pifu_ims": NOW - timedelta(days=3)}},
    ],
)
def test_what_is_no_matter_is_no_condition(changed: dict[str, Any]) -> None:
    assert found(**changed) == []


def test_what_is_late_and_old_is_the_sites_own_choice() -> None:
    terms = Terms(late_hours=9, nothing_new_days=10)
    old = {"pifu_ims": NOW - timedelta(days=10)}
    assert found(slots=slot(due=NOW - 8 * HOUR), sources=old, terms=terms) == []


def test_a_hold_is_the_same_condition_when_others_are_in_it() -> None:
    other = replace(HOLD, count=12, digest="ffff")
    first, second = (found(holds=(HeldStanding(hold, NOW),)) for hold in (HOLD, other))
    assert first == second


def test_only_what_cannot_wait_wakes_anybody() -> None:
    now = {what for what in What if Condition(what, "").severity is Severity.NOW}
    assert now == {What.JOURNAL, What.AUDIT, What.DISK}


exit_codes = st.none() | st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 130))
moments = st.none() | st.integers(0, 400).map(lambda hours: NOW - hours * HOUR)
slots = st.builds(
    SlotStanding,
    kind=st.sampled_from(("sync", "verify", "ratios")),
    ended=moments,
    exit_code=exit_codes,
    attempts=st.integers(0, 3),
    again=moments,
    due=moments,
)
targets = st.builds(
    TargetStanding,
    name=st.sampled_from(("feide", "lms")),
    good=moments,
    failure=st.sampled_from(("", "nobody answers")),
    held_back=st.integers(0, 50),
    usual=st.none() | st.integers(0, 20),
    fresh_hours=st.none() | st.integers(1, 48),
)


@given(
    st.lists(slots, unique_by=lambda each: each.kind),
    st.lists(targets, unique_by=lambda each: each.name),
    st.builds(
        LastRun,
        st.just("r"),
        st.just("run"),
        st.sampled_from(("died", "finished")),
        moments.filter(bool),
        moments,
        exit_codes,
    ),
)
def test_each_condition_holds_once(slots: list[SlotStanding], targets: list[TargetStanding], last: LastRun) -> None:
    keys = found(slots=tuple(slots), targets=tuple(targets), runs=(last,))
    assert len(keys) == len(set(keys))

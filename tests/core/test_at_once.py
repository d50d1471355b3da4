"""Who may not wait goes before everything else, whatever is in doubt and whatever the budgets say; nobody else does."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.at_once import of_themselves, plan_at_once
from provision.core.ground import Evidence
from provision.core.guard import Budget
from provision.core.judgement import Judgement
from provision.core.plan import AT_ONCE, Plan, Withdraw, stage
from provision.core.policy import DEFAULT_BUDGETS, Policy
from provision.core.state import Key, Kind, Record
from provision.core.words import Words
from tests.core.nights import MAPPING, World
from tests.core.test_class_records import LINKED, account, agents, assert_whole, members, town, world
from tests.town import NORTH, Town

NOTHING = {name: Budget(share=0, least=0) for name in DEFAULT_BUDGETS}
PUPILS = st.sets(st.sampled_from([f"p{n}" for n in range(1, 31)]), max_size=12)
NOBODY = Words()


def settled(policy: Policy = LINKED) -> World:
    """After a first night, with budgets that let nobody go."""
    here = world(replace(policy, budgets=NOTHING))
    here.run(town())
    return here


def in_doubt() -> Town:
    """The school of the first pupils is not in the export at all."""
    return replace(
        town().without(*(f"p{n}" for n in range(5, 31))), orgs=[o for o in town().orgs if o["sourced_id"] != NORTH]
    )


def at_once(here: World, told: Town, *, whole: bool = True) -> Plan:
    _, roster, desired = replace(here, history=here.history, ledger=dict(here.ledger)).plan(told)
    evidence = Evidence(roster, Judgement({}, frozenset()))
    traits = here.mapping.traits()
    plan = plan_at_once("lms", desired, here.actual(desired), evidence, traits, here.policy)
    return plan if whole else of_themselves(plan, desired)


def is_locked(record: Record | None, here: World) -> bool:
    """Without a place in anything; who the guardians are stays."""
    traits = here.mapping.traits()
    places = traits.membership - traits.kept - {"agentSourcedIds"}
    return record is not None and not record.active and not places & record.fields.keys()


@settings(max_examples=30)
@given(protected=PUPILS, blocked=PUPILS, doubt=st.booleans())
def test_exactly_those_who_were_named_are_out_or_locked_after_one_night(
    protected: set[str], blocked: set[str], *, doubt: bool
) -> None:
    here = settled()
    before = dict(here.records)
    here.words = Words(frozenset(protected), frozenset(blocked))
    told = in_doubt() if doubt else town()
    _, verdict = here.run(told)
    assert not verdict.holds
    for who in protected:
        assert here.account(who) is None
    for who in blocked - protected:
        assert is_locked(here.account(who), here)
        assert who not in members(here)
    others = (key for key in before if key.kind is Kind.ACCOUNT and key.sourced_id[0] in "pst")
    assert all(here.records[key].active for key in others if key.sourced_id not in protected | blocked)
    assert_whole(here)
    stages = [stage(change) for change in verdict.allowed]
    assert stages == sorted(stages)
    assert here.run(told)[0].changes == (), "and then there is nothing more to do"


@settings(max_examples=30)
@given(blocked=PUPILS)
def test_a_block_that_ends_leaves_everything_as_it_was(blocked: set[str]) -> None:
    here = settled()
    before = dict(here.records)
    here.words = Words(blocked=frozenset(blocked))
    for _ in range(5):
        here.run(town())
    assert (here.records == before) is (not blocked)
    here.words = NOBODY
    here.run(town())
    assert here.records == before


def test_whoever_leaves_while_blocked_is_deleted_in_their_time() -> None:
    here = settled(replace(LINKED, retention_days=3))
    here.policy = replace(here.policy, budgets=DEFAULT_BUDGETS)
    here.words = Words(blocked=frozenset({"p7"}))
    here.run(town())
    gone = town().without("p7")
    for _ in range(3):
        assert is_locked(here.account("p7"), here)
        here.run(gone)
    assert here.account("p7") is None
    assert here.deleted_while_active == []


def test_a_guardian_who_is_blocked_stays_the_guardian() -> None:
    here = settled(replace(LINKED, retention_days=3))
    here.words = Words(blocked=frozenset({"g1"}))
    assert len(here.run(town())[0].changes) == 1
    for _ in range(8):
        assert here.run(town())[0].changes == ()
        guardian = here.account("g1")
        assert guardian is not None
        assert not guardian.active
        assert agents(here, "p1") == {"account:g1"}


def test_a_held_change_of_a_child_keeps_no_guardian_from_being_locked() -> None:
    here = world(replace(LINKED, budgets=NOTHING))
    told = town()
    child = next(user for user in told.users if user["sourced_id"] == "p1")
    child["mail"] = "p1@elev.example"
    here.run(told)
    here.words = Words(blocked=frozenset({"g1"}))
    child["mail"] = ""
    _, verdict = here.run(told)
    assert [(hold.loss, hold.count) for hold in verdict.holds] == [("fields", 1)]
    guardian = here.account("g1")
    assert guardian is not None
    assert not guardian.active


def test_a_newcomer_who_is_blocked_gets_no_account_and_an_account_that_others_locked_is_left_as_it_is() -> None:
    here = settled()
    key = account("p3")
    here.records[key] = replace(here.records[key], active=False)
    before = dict(here.records)
    here.words = Words(blocked=frozenset({"p3", "new"}))
    plan, _ = here.run(town().add_pupil("new"))
    assert [change.key for change in plan.changes if change.key.kind is Kind.ACCOUNT] == []
    assert here.records[key] == before[key]


@pytest.mark.parametrize("words", [Words(frozenset({"p1"})), Words(blocked=frozenset({"p1"}))])
def test_at_once_nothing_else_is_planned_than_what_a_night_begins_with(words: Words) -> None:
    here = settled()
    here.words = words
    changed = town().without("p9").add_pupil("new")
    whole, _, _ = replace(here, ledger=dict(here.ledger)).plan(changed)
    urgent = [change for change in whole.changes if stage(change) == AT_ONCE]
    planned = at_once(here, changed)
    assert [(type(c), c.key) for c in planned.changes if stage(c) == AT_ONCE] == [(type(c), c.key) for c in urgent]
    assert {c.key.sourced_id for c in planned.changes} <= {"p1", "p2", "g1"}


def test_of_a_roster_that_is_not_whole_only_those_who_were_named_are_believed() -> None:
    here = settled()
    here.words = Words(frozenset({"p1"}), frozenset({"p2"}))
    planned = at_once(here, Town(), whole=False)
    assert [(type(c).__name__, c.key) for c in planned.changes] == [
        ("Withdraw", account("p1")),
        ("Disable", account("p2")),
    ]


def test_in_a_directory_the_same_holds() -> None:
    here = World(policy=Policy(budgets=NOTHING), mapping=MAPPING)
    here.run(town())
    before = dict(here.records)
    here.words = Words(frozenset({"p1"}), frozenset({"p2"}))
    plan, _ = here.run(town())
    assert [type(change) for change in plan.changes[:1]] == [Withdraw]
    assert here.account("p1") is None
    assert is_locked(here.account("p2"), here)
    rest = {key: record for key, record in before.items() if key not in (account("p1"), account("p2"))}
    assert {key: here.records[key] for key in rest} == rest
    assert Key(Kind.ACCOUNT, "p1") not in here.records

"""Whatever is put right between two nights, the next night ends as it would have; and never more than it might do."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.guard import Budget, guard
from provision.core.losses import Losses
from provision.core.mapping import TargetMapping
from provision.core.plan import Change
from provision.core.policy import Policy
from provision.core.scope import Extent, Scope, inside
from provision.core.stages import Stages, permitted
from provision.core.state import Key
from tests.core.nights import World, shipped
from tests.town import DAY, NIGHT, NORTH, SOUTH, Town, school_class

IDS: Final = [f"p{number}" for number in range(12)]
# By person the school and class of a night; who is not in it is not in the SIS.
PLACES: Final = st.dictionaries(st.sampled_from(IDS), st.sampled_from([(NORTH, "6A"), (NORTH, "6C"), (SOUTH, "6B")]))
SCOPES: Final = st.one_of(
    st.sampled_from([Scope(Extent.PERSON, who) for who in IDS]),
    st.sampled_from([Scope(Extent.CLASS, name) for name in ("6A", "6B", "6C")]),
    st.sampled_from([Scope(Extent.SCHOOL, NORTH), Scope(Extent.SCHOOL, SOUTH), Scope(Extent.ALL)]),
)
MAPPINGS: Final = {name: shipped(name) for name in ("feide", "oneroster")}
# From so small that a night is held to so large that nothing is.
BUDGETS: Final = st.sampled_from([Budget(0.0, 0), Budget(0.1, 1), Budget(0.5, 3), Budget(1.0, 99)])


def town_of(places: dict[str, tuple[str, str]], renamed: frozenset[str]) -> Town:
    made = Town(classes=[school_class("6A"), school_class("6B", SOUTH), school_class("6C")])
    made.add_teacher("t1", NORTH, SOUTH)
    for who, (org, group) in sorted(places.items()):
        made.add_pupil(who, org, group, **({"given_name": "Ny"} if who in renamed else {}))
    return made


def world_after(first: Town, mapping: TargetMapping, budget: Budget) -> World:
    policy = Policy(nights=1)
    generous = World(policy=policy, mapping=mapping)
    generous.run(first)
    return replace(generous, policy=replace(policy, budgets=dict.fromkeys(policy.budgets, budget)))


def copy(world: World) -> World:
    return replace(world, records=dict(world.records), ledger=dict(world.ledger), announced=dict(world.announced))


def resynced(world: World, town: Town, scope: Scope) -> tuple[list[Change], list[Change]]:
    """The part of tonight's plan is carried out at once, as what nobody counts as a night; it, and all that is held."""
    before = world.history
    plan, roster, _ = world.plan(town)
    world.history = before
    verdict = guard(plan, world.policy.budgets, world.mapping.traits(), (), NIGHT)
    losses = Losses(plan, world.mapping.traits())
    parts = permitted(verdict.allowed, losses, Stages(), DAY, inside(scope, plan, roster))
    going = [part for part in parts if part]
    for change in going:
        world._apply(change)
    held = {key for hold in verdict.holds for key in hold.keys}
    return going, [change for change in plan.changes if change.key in held and change not in verdict.allowed]


@pytest.mark.parametrize("name", MAPPINGS)
@settings(max_examples=100)
@given(PLACES, PLACES, st.frozensets(st.sampled_from(IDS)), SCOPES, BUDGETS)
def test_a_resync_and_then_a_night_end_as_the_night_alone_save_for_what_waits_for_a_yes(
    name: str,
    first: dict[str, tuple[str, str]],
    second: dict[str, tuple[str, str]],
    renamed: frozenset[str],
    scope: Scope,
    budget: Budget,
) -> None:
    alone = world_after(town_of(first, frozenset()), MAPPINGS[name], budget)
    town, put_right = town_of(second, renamed), copy(alone)
    going, held = resynced(put_right, town, scope)
    assert not [change for change in going if change in held]
    alone.run(town)
    _, verdict = put_right.run(town)
    # Who has moved already is no longer one of those of whom a share may go: so less may go than in one, never more.
    waiting = {key for hold in verdict.holds for key in hold.keys}
    assert {key for key in alone.records | put_right.records if not same_in(key, alone, put_right)} <= waiting
    assert put_right.ledger == alone.ledger


def same_in(key: Key, one: World, other: World) -> bool:
    return one.records.get(key) == other.records.get(key)

"""Plans while it is open who is who: ids that a person confirmed, and an export in which everybody's are new."""

from collections.abc import Set

import pytest

from provision.core.absence import judge
from provision.core.ground import Evidence
from provision.core.losses import Losses
from provision.core.plan import Plan, Rekey
from provision.core.planner import make_plan
from tests.core.nights import World
from tests.core.test_class_records import TRAITS, account, group, town, world
from tests.town import Town, school_class


def planned(here: World, told: Town, *, confirmed: Set[str] = frozenset(), relinking: str = "") -> Plan:
    _, roster, desired = here.plan(told)
    judgement = judge(roster, here.history, here.policy)
    evidence = Evidence(roster, judgement, here.history.sightings, confirmed=confirmed, relinking=relinking)
    return make_plan("lms", desired, here.actual(desired), evidence, here.mapping.traits(), here.policy)


@pytest.mark.parametrize(
    ("confirmed", "reason"),
    [({"p7"}, "has a new id, as somebody confirmed"), ({"p8"}, "the SIS gave them a new id")],
    ids=["a person's word", "the SIS's word"],
)
def test_a_new_id_says_who_said_so_and_only_a_persons_word_needs_no_budget(confirmed: Set[str], reason: str) -> None:
    here = world()
    here.run(town())
    renamed = town().without("p7").add_pupil("q7", family_name="Prøvep7")
    renamed.id_changes = [{"old": "p7", "new": "q7"}]
    plan = planned(here, renamed, confirmed=confirmed)
    [change] = [c for c in plan.changes if isinstance(c, Rekey)]
    assert (change.key, change.previous, change.reason) == (account("q7"), account("p7"), reason)
    assert [loss.kind for loss in Losses(plan, TRAITS).of(change)] == ([] if "p7" in confirmed else ["id"])


def test_while_everybodys_ids_are_new_only_people_wait() -> None:
    here = world()
    here.run(town())
    told = town().add_pupil("p99", group="6C")
    told.classes.append(school_class("6C"))
    plan = planned(here, told, relinking="new ids for everybody: R-1")
    assert plan.held[account("p99")] == "new ids for everybody: R-1"
    assert account("p99") not in {change.key for change in plan.changes}
    assert group("6C") in {change.key for change in plan.changes}
    assert group("6C") not in plan.held

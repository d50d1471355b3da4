"""Plans where it is not plain who is who: ids that change, come back, or go to somebody else."""

from provision.core.guard import Budget
from provision.core.plan import Create, Disable, Rekey, Update, Withdraw
from provision.core.policy import DEFAULT_BUDGETS, Policy
from provision.core.state import Key, Kind
from tests.core.nights import World, town
from tests.town import NORTH, SOUTH, Town, person


def test_an_announced_id_change_moves_the_account_and_nobody_gets_a_second_one() -> None:
    world = World()
    world.run(town())
    name = world.account("p7")
    renamed = town().without("p7").add_pupil("q7", family_name="Prøvep7")
    renamed.id_changes = [{"old": "p7", "new": "q7"}]
    plan, _ = world.run(renamed)
    assert [type(c) for c in plan.changes] == [Rekey]
    plan, _ = world.run(renamed)
    moved = world.account("q7")
    assert name is not None
    assert moved is not None
    assert moved.fields["uid"] == name.fields["uid"]
    assert world.account("p7") is None
    assert world.run(renamed)[0].changes == ()


def test_all_ids_new_overnight_creates_nobody_and_removes_nobody() -> None:
    world = World()
    world.run(town())
    renamed = Town()
    for number in range(1, 31):
        renamed.add_pupil(f"x{number}", family_name=f"Prøvep{number}")
    renamed.add_pupils(20, SOUTH, "6B", "s").add_teacher("t1", NORTH, SOUTH)
    for _ in range(6):
        plan, verdict = world.run(renamed)
        assert not [c for c in verdict.allowed if isinstance(c, Create)]
        assert "`provision adopt --same p7=x7`" in plan.held[Key(Kind.ACCOUNT, "x7")]
        assert "x7 may be the same person" in plan.held[Key(Kind.ACCOUNT, "p7")]
    assert {f"p{n}" for n in range(1, 31)} <= world.active()


def test_somebody_who_comes_back_under_a_new_id_is_held_and_the_old_account_is_kept_until_a_person_has_said() -> None:
    world = World(policy=Policy(retention_days=5))
    world.run(town())
    renamed = town().without("p7").add_pupil("q7", family_name="Prøvep7")
    for _ in range(12):
        world.run(renamed)
    assert "p7" in world.active()
    world.announced["p7"] = "q7"  # as a person says with `adopt --same`
    [change] = world.run(renamed)[0].changes
    assert isinstance(change, Rekey)
    assert "q7" in world.active()


def test_an_id_that_the_sis_gave_to_somebody_else_does_not_give_them_the_account() -> None:
    world = World()
    world.run(town())
    swapped = town()
    swapped.users[6] = person("p7", given_name="Bob", family_name="Annen", birth_date="2011-01-01")
    plan, _ = world.run(swapped)
    assert plan.changes == ()
    assert "are all another's" in plan.held[Key(Kind.ACCOUNT, "p7")]


def test_a_new_name_alone_or_a_mended_birth_date_alone_is_still_the_same_person() -> None:
    for mended in ({"family_name": "Nygift"}, {"birth_date": "2015-08-18"}):
        world = World()
        world.run(town())
        changed = town()
        changed.users[6] |= mended
        assert [type(c) for c in world.run(changed)[0].changes] == [Update]


def test_chains_of_announced_ids_lead_to_the_last_and_a_protected_person_is_protected_under_all_of_them() -> None:
    world = World()
    world.run(town())
    world.announced = {"p7": "q7"}  # announced while the target could not be asked
    last = town().without("p7").add_pupil("r7", family_name="Prøvep7")
    last.id_changes = [{"old": "q7", "new": "r7"}]
    [change] = world.plan(last)[0].changes
    assert isinstance(change, Rekey)
    assert (change.previous, change.key.sourced_id) == (Key(Kind.ACCOUNT, "p7"), "r7")
    for flagged in ("p7", "q7", "r7"):
        hidden = World(records=dict(world.records), history=world.history, announced=dict(world.announced))
        last.care = [{"sourced_id": flagged, "protected": "1"}]
        assert [type(c) for c in hidden.run(last)[0].changes] == [Withdraw]
        assert hidden.account("r7") is None


def test_somebody_announced_under_a_new_id_who_then_leaves_goes_down_the_ladder() -> None:
    world = World()
    world.run(town())
    world.announced = {"p7": "q7"}
    gone = town().without("p7")
    for _ in range(3):
        plan, _ = world.run(gone)
    assert [type(c) for c in plan.changes] == [Disable]


def test_where_both_ids_have_an_account_the_old_one_goes_down_the_ladder() -> None:
    world = World()
    twice = town().add_pupil("q7", given_name="Quirin")
    world.run(twice)
    after = twice.without("p7")
    after.id_changes = [{"old": "p7", "new": "q7"}]
    for _ in range(3):
        plan, _ = world.run(after)
    assert [(type(c), c.key.sourced_id) for c in plan.changes] == [(Disable, "p7")]
    assert "has the id q7 now; missing 3 of 3 proven nights" in plan.changes[0].reason


def test_while_a_new_id_waits_for_a_yes_the_former_one_collects_no_nights() -> None:
    world = World(policy=Policy(budgets={**DEFAULT_BUDGETS, "id": Budget(share=0, least=0)}))
    world.run(town())
    renamed = town().without("p7").add_pupil("q7", family_name="Prøvep7")
    renamed.id_changes = [{"old": "p7", "new": "q7"}]
    for _ in range(4):
        plan, verdict = world.run(renamed)
        assert [hold.loss for hold in verdict.holds] == ["id"]
    for night in range(1, 4):
        plan, _ = world.run(town().without("p7"))
        assert any(isinstance(c, Disable) for c in plan.changes) is (night == 3), night

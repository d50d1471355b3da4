"""Plans: departures come from proven absence only, and one bad record stops itself only."""

from dataclasses import replace

from provision.core.absence import judge
from provision.core.extract import Completeness
from provision.core.ground import Evidence
from provision.core.plan import Delete, Disable, Update, Withdraw
from provision.core.planner import make_plan
from provision.core.policy import Policy
from provision.core.state import Key, Kind, Record, values
from tests.core.nights import TRAITS, World, kinds, town
from tests.town import DAY, DISTRICT, NORTH, SOUTH, Town, person, place, school_class


def test_a_first_night_makes_everybody_and_a_second_has_nothing_to_do() -> None:
    world = World()
    plan, _ = world.run(town())
    assert kinds(plan) == {"Create": 3 + 51}
    assert {change.reason for change in plan.changes} == {"new in the SIS"}
    plan, _ = world.run(town())
    assert plan.changes == ()
    assert plan.held == {}


def test_orgs_come_before_the_people_who_refer_to_them() -> None:
    plan, _, _ = World().plan(town())
    assert [c.key.kind for c in plan.changes] == [Kind.ORG] * 3 + [Kind.ACCOUNT] * 51


def test_somebody_missing_is_disabled_after_three_proven_nights_and_keeps_every_field_but_memberships() -> None:
    world = World()
    world.run(town())
    before = world.account("p7")
    for night in (1, 2):
        plan, _ = world.run(town().without("p7"))
        assert plan.changes == ()
        assert f"missing {night} of 3" in plan.waiting[Key(Kind.ACCOUNT, "p7")]
    plan, _ = world.run(town().without("p7"))
    assert [(type(c), c.key.sourced_id) for c in plan.changes] == [(Disable, "p7")]
    after = world.account("p7")
    assert before is not None
    assert after is not None
    assert not after.active
    assert "eduPersonEntitlement" not in after.fields
    assert after.fields["uid"] == before.fields["uid"]


def test_a_return_within_the_retention_time_reenables_the_same_account() -> None:
    world = World()
    world.run(town())
    name = world.ledger
    for _ in range(5):
        world.run(town().without("p7"))
    plan, _ = world.run(town())
    [change] = plan.changes
    assert isinstance(change, Update)
    assert change.after.active
    assert "comes back" in change.reason
    assert world.ledger == name


def test_a_disabled_account_is_deleted_after_the_retention_time_and_not_before() -> None:
    world = World(policy=Policy(retention_days=10))
    world.run(town())
    deleted = {}
    for _ in range(20):
        plan, _ = world.run(town().without("p7"))
        for change in plan.changes:
            deleted[type(change)] = world.night
    assert deleted[Delete] - deleted[Disable] == 10
    assert world.account("p7") is None


def test_an_org_is_never_removed() -> None:
    world = World()
    world.run(town())
    gone = town()
    gone.orgs = [o for o in gone.orgs if o["sourced_id"] != SOUTH]
    gone.classes = [c for c in gone.classes if c["org"] != SOUTH]
    gone = gone.without(*(f"s{n}" for n in range(1, 21)))
    gone.enrollments = [e for e in gone.enrollments if e["org"] != SOUTH]
    for _ in range(10):
        plan, _ = world.run(gone)
        assert not {type(c) for c in plan.changes} & {Disable, Delete, Withdraw}
    assert Key(Kind.ORG, SOUTH) in world.records
    assert "s1" in world.active()


def test_nobody_is_removed_from_a_school_that_is_not_proven() -> None:
    world = World()
    world.run(town())
    doubtful = town().without("p7")
    doubtful.completeness[NORTH] = Completeness(rows=100, unidentified=1, proof="whole")
    for _ in range(5):
        plan, _ = world.run(doubtful)
        assert plan.changes == ()
        assert "do not say whom they are about" in plan.held[Key(Kind.ACCOUNT, "p7")]
    assert "p7" in world.active()


def test_the_nights_count_only_with_newer_content() -> None:
    world = World()
    world.run(town())
    for _ in range(6):
        same = replace_clock(town().without("p7"))
        plan, _, _ = world.plan(same)
        world.night += 1
    assert "missing 1 of 3" in plan.waiting[Key(Kind.ACCOUNT, "p7")]


def replace_clock(frozen: Town) -> Town:
    """A town whose export is always the one of the second night."""

    class Stale(Town):
        def roster(self, night: int = 0):
            return replace(Town.roster(self, night), as_of=Town.roster(self, 1).as_of)

    stale = Stale()
    for name in ("users", "enrollments", "classes", "orgs"):
        setattr(stale, name, getattr(frozen, name))
    return stale


def test_a_person_of_whom_a_row_cannot_be_read_is_not_removed_and_loses_no_group() -> None:
    world = World()
    world.run(town())
    unreadable = town()
    unreadable.enrollments = [e for e in unreadable.enrollments if e["user"] != "p7"]
    unreadable.enrollments.append(place("p7", NORTH, "6A", begin="yesterday"))
    for _ in range(5):
        plan, _ = world.run(unreadable)
        assert plan.changes == ()
    assert "p7" in world.active()


def test_a_school_that_is_not_proven_may_add_groups_and_never_take_any_away() -> None:
    world = World()
    world.run(town())
    moved = town()
    moved.classes.append(school_class("7C"))
    moved.enrollments = [e for e in moved.enrollments if e["user"] != "p7"] + [place("p7", NORTH, "7C")]
    moved.completeness[NORTH] = Completeness(rows=10, unreadable=9, proof="whole")
    plan, _ = world.run(moved)
    [change] = plan.changes
    assert isinstance(change, Update)
    groups = [str(v) for v in values(change.after.fields["eduPersonEntitlement"])]
    assert any(":6A:" in g for g in groups)
    assert any(":7C:" in g for g in groups)


def test_a_class_that_vanishes_keeps_its_school_unproven_until_it_has_been_gone_for_three_nights() -> None:
    world = World()
    world.run(town())
    vanished = town().without(*(f"p{n}" for n in range(1, 31)))
    vanished.classes = [c for c in vanished.classes if c["sourced_id"] != "6A"]
    seen = []
    for _ in range(9):
        plan, verdict = world.run(vanished)
        seen.append((len(plan.held), len(plan.waiting), len(verdict.holds)))
        assert "p7" in world.active()
    assert seen[0][0] == 30
    assert seen[-1] == (0, 0, 1), "in the end it is a plan that the guard holds"


def test_a_new_school_year_takes_over_without_a_missing_class() -> None:
    world = World()
    ending = town()
    ending.classes = [school_class("6A", end="2026-11-23"), school_class("6B", SOUTH)]
    world.run(ending)
    after = town()
    after.classes = [school_class("7A"), school_class("6B", SOUTH)]
    after.enrollments = [
        {**e, "school_class": "7A" if e["school_class"] == "6A" else e["school_class"]} for e in after.enrollments
    ]
    plan, _ = world.run(after)
    assert kinds(plan) == {"Update": 30}
    assert all(":6A:" not in str(v) for c in plan.changes for v in values(c.after.fields["eduPersonEntitlement"]))


def test_a_protected_person_is_withdrawn_at_once_before_anything_else_and_whatever_the_source_proves() -> None:
    world = World()
    world.run(town())
    hidden = town().add_pupil("p99")
    hidden.care = [{"sourced_id": "p7", "protected": "1"}]
    hidden.completeness = {NORTH: Completeness(rows=1, unidentified=1), SOUTH: Completeness(), DISTRICT: Completeness()}
    plan, verdict = world.run(hidden)
    assert isinstance(plan.changes[0], Withdraw)
    assert plan.changes[0].key.sourced_id == "p7"
    assert "protect" not in plan.changes[0].reason
    assert plan.changes[0] in verdict.allowed
    assert world.account("p7") is None
    plan, _ = world.run(hidden)
    assert plan.changes == ()


def test_a_record_that_cannot_be_made_is_held_with_the_field_to_mend_and_the_rest_goes_on() -> None:
    world = World()
    broken = town().add_pupil("a", national_id="15851250066").add_pupil("b", national_id="15851250066")
    plan, _ = world.run(broken)
    assert kinds(plan) == {"Create": 3 + 51}
    assert {k.sourced_id for k in plan.held} == {"a", "b"}


def test_what_is_written_once_stays_as_it_is() -> None:
    world = World()
    world.run(town())
    key = Key(Kind.ACCOUNT, "p7")
    adopted = {**world.records[key].fields, "uid": "kari.p", "eduPersonPrincipalName": "kari.p@old.example"}
    world.records[key] = Record(key, adopted)
    plan, _ = world.run(town())
    assert plan.changes == ()


def test_a_lost_journal_removes_nobody_sooner() -> None:
    world = World()
    world.run(town())
    for _ in range(2):
        world.run(town().without("p7"))
    plan, _ = world.run(town().without("p7"), forget=True)
    assert plan.changes == ()
    assert "missing 1 of 3" in plan.waiting[Key(Kind.ACCOUNT, "p7")]


def test_the_digest_names_the_changes_and_not_their_order() -> None:
    first, second = town(), town()
    second.users.reverse()
    second.enrollments.reverse()
    assert World().plan(first)[0].digest == World().plan(second)[0].digest
    third = town().add_pupil("p99")
    assert World().plan(third)[0].digest != World().plan(first)[0].digest


def test_a_person_in_the_sis_without_a_place_goes_down_the_ladder_like_any_other() -> None:
    world = World()
    world.run(town())
    listed = town().without("p7")
    listed.users.append(person("p7"))
    for _ in range(2):
        assert world.run(listed)[0].changes == ()
    [change] = world.run(listed)[0].changes
    assert isinstance(change, Disable)


def test_an_account_that_others_locked_stays_locked_and_is_told() -> None:
    world = World()
    world.run(town())
    key = Key(Kind.ACCOUNT, "p7")
    world.records[key] = replace(world.records[key], active=False)
    plan, _ = world.run(town())
    assert plan.changes == ()
    assert plan.waiting == {key: "locked out by others in the target; left so"}
    renamed = town()
    renamed.users[6]["given_name"] = "Anne"
    [change] = world.run(renamed)[0].changes
    assert isinstance(change, Update)
    assert not change.after.active


def test_an_account_that_others_locked_goes_down_the_whole_ladder_once_its_owner_leaves() -> None:
    world = World(policy=Policy(retention_days=10))
    world.run(town())
    key = Key(Kind.ACCOUNT, "p7")
    world.records[key] = replace(world.records[key], active=False)
    seen = {}
    for _ in range(16):
        for change in world.run(town().without("p7"))[0].changes:
            seen[type(change)] = world.night
    assert seen[Delete] - seen[Disable] == 10


def test_of_two_entries_with_one_id_neither_is_written_but_a_protected_person_is_withdrawn() -> None:
    world = World()
    world.run(town())
    key = Key(Kind.ACCOUNT, "p7")
    renamed = town()
    renamed.users[6]["given_name"] = "Anne"
    world.ambiguous = {key: "several entries carry this id"}
    plan, _ = world.run(renamed)
    assert plan.changes == ()
    assert plan.held == {key: "several entries carry this id"}
    renamed.care = [{"sourced_id": "p7", "protected": "1"}]
    assert [type(c) for c in world.run(renamed)[0].changes] == [Withdraw]


def test_while_a_person_is_in_doubt_no_field_is_blanked_and_the_primary_school_stays() -> None:
    world = World()
    world.run(town())
    moved = town()
    moved.users[6]["birth_date"] = "yesterday"
    moved.enrollments = [e for e in moved.enrollments if e["user"] != "p7"] + [place("p7", SOUTH, "6B")]
    plan, _ = world.run(moved)
    [change] = plan.changes
    assert isinstance(change, Update)
    assert change.after.fields["norEduPersonBirthDate"] == "20150817"
    assert change.after.fields["eduPersonPrimaryOrgUnitDN"] == Key(Kind.ORG, NORTH)
    assert values(change.after.fields["eduPersonOrgUnitDN"]) == {Key(Kind.ORG, NORTH), Key(Kind.ORG, SOUTH)}


def test_somebody_whom_the_mapping_no_longer_wants_is_disabled_as_out_of_scope_and_not_as_a_leaver() -> None:
    world = World()
    world.run(town().add_teacher("t9", SOUTH))
    plan, roster, desired = world.plan(town().add_teacher("t9", SOUTH))
    narrowed = replace(desired, records={k: r for k, r in desired.records.items() if k.sourced_id != "t9"})
    judgement = judge(roster, world.history, world.policy)
    evidence = Evidence(roster, judgement, world.history.sightings, placed={"t9"})
    [change] = make_plan("feide", narrowed, world.actual(narrowed), evidence, TRAITS, world.policy).changes
    assert isinstance(change, Disable)
    assert "out of scope" in change.reason
    assert plan.changes == ()


def test_an_account_is_deleted_only_on_the_word_of_a_fresh_export() -> None:
    world = World(policy=Policy(retention_days=2))
    world.run(town())
    for _ in range(4):
        world.run(town().without("p7"))
    plan, roster, desired = world.plan(town().without("p7"))
    disabled = {Key(Kind.ACCOUNT, "p7"): DAY}
    for fresh, expected in ((True, [Delete]), (False, [])):
        judgement = replace(judge(roster, world.history, world.policy), fresh=fresh)
        evidence = Evidence(roster, judgement, world.history.sightings, disabled=disabled)
        changes = make_plan("feide", desired, world.actual(desired), evidence, TRAITS, world.policy).changes
        assert [type(c) for c in changes] == expected
    assert plan.held == {}


def test_the_owner_comes_before_its_schools_whatever_their_numbers() -> None:
    low = town()
    for rows, names in ((low.orgs, ("sourced_id", "parent")), (low.classes, ("org",)), (low.enrollments, ("org",))):
        for row in rows:
            for name in names:
                row[name] = row[name].replace(NORTH, "810000002") if name in row else ""
    assert next(c.key.sourced_id for c in World().plan(low)[0].changes) == DISTRICT


def _disabled_world() -> World:
    world = World()
    world.run(town())
    for _ in range(3):
        world.run(town().without("p7"))
    assert "p7" not in world.active()
    return world


def test_an_account_that_we_disabled_comes_back_also_where_the_journal_was_lost() -> None:
    world = _disabled_world()
    world.history = replace(world.history, disabled={})
    [change] = world.run(town())[0].changes
    assert isinstance(change, Update)
    assert change.after.active


def test_an_account_that_we_disabled_comes_back_also_where_others_gave_it_a_membership() -> None:
    world = _disabled_world()
    key = Key(Kind.ACCOUNT, "p7")
    given = {**world.records[key].fields, "eduPersonAffiliation": frozenset({"affiliate"})}
    world.records[key] = replace(world.records[key], fields=given)
    assert "p7" not in world.active()
    world.run(town())
    assert "p7" in world.active()


def test_a_school_is_as_large_as_its_active_accounts() -> None:
    world = _disabled_world()
    plan, _, _ = world.plan(town().without("p7"))
    assert {org: count for (org, role), count in plan.existing.items() if not role} == {NORTH: 30, SOUTH: 21}, (
        "29 pupils and a teacher; 20 pupils and the same teacher"
    )


def test_a_school_is_as_large_whoever_of_its_people_changes() -> None:
    world = World()
    world.run(town())
    quiet, _, _ = world.plan(town())
    renamed = town()
    renamed.users[6]["given_name"] = "Anne"
    busy, _, _ = world.plan(renamed)
    assert kinds(busy) == {"Update": 1}
    assert busy.existing == quiet.existing


def test_a_move_counts_at_both_schools_and_an_ordinary_change_is_no_return() -> None:
    world = World()
    world.run(town())
    moved = town()
    moved.enrollments = [e for e in moved.enrollments if e["user"] != "p7"] + [place("p7", SOUTH, "6B")]
    plan, _ = world.run(moved)
    [change] = plan.changes
    assert plan.waiting == {}
    assert change.orgs == {NORTH, SOUTH}
    assert change.role == "student"
    assert "comes back" not in change.reason
    assert change.reason.startswith("changed: ")
    assert "sn" not in change.reason

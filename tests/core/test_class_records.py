"""Targets that hold classes: nobody loses a place in one because of what was not read, and nothing is left dangling."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.extract import Completeness
from provision.core.guard import Budget, guard
from provision.core.plan import Delete, Disable, Rekey, Update, Withdraw
from provision.core.policy import GuardianLinks, Policy
from provision.core.roster import Role
from provision.core.state import Key, Kind, Record, values
from tests.core.nights import World, kinds, shipped
from tests.core.test_guard import approval
from tests.town import NIGHT, NORTH, SOUTH, Town, person, place, school_class

MAPPING = shipped("oneroster")
TRAITS = MAPPING.traits()
LINKED = Policy(guardians=GuardianLinks.LINKED)


def world(policy: Policy = LINKED) -> World:
    return World(policy=policy, mapping=MAPPING)


def town(pupils: int = 30) -> Town:
    """A class of 30 at one school, of 20 at the other; the first two pupils have a guardian each."""
    made = Town().add_pupils(pupils).add_pupils(20, SOUTH, "6B", "s").add_teacher("t1", NORTH, SOUTH)
    made.enrollments.append(place("t1", NORTH, "6A", "teacher"))
    for number in (1, 2):
        made.users.append(person(f"g{number}", birth_date="1980-02-03"))
        made.relationships.append({"user": f"p{number}", "related": f"g{number}", "relation": "guardian"})
    return made


def account(sourced_id: str) -> Key:
    return Key(Kind.ACCOUNT, sourced_id)


def group(sourced_id: str = "6A") -> Key:
    return Key(Kind.GROUP, sourced_id)


def members(world: World, sourced_id: str = "6A") -> set[str]:
    return {member.account.sourced_id for member in world.records[group(sourced_id)].members}


def agents(world: World, sourced_id: str) -> set[str]:
    return {str(key) for key in values(world.records[account(sourced_id)].fields.get("agentSourcedIds"))}


def assert_whole(world: World) -> None:
    """Every reference leads somewhere."""
    for record in world.records.values():
        refs = {v for value in record.fields.values() for v in values(value) if isinstance(v, Key)}
        refs |= {member.account for member in record.members}
        assert refs <= world.records.keys(), record.key


def test_a_first_night_makes_everything_in_order_and_a_second_has_nothing_to_do() -> None:
    here = world()
    plan, _ = here.run(town())
    assert [kind for kind, _ in dict.fromkeys((c.key.kind, 0) for c in plan.changes)] == list(Kind)
    assert members(here) == {*(f"p{n}" for n in range(1, 31)), "t1"}
    assert agents(here, "p1") == {"account:g1"}
    assert_whole(here)
    assert here.run(town())[0].changes == ()


def test_the_contact_teacher_is_the_one_own_teacher_of_a_class() -> None:
    here, told = world(), town()
    told.add_teacher("t0")
    told.enrollments += [place("t0", NORTH, "6A", "teacher"), place("t0", NORTH, "6A", "teacher", primary="")]
    here.run(told)
    own = {m.account.sourced_id for m in here.records[group()].members if m.primary}
    assert own == {"t0"}
    assert sum(m.account.sourced_id == "t0" for m in here.records[group()].members) == 1


def test_who_was_not_seen_stays_in_the_class_until_the_account_is_disabled() -> None:
    here = world()
    here.run(town())
    for _ in range(2):
        plan, _ = here.run(town().without("p7"))
        assert plan.changes == ()
        assert "p7" in members(here)
    plan, _ = here.run(town().without("p7"))
    assert [(type(c), c.key.sourced_id) for c in plan.changes] == [(Disable, "p7")]
    assert "p7" not in members(here)
    assert here.run(town().without("p7"))[0].changes == ()
    plan, _ = here.run(town())
    assert kinds(plan) == {"Update": 2}
    assert "p7" in members(here)


def test_a_disable_that_is_held_leaves_the_places_in_classes_too() -> None:
    here, gone = world(), [f"p{n}" for n in range(1, 12)]
    here.run(town())
    for _ in range(7):
        _, verdict = here.run(town().without(*gone))
    assert [hold.loss for hold in verdict.holds] == ["disable"]
    assert set(gone) <= members(here)
    assert {"g1", "g2"} <= here.active()


def test_a_doubtful_school_loses_no_member_and_may_gain() -> None:
    here = world()
    here.run(town())
    told = town()
    told.enrollments = [e for e in told.enrollments if e["user"] != "p5" or e["school_class"] != "6A"]
    told.enrollments.append(place("p5", NORTH))
    told.add_pupil("p99")
    told.completeness[NORTH] = Completeness(rows=100, doubt="half of it is missing")
    here.run(told)
    assert {"p5", "p99"} <= members(here)
    told.completeness.clear()
    here.run(told)
    assert "p5" not in members(here)


def test_somebody_of_whom_a_row_is_unreadable_stays_in_the_class() -> None:
    here = world()
    here.run(town())
    told = town()
    told.enrollments = [e for e in told.enrollments if e["user"] != "p5"] + [place("p5", NORTH)]
    told.rejects.append({"table": "enrollments", "sourced_id": "p5", "org": NORTH, "reason": "no role"})
    here.run(told)
    assert "p5" in members(here)


def with_choir(*singers: str, group: str = "Kor") -> Town:
    """The town with two teaching groups, one of which these pupils are in."""
    told = town()
    told.classes += [school_class(each, class_type="scheduled") for each in ("Kor", "Band")]
    told.enrollments += [place(singer, NORTH, group) for singer in singers]
    return told


PUPILS = [f"p{n}" for n in range(1, 31)]


def test_moving_between_classes_is_no_loss_and_leaving_one_for_nothing_is() -> None:
    here = world()
    here.run(with_choir(*PUPILS))
    _, verdict = here.run(with_choir(*PUPILS, group="Band"))
    assert verdict.holds == ()
    assert (members(here, "Kor"), members(here, "Band")) == (set(), {*PUPILS})
    _, verdict = here.run(with_choir(*PUPILS[:2], group="Band"))
    [hold] = verdict.holds
    assert (hold.loss, hold.count, hold.org) == ("memberships", 28, NORTH)
    assert members(here, "Band") == {*PUPILS}


def test_an_approved_loss_of_members_may_shrink_and_never_grow() -> None:
    here = world()
    here.run(with_choir(*PUPILS))
    _, verdict = here.run(with_choir(*PUPILS[:5]))
    [hold] = verdict.holds
    here.approvals = (approval(hold, target="feide"),)
    for stay, held in ((4, True), (5, False), (6, False)):
        plan, _, _ = here.plan(with_choir(*PUPILS[:stay]))
        assert bool(guard(plan, here.policy.budgets, TRAITS, here.approvals, NIGHT).holds) is held, stay


def test_a_class_that_is_over_goes_with_its_course_and_term_once_nothing_needs_them() -> None:
    here = world()
    told = town()
    told.classes.append(school_class("Kor", class_type="scheduled", subject_code="MUS0001", end="2026-11-24"))
    told.enrollments.append(place("p1", NORTH, "Kor"))
    here.run(told)
    here.run(told)
    assert group("Kor") in here.records
    plan, _ = here.run(told)
    assert [(type(c), c.key.kind) for c in plan.changes] == [
        (Delete, Kind.GROUP),
        (Delete, Kind.COURSE),
        (Delete, Kind.SESSION),
    ]
    assert_whole(here)


def test_a_class_that_vanished_is_kept_for_three_proven_nights() -> None:
    here = world()
    first = town()
    first.classes.append(school_class("6C"))
    here.run(first)
    for _ in range(2):
        plan, _ = here.run(town())
        assert plan.changes == ()
        assert group("6C") in {*plan.waiting, *plan.held}
    plan, _ = here.run(town())
    assert [(type(c), c.key) for c in plan.changes] == [(Delete, group("6C"))]


def test_a_class_whose_end_is_held_keeps_its_course_and_term() -> None:
    here = world()
    told = town()
    told.classes.append(school_class("Kor", class_type="scheduled", subject_code="MUS0001", end="2026-11-24"))
    told.enrollments += [place(f"p{n}", NORTH, "Kor") for n in range(1, 31)]
    here.run(told)
    here.run(told)
    plan, verdict = here.run(told)
    assert kinds(plan) == {"Delete": 3}
    assert verdict.allowed == ()
    assert [hold.count for hold in verdict.holds] == [30]


def test_a_protected_person_is_in_no_class_and_nobodys_guardian_at_once() -> None:
    here = world()
    here.run(town())
    told = town()
    told.care += [{"sourced_id": "p1", "protected": "1"}, {"sourced_id": "g2", "protected": "1"}]
    told.completeness[NORTH] = Completeness(rows=100, doubt="half of it is missing")
    plan, _ = here.run(told)
    withdrawn = {c.key.sourced_id for c in plan.changes if isinstance(c, Withdraw)}
    assert withdrawn == {"p1", "g1", "g2"}, "whose only child here is protected would tell where it goes to school"
    assert "p1" not in members(here)
    assert agents(here, "p2") == set()
    assert_whole(here)


def test_a_guardian_who_is_barred_is_no_longer_told_of_whatever_is_in_doubt_or_held() -> None:
    here = world()
    here.run(town())
    told = town()
    told.care.append({"sourced_id": "p1", "related_id": "g1", "barred": "1"})
    told.completeness[NORTH] = Completeness(rows=100, doubt="half of it is missing")
    here.policy = replace(
        here.policy,
        budgets={**here.policy.budgets, "memberships": Budget(share=0, least=0)},
    )
    here.run(told)
    assert agents(here, "p1") == set()
    assert agents(here, "p2") == {"account:g2"}


@pytest.mark.parametrize(("links", "told"), [("none", set()), ("responsible", {"g2"}), ("linked", {"g1", "g2"})])
def test_the_policy_says_what_a_bare_link_grants(links: str, told: set[str]) -> None:
    here = world(Policy(guardians=GuardianLinks(links)))
    care = [{"sourced_id": "p2", "related_id": "g2", "responsible": "1"}]
    here.run(replace(town(), care=care))
    assert {key.sourced_id for key in here.records if key.sourced_id[0] == "g"} == told


def test_a_guardian_who_is_not_seen_is_kept_for_three_nights_and_one_without_a_link_goes_at_once() -> None:
    here = world()
    here.run(town())
    missing, unlinked = town().without("g1"), town()
    missing.relationships = [r for r in missing.relationships if r["related"] != "g1"]
    for _ in range(2):
        assert here.run(missing)[0].changes == ()
    plan, _ = here.run(missing)
    assert {(type(c), c.key.sourced_id) for c in plan.changes} == {(Update, "p1"), (Disable, "g1")}
    unlinked.relationships = []
    plan, _ = here.run(unlinked)
    assert {(type(c), c.key.sourced_id) for c in plan.changes} == {(Update, "p2"), (Disable, "g2")}
    assert "g2" not in here.active()


def test_a_guardian_whom_a_childs_row_names_and_whose_own_is_lost_keeps_everything() -> None:
    here, told = world(), town()
    here.run(told)
    told.users = [u for u in told.users if u["sourced_id"] != "g1"]
    for _ in range(5):
        assert here.run(told)[0].changes == ()
    told.users.append(person("g1", status="inactive", birth_date="1980-02-03"))
    for _ in range(2):
        assert here.run(told)[0].changes == ()
    plan, _ = here.run(told)
    assert {(type(c), c.key.sourced_id) for c in plan.changes} == {(Update, "p1"), (Disable, "g1")}


def test_a_guardian_who_was_disabled_keeps_the_role_and_is_deleted_after_the_retention_time() -> None:
    here = world(replace(LINKED, retention_days=5))
    here.run(town())
    alone = town().without("g1")
    alone.relationships = [r for r in alone.relationships if r["related"] != "g1"]
    for _ in range(7):
        here.run(alone)
        left = here.records[account("g1")]
        assert left.fields["guardian"] == {Key(Kind.ORG, NORTH)}
    assert not left.active
    here.run(alone)
    assert account("g1") not in here.records
    assert_whole(here)


def test_a_guardian_stays_while_the_absence_of_the_child_is_not_proven() -> None:
    here = world()
    here.run(town())
    child_gone = town().without("p1")
    child_gone.relationships = [r for r in child_gone.relationships if r["user"] != "p1"]
    for _ in range(2):
        assert here.run(child_gone)[0].changes == ()
        assert "g1" in here.active()
    plan, _ = here.run(child_gone)
    assert {(type(c), c.key.sourced_id) for c in plan.changes} == {(Disable, "p1"), (Disable, "g1")}
    assert here.run(child_gone)[0].changes == ()


def test_a_teacher_who_is_a_guardian_too_has_one_account_with_both_places() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "t1", "relation": "guardian"})
    here.run(told)
    fields = here.records[account("t1")].fields
    assert fields["guardian"] == {Key(Kind.ORG, SOUTH)}
    assert fields["teacher"] == {Key(Kind.ORG, NORTH), Key(Kind.ORG, SOUTH)}
    assert str(fields["username"]).startswith("kar")


def test_a_teacher_who_is_only_seen_as_a_guardian_keeps_the_post_until_that_is_proven() -> None:
    here = world()

    def told(*, teaches: bool) -> Town:
        made = town()
        made.relationships.append({"user": "s1", "related": "t1", "relation": "guardian"})
        if not teaches:
            made.enrollments = [e for e in made.enrollments if e["user"] != "t1"]
        return made

    here.run(told(teaches=True))
    for _ in range(2):
        plan, _ = here.run(told(teaches=False))
        assert plan.changes == ()
        assert "teacher" in here.records[account("t1")].fields
        assert "t1" in members(here)
    here.run(told(teaches=False))
    fields = here.records[account("t1")].fields
    assert "teacher" not in fields
    assert fields["guardian"] == {Key(Kind.ORG, SOUTH)}
    assert here.records[account("t1")].active


def test_who_gets_no_account_is_in_no_class() -> None:
    here, told = world(), town()
    told.users.append(person("x1"))
    told.enrollments.append(place("x1", NORTH, "6A", "teacher"))
    here.mapping = replace(MAPPING, entries=tuple(replace(e, roles=e.roles - {Role.TEACHER}) for e in MAPPING.entries))
    here.run(told)
    assert members(here) == {f"p{n}" for n in range(1, 31)}
    assert_whole(here)


def test_a_new_id_is_followed_in_classes_and_by_children() -> None:
    here = world()
    here.run(town())
    told = town()
    for row in (*told.users, *told.enrollments, *told.relationships):
        for column in ("sourced_id", "user", "related"):
            row.update({column: f"new-{row[column]}"} if row.get(column) in ("p1", "g2") else {})
    told.id_changes += [{"old": old, "new": f"new-{old}"} for old in ("p1", "g2")]
    plan, _ = here.run(told)
    assert kinds(plan) == {"Rekey": 2}
    assert {(c.key, c.previous, c.handle, c.orgs, c.role, c.reason) for c in plan.changes if isinstance(c, Rekey)} == {
        (account(f"new-{old}"), account(old), "", frozenset({NORTH}), role, "the SIS gave them a new id")
        for old, role in (("p1", "student"), ("g2", "guardian"))
    }
    assert "new-p1" in members(here)
    assert agents(here, "p2") == {"account:new-g2"}
    assert here.run(told)[0].changes == ()
    assert_whole(here)


def test_whoever_is_named_is_made_before_the_one_who_names_them() -> None:
    here, told = world(), town()
    told.users.insert(0, person("a1"))
    told.enrollments.insert(0, place("a1", NORTH, "6A"))
    told.relationships += [{"user": u, "related": r, "relation": "guardian"} for u, r in (("a1", "t1"), ("p5", "a1"))]
    plan, _ = here.run(told)
    made = [change.key for change in plan.changes]
    assert made.index(account("t1")) < made.index(account("a1")) < made.index(account("p5"))
    assert agents(here, "a1") == {"account:t1"}


def test_a_new_pupil_who_is_held_keeps_no_class_waiting() -> None:
    here = world()
    here.run(town())
    told = town().add_pupil("p98", national_id="15851250066").add_pupil("p99", national_id="15851250066")
    plan, _ = here.run(told)
    assert {account("p98"), account("p99")} <= plan.held.keys()
    assert plan.changes == ()


def test_who_may_be_somebody_else_by_another_targets_word_waits_here_too() -> None:
    here = world()
    here.run(town())
    told = town().add_pupil("p99")
    plan, _, _ = here.plan(told)
    assert kinds(plan) == {"Create": 1, "Update": 1}


IDS = [f"p{n}" for n in range(12)]
CLASSES = ("6A", "6C", "Kor")


@st.composite
def towns(draw: st.DrawFn) -> Town:
    made = Town().add_pupil("s1", SOUTH, "6B")
    made.classes.append(school_class("Kor", class_type="scheduled"))
    if draw(st.booleans()):
        made.classes.append(school_class("6C"))
    there = {row["sourced_id"] for row in made.classes}
    for sourced_id in sorted(draw(st.sets(st.sampled_from(IDS), min_size=1))):
        made.users.append(person(sourced_id))
        made.enrollments.append(place(sourced_id))
        made.enrollments += [place(sourced_id, NORTH, c) for c in draw(st.sets(st.sampled_from(CLASSES))) if c in there]
        if draw(st.booleans()):
            guardian = draw(st.sampled_from(["g1", "g2", "g3"]))
            made.relationships.append({"user": sourced_id, "related": guardian, "relation": "guardian"})
    linked = {row["related"] for row in made.relationships}
    made.users += [person(g, birth_date="1980-02-03") for g in sorted(linked | draw(st.sets(st.just("g1"))))]
    if draw(st.integers(0, 3)) == 0:
        made.completeness[NORTH] = Completeness(rows=100, doubt="half of it is missing")
    return made


@given(st.lists(towns(), min_size=2, max_size=4))
@settings(max_examples=40)
def test_whatever_the_nights_bring_nothing_dangles_and_nothing_is_planned_twice(nights: list[Town]) -> None:
    here = world(replace(LINKED, nights=2, retention_days=3))
    for told in nights:
        before = dict(here.records)
        plan, verdict = here.run(told)
        assert_whole(here)
        assert here.deleted_while_active == []
        _nobody_unseen_left_a_class(before, here, told)
        if not verdict.holds:
            here.night -= 1
            again, _, _ = here.plan(told)
            assert again.changes == (), plan.changes
            here.night += 1


def _nobody_unseen_left_a_class(before: dict[Key, Record], here: World, told: Town) -> None:
    seen = {row["sourced_id"] for row in told.users}
    for key, record in before.items():
        if key.kind is Kind.GROUP and key in here.records:
            left = record.members - here.records[key].members
            assert {m.account.sourced_id for m in left if m.account.sourced_id not in seen} <= {
                k.sourced_id for k in before if k not in here.records or not here.records[k].active
            }

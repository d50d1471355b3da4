"""A part of a plan that somebody asks for: nobody else changes, nothing dangles, and the night makes it whole."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.guard import Budget, Verdict, guard
from provision.core.losses import Losses
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw, is_urgent
from provision.core.references import references
from provision.core.roster import ClassType, Enrollment, Role, Roster, SchoolClass
from provision.core.scope import EVERYTHING, Extent, Inside, Scope, Shown, inside, scope_of, shown, takes_away
from provision.core.stages import Stages, permitted
from provision.core.state import Key, Kind, Record
from tests.core.test_stages import THERE, TRAITS, account, class_changes, group, members
from tests.core.test_stages_properties import BUDGETS, LIMITS, NAMES, nights
from tests.core.test_stages_properties import TRAITS as TOWN_TRAITS
from tests.core.test_stages_properties import Night as Town
from tests.town import DAY, NIGHT, NORTH, SOUTH

HERE = frozenset({NORTH})
ROSTER = Roster(DAY, {}, {}, {}, {}, {}, {}, frozenset())
P1, P2 = (Key(Kind.ACCOUNT, name) for name in ("p1", "p2"))


def asked(scope: Scope, *changes: Change, roster: Roster = ROSTER, stages: Stages | None = None) -> tuple[Change, ...]:
    plan = Plan("lms", changes)
    parts = permitted(changes, Losses(plan, TRAITS), stages or Stages(), DAY, inside(scope, plan, roster))
    return tuple(part for part in parts if part)


def person(name: str) -> Scope:
    return Scope(Extent.PERSON, name)


def test_everything_is_what_there_is_without_a_word() -> None:
    changes = (Create(account("p1"), HERE, "student", "new"), class_changes("6A", "p2", "p1 p2"))
    assert asked(Scope(Extent.ALL), *changes) == changes


def test_a_person_brings_the_account_and_their_own_places_and_nobody_elses() -> None:
    mine, other = (Create(account(name), HERE, "student", "new") for name in ("p1", "p2"))
    old, new = class_changes("6A", "p1 p3 p4", "p3 p5"), class_changes("6B", "p6", "p1 p2")
    made, left, come = asked(person("p1"), mine, other, old, new)
    assert made == mine
    assert (left.key, members(left)) == (old.key, {"p3", "p4"}), "p4 leaves and p5 comes another time"
    assert (come.key, members(come)) == (new.key, {"p1", "p6"})


def test_of_a_class_that_a_person_comes_to_only_who_is_in_it_changes() -> None:
    change = class_changes("6B", "p6", "p1 p2")
    renamed = replace(change, after=replace(change.after, fields={"cn": "6C"}))
    [come] = asked(person("p1"), renamed)
    assert isinstance(come, Update)
    assert come.after.fields == change.before.fields
    assert come.reason == "whom it was asked for joins; nobody else changes"


def test_a_person_leaves_no_class_for_one_that_is_not_there_yet() -> None:
    old, new = class_changes("6A", "p1 p2", "p2"), Create(group("6B", "p1", "p3"), HERE, "", "new")
    assert asked(person("p1"), old, new) == ()
    assert asked(Scope(Extent.CLASS, "6B"), old, new)[-1].key == new.key


def test_a_class_that_ends_is_not_one_persons() -> None:
    assert asked(person("p1"), Delete(group("6A", "p1"), HERE, "", "over")) == ()


def test_a_school_that_is_not_there_comes_with_whoever_names_it() -> None:
    school = Record(Key(Kind.ORG, NORTH), {"cn": "north"})
    made, mine = Create(school, HERE, "", "new"), Create(account("p1", school=school.key), HERE, "student", "new")
    other = Create(Record(Key(Kind.ORG, SOUTH), {"cn": "south"}), THERE, "", "new")
    assert asked(person("p1"), made, other, mine) == (made, mine)


def test_a_class_brings_its_course_and_the_accounts_of_its_members() -> None:
    course, unused = (Create(Record(Key(Kind.COURSE, name), {"cn": name}), HERE, "", "new") for name in ("math", "art"))
    own, former, other = (Create(account(name), HERE, "student", "new") for name in ("p1", "p2", "p3"))
    there = Update(group("6A", "p2"), group("6A", "p1", course=course.key), HERE, "", "changed")
    elsewhere = class_changes("6B", "p4", "p1 p4")
    assert asked(Scope(Extent.CLASS, "6A"), course, unused, own, former, other, there, elsewhere) == (
        course,
        own,
        former,
        there,
    )


def test_where_a_target_has_no_classes_the_roster_says_who_is_in_one() -> None:
    enrolled = Enrollment("p1", NORTH, "6A", Role.STUDENT, None, None, primary=True)
    roster = replace(ROSTER, enrollments={"p1": (enrolled,)})
    mine, other = (Create(account(name), HERE, "student", "new") for name in ("p1", "p2"))
    assert asked(Scope(Extent.CLASS, "6A"), mine, other, roster=roster) == (mine,)


def test_a_school_is_all_that_is_of_it_also_where_it_is_of_another_as_well() -> None:
    both = Create(account("p1"), HERE | THERE, "student", "new")
    here, there = Create(account("p2"), HERE, "student", "new"), Create(account("p3"), THERE, "student", "new")
    assert asked(Scope(Extent.SCHOOL, NORTH), both, here, there) == (both, here)


def test_a_school_holds_its_people_and_classes_also_where_nothing_changes() -> None:
    enrolled = Enrollment("p1", NORTH, "6A", Role.STUDENT, None, None, primary=True)
    classes = {"6A": SchoolClass("6A", ClassType.HOMEROOM, "6A", NORTH, "", "6", None, None)}
    among = inside(
        Scope(Extent.SCHOOL, NORTH), Plan("lms", ()), replace(ROSTER, classes=classes, enrollments={"p1": (enrolled,)})
    )
    assert among.holds(P1)
    assert among.holds(Key(Kind.GROUP, "6A"))
    assert not among.holds(P2)


def test_who_may_not_wait_goes_whoever_is_asked_for() -> None:
    out = Withdraw(account("p9"), THERE, "student", "out of scope")
    assert asked(person("p1"), out) == (out,)


def test_a_person_is_asked_for_by_the_old_id_as_by_the_new() -> None:
    rekey = Rekey(P1, "", Key(Kind.ACCOUNT, "p0"), HERE, "student", "a new id")
    roster = replace(ROSTER, id_changes={"p0": "p1"})
    assert asked(person("p0"), rekey, roster=roster) == (rekey,)
    assert asked(person("p1"), rekey, roster=roster) == (rekey,)
    assert asked(person("p2"), rekey, roster=roster) == ()


def test_a_scope_is_read_back_as_it_was_written() -> None:
    for scope in (Scope(Extent.ALL), person("a b"), Scope(Extent.SCHOOL, NORTH)):
        assert scope_of(str(scope)) == scope


def test_a_removal_is_whatever_leaves_somebody_with_less() -> None:
    left, come = class_changes("6A", "p1 p2", "p1"), class_changes("6A", "p1", "p1 p2")
    gone = Disable(account("p1"), replace(account("p1"), active=False), HERE, "student", "gone")
    poorer = Update(account("p1", groups="a"), account("p1"), HERE, "student", "changed")
    losses = Losses(Plan("lms", (left, come, gone, poorer)), TRAITS)
    assert [takes_away(change, losses) for change in (left, come, gone, poorer)] == [True, False, True, True]


def looked_at(*changes: Change, target: str = "lms") -> Shown:
    return Shown(shown(target, changes, frozenset({"nin"})))


def test_what_was_shown_may_shrink_member_by_member_and_never_grow() -> None:
    before, fewer = class_changes("6A", "p1 p2", "p3 p4"), class_changes("6A", "p1 p2 p4", "p2 p3 p4")
    assert looked_at(before).covers(looked_at(fewer))
    assert not looked_at(fewer).covers(looked_at(before))
    assert looked_at(before).covers(looked_at())
    assert looked_at(before).digest != looked_at(fewer).digest


def test_what_was_shown_at_one_target_is_nothing_at_another_and_an_identity_number_is_not_in_it() -> None:
    change = Create(account("p1", nin="1"), HERE, "student", "new")
    assert not looked_at(change).covers(looked_at(change, target="feide"))
    assert looked_at(change) == looked_at(replace(change, after=account("p1", nin="2")))


def test_a_class_that_was_to_be_made_and_is_there_by_now_may_get_the_rest_of_its_members() -> None:
    made = Create(group("6A", "p1", "p2"), HERE, "", "new")
    assert looked_at(made).covers(looked_at(class_changes("6A", "p1", "p1 p2")))
    assert not looked_at(made).covers(looked_at(class_changes("6A", "p1", "p1 p3")))


def test_who_may_not_wait_is_not_among_what_is_shown() -> None:
    assert looked_at(Withdraw(account("p9"), THERE, "student", "out of scope")) == Shown(frozenset())


SCOPES = st.one_of(
    st.sampled_from([Scope(Extent.PERSON, name) for name in NAMES]),
    st.sampled_from([Scope(Extent.CLASS, name) for name in ("6A", "6B", "6C", "6D")]),
    st.sampled_from([Scope(Extent.SCHOOL, NORTH), Scope(Extent.SCHOOL, SOUTH), Scope(Extent.ALL)]),
)


def verdict_of(plan: Plan, budgets: dict[str, Budget]) -> Verdict:
    return guard(plan, budgets, TOWN_TRAITS, (), NIGHT)


def carried_out(plan: Plan, stages: Stages, allowed: Iterable[Change], among: Inside = EVERYTHING) -> list[Change]:
    parts = permitted(tuple(allowed), Losses(plan, TOWN_TRAITS), stages, DAY, among)
    return [part for part in parts if part]


@given(nights(), LIMITS, BUDGETS, SCOPES)
@settings(max_examples=150)
def test_nothing_dangles_and_nobody_has_fewer_classes_than_without_or_after_the_whole_plan(
    town: Town, stages: Stages, budgets: dict[str, Budget], scope: Scope
) -> None:
    plan = town.plan()
    going = carried_out(plan, stages, verdict_of(plan, budgets).allowed, inside(scope, plan, ROSTER))
    held = town.after(going)
    for record in held.values():
        assert set(references(record)) <= held.keys(), record.key
    before, whole, left = (town.classes_of(town.after(each)) for each in ((), plan.changes, going))
    gone = {change.key for change in going if isinstance(change, Disable | Withdraw)}
    for who in before.keys() - gone:
        assert left.get(who, 0) >= min(before[who], whole.get(who, 0)), who


@given(nights(), LIMITS, BUDGETS, SCOPES)
@settings(max_examples=150)
def test_nothing_else_changes_and_it_is_never_more_than_the_whole_would_be(
    town: Town, stages: Stages, budgets: dict[str, Budget], scope: Scope
) -> None:
    plan = town.plan()
    among, allowed = inside(scope, plan, ROSTER), verdict_of(plan, budgets).allowed
    going = carried_out(plan, stages, allowed, among)
    assert {change.key for change in going} <= {change.key for change in allowed}
    for change in going:
        if among.holds(change.key) or is_urgent(change):
            continue
        assert isinstance(change, Update)
        differs = {member.account for member in change.before.members ^ change.after.members}
        assert {town.names.get(who, who) for who in differs} <= among.people
        assert change.before.fields == change.after.fields


@given(nights(), SCOPES)
def test_what_is_shown_of_a_part_is_covered_by_what_is_shown_of_the_whole(town: Town, scope: Scope) -> None:
    plan = town.plan()
    part = carried_out(plan, Stages(), plan.changes, inside(scope, plan, ROSTER))
    urgent = [change for change in part if is_urgent(change)]
    assert looked_at(*urgent) == Shown(frozenset())
    places = {change.key for change in part if change.key.kind is Kind.GROUP}
    others = [change for change in part if change.key not in places]
    whole = [change for change in plan.changes if change.key not in places]
    assert looked_at(*whole).covers(looked_at(*others))


@pytest.mark.parametrize("scope", [person("p1"), Scope(Extent.CLASS, "6A"), Scope(Extent.SCHOOL, NORTH)], ids=str)
def test_a_course_stays_while_a_class_that_is_not_asked_for_needs_it(scope: Scope) -> None:
    course = Record(Key(Kind.COURSE, "math"), {"cn": "math"})
    ended, unused = Delete(group("6B", course=course.key), THERE, "", "over"), Delete(course, HERE, "", "unused")
    assert asked(scope, ended, unused) == ()

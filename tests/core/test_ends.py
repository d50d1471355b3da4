"""Everything that ends says whose it was, where, and why; and nothing ends that the evidence does not bear."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provision.core.cause import Cause
from provision.core.extract import Completeness
from provision.core.guard import Budget, guard
from provision.core.plan import Change, Delete, Disable, Update, Withdraw
from provision.core.policy import Policy
from provision.core.roster import ClassType, Role
from provision.core.state import Key, Kind, values
from provision.core.usernames import Scheme, is_ledger_name
from tests.core.nights import World
from tests.core.test_class_records import (
    LINKED,
    MAPPING,
    PUPILS,
    TRAITS,
    account,
    agents,
    group,
    members,
    town,
    with_choir,
    world,
)
from tests.town import DAY, NIGHT, NORTH, SOUTH, Town, place, school_class


def ended(here: World, told: Town) -> dict[Key, Change]:
    """Tonight's departures by key."""
    plan, _ = here.run(told)
    return {change.key: change for change in plan.changes if isinstance(change, Delete | Disable | Withdraw)}


def said(change: Change) -> tuple[frozenset[str], str, str]:
    return change.orgs, change.role, change.reason


def test_who_leaves_does_so_at_their_school_in_their_role_with_the_evidence() -> None:
    here = world(replace(LINKED, retention_days=3))
    here.run(town())
    gone = town().without("p7")
    for _ in range(2):
        assert ended(here, gone) == {}
    disabled = ended(here, gone)[account("p7")]
    last = DAY.isoformat()
    assert said(disabled) == (
        frozenset({NORTH}),
        "student",
        f"gone without a reason in the SIS; missing 3 of 3 proven nights, last seen {last}",
    )
    for _ in range(2):
        assert ended(here, gone) == {}
    deleted = ended(here, gone)[account("p7")]
    assert said(deleted) == (
        frozenset({NORTH}),
        "student",
        f"disabled for 3 days; gone without a reason in the SIS; missing 6 of 3 proven nights, last seen {last}",
    )


def test_who_is_out_of_scope_is_disabled_at_once_and_keeps_what_is_kept() -> None:
    here = world()
    here.run(town())
    here.mapping = replace(MAPPING, entries=tuple(replace(e, roles=e.roles - {Role.TEACHER}) for e in MAPPING.entries))
    change = ended(here, town())[account("t1")]
    assert isinstance(change, Disable)
    assert said(change) == (frozenset({NORTH, SOUTH}), "teacher", "out of scope")
    assert not change.after.active
    assert "teacher" in change.after.fields
    assert ended(here, town()) == {}


def test_who_is_withdrawn_is_so_at_their_school() -> None:
    here, told = world(), town()
    here.run(told)
    told.care.append({"sourced_id": "p1", "protected": "1"})
    assert said(ended(here, told)[account("p1")]) == (frozenset({NORTH}), "student", "out of scope")


def test_a_guardian_leaves_at_the_childs_school_and_waits_while_there_is_doubt() -> None:
    here, told = world(), town()
    here.run(told)
    told.relationships = [r for r in told.relationships if r["related"] != "g1"]
    told.rejects.append({"table": "users", "sourced_id": "g1", "org": "", "reason": "no name"})
    told.users = [u for u in told.users if u["sourced_id"] != "g1"]
    plan, _ = here.run(told)
    assert plan.held[account("g1")] == "kept, because a row about this person cannot be read"
    told.rejects.clear()
    for _ in range(2):
        plan, _ = here.run(told)
        assert plan.waiting[account("g1")] == "kept while a pupil here has this guardian"
    change = ended(here, told)[account("g1")]
    assert said(change) == (frozenset({NORTH}), "guardian", "is nobody's guardian here any more")


def test_who_is_withdrawn_needs_no_change_of_those_who_named_them() -> None:
    here, told = world(), town()
    here.run(told)
    told.care.append({"sourced_id": "g2", "protected": "1"})
    plan, _ = here.run(told)
    assert [(type(change), change.key) for change in plan.changes] == [(Withdraw, account("g2"))]
    assert agents(here, "p2") == set()


def test_a_guardian_waits_while_a_disabled_child_still_names_them() -> None:
    kept = tuple(
        replace(e, fields=tuple(replace(f, kept=True) if f.name == "agentSourcedIds" else f for f in e.fields))
        for e in MAPPING.entries
    )
    here = World(policy=LINKED, mapping=replace(MAPPING, entries=kept))
    here.run(town())
    for _ in range(4):
        plan, _ = here.run(town().without("p1"))
    assert "p1" not in here.active()
    assert agents(here, "p1") == {"account:g1"}
    assert plan.waiting == {account("g1"): "kept while a pupil here has this guardian"}


def test_who_keeps_a_post_that_is_not_proven_to_be_over_is_told_the_evidence() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "t1", "relation": "guardian"})
    here.run(told)
    told.enrollments = [e for e in told.enrollments if e["user"] != "t1"]
    next(u for u in told.users if u["sourced_id"] == "t1")["given_name"] = "Anne"
    plan, _ = here.run(told)
    [change] = plan.changes
    missing = f"missing 1 of 3 proven nights, last seen {DAY.isoformat()}"
    assert change.reason == f"changed: givenName; nothing is taken away, because {missing}"


def test_a_class_ends_on_the_day_after_its_last() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", end=(DAY + timedelta(days=1)).isoformat()))
    here.run(told)
    assert group("Kor") not in ended(here, told)
    change = ended(here, told)[group("Kor")]
    assert said(change) == (frozenset({NORTH}), "", f"over since {(DAY + timedelta(days=1)).isoformat()}")


def test_a_class_that_is_over_and_no_longer_in_the_export_ends_too() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", end=DAY.isoformat()))
    here.run(told)
    assert said(ended(here, town())[group("Kor")])[2] == f"over since {DAY.isoformat()}"


def test_a_class_that_vanishes_on_its_last_day_is_missing_and_not_yet_over() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", end=(DAY + timedelta(days=1)).isoformat()))
    here.run(told)
    plan, _ = here.run(town())
    assert plan.changes == ()
    assert group("Kor") in plan.waiting
    assert said(ended(here, town())[group("Kor")])[2].startswith("over since")


def test_a_class_of_the_only_school_ends_too() -> None:
    here, told = world(), Town().add_pupils(10)
    told.orgs = [{**org, "parent": ""} for org in told.orgs if org["sourced_id"] == NORTH]
    told.classes = [school_class("6A"), school_class("Kor", end=DAY.isoformat())]
    here.run(told)
    assert group("Kor") in ended(here, told)


def test_a_class_of_a_kind_that_may_not_go_out_any_more_ends_as_out_of_scope() -> None:
    here = world()
    here.run(with_choir())
    here.policy = replace(here.policy, groups=frozenset({ClassType.HOMEROOM}))
    change = ended(here, with_choir())[group("Kor")]
    assert said(change) == (frozenset({NORTH}), "", "out of scope")


@pytest.mark.parametrize("doubt", ["school", "class"])
def test_a_class_in_doubt_ends_by_no_means(doubt: str) -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", end=DAY.isoformat()))
    here.run(told)
    if doubt == "school":
        told.completeness[NORTH] = Completeness(rows=100, doubt="half of it is missing")
    else:
        told.rejects.append({"table": "classes", "sourced_id": "Kor", "org": NORTH, "reason": "no title"})
    plan, _ = here.run(told)
    assert group("Kor") in here.records
    assert plan.held[group("Kor")] == "kept, because its school's part of the export is in doubt"


def test_a_class_that_vanished_says_for_how_many_nights() -> None:
    here = world()
    here.run(with_choir())
    told = [here.run(town())[0].waiting[group("Kor")] for _ in range(2)]
    assert told == [f"missing {n} of 3 proven nights, last seen {DAY.isoformat()}" for n in (1, 2)]
    assert said(ended(here, town())[group("Kor")]) == (
        frozenset({NORTH}),
        "",
        f"missing 3 of 3 proven nights, last seen {DAY.isoformat()}",
    )


def test_a_course_and_a_term_stay_while_a_class_that_cannot_end_needs_them() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", class_type="scheduled", subject_code="MUS0001", end=DAY.isoformat()))
    here.run(told)
    told.rejects.append({"table": "classes", "sourced_id": "Kor", "org": NORTH, "reason": "no title"})
    assert ended(here, told) == {}
    told.rejects.clear()
    gone = ended(here, told)
    assert {key.kind for key in gone} == {Kind.GROUP, Kind.COURSE, Kind.SESSION}
    reasons = {change.reason for key, change in gone.items() if key.kind is not Kind.GROUP}
    assert reasons == {"nothing is taught in it any more"}


def test_a_course_stays_while_a_class_that_may_not_be_written_to_names_it() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", class_type="scheduled", subject_code="MUS0001"))
    here.run(told)
    told.classes[-1]["subject_code"] = "NOR0001"
    here.ambiguous = {group("Kor"): "several entries carry this id"}
    assert ended(here, told) == {}
    here.ambiguous = {}
    here.run(told)
    assert {key.kind for key in ended(here, told)} == {Kind.COURSE}


def test_a_hold_on_one_class_keeps_no_others_course() -> None:
    here, told = world(), town()
    for title, singers in (("Kor", PUPILS), ("Band", [])):
        told.classes.append(school_class(title, class_type="scheduled", subject_code=title, end=DAY.isoformat()))
        told.enrollments += [place(singer, NORTH, title) for singer in singers]
    here.run(told)
    _, verdict = here.run(told)
    gone = {c.key.sourced_id for c in verdict.allowed}
    assert {f"{NORTH}-Band", "Band"} <= gone
    assert not {f"{NORTH}-Kor", "Kor"} & gone


def test_two_holds_hold_both_and_are_told_apart() -> None:
    here = world(replace(LINKED, budgets={**LINKED.budgets, "memberships": Budget(share=0, least=0)}))
    told = with_choir(*PUPILS)
    told.classes.append(school_class("Orkester", SOUTH, "scheduled"))
    told.enrollments += [place(f"s{n}", SOUTH, "Orkester") for n in range(1, 21)]
    here.run(told)
    out = town()
    out.classes = told.classes
    _, verdict = here.run(out)
    assert {(hold.org, hold.count, hold.existing > 0) for hold in verdict.holds} == {
        (NORTH, 30, True),
        (SOUTH, 20, True),
    }
    assert len({hold.id for hold in verdict.holds}) == 2
    assert members(here, "Kor") == {*PUPILS}
    assert len(members(here, "Orkester")) == 20


def test_a_barred_guardian_goes_also_where_the_rest_of_the_change_is_held() -> None:
    nothing = {kind: Budget(share=0, least=0) for kind in LINKED.budgets}
    here, told = world(replace(LINKED, budgets=nothing)), town()
    told.enrollments.append(place("p1", SOUTH))
    here.run(told)
    after = town()
    after.care.append({"sourced_id": "p1", "related_id": "g1", "barred": "1"})
    _, verdict = here.run(after)
    fields = here.records[account("p1")].fields
    assert "agentSourcedIds" not in fields
    assert values(fields["student"]) == {Key(Kind.ORG, NORTH), Key(Kind.ORG, SOUTH)}
    [first, rest] = [c for c in verdict.allowed if isinstance(c, Update) and c.key == account("p1")]
    assert first.cause is Cause.WITHHELD
    assert rest.before == first.after
    assert rest.reason.endswith("; losses held")


def test_a_barred_guardian_goes_also_while_it_is_held_that_the_pupil_has_left() -> None:
    nothing = {kind: Budget(share=0, least=0) for kind in LINKED.budgets}
    here = world(replace(LINKED, budgets=nothing))
    here.run(town())
    gone = town().without("p1")
    for _ in range(3):
        here.run(gone)
    gone.care.append({"sourced_id": "p1", "related_id": "g1", "barred": "1"})
    _, verdict = here.run(gone)
    assert [hold.loss for hold in verdict.holds] == ["disable"]
    assert "agentSourcedIds" not in here.records[account("p1")].fields
    assert "p1" in here.active()
    assert "g1" not in here.active()


def test_a_plan_without_schools_has_no_budget_at_all() -> None:
    here = world()
    here.run(town())
    plan, _, _ = here.plan(town())
    key = next(key for key in here.records if key.kind is Kind.SESSION)
    before = here.records[key]
    after = replace(before, fields={name: value for name, value in before.fields.items() if name != "title"})
    verdict = guard(
        replace(plan, changes=(Update(before, after, frozenset(), "", "x"),)), Policy().budgets, TRAITS, (), NIGHT
    )
    assert [(hold.org, hold.limit, hold.existing) for hold in verdict.holds] == [("", 0, 0)]


@pytest.mark.parametrize(
    ("name", "may"), [("olanor", True), ("o.l-4", True), ("guardian_1", False), ("Ola", False), ("", False)]
)
def test_only_what_a_scheme_can_make_is_a_name_of_the_ledger(name: str, may: bool) -> None:  # noqa: FBT001  a table
    assert is_ledger_name(name) is may
    assert Scheme.parse("{given:3}.x").text == "{given:3}.x"

"""Guardians: nobody who is refused is told of, by no doubt, hold or id; nobody else goes by what was not seen once."""

from copy import deepcopy

import pytest

from provision.core.extract import Completeness
from provision.core.guard import Budget
from provision.core.plan import Disable, Rekey, Update, Withdraw
from provision.core.policy import GuardianLinks, Policy
from provision.core.state import Key, Kind, values
from tests.core.nights import World, kinds
from tests.core.test_class_records import LINKED, account, agents, assert_whole, group, town, with_choir, world
from tests.town import NORTH, SOUTH, Town, person, place

DOUBT = Completeness(rows=100, doubt="half of it is missing")
NIN = "15851250066"


def barred(told: Town, pupil: str = "p1", guardian: str = "g1") -> Town:
    told.care.append({"sourced_id": pupil, "related_id": guardian, "barred": "1"})
    return told


def unlinked(told: Town, guardian: str = "g1") -> Town:
    told.relationships = [r for r in told.relationships if r["related"] != guardian]
    return told


def renamed(told: Town, old: str, new: str) -> Town:
    for row in (*told.users, *told.enrollments, *told.relationships):
        row.update({name: new for name in ("sourced_id", "user", "related") if row.get(name) == old})
    told.id_changes.append({"old": old, "new": new})
    return told


def schools(here: World, sourced_id: str) -> set[str]:
    return {str(org) for org in values(here.records[account(sourced_id)].fields.get("guardian"))}


def settled(policy: Policy = LINKED) -> World:
    here = world(policy)
    here.run(town())
    assert agents(here, "p1") == {"account:g1"}
    return here


def gone_from_the_sis(told: Town) -> Town:
    return unlinked(told.without("g1"))


def in_doubt_and_unlinked(told: Town) -> Town:
    told.completeness[NORTH] = DOUBT
    return unlinked(told)


def held(told: Town) -> Town:
    for row in told.users:
        row.update({"national_id": NIN} if row["sourced_id"] in ("p1", "p2") else {})
    return told


def unreadable(told: Town) -> Town:
    told.users = [u for u in told.users if u["sourced_id"] != "p1"]
    told.rejects.append({"table": "users", "sourced_id": "p1", "org": NORTH, "reason": "no name"})
    return told


def with_a_new_id(told: Town) -> Town:
    return renamed(told, "p1", "new-p1")


def vanished(told: Town) -> Town:
    return told.without("p1")


@pytest.mark.parametrize(
    "change",
    [gone_from_the_sis, in_doubt_and_unlinked, held, unreadable, with_a_new_id, vanished],
    ids=lambda f: f.__name__,
)
def test_who_is_barred_is_told_of_no_more_whatever_else_is_the_matter(change) -> None:
    here = settled()
    here.run(change(barred(town())))
    assert not [k for k in here.records if k.sourced_id in ("p1", "new-p1") and agents(here, k.sourced_id)]
    assert "g1" not in here.active()
    assert_whole(here)


@pytest.mark.parametrize(("old", "new"), [("g1", "new-g1"), ("p1", "new-p1")])
def test_a_new_id_lifts_no_bar(old: str, new: str) -> None:
    here = world()
    here.run(barred(town()))
    for _ in range(3):
        told = renamed(barred(town()), old, new)
        here.run(told)
        assert not [k for k in here.records if k.sourced_id in ("g1", "new-g1")]


def test_a_new_id_keeps_what_care_csv_says_of_responsibility() -> None:
    here = world(Policy(guardians=GuardianLinks.RESPONSIBLE))
    told = town()
    told.care.append({"sourced_id": "p1", "related_id": "g1", "responsible": "1"})
    here.run(told)
    plan, _ = here.run(renamed(told, "p1", "new-p1"))
    assert kinds(plan) == {"Rekey": 1}
    assert agents(here, "new-p1") == {"account:g1"}
    assert here.run(told)[0].changes == ()


def test_of_two_rows_about_one_pair_the_stricter_counts() -> None:
    here = settled()
    told = renamed(barred(town()), "g1", "new-g1")
    told.care.append({"sourced_id": "p1", "related_id": "new-g1", "responsible": "1"})
    here.run(told)
    assert agents(here, "p1") == set()


def test_a_pupil_who_is_known_to_be_of_age_has_no_guardians_any_more_and_one_of_unknown_age_keeps_them() -> None:
    for born, left in (("2008-01-01", set()), ("", {"account:g1"})):
        here, told = settled(), town()
        told.completeness[NORTH] = DOUBT
        next(u for u in told.users if u["sourced_id"] == "p1")["birth_date"] = born
        here.run(told)
        assert agents(here, "p1") == left
        told.completeness.clear()
        here.run(told)
        assert agents(here, "p1") == left
        assert ("g1" in here.active()) is bool(left)


@pytest.mark.parametrize("change", [vanished, unreadable, held], ids=lambda f: f.__name__)
def test_a_school_of_a_child_who_stays_stays_the_guardians(change) -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "g1", "relation": "guardian"})
    here.run(told)
    both = {f"org:{NORTH}", f"org:{SOUTH}"}
    assert schools(here, "g1") == both
    for _ in range(2):
        here.run(change(deepcopy(told)))
        assert schools(here, "g1") == both


def test_a_school_goes_in_the_night_in_which_the_child_does() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "g1", "relation": "guardian"})
    here.run(told)
    gone = told.without("p1")
    gone.relationships = [r for r in told.relationships if r["user"] != "p1"]
    for _ in range(3):
        here.run(gone)
    assert schools(here, "g1") == {f"org:{SOUTH}"}
    assert here.run(gone)[0].changes == ()


@pytest.mark.parametrize("change", [held, with_a_new_id], ids=lambda f: f.__name__)
def test_a_guardian_whose_child_is_held_or_renamed_is_not_out_for_one_night_unseen(change) -> None:
    here = settled()
    here.run(change(gone_from_the_sis(town())))
    assert "g1" in here.active()


def test_a_hold_on_the_childs_change_holds_the_guardian_too() -> None:
    here = world(Policy(guardians=GuardianLinks.LINKED, budgets={**LINKED.budgets, "memberships": Budget(0, 0)}))
    here.run(town())
    plan, verdict = here.run(unlinked(town()))
    assert {(type(c), c.key.sourced_id) for c in plan.changes} == {(Update, "p1"), (Disable, "g1")}
    assert verdict.allowed == ()
    assert "g1" in here.active()


def test_guardians_neither_widen_a_schools_budget_nor_use_it_up() -> None:
    here, told = world(), town()
    for number in range(3, 31):
        for guardian in (f"m{number}", f"f{number}"):
            told.users.append(person(guardian, birth_date="1980-02-03"))
            told.relationships.append({"user": f"p{number}", "related": guardian, "relation": "guardian"})
    here.run(told)
    plan, verdict = here.run(unlinked(told, "m3"))
    assert plan.existing[NORTH, ""] == 31
    assert kinds(plan) == {"Update": 1, "Disable": 1}
    assert verdict.holds == ()


def test_a_teacher_and_guardian_who_has_vanished_leaves_as_both_in_one_night() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "t1", "relation": "guardian"})
    here.run(told)
    gone = told.without("t1")
    gone.relationships = [r for r in told.relationships if r["related"] != "t1"]
    for _ in range(2):
        assert here.run(gone)[0].changes == ()
    here.run(gone)
    assert agents(here, "s1") == set()
    assert "t1" not in here.active()
    here.night -= 1
    assert here.plan(gone)[0].changes == ()


def test_nobody_tells_through_a_guardian_where_a_protected_child_goes_to_school() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "g2", "relation": "guardian"})
    here.run(told)
    assert schools(here, "g2") == {f"org:{NORTH}", f"org:{SOUTH}"}
    told.care += [{"sourced_id": p, "protected": "1"} for p in ("p1", "p2")]
    told.completeness[NORTH] = DOUBT
    plan, _ = here.run(told)
    assert {c.key.sourced_id for c in plan.changes if isinstance(c, Withdraw)} == {"p1", "p2", "g1"}
    assert schools(here, "g2") == {f"org:{SOUTH}"}
    assert_whole(here)


@pytest.mark.parametrize("missing", [True, False], ids=["missing for a night", "with a row that cannot be read"])
def test_who_works_here_keeps_the_account_when_their_child_is_withdrawn(missing: bool) -> None:  # noqa: FBT001 - a column
    here, told = world(), town()
    told.relationships.append({"user": "p5", "related": "t1", "relation": "guardian"})
    here.run(told)
    told = told.without("t1")
    if not missing:
        told.rejects.append({"table": "users", "sourced_id": "t1", "org": NORTH, "reason": "no name"})
    told.care.append({"sourced_id": "p5", "protected": "1"})
    plan, _ = here.run(told)
    assert {c.key.sourced_id for c in plan.changes if isinstance(c, Withdraw)} == {"p5"}
    assert "t1" in here.active()


def test_without_a_journal_a_guardian_who_left_leaves_after_as_many_nights() -> None:
    here = settled()
    gone = gone_from_the_sis(town())
    here.history = type(here.history)(as_of=here.history.as_of)
    for _ in range(3):
        assert "g1" in here.active()
        here.run(gone)
    here.run(gone)
    assert "g1" not in here.active()


def test_what_is_stripped_comes_before_the_new_id() -> None:
    here = settled()
    plan, _ = here.run(with_a_new_id(barred(town())))
    assert [type(c) for c in plan.changes] == [Update, Rekey, Disable]


def test_a_class_without_an_end_is_taught_this_year() -> None:
    here, told = world(), with_choir()
    told.classes[-1].update({"begin": "2024-08-01", "end": ""})
    here.run(told)
    terms = here.records[group("Band")].fields["termSourcedIds"]
    assert terms == {Key(Kind.SESSION, "2026-08-01_2027-07-31")}


def test_a_guardian_link_to_a_new_place_is_told_with_the_place() -> None:
    here = settled()
    told = town()
    told.enrollments.append(place("p1", SOUTH))
    here.run(told)
    assert schools(here, "g1") == {f"org:{NORTH}", f"org:{SOUTH}"}

"""From tables to a Roster: references resolve, bad rows cost themselves only, nobody vanishes through our fault."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provision.core.extract import COLUMNS
from provision.core.roster import PRINCIPAL, Enrollment, Relation, Role
from provision.core.rows import rows
from provision.core.tables import build_roster
from tests.town import DAY, NORTH, SOUTH, Town, person, place, school_class


def test_a_current_enrollment_counts_and_past_and_future_ones_do_not() -> None:
    town = Town(users=[person("now"), person("past"), person("future")])
    town.enrollments = [
        place("now", school_class="6A", begin="2026-08-01", end=DAY.isoformat()),
        place("past", end=(DAY - timedelta(days=1)).isoformat()),
        place("future", begin=(DAY + timedelta(days=1)).isoformat()),
    ]
    assert set(town.roster().enrollments) == {"now"}


def test_an_enrollment_in_a_class_that_is_over_does_not_count() -> None:
    town = Town(classes=[school_class("old", begin="2025-08-01", end="2026-07-31")]).add_pupil("p1", NORTH, "old")
    assert town.roster().enrollments == {}


@pytest.mark.parametrize(
    "row",
    [
        place("p1", "999999999"),
        place("p1", NORTH, "no such class"),
        place("p1", role="wizard"),
        place("p1", begin="1.8.2026"),
    ],
)
def test_an_enrollment_that_cannot_be_used_makes_the_person_doubtful_and_costs_nobody_else(row: dict[str, str]) -> None:
    town = Town(users=[person("p1"), person("p2")], enrollments=[row, place("p2")])
    roster = town.roster()
    assert set(roster.enrollments) == {"p2"}
    assert roster.doubtful == {"p1"}
    assert len(roster.issues) == 1


def test_a_member_in_no_list_of_persons_is_an_issue_and_stays_present() -> None:
    town = Town(users=[person("p1")], enrollments=[place("p1"), place("ghost", role="teacher")])
    roster = town.roster()
    assert "ghost" in roster.present
    assert "ghost" in roster.doubtful
    assert [i.sourced_id for i in roster.issues] == ["ghost"]


def test_a_row_that_a_source_rejected_keeps_its_owner_present_and_doubtful() -> None:
    town = Town().add_pupil("p1")
    town.rejects = [{"table": "users", "sourced_id": "p2", "org": "", "reason": "no family name"}]
    roster = town.roster()
    assert {"p1", "p2"} <= roster.present
    assert roster.doubtful == {"p2"}


def test_two_people_with_one_identity_number_are_both_held_and_told_of_each_other() -> None:
    town = Town().add_pupil("p1", national_id="15851250066").add_pupil("p2", national_id="15851250066").add_pupil("p3")
    held = town.roster().held
    assert held.keys() == {"p1", "p2"}
    assert "p2" in held["p1"]
    assert "15851250066" not in str(held)


def test_an_inactive_person_is_as_good_as_absent() -> None:
    town = Town(users=[person("p1", status="inactive")], enrollments=[place("p1")])
    roster = town.roster()
    assert roster.users == {}
    assert "p1" not in roster.enrollments


def test_names_are_cleaned_and_a_name_that_is_only_blanks_is_refused() -> None:
    town = Town(users=[person("p1", given_name=" Kari  Anne ", family_name="Å\u0301"), person("p2", given_name=" \t")])
    roster = town.roster()
    assert roster.users["p1"].given_name == "Kari Anne"
    assert "p2" not in roster.users
    assert "p2" in roster.doubtful


def test_care_adds_protection_and_the_facts_about_guardians() -> None:
    town = Town(users=[person("p1"), person("g1"), person("g2")])
    town.relationships = [
        {"user": "p1", "related": "g1", "relation": "guardian"},
        {"user": "p1", "related": "g2", "relation": "guardian"},
    ]
    town.care = [
        {"sourced_id": "p1", "protected": "1"},
        {"sourced_id": "p1", "related_id": "g1", "responsible": "1", "lives_with": "0"},
        {"sourced_id": "p1", "related_id": "g2", "barred": "1"},
    ]
    roster = town.roster()
    assert roster.protected == {"p1"}
    first, second = roster.relationships["p1"]
    assert (first.related, first.relation, first.responsible, first.lives_with) == (
        "g1",
        Relation.GUARDIAN,
        True,
        False,
    )
    assert second.barred
    assert second.responsible is None


def test_the_order_of_rows_does_not_matter() -> None:
    town = Town().add_pupils(5).add_teacher("t1", NORTH, SOUTH)
    shuffled = replace_rows(town)
    assert town.roster() == shuffled.roster()


def replace_rows(town: Town) -> Town:
    return Town(users=town.users[::-1], enrollments=town.enrollments[::-1], classes=town.classes, orgs=town.orgs)


BEGINS = [None, date(2026, 8, 1), DAY, DAY + timedelta(days=1)]
ENDS = [None, date(9999, 12, 31), DAY, DAY - timedelta(days=1)]
ENROLLMENTS = st.builds(
    Enrollment,
    user=st.sampled_from(["p1", "p2"]),
    org=st.sampled_from([NORTH, SOUTH]),
    school_class=st.sampled_from(["", "6A", "6B"]),
    role=st.sampled_from(Role),
    begin=st.sampled_from(BEGINS),
    end=st.sampled_from(ENDS),
    primary=st.booleans(),
    leads=st.booleans(),
).map(lambda said: said._replace(leads=said.leads and said.role is Role.ADMINISTRATOR))


OPEN: Final = Enrollment("p1", NORTH, "", Role.STUDENT, None, None, primary=True)


@example(said=[OPEN, OPEN._replace(end=date.max)], again=random.Random(1))  # noqa: S311 - an order, no secret
@given(said=st.lists(ENROLLMENTS, max_size=20), again=st.randoms(use_true_random=False))
def test_each_current_enrollment_counts_once_and_in_one_order(said: list[Enrollment], again: random.Random) -> None:
    shuffled = [*said, *said]
    again.shuffle(shuffled)
    first, second = (
        Town(users=[person("p1"), person("p2")], enrollments=list(map(as_row, each))).roster().enrollments
        for each in (said, shuffled)
    )
    assert first == second
    for user in ("p1", "p2"):
        found = first.get(user, ())
        assert len(found) == len(set(found))
        assert set(found) == {each for each in said if each.user == user and each.current(DAY)}


def as_row(said: Enrollment) -> dict[str, str]:
    begin, end = (each.isoformat() if each else "" for each in (said.begin, said.end))
    flag = f"{said.primary:d}"
    role = PRINCIPAL if said.leads else said.role
    return place(said.user, said.org, said.school_class, role, begin=begin, end=end, primary=flag)


def test_a_table_of_very_many_rows_is_read_whole_and_in_order() -> None:
    numbers = [str(n) for n in range(200_000)]
    frame = pd.DataFrame(dict.fromkeys(COLUMNS["id_changes"], numbers), dtype=object)
    extract = replace(Town().extract(), tables={"id_changes": frame})
    assert list(rows(extract, "id_changes")) == list(zip(numbers, numbers, strict=True))


def test_a_supplement_adds_people_without_speaking_for_any_school() -> None:
    town = Town().add_pupil("p1")
    extra = Town(users=[person("x1")], enrollments=[place("x1", role="staff")], orgs=[], classes=[])
    supplement = replace(extra.extract(-3), source="people_csv", completeness={}, whole="")
    roster = build_roster([town.extract(), supplement], DAY)
    assert roster.enrollments["x1"][0].role is Role.STAFF
    assert roster.as_of.keys() == {"sis"}


def test_a_table_that_a_source_does_not_speak_of_is_empty() -> None:
    extract = replace(Town().extract(), tables={"orgs": pd.DataFrame()})
    assert build_roster([extract], date(2026, 1, 1)).orgs == {}

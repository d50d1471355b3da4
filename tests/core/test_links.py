"""What ties an account to others changes by what is shown, one link at a time, and nothing else goes with it."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from provision.core.care import under_known_ids
from provision.core.cause import Cause
from provision.core.id_changes import IdChanges
from provision.core.links import without_referred
from provision.core.plan import Update
from provision.core.roster import Care
from provision.core.state import Key, Kind, Record
from tests.core.test_class_records import LINKED, account, agents, group, members, town, world
from tests.town import DAY, DISTRICT, NORTH, SOUTH, Town, person, place, school_class

WEST = "974575094"


def test_only_the_school_of_the_withheld_child_is_taken_from_their_guardian() -> None:
    here, told = world(), town()
    told.relationships.append({"user": "s1", "related": "g1", "relation": "guardian"})
    here.run(told)
    before = here.records[account("g1")]
    told.care.append({"sourced_id": "p1", "protected": "1"})
    plan, _ = here.run(told)
    [stripped] = [c for c in plan.changes if c.key == account("g1")]
    assert isinstance(stripped, Update)
    assert stripped.cause is Cause.WITHHELD
    left = {**before.fields, "guardian": frozenset({Key(Kind.ORG, SOUTH)})}
    assert stripped.after == replace(before, fields=left)


def linked_to_g1(*pupils: str) -> Town:
    told = town()
    told.relationships += [{"user": pupil, "related": "g1", "relation": "guardian"} for pupil in pupils]
    return told


@pytest.mark.parametrize(
    ("others", "left"),
    [(("p3",), {NORTH}), (("s1",), {SOUTH}), (("p3", "s1"), {NORTH, SOUTH}), (("s1", "p3", "s2"), {NORTH, SOUTH})],
)
def test_a_school_of_a_withheld_child_stays_where_another_child_goes_to_it(
    others: tuple[str, ...], left: set[str]
) -> None:
    here, told = world(), linked_to_g1(*others)
    here.run(told)
    told.care.append({"sourced_id": "p1", "protected": "1"})
    next(row for row in told.users if row["sourced_id"] == "g1")["given_name"] = "Anne"
    plan, _ = here.run(told)
    assert here.records[account("g1")].fields["guardian"] == frozenset(Key(Kind.ORG, org) for org in left)
    causes = [c.cause for c in plan.changes if isinstance(c, Update) and c.key == account("g1")]
    assert (Cause.WITHHELD in causes) is (NORTH not in left)


@pytest.mark.parametrize("withheld", [("p1", "s1"), ("s1", "p1")])
def test_the_schools_of_all_withheld_children_are_taken_from_their_guardian(withheld: tuple[str, ...]) -> None:
    here = world()
    elsewhere = {"sourced_id": WEST, "type": "school", "name": "Vest skole", "parent": DISTRICT, "mail": "v@x.example"}
    told = linked_to_g1("s1")
    told.orgs.append(elsewhere)
    told.classes.append(school_class("6W", WEST))
    told.add_pupil("w1", WEST, "6W")
    told.relationships.append({"user": "w1", "related": "g1", "relation": "guardian"})
    here.run(told)
    told.care += [{"sourced_id": who, "protected": "1"} for who in withheld]
    plan, _ = here.run(told)
    [stripped] = [c for c in plan.changes if c.key == account("g1")]
    assert isinstance(stripped, Update)
    assert stripped.after.fields["guardian"] == {Key(Kind.ORG, WEST)}


def test_a_class_with_the_id_of_somebody_of_age_keeps_its_pupils() -> None:
    here, told = world(), town()
    told.users[0]["birth_date"] = "2000-01-01"
    told.classes.append(school_class("p1"))
    told.enrollments += [place(pupil, NORTH, "p1") for pupil in ("p3", "p4")]
    here.run(told)
    before = here.records[group("p1")]
    told.classes[-1]["title"] = "another"
    plan, _ = here.run(told)
    assert [c.before for c in plan.changes if isinstance(c, Update)] == [before]
    assert members(here, "p1") == {"p3", "p4"}
    assert agents(here, "p1") == set()


def test_a_new_guardian_is_told_of_beside_one_who_was_not_clearly_seen() -> None:
    here, told = world(), town()
    here.run(told)
    told.users = [row for row in told.users if row["sourced_id"] != "g1"]
    told.users.append(person("g3", birth_date="1980-02-03"))
    told.rejects.append({"table": "users", "sourced_id": "g1", "org": "", "reason": "no name"})
    told.relationships = [{"user": "p1", "related": "g3", "relation": "guardian"}]
    here.run(told)
    assert agents(here, "p1") == {"account:g1", "account:g3"}


@pytest.mark.parametrize("kept", [True, False], ids=["by exception", "by nobody"])
def test_whose_own_record_is_as_it_should_be_stays_in_a_class_only_by_exception(*, kept: bool) -> None:
    here, told = world(), town()
    told.classes.append(school_class("6C"))
    here.run(told)
    [row] = [row for row in told.enrollments if row["user"] == "p7"]
    row["school_class"] = "6C"
    if kept:
        until = (DAY + timedelta(days=9)).isoformat()
        told.stays = [{"sourced_id": "p7", "until": until, "owner": "rektor", "reason": "eksamen"}]
    plan, _ = here.run(told)
    assert account("p7") not in {change.key for change in plan.changes}
    assert "p7" in members(here, "6C")
    assert ("p7" in members(here)) is kept


def test_who_is_now_next_of_kin_and_no_guardian_is_no_longer_told_of() -> None:
    here, told = world(LINKED), town()
    here.run(told)
    next(row for row in told.relationships if row["related"] == "g1")["relation"] = "next_of_kin"
    here.run(told)
    assert agents(here, "p1") == set()


def test_what_a_course_that_stays_needs_stays_and_else_what_refers_to_others_goes_first() -> None:
    year = Record(Key(Kind.SESSION, "2026"), {})
    term = Record(Key(Kind.SESSION, "2026-1"), {"parent": year.key})
    course = Record(Key(Kind.COURSE, "MUS"), {"terms": frozenset({term.key})})
    choir = Record(Key(Kind.GROUP, "Kor"), {"course": course.key})
    for leaving in permutations((year, term, course)):
        assert [*without_referred(leaving, [choir])] == []
        assert [*without_referred(leaving, [])][-1] == year
    assert [*without_referred((year, term), [course])] == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"p1": {"lives_with": "1"}}, Care(lives_with=True)),
        ({"p1": {"responsible": "1", "lives_with": "0"}}, Care(responsible=True, lives_with=False)),
        ({"p1": {"responsible": "1"}, "q1": {}}, Care(responsible=True)),
        ({"p1": {"responsible": "1"}, "q1": {"responsible": "0"}}, Care(responsible=False)),
        ({"p1": {"barred": "1"}, "q1": {"responsible": "1"}}, Care(responsible=True, barred=True)),
    ],
    ids=["nothing of responsibility", "two facts", "one says nothing", "the stricter", "barred"],
)
def test_what_is_known_of_a_guardian_is_so_under_every_id(rows: dict[str, dict[str, str]], said: Care) -> None:
    told = town()
    told.care = [{"sourced_id": pupil, "related_id": "g1", **row} for pupil, row in rows.items()]
    roster = under_known_ids(told.roster(), IdChanges({"p1": "q1"}))
    assert roster.care == {("p1", "g1"): said, ("q1", "g1"): said}
    assert roster.refused == {pair for pair in roster.care if said.refused}
    [known, _] = [r for each in roster.relationships.values() for r in each]
    assert (known.responsible, known.lives_with, known.barred) == said

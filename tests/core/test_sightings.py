"""Who counts as seen, as what, and whose absence counts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provision.core.absence import judge
from provision.core.guard import Budget
from provision.core.history import History, Sighting
from provision.core.policy import Policy
from provision.core.roster import Role
from provision.core.sightings import as_guardian, guardians_of_targets, missed, seen_tonight, tells_of_guardians
from provision.core.state import Key, Kind
from provision.core.subjects import placed_people
from tests.core.nights import World
from tests.core.test_class_records import LINKED, account, group, town, world
from tests.town import DAY, NIGHT, NORTH, SOUTH, Town, person, school_class

YEAR_END = date(2027, 7, 31)
YESTERDAY = DAY - timedelta(days=1)
SEEN = Sighting(YESTERDAY, frozenset({NORTH}), nights=1, counted=YESTERDAY)


def without_memory() -> World:
    """A target with a guardian to whom no pupil's record leads, and a lost journal."""
    here = world()
    here.run(town())
    for who, name in (("p1", "agentSourcedIds"), ("g1", "givenName")):
        record = here.records[account(who)]
        left = {field: value for field, value in record.fields.items() if field != name}
        here.records[account(who)] = replace(record, fields=left)
    here.history = History(as_of=here.history.as_of)
    return here


@pytest.mark.parametrize("known", ["tonight", "before", "by nobody"])
def test_an_account_that_no_journal_remembers_is_a_guardians_where_anything_says_so(known: str) -> None:
    here, told = without_memory(), town()
    if known != "tonight":
        told = told.without("g1")
        told.relationships = [row for row in told.relationships if row["related"] != "g1"]
    if known == "before":
        here.history = replace(here.history, sightings={as_guardian("g1"): replace(SEEN, role=Role.GUARDIAN)})
    here.plan(told)
    sighting = here.history.sightings[account("g1")]
    assert sighting.role == ("" if known == "by nobody" else Role.GUARDIAN)


@pytest.mark.parametrize(
    ("table", "key", "counts"),
    [
        ("classes", group("x"), False),
        ("classes", account("x"), True),
        ("users", group("x"), True),
        ("users", account("x"), False),
        ("users", as_guardian("x"), False),
    ],
)
def test_no_night_counts_for_whose_own_row_cannot_be_read(table: str, key: Key, *, counts: bool) -> None:
    told = Town(rejects=[{"table": table, "sourced_id": "x", "org": NORTH, "reason": "unreadable"}])
    roster = told.roster()
    judgement = judge(roster, History({key: SEEN}, {"sis": NIGHT - timedelta(days=1)}), Policy())
    assert missed(key, SEEN, roster, judgement).nights == (2 if counts else 1)


@pytest.mark.parametrize(
    ("key", "told"),
    [(as_guardian("g1"), True), (account("g1"), False), (group("guardian angels"), False), (None, False)],
)
def test_a_journal_tells_of_guardians_where_a_target_was_told_of_one(key: Key | None, *, told: bool) -> None:
    assert tells_of_guardians(History({key: SEEN} if key else {})) is told


def test_a_guardian_counts_as_one_while_a_target_was_told_and_the_sis_still_says_so() -> None:
    told = town()
    told.users.append(person("k1", birth_date="1980-02-03"))
    told.relationships.append({"user": "p1", "related": "k1", "relation": "next_of_kin"})
    keys = (as_guardian("g1"), as_guardian("k1"), as_guardian("gone"), account("g2"), group("guardian g2"))
    sightings = {key: replace(SEEN, nights=nights) for nights, key in enumerate(keys)}
    found = guardians_of_targets(told.roster(), sightings)
    assert found == {"g1": replace(SEEN, nights=0), "k1": replace(SEEN, nights=1)}
    assert guardians_of_targets(told.roster(), {}) == {}


def test_what_is_seen_tonight_is_so_at_its_school() -> None:
    roster = town().roster()
    seen = seen_tonight(roster, placed_people(roster))
    assert seen[Key(Kind.ORG, SOUTH)] == Sighting(DAY, frozenset({SOUTH}))
    assert seen[group("6B")] == Sighting(DAY, frozenset({SOUTH}), until=YEAR_END)
    teacher = seen[account("t1")]
    assert (teacher.orgs, teacher.role, teacher.homeroom) == (frozenset({NORTH, SOUTH}), "teacher", "")
    assert seen[account("s1")].homeroom == "6B"


def test_a_class_that_is_missing_one_night_puts_its_school_in_doubt_and_no_other() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor"))
    here.run(told)
    _, roster, _ = here.plan(town())
    judged = judge(roster, here.history, here.policy).schools
    assert judged[NORTH].doubt == "class Kor is missing from the export"
    assert judged[SOUTH].proof


def test_while_several_new_ids_wait_none_of_the_former_ones_collects_nights() -> None:
    here = world(replace(LINKED, budgets={**LINKED.budgets, "id": Budget(share=0, least=0)}))
    here.run(town())
    told = town().without("p7", "p8")
    for old in ("7", "8"):
        told.add_pupil(f"q{old}", family_name=f"Prøvep{old}")
        told.id_changes.append({"old": f"p{old}", "new": f"q{old}"})
    for _ in range(4):
        here.run(told)
        assert {here.history.sightings[account(old)].nights for old in ("p7", "p8")} == {0}

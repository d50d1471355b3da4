"""Who waits for what, and when each change's turn comes."""

from collections.abc import Set

from provision.core.absence import judge
from provision.core.ground import Evidence
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw, stage
from provision.core.planner import make_plan
from provision.core.state import Key, Kind, Record
from tests.core import nights
from tests.core.nights import World
from tests.core.test_class_records import account, agents, group, town, world
from tests.town import DISTRICT, NORTH, SOUTH, Town, school_class


def org(number: str) -> Key:
    return Key(Kind.ORG, number)


def planned(here: World, told: Town, claimed: Set[str] = frozenset(), distinct: Set[str] = frozenset()) -> Plan:
    """Tonight's plan where a target or a person has said something of these ids."""
    _, roster, desired = here.plan(told)
    judgement = judge(roster, here.history, here.policy)
    evidence = Evidence(roster, judgement, here.history.sightings, claimed=frozenset(claimed), distinct=distinct)
    return make_plan("feide", desired, here.actual(desired), evidence, here.mapping.traits(), here.policy)


def test_whatever_belongs_to_a_school_that_cannot_be_made_waits_and_tells_why() -> None:
    here, told = world(), town()
    next(row for row in told.orgs if row["sourced_id"] == NORTH)["name"] = ""
    plan, _ = here.run(told)
    why = plan.held[org(NORTH)]
    assert why
    assert plan.held[account("p3")] == plan.held[account("t1")] == f"waits for {org(NORTH)}: {why}"
    assert group("6A") not in here.records
    assert {account("s1"), group("6B"), org(SOUTH)} <= here.records.keys()


def test_a_school_waits_for_no_other_and_a_pupil_for_no_guardian() -> None:
    here, told = world(), town()
    next(row for row in told.orgs if row["sourced_id"] == DISTRICT)["name"] = ""
    next(row for row in told.users if row["sourced_id"] == "g1")["given_name"] = ""
    plan, _ = here.run(told)
    assert org(DISTRICT) in plan.held
    assert {org(NORTH), org(SOUTH), account("p1")} <= here.records.keys()
    assert agents(here, "p1") == set()


def test_who_may_have_an_entry_that_others_made_waits_and_a_class_of_the_same_id_does_not() -> None:
    told = town()
    told.classes.append(school_class("p3"))
    plan = planned(world(), told, claimed={"p3", SOUTH})
    word = "an entry that others made may be this one's; see `provision adopt`"
    assert plan.held[account("p3")] == plan.held[org(SOUTH)] == word
    made = {change.key for change in plan.changes}
    assert {group("p3"), account("p4"), org(NORTH)} <= made
    assert not {account("p3"), org(SOUTH)} & made


def newcomer() -> tuple[World, Town]:
    """A pupil who vanished, and a newcomer of the same name and birth date."""
    here = World()
    here.run(nights.town())
    return here, nights.town().without("p7").add_pupil("q7", family_name="Prøvep7")


def test_a_newcomer_who_may_be_somebody_waits_until_a_person_says_that_they_are_nobody_else() -> None:
    here, told = newcomer()
    plan = planned(here, told)
    assert "looks like p7, who is no longer in the SIS" in plan.held[account("q7")]
    assert account("q7") not in {change.key for change in plan.changes}
    assert plan.lookalikes.keys() == {account("p7"), account("q7")}
    plan = planned(here, told, distinct={"q7"})
    assert account("q7") not in plan.held
    assert account("q7") in {change.key for change in plan.changes if isinstance(change, Create)}


def test_a_newcomer_who_looks_like_somebody_still_in_the_sis_is_a_question_to_the_sis() -> None:
    here, told = newcomer()
    told.users.append(next(row for row in nights.town().users if row["sourced_id"] == "p7"))
    plan = planned(here, told)
    assert plan.held[account("q7")] == "looks like p7, who is in the SIS too; see which of the two is right there"


RECORDS = {kind: Record(Key(kind, "x"), {}) for kind in Kind}
WHERE = (frozenset({NORTH}), "", "x")


def made(kind: Kind) -> list[Change]:
    record = RECORDS[kind]
    return [Create(record, *WHERE), Update(record, record, *WHERE), Rekey(record.key, "", None, *WHERE)]


def gone(kind: Kind) -> list[Change]:
    return [Disable(RECORDS[kind], RECORDS[kind], *WHERE), Delete(RECORDS[kind], *WHERE)]


def test_withdrawals_come_first_then_what_is_made_kind_by_kind_then_what_goes_in_reverse() -> None:
    turns = [[Withdraw(record, *WHERE) for record in RECORDS.values()], *map(made, Kind), *map(gone, reversed(Kind))]
    stages = [{stage(change) for change in turn} for turn in turns]
    assert [len(each) for each in stages] == [1] * len(turns)
    assert sorted(stages, key=min) == stages
    assert len(set().union(*stages)) == len(turns)


def test_a_withdrawal_is_planned_before_anything_is_made() -> None:
    here, told = world(), town()
    here.run(told)
    told.care.append({"sourced_id": "p30", "protected": "1"})
    told.add_pupil("p99")
    told.orgs[1]["name"] = "Nye Nord skole"
    plan, _ = here.run(told)
    assert isinstance(plan.changes[0], Withdraw)
    assert [change.key.kind for change in plan.changes[1:]] == [Kind.ORG, Kind.ACCOUNT, Kind.GROUP]

"""Named exceptions keep accounts as they are for as long as they say, from everything but protection."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.id_changes import IdChanges
from provision.core.plan import Disable, Plan, Withdraw
from provision.core.policy import GuardianLinks, Policy
from provision.core.roster import Ending, Role, Stay
from provision.core.state import Key, Kind, values
from provision.core.stays import EXCEPTIONS_FILE, PEOPLE_FILE, LastDay, exceptions, last_days, stays_under_all_ids
from provision.core.tables import build_roster
from provision.reports.stays import exceptions_json, unknown_exceptions
from tests.core.nights import World, kinds, shipped, town
from tests.town import DAY, NORTH, SOUTH, Town, person, place

P7 = Key(Kind.ACCOUNT, "p7")
LMS = shipped("oneroster")


def staying(made: Town, *people: str, days: int = 6) -> Town:
    """The town in which these people's accounts stay until so many days after the first."""
    until = (DAY + timedelta(days=days)).isoformat()
    made.stays += [{"sourced_id": p, "until": until, "owner": "rektor", "reason": "eksamen"} for p in people]
    return made


def after_a_night(policy: Policy | None = None) -> World:
    world = World(policy=policy or Policy())
    world.run(town())
    return world


def test_who_is_gone_stays_until_the_day_has_passed_and_is_then_disabled_at_once() -> None:
    world = after_a_night()
    for _ in range(6):
        plan, _ = world.run(staying(town().without("p7"), "p7"))
        assert plan.changes == ()
        assert plan.waiting[P7].endswith(
            f"kept, because an exception keeps the account until {DAY + timedelta(days=6)}"
        )
        assert P7 not in plan.held, "nothing is wrong, so that nobody is called every night"
    plan, _ = world.run(staying(town().without("p7"), "p7"))
    assert kinds(plan) == {"Disable": 1}, "the nights were counted all the while"


def test_without_the_exception_the_same_person_goes() -> None:
    world = after_a_night()
    plans = [world.run(staying(town().without("p7"), "p8"))[0] for _ in range(3)]
    assert kinds(plans[-1]) == {"Disable": 1}


def test_an_account_that_is_locked_already_is_not_opened_and_not_deleted() -> None:
    world = after_a_night(Policy(retention_days=5))
    for _ in range(4):
        world.run(town().without("p7"))
    for _ in range(10):
        plan, _ = world.run(staying(town().without("p7"), "p7", days=30))
        assert plan.changes == ()
    record = world.account("p7")
    assert record is not None
    assert not record.active


def test_who_is_out_of_scope_stays() -> None:
    def with_aide() -> Town:
        return Town(users=[person("x1")], enrollments=[place("x1", NORTH, role="aide")])

    world = World()
    world.run(with_aide())
    entries = (replace(e, roles=e.roles - {Role.AIDE}) for e in world.mapping.entries)
    world.mapping = replace(world.mapping, entries=tuple(entries))
    plan, _, _ = world.plan(staying(with_aide(), "x1"))
    assert plan.changes == ()
    plan, _, _ = world.plan(with_aide())
    assert kinds(plan) == {"Disable": 1}


def test_who_moves_gains_the_new_and_keeps_the_old() -> None:
    world = after_a_night()
    moved = town()
    moved.enrollments = [row for row in moved.enrollments if row["user"] != "p7"] + [place("p7", SOUTH, "6B")]
    world.run(staying(moved, "p7"))
    record = world.account("p7")
    assert record is not None
    schools = {key.sourced_id for key in values(record.fields["eduPersonOrgUnitDN"]) if isinstance(key, Key)}
    assert schools == {NORTH, SOUTH}
    groups = " ".join(map(str, values(record.fields["eduPersonEntitlement"])))
    assert f"NO{NORTH}:6a" in groups
    assert f"NO{SOUTH}:6b" in groups


@pytest.mark.parametrize("gone", [True, False], ids=["gone from the SIS", "in another class"])
def test_a_place_in_a_class_stays(*, gone: bool) -> None:
    world = World(mapping=LMS)
    world.run(town())
    without = town().without("p7")
    later = without if gone else without.add_pupil("p7", SOUTH, "6B")
    for _ in range(5):
        world.run(staying(later, "p7"))
        later.stays.clear()
        members = {member.account for member in world.records[Key(Kind.GROUP, "6A")].members}
        assert P7 in members
    for _ in range(3):
        world.run(later)
    assert P7 not in {member.account for member in world.records[Key(Kind.GROUP, "6A")].members}


def test_a_guardian_of_nobody_stays() -> None:
    told = town()
    told.users.append(person("g1", birth_date="1980-02-03"))
    told.relationships = [{"user": "p7", "related": "g1", "relation": "guardian"}]
    world = World(Policy(guardians=GuardianLinks.LINKED), LMS)
    world.run(told)
    told.relationships.clear()
    g1 = Key(Kind.ACCOUNT, "g1")
    plan, _, _ = world.plan(told)
    assert [type(c) for c in plan.changes if c.key == g1] == [Disable]
    plan, _, _ = world.plan(staying(told, "g1"))
    assert g1 not in {change.key for change in plan.changes}
    assert "an exception keeps the account" in plan.waiting[g1]


@pytest.mark.parametrize("gone", [True, False])
def test_protection_withdraws_all_the_same(*, gone: bool) -> None:
    world = after_a_night()
    protected = staying(town().without("p7") if gone else town(), "p7")
    protected.care.append({"sourced_id": "p7", "protected": "1"})
    plan, _ = world.run(protected)
    assert [type(change) for change in plan.changes] == [Withdraw]
    assert world.account("p7") is None


def test_an_exception_follows_the_person_to_another_id() -> None:
    world = after_a_night()
    renamed = town().without("p7").add_pupil("p700")
    renamed.id_changes = [{"old": "p7", "new": "p700"}]
    world.run(renamed)
    for _ in range(5):
        plan, roster, _ = world.plan(staying(town().without("p7"), "p7"))
        world.night += 1
        assert plan.changes == ()
        assert "an exception" in plan.waiting[Key(Kind.ACCOUNT, "p700")]
        assert exceptions(roster) == [("p700", roster.stays["p7"])], "one line, by the id that counts now"
        assert unknown_exceptions(roster, [plan]) == frozenset()


def test_neither_owner_nor_reason_goes_where_machines_look() -> None:
    world = after_a_night()
    plan, roster, _ = world.plan(staying(town().without("p7"), "p7"))
    told = (plan, roster, exceptions_json(roster, frozenset()))
    assert not [word for word in ("rektor", "eksamen") if word in str(told)]


def test_an_id_that_is_nowhere_is_told_as_perhaps_misspelt() -> None:
    world = after_a_night()
    plan, roster, _ = world.plan(staying(town().without("p7"), "p7", "p8", "p-7"))
    assert unknown_exceptions(roster, [plan]) == {"p-7"}
    assert unknown_exceptions(roster, [Plan("x", ())]) == {"p-7", "p7"}


# ── Last days ────────────────────────────────────────────────────────────────────────────────────────────────────
spans = st.integers(-5, 40)


@given(ends=st.lists(spans, max_size=5), stays=st.lists(spans.filter(lambda n: n >= 0), max_size=5), days=spans)
def test_whoever_ends_within_so_many_days_is_told_and_nobody_else(ends: list[int], stays: list[int], days: int) -> None:
    endings = {f"x{n}": Ending(DAY + timedelta(days=end), frozenset({NORTH})) for n, end in enumerate(ends)}
    kept = {f"p{n}": Stay(DAY + timedelta(days=end), "rektor", "eksamen") for n, end in enumerate(stays)}
    told = last_days(replace(Town().roster(), endings=endings, stays=kept), max(days, 0))
    expected = {("x", n) for n, end in enumerate(ends) if 0 <= end <= max(days, 0)}
    expected |= {("p", n) for n, end in enumerate(stays) if end <= max(days, 0)}
    assert {(each.sourced_id[0], int(each.sourced_id[1:])) for each in told} == expected
    assert [each.until for each in told] == sorted(each.until for each in told)


def test_the_last_of_several_lines_counts_wherever_it_stands_and_whenever_it_begins() -> None:
    supplement = Town()
    supplement.users = [person("x1"), person("x2")]
    supplement.enrollments = [
        place("x1", NORTH, role="teacher", begin="2027-01-01", end="2027-06-30"),
        place("x1", SOUTH, role="teacher", end="2026-11-30"),
        place("x2", SOUTH, role="teacher", end="2026-12-01"),
        place("x2", NORTH, role="teacher", end="2026-12-01"),
        place("x2", NORTH, role="aide", end="2026-10-01"),
    ]
    extract = replace(supplement.extract(), source="people_csv", completeness={}, whole="")
    roster = build_roster([Town().add_pupils(3).extract(), extract], DAY)
    assert roster.endings == {
        "x1": Ending(date(2027, 6, 30), frozenset({NORTH})),
        "x2": Ending(date(2026, 12, 1), frozenset({NORTH, SOUTH})),
    }
    assert last_days(roster, 8) == (LastDay(date(2026, 12, 1), "x2", frozenset({NORTH, SOUTH}), PEOPLE_FILE),)


def test_an_exception_counts_on_its_last_day_and_not_after_it() -> None:
    roster = staying(town(), "p7", days=0).roster()
    assert roster.stays.keys() == {"p7"}
    assert last_days(roster, 0) == (LastDay(DAY, "p7", frozenset(), EXCEPTIONS_FILE),)
    assert staying(town(), "p7", days=-1).roster().stays == {}


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"), max_size=5), st.integers(0, 9))
def test_no_id_of_anybody_loses_an_exception_or_has_it_shortened(changes: dict[str, str], days: int) -> None:
    stays = {"a": Stay(DAY, "r", "x"), "b": Stay(DAY + timedelta(days=days), "r", "x")}
    found = stays_under_all_ids(stays, IdChanges(changes))
    assert all(found[who].until >= stay.until for who, stay in stays.items())
    assert found.keys() <= {*stays, *changes, *changes.values()}

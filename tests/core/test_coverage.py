"""The figures of a day: what a municipality published, and what must hold for any."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted, Terms
from provision.core.coverage import coverage, pupils_of, with_machines
from provision.core.devices import DeviceKind
from provision.core.figures import Figures, Group, Level, Link, ratio
from provision.core.machines import People, machines
from provision.core.roster import Roster
from provision.core.rows_behind import PROTECTED, Rows
from tests.core.test_machines import stocktake
from tests.town import DAY, NORTH, SOUTH, Town, place, school_class

THIRD = "974620073"


def people(roster: Roster) -> People:
    pupils = dict(zip(*(pupils_of(roster)[name] for name in ("person", "school")), strict=True))
    return People({who: who for who in roster.users}, pupils, roster.users.keys() - pupils.keys())


def of(told: Town, rows: list[dict[str, str]], links: dict[str, Link] | None = None) -> tuple[Figures, ...]:
    roster = told.roster()
    found = machines([stocktake(*rows)], {org: org for org in roster.orgs}, people(roster), Terms(), DAY)
    return coverage(found, pupils_of(roster), roster, "Hemne", links or {})


def figures(found: Sequence[Figures], level: Level, school: str = "", key: str = "") -> Figures:
    [one] = [f for f in found if (f.group.level, f.group.org, f.group.key) == (level, school, key)]
    return one


def hemne() -> tuple[Town, list[dict[str, str]]]:
    """The municipality's own table of 2003: Sodin, Vinjeøra and Svanem."""
    told = Town(classes=[]).add_pupils(545, NORTH, "", "so").add_pupils(51, SOUTH, "", "vi")
    told.orgs.append({**told.orgs[-1], "sourced_id": THIRD, "name": "Svanem skole"})
    told.add_pupils(44, THIRD, "", "sv")
    rows = [{"school": NORTH}] * 37 + [{"school": SOUTH}] * 20 + [{"school": THIRD}] * 16
    return told, rows + [{"school": NORTH, "use": "staff"}] * 9


def test_hemne_comes_out_as_the_municipality_published_it() -> None:
    found = of(*hemne())
    by_school = {school: figures(found, Level.SCHOOL, school).pupils_per_device for school in (NORTH, SOUTH)}
    assert by_school == {NORTH: Decimal("14.7"), SOUTH: Decimal("2.6")}, "half up: 51 / 20 is 2.55"
    whole = figures(found, Level.MUNICIPALITY)
    assert (whole.pupils, whole.devices, whole.counted[Counted.STAFF]) == (640, 73, 9)
    assert whole.pupils_per_device == Decimal("8.8")


def test_svanem_shows_what_its_figures_make_and_not_the_neighbours() -> None:
    svanem = figures(of(*hemne()), Level.SCHOOL, THIRD)
    assert (svanem.pupils, svanem.devices, svanem.pupils_per_device) == (44, 16, Decimal("2.8"))
    assert ratio(51, 16) == Decimal("3.2"), "the printed table divided Vinjeøra's pupils by Svanem's machines"


def test_a_line_that_carries_fewer_machines_than_there_are_makes_a_school_worse_off() -> None:
    vinje = figures(of(*hemne(), {SOUTH: Link(kbit=128, kbit_each=20)}), Level.SCHOOL, SOUTH)
    assert (vinje.devices, vinje.at_once, vinje.pupils_per_device_at_once) == (20, 6, Decimal("8.5"))
    wide = figures(of(*hemne(), {SOUTH: Link(kbit=100_000, kbit_each=20)}), Level.SCHOOL, SOUTH)
    assert wide.at_once == 20


def test_pupils_are_told_apart_by_how_many_machines_they_have() -> None:
    told = Town().add_pupils(4)
    rows = [{"assignee": who} for who in ("p1", "p2", "p2", "p3")]
    rows[3]["status"] = "broken"
    rows.append({"assignee": "p3", "use": "loan"})
    for level, school, key in ((Level.SCHOOL, NORTH, ""), (Level.GRADE, NORTH, "6"), (Level.CLASS, NORTH, "6A")):
        one = figures(of(told, rows), level, school, key)
        assert (one.without, one.with_one, one.with_more, one.share_with_own) == (1, 2, 1, 75), level
        assert one.devices == 4


def test_a_machine_follows_its_pupil_whatever_school_the_inventory_says() -> None:
    found = of(Town().add_pupils(2), [{"assignee": "p1", "school": SOUTH}, {"school": SOUTH}])
    assert figures(found, Level.SCHOOL, NORTH).devices == 1
    assert figures(found, Level.SCHOOL, SOUTH).devices == 1


@pytest.mark.parametrize("rows", [[], [{"school": NORTH}]])
def test_without_pupils_or_machines_there_is_no_ratio(rows: list[dict[str, str]]) -> None:
    nobody = figures(of(Town(classes=[]), rows), Level.SCHOOL, NORTH)
    assert (nobody.pupils_per_device, nobody.share_with_own, nobody.devices_per_pupil) == (
        ratio(0, len(rows)),
        None,
        None,
    )


def test_a_pupil_at_two_schools_counts_once_where_they_are_enrolled() -> None:
    told = Town(classes=[school_class("6A"), school_class("6B", SOUTH)]).add_pupils(3)
    told.enrollments.append(place("p1", SOUTH, "6B", primary=""))
    found = of(told, [])
    assert [f.pupils for f in found if f.group.level is Level.SCHOOL] == [0, 3]


ROWS = st.fixed_dictionaries(
    {
        "school": st.sampled_from([NORTH, SOUTH, "?"]),
        "assignee": st.sampled_from(["", "p1", "p2", "s1", "t1", "x"]),
        "use": st.sampled_from(["", "loan", "staff"]),
        "status": st.sampled_from(["in_use", "lost", "broken"]),
    }
)


@given(st.lists(ROWS, max_size=12), st.integers(0, 5), st.integers(0, 5))
def test_parts_make_up_the_whole(rows: list[dict[str, str]], north: int, south: int) -> None:
    told = Town().add_pupils(north).add_pupils(south, SOUTH, "6B", "s").add_teacher("t1", NORTH)
    found = of(told, rows)
    whole, schools = figures(found, Level.MUNICIPALITY), [f for f in found if f.group.level is Level.SCHOOL]
    assert sum(whole.counted.values()) == len(rows)
    assert whole.pupils == sum(f.pupils for f in schools) == whole.without + whole.with_one + whole.with_more
    assert whole.devices == sum(f.devices for f in schools), "what a pupil can use is at a school"
    for level in (Level.GRADE, Level.CLASS):
        parts = [f for f in found if f.group.level is level and f.group.org]
        assert sum(f.pupils for f in parts) == whole.pupils
        assert sum(f.devices for f in parts) == sum(whole.counted.get(c, 0) for c in (Counted.OWN, Counted.LOAN)) - sum(
            r["use"] == "loan" and r["status"] == "in_use" and r["assignee"] == "" and r["school"] != "?" for r in rows
        )


def test_machines_for_pupils_are_told_by_kind_and_by_the_school_year_that_ends_their_time() -> None:
    rows = [
        {"assignee": "p1", "kind": "laptop", "end_of_life": "2027-07-31"},
        {"assignee": "p2", "kind": "laptop", "end_of_life": "2027-08-01"},
        {"assignee": "p3", "kind": "tablet", "end_of_life": "2020-01-01"},
        {"kind": "", "end_of_life": ""},
        {"kind": "phone", "end_of_life": "2027-01-01", "use": "staff"},
    ]
    found = of(Town().add_pupils(3), rows)
    whole, grade = figures(found, Level.MUNICIPALITY), figures(found, Level.GRADE, NORTH, "6")
    assert whole.kinds == {DeviceKind.LAPTOP: 2, DeviceKind.TABLET: 1, DeviceKind.OTHER: 1}
    assert whole.ends == {2026: 1, 2027: 1, 2019: 1}
    assert (whole.past_end, grade.past_end) == (1, 1)
    assert grade.kinds == {DeviceKind.LAPTOP: 2, DeviceKind.TABLET: 1}
    assert grade.ends == whole.ends


def test_a_machine_of_the_pool_covers_a_pupil_who_has_none() -> None:
    told = Town().add_pupils(5)
    for pool, missing in ((0, 4), (1, 3), (4, 0), (9, 0)):
        one = figures(of(told, [{"assignee": "p1"}] + [{"school": NORTH}] * pool), Level.SCHOOL, NORTH)
        assert (one.without, one.missing) == (4, missing)


def test_where_no_inventory_names_a_pupil_nobody_knows_who_has_one() -> None:
    told = Town().add_pupils(2).add_teacher("t1", NORTH)
    unnamed = figures(of(told, [{}, {"assignee": "t1"}, {"assignee": "x"}]), Level.SCHOOL, NORTH)
    assert (unnamed.named, unnamed.share_with_own) == (False, None)
    named = figures(of(told, [{}, {"assignee": "p1", "status": "broken"}]), Level.SCHOOL, NORTH)
    assert (named.named, named.share_with_own) == (True, Decimal(0))


def test_the_grades_of_all_schools_are_those_of_the_schools_together() -> None:
    told = Town().add_pupils(3).add_pupils(2, SOUTH, "6B", "s")
    found = of(told, [{"assignee": "p1"}, {"assignee": "s1"}, {"assignee": "s2"}])
    every, north, south = (figures(found, Level.GRADE, org, "6") for org in ("", NORTH, SOUTH))
    assert (every.pupils, every.without, every.with_one) == (5, 2, 3)
    assert every.devices == north.devices + south.devices == 3


def test_a_class_knows_the_grades_of_its_pupils() -> None:
    assert figures(of(Town().add_pupils(2), []), Level.CLASS, NORTH, "6A").grades == {"6"}


@given(st.lists(ROWS, max_size=10), st.integers(0, 4))
def test_the_rows_behind_a_figure_are_as_many_as_it_says(rows: list[dict[str, str]], north: int) -> None:
    told = Town().add_pupils(north).add_pupils(2, SOUTH, "6B", "s").add_teacher("t1", NORTH)
    roster = told.roster()
    found = machines([stocktake(*rows)], {org: org for org in roster.orgs}, people(roster), Terms(), DAY)
    pupils = pupils_of(roster)
    behind = Rows(with_machines(pupils, found.table), found.table).behind
    for each in coverage(found, pupils, roster, "Hemne", {}):
        group = [each.group]
        assert len(behind("devices", group)) == each.devices, group
        assert len(behind("past_end", group)) == each.past_end
        for counted in Counted:
            assert len(behind(counted.value, group)) == each.counted.get(counted, 0), (group, counted)
        for name in ("pupils", "without", "with_one", "with_more"):
            assert len(behind(name, group)) == getattr(each, name), (group, name)


def test_who_is_protected_stands_behind_a_figure_without_a_name() -> None:
    roster = Town().add_pupils(2).roster()
    found = machines([stocktake({"assignee": "p1"})], {}, people(roster), Terms(), DAY)
    rows = Rows(with_machines(pupils_of(roster), found.table), found.table, {"p1"})
    whole = [Group(Level.MUNICIPALITY, "", "Hemne")]
    assert list(rows.behind("pupils", whole)["person"]) == [PROTECTED, "p2"]
    assert list(rows.behind("own", whole)["person"]) == [PROTECTED]
    assert "p1" not in repr(rows)

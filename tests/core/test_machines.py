"""What each machine counts as, whatever inventories make of it."""

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted, Terms
from provision.core.devices import DEVICE_COLUMNS, Stocktake
from provision.core.machines import Machines, People, machines
from tests.town import DAY, NIGHT, NORTH, SOUTH

PEOPLE = People(
    of={"p1": "p1", "kari@x.no": "p1", "p2": "p2", "t1": "t1", "gone": "gone", "it": "it"},
    pupils={"p1": NORTH, "p2": NORTH},
    staff={"t1", "it"},
    left={"gone"},
)
SCHOOLS = {NORTH: NORTH, SOUTH: SOUTH, "nord skole": NORTH}


def stocktake(*rows: dict[str, str], inventory: str = "list") -> Stocktake:
    standard = {"school": NORTH, "status": "in_use"}
    filled = [{**dict.fromkeys(DEVICE_COLUMNS, ""), **standard, "serial": f"S{n}", **row} for n, row in enumerate(rows)]
    table = pd.DataFrame(filled, columns=list(DEVICE_COLUMNS), dtype=str)
    return Stocktake(inventory, NIGHT, None, table)


def of(*stocktakes: Stocktake, terms: Terms | None = None) -> Machines:
    return machines(stocktakes, SCHOOLS, PEOPLE, terms or Terms(), DAY)


def counted(*rows: dict[str, str]) -> list[str]:
    return list(of(stocktake(*rows)).table["counted"])


def ago(days: int) -> str:
    return (DAY - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({}, Counted.POOL),
        ({"assignee": " KARI@x.no "}, Counted.OWN),
        ({"assignee": "p1", "shared": "1"}, Counted.POOL),
        ({"assignee": "p1", "use": "loan"}, Counted.LOAN),
        ({"assignee": "p1", "status": "lost"}, Counted.GONE),
        ({"assignee": "p1", "private": "1"}, Counted.PRIVATE),
        ({"assignee": "p1", "status": "in_repair"}, Counted.BROKEN),
        ({"assignee": "t1"}, Counted.STAFF),
        ({"use": "staff"}, Counted.STAFF),
        ({"use": "after_school"}, Counted.ADMINISTRATION),
        ({"status": "in_stock"}, Counted.STOCK),
        ({"assignee": "gone"}, Counted.LEFT),
        ({"assignee": "nobody@x.no"}, Counted.UNMATCHED),
        ({"school": "Nord Skole "}, Counted.POOL),
        ({"school": "Nedlagt skole"}, Counted.UNMATCHED),
        ({"school": ""}, Counted.UNMATCHED),
        ({"school": "", "assignee": "p1"}, Counted.OWN),
        ({"last_seen": ago(60)}, Counted.POOL),
        ({"last_seen": ago(61)}, Counted.STALE),
        ({"last_seen": "0001-01-01"}, Counted.POOL),
        ({"enrolled_by": "p1"}, Counted.OWN),
        ({"enrolled_by": "it"}, Counted.POOL),
        ({"enrolled_by": "nobody@x.no"}, Counted.POOL),
        ({"enrolled_by": "p1", "assignee": "p2"}, Counted.OWN),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_a_machine_counts_as_the_first_that_applies(row: dict[str, str], counts: Counted) -> None:
    assert counted(row) == [counts]


def test_whoever_registered_many_did_so_for_others() -> None:
    few, many = [{"enrolled_by": "p1"}] * 3, [{"enrolled_by": "p1"}] * 4
    assert counted(*few) == [Counted.OWN] * 3
    assert counted(*many) == [Counted.POOL] * 4


def test_the_same_serial_in_two_systems_is_one_machine_and_the_firsts_word_counts() -> None:
    first = stocktake({"serial": "ab 12", "assignee": "p1", "last_seen": ago(90)})
    second = stocktake({"serial": "AB12", "assignee": "p2", "last_seen": ago(1)}, inventory="intune")
    found = of(first, second)
    assert found.table[["machine", "person", "counted", "inventories"]].to_numpy().tolist() == [
        ["AB12", "p1", "own", "list + intune"]
    ]
    assert [(i.source, i.sourced_id, i.reason) for i in found.issues] == [
        ("list + intune", "AB12", "assignee is not the same everywhere; the first one's counts")
    ]


def test_what_one_inventory_does_not_say_another_does() -> None:
    found = of(
        stocktake({"serial": "A", "school": ""}), stocktake({"serial": "a", "school": SOUTH}, inventory="intune")
    )
    assert list(found.table["place"]) == [SOUTH]
    assert found.issues == ()


@pytest.mark.parametrize("serial", ["", " ", "Default string", "To be filled by O.E.M.", "0000", "None"])
def test_machines_without_a_serial_are_one_each(serial: str) -> None:
    assert len(of(stocktake({"serial": serial}, {"serial": serial})).table) == 2


@pytest.mark.parametrize("name", ["last_seen", "enrolled", "purchased"])
def test_a_day_yet_to_come_is_none_and_told(name: str) -> None:
    found = of(stocktake({name: (DAY + timedelta(days=2)).isoformat()}))
    assert list(found.table["counted"]) == [Counted.POOL]
    assert [issue.reason for issue in found.issues] == [f"{name} is a day yet to come"]


def test_a_machine_whose_time_is_over_still_counts_and_is_known() -> None:
    found = of(stocktake({"end_of_life": ago(1)}, {"end_of_life": DAY.isoformat()}, {}))
    assert list(found.table["past_end"]) == [True, False, False]


def test_a_machine_lasts_as_long_as_its_list_says_else_so_many_years_from_its_purchase() -> None:
    bought = {"purchased": "2020-02-29"}
    rows = ({**bought}, {**bought, "end_of_life": "2040-01-01"}, {})
    found = of(stocktake(*rows), terms=Terms(life_years=5)).table
    assert [str(end)[:10] for end in found["end_of_life"]] == ["2025-02-28", "2040-01-01", "NaT"]
    assert list(found["past_end"]) == [True, False, False]
    assert not any(of(stocktake(*rows)).table["past_end"])


def test_a_school_that_the_sis_does_not_know_is_told() -> None:
    found = of(stocktake({"school": "Nerd skole"}, {"school": ""}))
    assert [(each.sourced_id, each.reason) for each in found.issues] == [
        ("S0", "the SIS has no school of this number or name, or several")
    ]


def test_no_machines_are_none() -> None:
    assert len(of(stocktake()).table) == 0


CELLS = st.fixed_dictionaries(
    {
        "serial": st.sampled_from(["", "a", "A ", "b", "c"]),
        "school": st.sampled_from(["", NORTH, "nord skole", "?"]),
        "assignee": st.sampled_from(["", "p1", "p2", "t1", "gone", "x"]),
        "enrolled_by": st.sampled_from(["", "p1", "it"]),
        "use": st.sampled_from(["", "pupil", "loan", "staff", "administration"]),
        "status": st.sampled_from(["", "in_use", "in_stock", "broken", "lost"]),
        "private": st.sampled_from(["", "0", "1"]),
        "shared": st.sampled_from(["", "0", "1"]),
        "last_seen": st.sampled_from(["", "0001-01-01", ago(1), ago(400)]),
    }
)


@given(st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=3))
def test_every_machine_is_counted_once_and_no_serial_twice(lists: Iterable[list[dict[str, str]]]) -> None:
    taken = [stocktake(*rows, inventory=f"i{n}") for n, rows in enumerate(lists)]
    table = of(*taken).table
    serials = {s for each in taken for s in each.table["serial"].str.strip().str.upper() if s}
    unnamed = sum(not s.strip() for each in taken for s in each.table["serial"])
    assert len(table) == len(serials) + unnamed
    assert table["machine"].is_unique
    assert set(table["counted"]) <= {each.value for each in Counted}


def test_the_day_is_a_parameter() -> None:
    rows = stocktake({"last_seen": "2026-09-01"})
    assert list(machines([rows], SCHOOLS, PEOPLE, Terms(), date(2026, 10, 1)).table["counted"]) == [Counted.POOL]
    assert list(machines([rows], SCHOOLS, PEOPLE, Terms(), date(2026, 11, 20)).table["counted"]) == [Counted.STALE]

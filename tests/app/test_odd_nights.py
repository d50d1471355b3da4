"""Nights that look like an exodus and are none: nobody loses anything, and the next good night needs nobody."""

import shutil
from collections.abc import Callable

import pytest

from tests.app.edits import Edit, Export, without
from tests.app.sites import NORTH, SOUTH, Site, pupils
from tests.app.test_guarded_nights import locked


def most_pupils_missing(site: Site) -> Edit:
    everybody = [*pupils(site, NORTH), *pupils(site, SOUTH)]
    return without(everybody[: len(everybody) * 6 // 10])


def all_numbers_missing(_site: Site) -> Edit:
    def edit(root: Export) -> None:
        for person in root.iterfind("{*}person"):
            for number in person.findall("{*}userid[@useridtype='personNIN']"):
                person.remove(number)

    return edit


def schools_swapped(_site: Site) -> Edit:
    """Two schools stand under each other's organisation number."""

    def edit(root: Export) -> None:
        swapped = {NORTH: SOUTH, SOUTH: NORTH}
        values = [v for v in root.iterfind("{*}group/{*}extension/{*}pifu_id/{*}pifu_value") if v.text in swapped]
        assert len(values) == 2
        for value in values:
            value.text = swapped[value.text or ""]

    return edit


def one_school_and_half_of_another_missing(site: Site) -> Edit:
    half = without(pupils(site, SOUTH)[:25])
    gone = without(pupils(site, NORTH))

    def edit(root: Export) -> None:
        half(root)
        gone(root)

    return edit


@pytest.mark.parametrize(
    "odd", [most_pupils_missing, all_numbers_missing, schools_swapped, one_school_and_half_of_another_missing]
)
def test_nobody_loses_anything_in_any_number_of_odd_nights_and_the_next_good_one_needs_nobody(
    site: Site, odd: Callable[[Site], Edit]
) -> None:
    before = site.entries()
    codes = []
    for number in range(1, 9):
        codes.append(site.night(number, odd(site), code=None).code)
        assert locked(site) == set(), number
    assert {codes[0], codes[-1]} <= {4, 5, 6}, "somebody is told as soon as it happens, and when it lasts"
    kept = site.entries()
    assert kept.keys() == before.keys(), "nobody is gone, and nobody there twice"
    for dn, held in before.items():
        for name in ("norEduPersonNIN", "eduPersonEntitlement", "uid", "userPassword"):
            assert held.get(name, frozenset()) <= kept[dn].get(name, frozenset()), (dn, name)
    site.night(9)
    assert site.entries() == before
    assert site.night(10).target["counts"] == {}


def test_last_weeks_journal_locks_nobody_out_and_gives_nobody_a_second_account(site: Site) -> None:
    gone = pupils(site, SOUTH)[:2]
    journal = site.folder / "var"
    for number in (1, 2):
        site.night(number, without(gone))
    shutil.copytree(journal, site.folder / "last week")
    for number in range(3, 9):
        site.night(number, without(gone))
    left = site.entries()
    assert locked(site) == set(gone)
    shutil.rmtree(journal)
    shutil.copytree(site.folder / "last week", journal)
    for number in (9, 10, 11):
        site.night(number, without(gone), code=None)
        assert site.entries() == left, number
    assert site.night(12, without(gone)).target["counts"] == {}


def test_a_school_that_really_moves_into_another_does_so_on_somebodys_word(site: Site) -> None:
    swapped = schools_swapped(site)
    refused = site.night(1, swapped, code=4)
    assert "provision approve schools" in refused.messages
    site.cli("approve", "schools", "--reason", "the SIS is right", code=0)
    said = site.run(1, code=None)
    assert said.code in (5, 6)
    assert {hold["cause"] for hold in said.target["holds"]} == {"moved"}
    assert locked(site) == set()

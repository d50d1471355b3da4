"""What a target takes, when machines get too old, and who could lend: nobody more than they can spare."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.figures import Figures, Group, Level
from provision.core.planning import AHEAD, Loan, Target, planning

DAY: Final = date(2026, 11, 23)
TOWN: Final = Group(Level.MUNICIPALITY, "", "Hemne")
A, B, C = (Group(Level.SCHOOL, f"97458814{n}", name) for n, name in enumerate(("Sodin", "Svanem", "Vinjeøra")))


def of_school(group: Group, pupils: int, own: int = 0, pool: int = 0, stock: int = 0) -> Figures:
    counted = {Counted.OWN: own, Counted.POOL: pool, Counted.STOCK: stock}
    return Figures(group, pupils, counted, without=pupils - min(pupils, own), with_one=min(pupils, own))


def of_grade(school: Group, key: str, pupils: int, own: int = 0) -> Figures:
    group = Group(Level.GRADE, school.org, key, key)
    return Figures(group, pupils, {Counted.OWN: own}, without=pupils - own, with_one=own)


def in_one_grade(*schools: Figures, key: str = "6") -> tuple[Figures, ...]:
    """Each school with all its pupils in one grade."""
    grades = [of_grade(s.group, key, s.pupils, min(s.pupils, s.counted[Counted.OWN])) for s in schools]
    return (*schools, *grades)


@pytest.mark.parametrize(
    ("ratio", "school", "missing", "short", "spare"),
    [
        (1, of_school(A, 545, pool=37), 508, 508, 0),
        (1, of_school(A, 545, 40, pool=37, stock=100), 468, 368, 0),
        (1, of_school(A, 30, 10, pool=25), 0, 0, 5),
        (1, of_school(A, 30, 10, pool=15, stock=9), 5, 0, 4),
        (1, of_school(A, 30, 30), 0, 0, 0),
        (3, of_school(A, 31, pool=8), 3, 3, 0),
        (3, of_school(A, 31, pool=13, stock=1), 0, 0, 3),
        (1, of_school(A, 0, pool=4), 0, 0, 4),
    ],
)
def test_a_school_needs_what_its_pool_and_stock_do_not_cover_and_can_spare_what_is_beyond(
    ratio: int, school: Figures, missing: int, short: int, spare: int
) -> None:
    (found,) = planning(in_one_grade(school), DAY, Target(ratio), frozenset()).schools
    assert (found.missing, found.short, found.spare) == (missing, short, spare)
    assert found.in_stock == school.counted[Counted.STOCK]


def test_grades_below_the_target_need_nothing_but_keep_what_they_would_need() -> None:
    figures = (of_school(A, 40, 0, pool=45), of_grade(A, "4", 20), of_grade(A, "5", 20))
    (found,) = planning(figures, DAY, Target(1, "5"), frozenset()).schools
    assert (found.missing, found.spare) == (0, 5)
    (bare,) = planning((of_school(A, 40), *figures[1:]), DAY, Target(1, "5"), frozenset()).schools
    assert bare.missing == 20


def test_who_has_two_machines_does_not_make_the_school_lend_what_others_lack() -> None:
    """Four pupils with two each, six with none, and six in the pool: ten pupils, fourteen machines, none to spare."""
    whole = Figures(A, 10, {Counted.OWN: 8, Counted.POOL: 6}, without=6, with_more=4)
    below = Figures(Group(Level.GRADE, A.org, "6", "6"), 10, {Counted.OWN: 8}, without=6, with_more=4)
    (found,) = planning((whole, below), DAY, Target(), frozenset()).schools
    assert (found.short, found.spare) == (0, 0)


def test_a_school_of_which_no_grade_is_known_is_not_said_to_reach_the_target() -> None:
    (found,) = planning((of_school(A, 40, 1),), DAY, Target(), frozenset()).schools
    assert not found.known


def test_a_masked_grade_makes_the_school_s_need_a_part_of_it() -> None:
    figures = (of_school(A, 40, 0), of_grade(A, "5", 3), of_grade(A, "6", 37))
    (found,) = planning(figures, DAY, Target(), frozenset({figures[1].group})).schools
    assert (found.known, found.whole, found.missing) == (True, False, 37)


def test_machines_end_before_this_school_year_in_one_of_the_next_later_or_nobody_knows_when() -> None:
    school = replace(of_school(A, 30, 30, pool=10), ends={2019: 4, 2025: 3, 2026: 8, 2031: 5, 2032: 6})
    plan = planning((school,), DAY, None, frozenset())
    assert plan.years == tuple(range(2026, 2026 + AHEAD + 1))
    (ends,) = (each.ends for each in plan.schools)
    assert (ends.before, ends.later, ends.unknown, ends.devices) == (7, 6, 14, 40)
    assert ends.by_year == {2026: 8, 2027: 0, 2028: 0, 2029: 0, 2030: 0, 2031: 5}
    assert planning((school,), date(2026, 7, 31), None, frozenset()).years[0] == 2025


def test_what_goes_out_is_replaced_once_the_school_has_no_more_than_the_target_asks_for() -> None:
    school = replace(of_school(A, 20, 20, pool=7), ends={2024: 2, 2026: 3, 2027: 9, 2031: 1})
    (found,) = planning(in_one_grade(school), DAY, Target(), frozenset()).schools
    assert found.spare == 7
    assert found.replaced == {2026: 0, 2027: 7, 2028: 0, 2029: 0, 2030: 0, 2031: 1}


def test_whoever_can_spare_most_lends_to_whoever_is_shortest() -> None:
    figures = in_one_grade(of_school(A, 100), of_school(B, 50, pool=90), of_school(C, 60))
    plan = planning(figures, DAY, Target(), frozenset())
    assert plan.loans == (Loan(B, A, 40),)
    wealthy = in_one_grade(of_school(A, 10), of_school(B, 50, pool=90), of_school(C, 25))
    assert planning(wealthy, DAY, Target(), frozenset()).loans == (Loan(B, C, 25), Loan(B, A, 10))


def test_a_masked_school_takes_no_part_and_is_not_told_of() -> None:
    figures = in_one_grade(of_school(A, 100), of_school(B, 50, pool=90), of_school(C, 60))
    plan = planning(figures, DAY, Target(), frozenset({A}))
    assert [each.group for each in plan.schools] == [B, C]
    assert plan.loans == (Loan(B, C, 40),)
    assert not plan.whole
    assert planning(figures, DAY, Target(), frozenset({B})).loans == ()


def test_without_a_target_there_is_nothing_to_reach_and_nobody_lends() -> None:
    figures = in_one_grade(of_school(A, 100), of_school(B, 50, pool=90))
    plan = planning(figures, DAY, None, frozenset())
    assert (plan.short, plan.loans, {*plan.replaced.values()}) == (0, (), {0})


@st.composite
def towns(draw: st.DrawFn) -> tuple[Figures, ...]:
    found: list[Figures] = []
    for number in range(draw(st.integers(1, 6))):
        group = Group(Level.SCHOOL, f"s{number}", draw(st.sampled_from(["Bø", "Ås", "Li"])))
        grades = [
            of_grade(group, key, pupils := draw(st.integers(0, 40)), draw(st.integers(0, pupils)))
            for key in draw(st.sets(st.sampled_from(["", "1", "4", "5", "10", "vg1"])))
        ]
        own, pool, stock = sum(g.counted[Counted.OWN] for g in grades), *(draw(st.integers(0, 80)) for _ in range(2))
        school = of_school(group, sum(g.pupils for g in grades), own, pool, stock)
        ends = {year: draw(st.integers(0, 9)) for year in range(2024, 2034)} if own + pool > 90 else {}
        found += [replace(school, ends=ends), *grades]
    top = Figures(TOWN, 1, {Counted.OWN: 900}, ends={2026: 10})
    return (top, *found)


def lent(loans: Iterable[Loan], group: Group) -> int:
    return sum(each.devices for each in loans if each.lender == group)


def got(loans: Iterable[Loan], group: Group) -> int:
    return sum(each.devices for each in loans if each.borrower == group)


targets: Final = st.builds(Target, st.integers(1, 4), st.sampled_from(["1", "5", "vg1"]))


@given(towns(), targets)
def test_nobody_lends_more_than_they_can_spare_or_gets_more_than_they_need(
    figures: tuple[Figures, ...], target: Target
) -> None:
    plan = planning(figures, DAY, target, frozenset())
    for each in plan.schools:
        assert lent(plan.loans, each.group) <= each.spare
        assert got(plan.loans, each.group) <= each.short
        assert not (each.spare and each.short)
    assert all(each.devices > 0 for each in plan.loans)
    total = min(sum(each.spare for each in plan.schools), plan.short)
    assert sum(each.devices for each in plan.loans) == total
    assert len(plan.loans) <= len(plan.schools)


@given(towns(), targets)
def test_whoever_lends_still_has_what_the_target_says_for_all_pupils(
    figures: tuple[Figures, ...], target: Target
) -> None:
    plan = planning(figures, DAY, target, frozenset())
    whole = {each.group: each for each in figures}
    for outlook in plan.schools:
        school = whole[outlook.group]
        left = school.counted[Counted.POOL] + school.counted[Counted.STOCK] - lent(plan.loans, school.group)
        assert left >= 0
        if outlook.spare:
            assert school.devices + school.counted[Counted.STOCK] - outlook.spare >= target.needed(school.pupils)
            assert target.pupils_per_device > 1 or left >= school.without


@given(towns(), targets, st.randoms(use_true_random=False))
def test_the_order_of_the_figures_changes_no_loan(figures: tuple[Figures, ...], target: Target, random: object) -> None:
    shuffled = [*figures]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    one, other = planning(figures, DAY, target, frozenset()), planning(shuffled, DAY, target, frozenset())
    assert one.loans == other.loans
    assert one.ends == other.ends


@given(towns(), targets)
def test_nothing_is_replaced_that_does_not_go_out_and_all_that_goes_out_beyond_what_is_spare(
    figures: tuple[Figures, ...], target: Target
) -> None:
    for each in planning(figures, DAY, target, frozenset()).schools:
        out = each.ends.before + sum(each.ends.by_year.values())
        assert sum(each.replaced.values()) == max(0, out - each.spare)


def test_schools_of_one_name_lend_in_the_order_of_their_numbers() -> None:
    first, second = (Group(Level.SCHOOL, org, "Bø") for org in ("974588141", "974588149"))
    lenders = [of_school(group, 10, pool=15) for group in (second, first)]
    for order in (lenders, lenders[::-1]):
        plan = planning(in_one_grade(*order, of_school(A, 5)), DAY, Target(), frozenset())
        assert plan.loans == (Loan(first, A, 5),)

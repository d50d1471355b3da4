"""What is masked cannot be worked out from what is shown: every answer that fits is tried."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from random import Random
from typing import Final

from hypothesis import assume, given
from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.figures import Figures, Group, Level
from provision.core.masking import FEWEST, Sum, masked, sums_of
from tests.shipped.machine import ROOT

NAMES: Final = ("without", "with_one", "with_more")
Solution = Mapping[Group, int]
Fit = Mapping[str, Solution]
TOWN: Final = Group(Level.MUNICIPALITY, "", "Hemne")


def school(org: str = "s1") -> Group:
    return Group(Level.SCHOOL, org, org)


def grade(number: int, org: str = "s1") -> Group:
    return Group(Level.GRADE, org, f"{number}. trinn", str(number))


def school_class(key: str, org: str = "s1") -> Group:
    return Group(Level.CLASS, org, key, key)


def figures(group: Group, without: int = 0, one: int = 0, more: int = 0) -> Figures:
    counted = {Counted.OWN: one + 2 * more}
    return Figures(group, without + one + more, counted, without, one, more)


def whole(group: Group, parts: Sequence[Figures]) -> Figures:
    return figures(group, *(sum(getattr(each, name) for each in parts) for name in NAMES))


def in_grades(shown: Iterable[Figures], grades: Mapping[str, Iterable[str]]) -> tuple[Figures, ...]:
    """With the grades of each class's pupils."""
    return tuple(replace(each, grades=frozenset(grades.get(each.group.key, ()))) for each in shown)


# By brute force: what somebody with the page and a sharp pencil could find.


def rests(name: str, values: Mapping[Group, Figures], hidden: Sequence[Group], sums: Sequence[Sum]) -> list[int]:
    """What must be added up by the masked groups of each sum."""
    return [sum(each.side(g) * getattr(values[g], name) for g in hidden if g in each.groups) for each in sums]


def solutions(
    name: str, values: Mapping[Group, Figures], hidden: Sequence[Group], sums: Sequence[Sum]
) -> list[Solution]:
    """Every way in which a figure may be spread over the masked groups, and a little beyond where nothing bounds it."""
    aim = rests(name, values, hidden, sums)
    most = max((getattr(each, name) for each in values.values()), default=0) + 1

    def spread(at: int, left: Sequence[int], chosen: dict[Group, int]) -> Iterator[Solution]:
        if at == len(hidden):
            if not any(left):
                yield dict(chosen)
            return
        group, later = hidden[at], hidden[at + 1 :]
        for count in range(most + 1):
            now = [
                n - each.side(group) * count if group in each.groups else n for n, each in zip(left, sums, strict=True)
            ]
            if all(possible(n, each, later) for n, each in zip(now, sums, strict=True)):
                yield from spread(at + 1, now, {**chosen, group: count})

    return list(spread(0, aim, {}))


def possible(left: int, one: Sum, later: Sequence[Group]) -> bool:
    """Whether those that are still to come can make up what is left: a whole raises it, a part lowers it."""
    sides = {one.side(group) for group in later if group in one.groups}
    return left == 0 or (1 in sides and left > 0) or (-1 in sides and left < 0)


def fits(found: Mapping[str, list[Solution]], truth: Mapping[str, Solution], hidden: Sequence[Group]) -> Iterator[Fit]:
    """Each combination of the figures in which every masked group has a pupil; the likest to the truth first."""
    for others in range(len(NAMES) + 1):
        for changed in combinations(NAMES, others):
            for each in product(*(found[name] if name in changed else [truth[name]] for name in NAMES)):
                if all(sum(solution[group] for solution in each) for group in hidden):
                    yield dict(zip(NAMES, each, strict=True))


def worked_out(values: Mapping[Group, Figures], sums: Sequence[Sum]) -> list[str]:
    """What can be told of the masked groups for certain, save that something is nobody's."""
    hidden = [group for group in values if group in masked(values.values(), sums)]
    truth = {name: {group: getattr(values[group], name) for group in hidden} for name in (*NAMES, "pupils", "devices")}
    found = {name: solutions(name, values, hidden, sums) for name in (*NAMES, "devices")}
    closed = {(group, name) for name, true in truth.items() for group in hidden if true[group]}
    alike = {few for few in few_together(values, hidden)}
    closed -= {
        (group, "devices") for each in found["devices"] for group in hidden if each[group] != truth["devices"][group]
    }
    for fit in fits(found, truth, hidden):
        pupils = {group: sum(fit[name][group] for name in NAMES) for group in hidden}
        told = {**fit, "pupils": pupils, "devices": truth["devices"]}
        closed = {(group, name) for group, name in closed if told[name][group] == truth[name][group]}
        alike = {
            few for few in alike if sum(map(pupils.__getitem__, few)) == sum(map(truth["pupils"].__getitem__, few))
        }
        if not alike and not closed:
            break
    return [f"{group.name}: {name}" for group, name in closed] + [f"together: {[g.name for g in few]}" for few in alike]


def few_together(values: Mapping[Group, Figures], hidden: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    for size in range(1, len(hidden) + 1):
        for few in combinations(hidden, size):
            if sum(values[group].pupils for group in few) < FEWEST:
                yield few


counts = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2))


@st.composite
def a_school(draw: st.DrawFn) -> tuple[Figures, ...]:
    parts = [figures(grade(n), *draw(counts)) for n in range(1, draw(st.integers(2, 5)))]
    return (whole(school(), parts), *parts)


@given(a_school())
def test_no_figure_of_a_masked_grade_can_be_worked_out_from_the_school_and_the_other_grades(
    shown: tuple[Figures, ...],
) -> None:
    values = {each.group: each for each in shown}
    assert worked_out(values, sums_of(shown)) == []


@st.composite
def a_school_with_classes(draw: st.DrawFn) -> tuple[tuple[Figures, ...], dict[str, frozenset[str]]]:
    """Classes of one grade each, two to a grade or one over two grades."""
    found: list[Figures] = []
    grades: dict[str, frozenset[str]] = {}
    number = 1
    while number < 4:
        if draw(st.booleans()):
            classes = [figures(school_class(f"{number}{letter}"), *draw(counts)) for letter in "AB"]
            found += [whole(grade(number), classes), *classes]
            grades |= {each.group.key: frozenset({str(number)}) for each in classes}
        else:
            years = [figures(grade(n), *draw(counts)) for n in (number, number + 1)]
            both = whole(school_class(f"{number}-{number + 1}"), years)
            found += [*years, both]
            grades[both.group.key] = frozenset({str(number), str(number + 1)})
            number += 1
        number += 1
    assume(sum(each.pupils < FEWEST for each in found) < 4)
    top = whole(school(), [each for each in found if each.group.level is Level.GRADE])
    return (top, *found), grades


@given(a_school_with_classes())
def test_grades_and_classes_of_the_same_pupils_do_not_give_each_other_away(
    case: tuple[tuple[Figures, ...], dict[str, frozenset[str]]],
) -> None:
    shown = in_grades(*case)
    values = {each.group: each for each in shown}
    sums = sums_of(shown)
    assume(len(masked(shown, sums)) < 7)
    assert worked_out(values, sums) == []


@st.composite
def a_town(draw: st.DrawFn) -> tuple[Figures, ...]:
    schools: list[Figures] = []
    parts: list[Figures] = []
    for org in ("s1", "s2", "s3")[: draw(st.integers(1, 3))]:
        mine = [figures(grade(n, org), *draw(counts)) for n in (1, 2)]
        schools.append(whole(school(org), mine))
        parts += mine
    years = [whole(grade(n, ""), [each for each in parts if each.group.key == str(n)]) for n in (1, 2)]
    shown = draw(st.sampled_from([(), tuple(years)]))
    return (whole(TOWN, schools), *schools, *shown, *parts)


@given(a_town())
def test_a_town_its_schools_and_its_grades_do_not_give_each_other_away(shown: tuple[Figures, ...]) -> None:
    values = {each.group: each for each in shown}
    sums = sums_of(shown)
    assume(len(masked(shown, sums)) < 7)
    assert worked_out(values, sums) == []


@given(a_town())
def test_every_group_of_few_is_masked_and_none_without_need(shown: tuple[Figures, ...]) -> None:
    few = {each.group for each in shown if 0 < each.pupils < FEWEST}
    hidden = masked(shown, sums_of(shown))
    assert few <= hidden
    assert few or not hidden


def test_the_smallest_other_grade_is_masked_with_the_only_small_one() -> None:
    parts = [figures(grade(n), 1, pupils, 1) for n, pupils in enumerate((2, 20, 9, 14), start=1)]
    shown = [whole(school(), parts), *parts]
    assert masked(shown, sums_of(shown)) == {grade(1), grade(3)}


def test_two_small_grades_of_four_pupils_together_need_a_third() -> None:
    parts = [figures(grade(n), 1, pupils) for n, pupils in enumerate((0, 1, 20, 9), start=1)]
    shown = [whole(school(), parts), *parts]
    assert masked(shown, sums_of(shown)) == {grade(1), grade(2), grade(4)}


def test_the_smallest_grade_is_masked_that_could_have_the_pupil_without_a_device() -> None:
    parts = [figures(grade(1), 1, 3), figures(grade(2), 0, 8), figures(grade(3), 4, 20), figures(grade(4), 0, 9)]
    shown = [whole(school(), parts), *parts]
    assert masked(shown, sums_of(shown)) == {grade(1), grade(2)}
    assert worked_out({each.group: each for each in shown}, sums_of(shown)) == []


def test_where_everybody_has_a_device_only_what_must_be_is_masked() -> None:
    parts = [figures(grade(n), 0, pupils) for n, pupils in enumerate((3, 8, 20, 9), start=1)]
    shown = [whole(school(), parts), *parts]
    assert masked(shown, sums_of(shown)) == {grade(1), grade(2)}


def test_five_grades_of_one_pupil_each_need_another() -> None:
    """Nobody is masked who is nobody, so that five pupils in five masked grades would be one in each."""
    parts = [figures(grade(n), 0, 1) for n in range(1, 6)] + [figures(grade(6), 4, 9), figures(grade(7), 1, 6)]
    shown = [whole(school(), parts), *parts]
    assert masked(shown, sums_of(shown)) == {grade(n) for n in (1, 2, 3, 4, 5, 7)}


def test_a_class_is_not_its_grade_less_the_other_class() -> None:
    a, b, c = (figures(school_class(key), 1, pupils) for key, pupils in (("1A", 2), ("1B", 17), ("2A", 8)))
    shown = [whole(school(), [a, b, c]), whole(grade(1), [a, b]), whole(grade(2), [c]), a, b, c]
    grades = {"1A": {"1"}, "1B": {"1"}, "2A": {"2"}}
    told = in_grades(shown, grades)
    assert masked(told, sums_of(told)) == {a.group, b.group}
    assert masked(shown, sums_of(shown)) == {a.group, c.group}


def test_a_masked_school_takes_another_and_part_of_that_with_it() -> None:
    parts = {
        org: [figures(grade(n, org), 1, pupils) for n in (1, 2)] for org, pupils in (("s1", 0), ("s2", 9), ("s3", 30))
    }
    schools = [whole(school(org), mine) for org, mine in parts.items()]
    shown = [whole(TOWN, schools), *schools, *(each for mine in parts.values() for each in mine)]
    hidden = masked(shown, sums_of(shown))
    assert hidden == {school("s1"), grade(1, "s1"), grade(2, "s1"), school("s2"), grade(1, "s2")}


def test_many_pupils_in_no_grade_give_nothing_away() -> None:
    shown = [figures(school(), 5, 20), figures(grade(1), 1, 2), figures(grade(2), 2, 10)]
    assert masked(shown, sums_of(shown)) == {grade(1)}


def test_few_pupils_in_no_grade_are_no_cover() -> None:
    shown = [figures(school(), 5, 20), figures(grade(1), 1, 2), figures(grade(2), 2, 18)]
    assert masked(shown, sums_of(shown)) == {grade(1), grade(2)}


def test_groups_of_nobody_are_shown_and_hide_nobody() -> None:
    shown = [figures(school()), figures(grade(1)), figures(grade(2))]
    assert masked(shown, sums_of(shown)) == frozenset()


def towns(schools: int, *, small: int) -> tuple[Figures, ...]:
    """Schools with a class to each of ten grades; in one of so many the grades have one to four pupils and share their
    classes. Few pupils have two devices, as they happen to.
    """
    chance = Random(1)  # noqa: S311 - made-up figures need no secrecy
    wholes: list[Figures] = []
    parts: list[Figures] = []
    classes: dict[str, frozenset[str]] = {}
    for org in (f"s{n}" for n in range(schools)):
        few = len(wholes) % small == 0
        pupils = [chance.randint(1, 4) if few else chance.randint(8, 28) for _ in range(10)]
        has = [chance.choices(range(3), (15, 82, 3), k=each) for each in pupils]
        mine = [figures(grade(g, org), *map(each.count, range(3))) for g, each in enumerate(has, start=1)]
        rooms = [mine[:2], mine[2:4], mine[4:7], mine[7:]] if few else [[each] for each in mine]
        for room in rooms:
            key = f"{org} {room[0].group.key}"
            classes[key] = frozenset(each.group.key for each in room)
            parts.append(whole(school_class(key, org), room))
        wholes.append(whole(school(org), mine))
        parts += mine
    grades = [each for each in parts if each.group.level is Level.GRADE]
    years = [whole(grade(g, ""), [each for each in grades if each.group.key == str(g)]) for g in range(1, 11)]
    return in_grades([whole(TOWN, wholes), *wholes, *years, *parts], classes)


def test_a_few_small_schools_hide_little_beside_themselves() -> None:
    shown = towns(60, small=12)
    few = {each.group for each in shown if 0 < each.pupils < FEWEST}
    hidden = masked(shown, sums_of(shown))
    assert few < hidden
    assert len(hidden) < 2 * len(few)
    assert not {TOWN, grade(1, ""), school("s1")} & hidden


def test_what_is_masked_does_not_hang_on_chance() -> None:
    """Two pages of one day that masked other groups would give each other away."""
    code = (
        "from tests.core.test_masking import *; shown = towns(26, small=9); "
        "print(sorted((g.org, g.key) for g in masked(shown, sums_of(shown))))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] != b""


def test_forty_schools_are_masked_at_once() -> None:
    parts = {
        f"s{n}": [figures(grade(g, f"s{n}"), (n * g) % 3, (n * 7 + g * 5) % 23, n % 2) for g in range(1, 11)]
        for n in range(40)
    }
    schools = [whole(school(org), mine) for org, mine in parts.items()]
    every = [each for mine in parts.values() for each in mine]
    years = [whole(grade(g, ""), [each for each in every if each.group.key == str(g)]) for g in range(1, 11)]
    shown = [whole(TOWN, schools), *schools, *years, *every]
    hidden = masked(shown, sums_of(shown))
    assert {each.group for each in shown if 0 < each.pupils < FEWEST} <= hidden
    assert len(hidden) < len(shown) / 2


def test_a_municipality_of_few_takes_another_of_its_cooperation_with_it() -> None:
    towns = [
        figures(Group(Level.MUNICIPALITY, site, site), 1, pupils) for site, pupils in (("a", 2), ("b", 30), ("c", 90))
    ]
    shown = [whole(Group(Level.COOPERATION, "", "Orkide"), towns), *towns]
    assert masked(shown, sums_of(shown)) == {towns[0].group, towns[1].group}

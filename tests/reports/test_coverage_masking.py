"""What is told of a group beyond pupils and devices gives no masked group away, in no report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import Coverage, Figures, Group, Level
from provision.core.masking import FEWEST, Sum, sums_of
from provision.reports.coverage.columns import BY_KEY, COLUMNS
from provision.reports.coverage.report import Report, WhyNot
from provision.reports.coverage.rows import as_json
from tests.reports.coverages import DAY, SODIN, TOWN, grade, hemne, report, unnamed

DETAILS: Final = tuple(column for column in COLUMNS if column.detail and Level.GRADE in column.levels)
counts: Final = st.integers(0, 9)


def summed(group: Group, parts: Sequence[Figures]) -> Figures:
    counted = {each: sum(p.counted.get(each, 0) for p in parts) for each in Counted}
    kinds = {each: sum(p.kinds.get(each, 0) for p in parts) for each in DeviceKind}
    pupils, without, one = (sum(getattr(p, name) for p in parts) for name in ("pupils", "without", "with_one"))
    past = sum(p.past_end for p in parts)
    return Figures(group, pupils, counted, without, one, past_end=past, kinds=kinds)


@st.composite
def a_grade(draw: st.DrawFn, group: Group) -> Figures:
    own, loan, none = draw(counts), draw(st.integers(0, 2)), draw(counts)
    tablets = draw(st.integers(0, own + loan))
    return Figures(
        group=group,
        pupils=own + loan + none,
        counted={Counted.OWN: own, Counted.LOAN: loan, Counted.STALE: draw(counts), Counted.BROKEN: draw(counts)},
        without=none,
        with_one=own + loan,
        past_end=draw(counts),
        kinds={DeviceKind.TABLET: tablets, DeviceKind.LAPTOP: own + loan - tablets},
    )


@st.composite
def towns(draw: st.DrawFn) -> Report:
    """Whose schools are the sum of their grades, and whose grades are the sum of theirs."""
    schools: list[Figures] = []
    grades: list[Figures] = []
    for number in range(draw(st.integers(1, 3))):
        mine = [draw(a_grade(Group(Level.GRADE, f"s{number}", key, key))) for key in ("1", "2", "3")]
        grades += mine
        schools.append(summed(Group(Level.SCHOOL, f"s{number}", f"S{number}"), mine))
    years = [summed(Group(Level.GRADE, "", key, key), [g for g in grades if g.group.key == key]) for key in "123"]
    return report(Coverage(DAY, 1, (summed(TOWN, schools), *schools, *years, *grades)))


def untold(told: Report, key: str) -> set[Group]:
    return {f.group for f in told.coverage.figures if told.why_not(BY_KEY[key], f) is WhyNot.MASKED}


@dataclass(frozen=True)
class Unknown:
    """What somebody with all reports and a sharp pencil knows of a figure: sums that must come out."""

    groups: tuple[Group, ...]
    values: Mapping[Group, int]
    sums: tuple[Sum, ...]

    def could_be(self, group: Group, other: int) -> bool:
        """Whether the figures of all others can be such that this one is another, by trying to move the difference."""
        return self._settle({group: other - self.values[group]})

    def _settle(self, moved: dict[Group, int]) -> bool:
        if len(moved) > len(self.groups):
            return False
        for one in self.sums:
            off = sum(one.side(g) * by for g, by in moved.items() if g in one.groups)
            if off:
                free = [g for g in one.groups if g in self.groups and g not in moved]
                steps = ((g, -off * one.side(g)) for g in free)
                return any(self._settle({**moved, g: by}) for g, by in steps if self.values[g] + by >= 0)
        return True


@given(towns())
def test_no_detail_of_a_masked_group_can_be_worked_out(told: Report) -> None:
    figures = told.coverage.figures
    for column in DETAILS:
        values = {f.group: int(column.read(f) or 0) for f in figures}
        unknown = Unknown(tuple(untold(told, column.key)), values, sums_of(figures))
        for group in told.hidden:
            assert values[group] == 0 or unknown.could_be(group, values[group] - 1), (column.key, group)


@given(towns())
def test_no_sum_lacks_a_single_detail(told: Report) -> None:
    for column in DETAILS:
        masked = untold(told, column.key)
        for one in sums_of(told.coverage.figures):
            assert len([group for group in one.groups if group in masked]) != 1


@given(towns())
def test_details_are_told_wherever_nothing_near_is_masked(told: Report) -> None:
    for figures in told.coverage.figures:
        near = [g for g in told.hidden if not figures.group.org or g.org == figures.group.org]
        masked = {each.key for each in DETAILS if told.why_not(each, figures) is WhyNot.MASKED}
        below = figures.group.level is Level.GRADE
        assert masked == ({each.key for each in DETAILS} if figures.group in told.hidden or (below and near) else set())


@given(towns())
def test_no_report_tells_what_is_withheld(told: Report) -> None:
    rows = as_json(told, told.coverage.figures)["groups"]
    for figures, row in zip(told.coverage.figures, rows, strict=True):
        assert row["masked"] == (figures.group in told.hidden)
        for column in DETAILS:
            if figures.group in untold(told, column.key):
                assert row["figures"] is None or row["figures"][column.key] is None


def test_a_grade_beside_a_masked_one_tells_of_pupils_and_devices_only() -> None:
    told = report(hemne())
    grade = next(
        f for f in told.shown(hemne().figures) if (f.group.level, f.group.key) == (Level.GRADE, "2") and f.pupils < 20
    )
    assert told.value(BY_KEY["devices"], grade) == 3
    assert told.value(BY_KEY["own"], grade) is None
    assert told.why_not(BY_KEY["own"], grade) is WhyNot.MASKED


def test_what_nobody_knows_is_not_said_to_be_masked_or_nothing() -> None:
    town = replace(hemne().figures[0], named=False)
    told = report(Coverage(DAY, 1, (town,)))
    assert told.why_not(BY_KEY["without"], town) is WhyNot.NOT_KNOWN
    assert told.why_not(BY_KEY["at_once"], town) is WhyNot.NONE
    assert told.value(BY_KEY["without"], town) is None
    assert town.pupils >= FEWEST
    sixth = unnamed(grade(SODIN, 6, 54, 0))
    assert told.why_not(BY_KEY["devices"], sixth) is WhyNot.NOT_KNOWN
    assert told.value(BY_KEY["pupils"], sixth) == 54

"""Coverage as it might be: Hemne as the municipality published it in 2003, and any other town."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from provision.core.counted import Counted
from provision.core.figures import Coverage, Figures, Group, Level, Link
from provision.core.language import Language
from provision.core.masking import masked, sums_of
from provision.core.roster import Issue
from provision.core.trend import Point
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.report import Report, Target

DAY: Final = date(2003, 10, 1)
READ: Final = datetime(2003, 10, 1, 2, 30, tzinfo=UTC)
SODIN, VINJEORA, SVANEM = "974588145", "974575086", "974588153"
TOWN: Final = Group(Level.MUNICIPALITY, "", "Hemne")


def figures(group: Group, pupils: int, devices: int, link: Link | None = None, **counted: int) -> Figures:
    """Each device in the hands of a pupil, as far as there are pupils."""
    held = min(pupils, devices)
    kinds = {Counted.OWN: held, Counted.POOL: devices - held, **{Counted(name): n for name, n in counted.items()}}
    return Figures(group, pupils, kinds, without=pupils - held, with_one=held, link=link)


def school(org: str, name: str, pupils: int, devices: int, link: Link | None = None, **counted: int) -> Figures:
    return figures(Group(Level.SCHOOL, org, name), pupils, devices, link, **counted)


def grade(org: str, number: int, pupils: int, devices: int) -> Figures:
    return figures(Group(Level.GRADE, org, str(number), str(number)), pupils, devices)


def school_class(org: str, name: str, pupils: int, devices: int) -> Figures:
    return figures(Group(Level.CLASS, org, name, f"{org}-{name}"), pupils, devices)


def hemne() -> Coverage:
    """640 pupils and 73 machines at three schools."""
    line = Link(kbit=128, kbit_each=20)
    return Coverage(
        day=DAY,
        definitions=1,
        figures=(
            figures(TOWN, 640, 73, staff=21, unmatched=4, stale=2, broken=3),
            school(SODIN, "Sodin skole", 545, 37, Link(2000, 20), staff=15, broken=3),
            school(VINJEORA, "Vinjeøra skole", 51, 20, line, staff=3, stale=2),
            school(SVANEM, "Svanem skole", 44, 16, line, staff=3),
            *(grade(SODIN, number, 54 + (number > 5), 4 - (number > 7)) for number in range(1, 11)),
            *(school_class(SODIN, f"{n}{letter}", 27, 2) for n in range(1, 11) for letter in "ABC"),
            *(grade(VINJEORA, number, pupils, 3) for number, pupils in enumerate((3, 9, 7, 8, 11, 8, 5), start=1)),
        ),
        as_of={"Intune": READ, "Regneark": None},
        late=frozenset({"Intune"}),
        issues=(Issue("Intune", "devices", "PF1", "the school is not the same everywhere; the first one's counts"),),
    )


def report(coverage: Coverage, language: Language = Language.NB, target: Target | None = None) -> Report:
    sums = sums_of(coverage.figures, {})
    return Report(
        coverage=coverage,
        site=f"{TOWN.name} kommune",
        language=language,
        hidden=masked(coverage.figures, sums),
        trends={each.group: trend(each, coverage.day) for each in coverage.figures if not each.group.key},
        target=target,
        national=of_the_time(coverage.day),
    )


def trend(last: Figures, day: date) -> tuple[Point, ...]:
    """Three years in which a device came every month or so, counted anew after the first."""
    points = []
    for months in range(30, -1, -1):
        own = max(0, last.counted.get(Counted.OWN, 0) - months * last.pupils // 300)
        counted: Mapping[Counted, int] = {**last.counted, Counted.OWN: own}
        then = replace(last, counted=counted, with_one=own, without=last.pupils - own)
        points.append(Point(day - timedelta(days=30 * months), 1 if months < 18 else 0, then))
    return tuple(points)


names: Final = st.one_of(
    st.sampled_from(
        ['=HYPERLINK("http://localhost")', "+1", "-1", "@x", "'6A", "#N/A", "0123", "TRUE", "Åse & <b>Bø</b>"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip),
)


@st.composite
def any_figures(draw: st.DrawFn, group: Group) -> Figures:
    without, one, more = (draw(st.integers(0, 40)) for _ in range(3))
    counted = {kind: draw(st.integers(0, 2000)) for kind in draw(st.sets(st.sampled_from(Counted), max_size=5))}
    link = draw(st.none() | st.builds(Link, st.integers(1, 10**7), st.integers(1, 5000)))
    return Figures(group, without + one + more, counted, without, one, more, draw(st.integers(0, 9)), link)


@st.composite
def any_report(draw: st.DrawFn) -> Report:
    groups = [TOWN]
    for number in range(draw(st.integers(0, 3))):
        org = f"97458814{number}"
        groups.append(Group(Level.SCHOOL, org, draw(names)))
        groups += [Group(Level.GRADE, org, key, key) for key in draw(st.sets(st.sampled_from(["", "1", "10", "vg1"])))]
        groups += [Group(Level.CLASS, org, draw(names), f"{org}-{n}") for n in range(draw(st.integers(0, 2)))]
    coverage = Coverage(DAY, 1, tuple(draw(any_figures(group)) for group in groups), {draw(names): READ})
    target = draw(st.none() | st.builds(Target, st.integers(1, 4), st.sampled_from(["1", "5", "vg1"])))
    return report(coverage, draw(st.sampled_from(Language)), target)

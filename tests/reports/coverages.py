"""Coverage as it might be: Hemne as the municipality published it in 2003, and any other town."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from provision.core.cooperation import together
from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import DEFINITIONS, SIS, Coverage, Figures, Group, Level, Link, Tally
from provision.core.language import Language
from provision.core.masking import masked, sums_of
from provision.core.planning import Target
from provision.core.roster import Issue
from provision.core.trend import Point
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.report import Report

DAY: Final = date(2003, 10, 1)
READ: Final = datetime(2003, 10, 1, 2, 30, tzinfo=UTC)
SODIN, VINJEORA, SVANEM = "974588145", "974575086", "974588153"
THIN: Final = Link(8000, 2000)
NOW: Final = date(2026, 10, 1)
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
        stands_on=(Tally(SIS, 640, READ), Tally("Intune", 97, READ), Tally("Regneark", 6)),
        issues=(Issue("Intune", "devices", "PF1", "the school is not the same everywhere; the first one's counts"),),
    )


def unnamed(each: Figures, **counted: int) -> Figures:
    """The same pupils, of whom nobody knows who has which machine."""
    kinds = {Counted(name): n for name, n in counted.items()}
    return replace(each, counted=kinds, named=False, without=each.pupils, with_one=0, with_more=0)


def a_town(schools: int) -> Coverage:
    """With long names and every extreme: no device, no pupil, more devices than pupils, a thin line; machines that
    ended, will end, or of which nobody says when.
    """
    parts = [
        _planned(school(f"9{n:08}", f"Charlottenlund barne- og ungdomsskole {n}", n * 37 % 600, n * 53 % 620, THIN), n)
        for n in range(schools)
    ]
    grades = [grade(each.group.org, g, each.pupils // 10, each.devices // 12) for each in parts for g in range(1, 11)]
    years = [
        grade("", g, sum(p.pupils // 10 for p in parts), sum(p.devices // 12 for p in parts)) for g in range(1, 11)
    ]
    pupils, devices = sum(p.pupils for p in parts), sum(p.devices for p in parts)
    whole = figures(TOWN, pupils, devices, unmatched=1214, stale=300, left=9, staff=2100, stock=34, broken=12, loan=0)
    told = replace(
        whole,
        without=sum(p.without for p in parts),
        with_one=sum(p.with_one for p in parts),
        kinds={kind: devices // 6 for kind in DeviceKind},
        ends={year: sum(p.ends.get(year, 0) for p in parts) for year in range(2024, 2034)},
        past_end=1200,
    )
    stands_on = (Tally(SIS, pupils, READ), Tally("Intune", devices, READ), Tally("Snipe-IT", 3000))
    return Coverage(NOW, 1, (told, *parts, *years, *grades), stands_on)


def _planned(each: Figures, number: int) -> Figures:
    ends = {2024 + number % 9: each.devices // 3, 2026: each.devices // 4}
    return replace(each, counted={**each.counted, Counted.STOCK: number % 7}, ends=ends)


def a_large_school() -> Coverage:
    counted = dict.fromkeys(("loan", "pool", "stale", "left", "broken", "stock", "staff", "unmatched", "private"), 7)
    whole = school(SODIN, "Sodin barne- og ungdomsskole", 900, 700, Link(128, 20), **counted)
    grades = [grade(SODIN, number, 90, 70) for number in range(1, 11)]
    classes = [school_class(SODIN, f"{n}{letter}", 22, 17) for n in range(1, 11) for letter in "ABCD"]
    told = replace(whole, kinds=dict.fromkeys(DeviceKind, 110))
    return Coverage(NOW, 1, (told, *grades, *classes), (Tally("Intune", 700, READ), Tally("Snipe-IT", 60)))


def shared() -> Coverage:
    """Hemne with all its machines in rooms and on trolleys."""
    told = hemne()
    below = (Level.GRADE, Level.CLASS)
    pools = [{} if f.group.level in below else {"pool": f.devices, "staff": 3} for f in told.figures]
    return replace(told, figures=tuple(unnamed(f, **pool) for f, pool in zip(told.figures, pools, strict=True)))


def cooperation() -> Coverage:
    """Hemne and two that are better off; a fourth counts by other definitions."""
    towns = {"hemne": hemne().figures[0], "snillfjord": figures(replace(TOWN, name="Snillfjord"), 150, 60)}
    towns["hitra"] = replace(figures(replace(TOWN, name="Hitra"), 600, 300), ends={2003: 90, 2005: 100})
    sites = {site: Coverage(DAY, DEFINITIONS, (each,)) for site, each in towns.items()}
    return together("Orkdalsregionen", DAY, {**sites, "aure": Coverage(DAY, DEFINITIONS - 1, (towns["hitra"],))})


def report(coverage: Coverage, language: Language = Language.NB, target: Target | None = None) -> Report:
    sums = sums_of(coverage.figures)
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
    """Where nobody knows who has which machine, no pupil has one, hence no grade or class."""
    named = draw(st.booleans())
    below = group.level in (Level.GRADE, Level.CLASS)
    without, one, more = (draw(st.integers(0, 40)) if named or not n else 0 for n in range(3))
    kinds = [Counted.OWN, Counted.LOAN, Counted.STALE, Counted.BROKEN] if below else list(Counted)
    counted = {
        kind: draw(st.integers(1, 2000))
        for kind in (draw(st.sets(st.sampled_from(kinds), max_size=5)) if named or not below else ())
    }
    usable = sum(counted.get(each, 0) for each in (Counted.OWN, Counted.LOAN, Counted.POOL))
    laptops = draw(st.integers(0, usable))
    ends = {year: usable // 9 for year in draw(st.sets(st.integers(2000, 2012), max_size=4)) if usable // 9}
    return Figures(
        group=group,
        pupils=without + one + more,
        counted=counted,
        without=without,
        with_one=one,
        with_more=more,
        past_end=draw(st.integers(0, 9)) if named or not below else 0,
        link=draw(st.none() | st.builds(Link, st.integers(1, 10**7), st.integers(1, 5000)))
        if group.level is Level.SCHOOL
        else None,
        kinds={kind: n for kind, n in ((DeviceKind.LAPTOP, laptops), (DeviceKind.OTHER, usable - laptops)) if n},
        ends=ends,
        named=named,
        grades=frozenset({"6", ""}) if group.level is Level.CLASS else frozenset(),
    )


@st.composite
def any_report(draw: st.DrawFn) -> Report:
    groups = [TOWN]
    for number in range(draw(st.integers(0, 3))):
        org = f"97458814{number}"
        groups.append(Group(Level.SCHOOL, org, draw(names)))
        groups += [Group(Level.GRADE, org, key, key) for key in draw(st.sets(st.sampled_from(["", "1", "10", "vg1"])))]
        groups += [Group(Level.GRADE, "", key, key) for key in draw(st.sets(st.sampled_from(["1", "6"]))) if not number]
        groups += [Group(Level.CLASS, org, draw(names), f"{org}-{n}") for n in range(draw(st.integers(0, 2)))]
    coverage = Coverage(DAY, 1, tuple(draw(any_figures(group)) for group in groups), (Tally(draw(names), 3, READ),))
    target = draw(st.none() | st.builds(Target, st.integers(1, 4), st.sampled_from(["1", "5", "vg1"])))
    return report(coverage, draw(st.sampled_from(Language)), target)

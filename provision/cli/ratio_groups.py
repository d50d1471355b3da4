"""Which groups are meant by a school and a grade that somebody typed."""

from collections.abc import Iterable

from provision.core.figures import Coverage, Figures, Group, Level
from provision.errors import UsageError


def chosen(coverage: Coverage, school: str, grade: str) -> tuple[Figures, ...]:
    """Of a school its figures with its grades and classes; of a grade those of it and its classes, at all schools or
    at one; of neither everything. Raises UsageError, with what there is.
    """
    org = _org(school, (f.group for f in coverage.figures)) if school else ""
    found = tuple(f for f in coverage.figures if not org or f.group.org == org)
    return _of_grade(found, grade) if grade else found


def _org(school: str, groups: Iterable[Group]) -> str:
    named = [group for group in groups if group.level is Level.SCHOOL]
    wanted = school.strip().casefold()
    orgs = [group.org for group in named if wanted in (group.org, group.name.casefold())]
    if len(orgs) != 1:
        there = ", ".join(f"{group.org} {group.name}" for group in named)
        raise UsageError(f"{school} is no school here, or more than one; give its number: {there or 'there is none'}")
    return orgs[0]


def _of_grade(figures: Iterable[Figures], grade: str) -> tuple[Figures, ...]:
    every = tuple(figures)
    wanted = grade.strip().casefold()
    found = tuple(f for f in every if wanted in (f.group.key if f.group.level is Level.GRADE else "", *f.grades))
    if not found:
        grades = dict.fromkeys(f.group.key for f in every if f.group.level is Level.GRADE and f.group.key)
        raise UsageError(f"{grade} is no grade here; there are: {', '.join(grades) or 'none'}")
    return found

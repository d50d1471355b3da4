"""What a school's classes imply where a system wants it said: the course of each class, its term and school year."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from provision.core.calendar import school_year
from provision.core.roster import ClassType, SchoolClass

_AUTUMN_ENDS: Final = 12


@dataclass(frozen=True, slots=True)
class Course:
    """What is taught at one school in any number of classes: a subject or, where there is none, a type of class."""

    sourced_id: str
    org: str
    subject_code: str
    class_type: ClassType


@dataclass(frozen=True, slots=True)
class Period:
    """A term or, where `year` is "", a school year. Dates are inclusive; `year` is the id of the term's school year."""

    sourced_id: str
    title: str
    begin: date
    end: date
    year: str = ""


def course_of(school_class: SchoolClass) -> Course:
    """The course that a class is of."""
    code = school_class.subject_code
    local = code or school_class.class_type.value
    return Course(f"{school_class.org}-{local}", school_class.org, code, school_class.class_type)


def term_of(school_class: SchoolClass, day: date) -> Period:
    """The term that a class is taught in: its own dates, or the school year of `day` where it has no end."""
    begin, end = school_class.begin, school_class.end
    first, last = school_year(end or max(begin or day, day))
    return _term(begin if begin and (end or begin > first) else first, end or last)


def year_of(term: Period) -> Period:
    """The school year that a term begins in."""
    return _year(term.begin)


@lru_cache(maxsize=1024)
def _term(begin: date, end: date) -> Period:
    year = _year(begin)
    title = f"{begin.isoformat()} til {end.isoformat()}"
    if (begin, end) == (year.begin, year.end):
        title = f"Hele året {year.title}"
    elif begin >= year.begin and end <= date(year.begin.year, _AUTUMN_ENDS, 31):
        title = f"Høst {begin.year}"
    elif begin > date(year.begin.year, _AUTUMN_ENDS, 31) and end <= year.end:
        title = f"Vår {begin.year}"
    return Period(f"{begin.isoformat()}_{end.isoformat()}", title, begin, end, year.sourced_id)


@lru_cache(maxsize=1024)
def _year(day: date) -> Period:
    begin, end = school_year(day)
    return Period(f"{begin.year}-{end.year}", f"{begin.year}/{end.year}", begin, end)

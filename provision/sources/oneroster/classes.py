"""Sessions, courses and classes of OneRoster to rows: what each is for, at which school, and from when to when."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from provision.core.roster import ClassType
from provision.formats.days import day, is_day
from provision.formats.oneroster import Table, decode_id
from provision.sources.oneroster.checks import check_letters, is_gone, record_fault
from provision.sources.oneroster.places import Place, Places
from provision.sources.oneroster.words import (
    class_type,
    grade,
    items,
    last_day,
    metadata,
    subject_code,
    subject_of,
)

SESSIONS: Final = ("sourcedId", "status", "title", "startDate", "endDate")
COURSES: Final = ("sourcedId", "courseCode", "grades", "subjectCodes")
CLASSES: Final = (
    "sourcedId", "status", "title", "grades", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds",
    "subjectCodes",
)  # fmt: skip  # names, many to a line

_GROUP_TYPE: Final = frozenset({"grouptype"})
_NO_ORG: Final = Place("", "", "schoolSourcedId: not among the orgs")


class _Course(NamedTuple):
    code: str = ""
    grade: str = ""


class _Around(NamedTuple):
    """What classes refer to, by id; None where the source does not speak of it at all."""

    sessions: Mapping[str, tuple[str, str]] | None
    courses: Mapping[str, _Course] | None


class _Class(NamedTuple):
    key: str
    title: str
    type: ClassType
    org: Place
    code: str
    grade: str
    course: str
    terms: list[str]


def place_classes(tables: Mapping[str, Table], places: Places) -> None:
    """Every class in its place; SourceError where letters show that the source has the wrong encoding."""
    around = _Around(_sessions(tables.get("academicSessions"), places), _courses(tables.get("courses")))
    table = tables["classes"]
    group_types = metadata(table, _GROUP_TYPE)
    for row, cells in enumerate(table.picked(*CLASSES, *group_types)):
        written, status, title, grades, course, word, school, terms, codes, *own_types = cells
        key = decode_id(written)
        check_letters(title, table, row)
        fault = record_fault(key, status, key in places.class_at)
        if fault:
            _reject(places, "classes", key, "", f"{fault} ({table.where(row)})")
        elif is_gone(status):
            places.class_at[key] = None
        else:
            org = places.org_at.get(decode_id(school), _NO_ORG)
            kind = class_type(word, next(filter(None, own_types), ""))
            if org is None:
                places.class_at[key] = None
                continue
            level, within = grade(grades) or grade(codes), list(map(decode_id, items(terms)))
            found = _Class(key, title, kind, org, subject_code(codes), level, decode_id(course), within)
            _place(found, around, places, table.where(row))


def _place(found: _Class, around: _Around, places: Places, where: str) -> None:
    fault = _fault(found, around)
    places.class_at[found.key] = Place(found.org.org, found.key, fault)
    if fault:
        _reject(places, "classes", found.key, found.org.org, f"{fault} ({where})")
        return
    course = _Course()
    if around.courses is not None and found.course:
        if found.course not in around.courses:
            _reject(places, "classes", found.key, found.org.org, f"courseSourcedId: not among the courses ({where})")
        course = around.courses.get(found.course, course)
    begin, end = _period(found.terms, around.sessions or {})
    places.classes.add(
        found.key,
        found.type,
        found.title,
        found.org.org,
        found.code or course.code,
        found.grade or course.grade,
        begin,
        end,
    )


def _fault(found: _Class, around: _Around) -> str:
    if found.org.fault:
        return found.org.fault
    if not found.title.strip():
        return "title is empty"
    if around.sessions is not None and not all(term in around.sessions for term in found.terms):
        return "termSourcedIds: not all of them are among the academicSessions that can be read"
    return ""


def _period(terms: list[str], sessions: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """From the first day of the first term to the last of the last, both open where no term is known."""
    known = [sessions[term] for term in terms if term in sessions]
    return min((begin for begin, _ in known), default=""), max((end for _, end in known), default="")


def _sessions(table: Table | None, places: Places) -> dict[str, tuple[str, str]] | None:
    """First and last day of each session."""
    if table is None:
        return None
    found: dict[str, tuple[str, str]] = {}
    for row, (written, status, title, begin, end) in enumerate(table.picked(*SESSIONS)):
        key = decode_id(written)
        fault = record_fault(key, status, key in found)
        if not fault and is_gone(status):
            continue
        first, last = day(begin), last_day(end)
        if not fault and not (is_day(first) and is_day(last) and first <= last):
            fault = "startDate and endDate are not two dates (YYYY-MM-DD), the first before the second"
        if fault:
            _reject(places, "sessions", key, "", f"{fault} ({table.where(row)})")
        else:
            found[key] = first, last
            places.sessions.add(key, title, first, last)
    return found


def _courses(table: Table | None) -> dict[str, _Course] | None:
    """What each course says of its classes."""
    if table is None:
        return None
    return {
        decode_id(key): _Course(subject_code(codes) or subject_of(code), grade(grades) or grade(code) or grade(codes))
        for key, code, grades, codes in table.picked(*COURSES)
    }


def _reject(places: Places, table: str, sourced_id: str, org: str, reason: str) -> None:
    places.rejected.append((table, sourced_id, org, reason))

"""Rules for systems that speak OneRoster: sessions, courses, classes, roles at schools, guardians as agents.

Source: OneRoster 1.2 information model; grades as CEDS counts them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from provision.core.calendar import exclusive
from provision.core.placement import grade_of
from provision.core.roster import ClassType, Role
from provision.core.rules.context import (
    CLASS_TEXTS,
    COURSE_TEXTS,
    ORG_TEXTS,
    PERSON_TEXTS,
    SESSION_TEXTS,
    ClassContext,
    CourseContext,
    Family,
    OrgContext,
    PersonContext,
    Rule,
    SessionContext,
)
from provision.core.state import Key, Kind, Value

# Grades as CEDS has them, two digits; vg1 to vg3 are the years after the tenth.
GRADES: Final[Mapping[str, str]] = {
    **{str(year): f"{year:02}" for year in range(1, 11)},
    "vg1": "11",
    "vg2": "12",
    "vg3": "13",
}
# What a course is called where no subject names it; people see it.
_COURSES: Final[Mapping[ClassType, str]] = {
    ClassType.HOMEROOM: "Klasse",
    ClassType.SCHEDULED: "Undervisningsgruppe",
    ClassType.CONTACT: "Kontaktgruppe",
    ClassType.GRADE: "Trinn",
    ClassType.PROGRAMME: "Utdanningsprogram",
    ClassType.PROGRAMME_AREA: "Programområde",
    ClassType.SUBJECT: "Fag",
    ClassType.GUARDIANS: "Foresatte",
    ClassType.LANGUAGE: "Språkopplæring",
    ClassType.COMPOSITE: "Sammensatt gruppe",
    ClassType.COUNCIL: "Råd og utvalg",
    ClassType.AFTER_SCHOOL: "SFO",
    ClassType.EXAM: "Eksamensgruppe",
}


def org_type(context: OrgContext) -> Value | None:
    return context.org.type.value


def parent_org(context: OrgContext) -> Value | None:
    """The district above a school."""
    parent = context.org.parent
    return Key(Kind.ORG, parent) if parent in context.roster.orgs and parent != context.org.sourced_id else None


def session_type(context: SessionContext) -> Value | None:
    return "term" if context.period.year else "schoolYear"


def session_begin(context: SessionContext) -> Value | None:
    return context.period.begin.isoformat()


def session_end(context: SessionContext) -> Value | None:
    return exclusive(context.period.end.isoformat())


def session_year(context: SessionContext) -> Value | None:
    """The year in which the school year ends."""
    return context.period.year.partition("-")[2] or str(context.period.end.year)


def parent_session(context: SessionContext) -> Value | None:
    return Key(Kind.SESSION, context.period.year) if context.period.year else None


def course_title(context: CourseContext) -> Value | None:
    """The subject's code or, where there is none, what kind of group it is."""
    return context.course.subject_code or _COURSES.get(context.course.class_type, "Gruppe")


def course_org(context: CourseContext) -> Value | None:
    return Key(Kind.ORG, context.course.org)


def class_type(context: ClassContext) -> Value | None:
    """`homeroom` for a class that pupils belong to, `scheduled` for everything else."""
    return "homeroom" if context.school_class.class_type is ClassType.HOMEROOM else "scheduled"


def class_grade(context: ClassContext) -> Value | None:
    return GRADES.get(context.school_class.grade)


def class_course(context: ClassContext) -> Value | None:
    return Key(Kind.COURSE, context.course.sourced_id)


def class_school(context: ClassContext) -> Value | None:
    return Key(Kind.ORG, context.school_class.org)


def class_terms(context: ClassContext) -> Value | None:
    return frozenset({Key(Kind.SESSION, context.term.sourced_id)})


def primary_org(person: PersonContext) -> Value | None:
    """The school that the person counts at, or the district for those who work centrally."""
    org = person.primary_school or (person.district if person.enrollments else "")
    return Key(Kind.ORG, org) if org else None


def pupil_grade(person: PersonContext) -> Value | None:
    return GRADES.get(grade_of(person.enrollments, person.roster.classes))


def agents(person: PersonContext) -> Value | None:
    """The accounts of those guardians whom this target may be told of."""
    return frozenset(Key(Kind.ACCOUNT, guardian) for guardian in person.guardians) or None


def orgs_as_guardian(person: PersonContext) -> Value | None:
    """The schools at which the person is the guardian of somebody."""
    return frozenset(Key(Kind.ORG, org) for org in person.children_at) or None


def _orgs_as(role: Role) -> Callable[[PersonContext], Value | None]:
    def orgs(person: PersonContext) -> Value | None:
        return frozenset(Key(Kind.ORG, e.org) for e in person.enrollments if e.role is role) or None

    return orgs


_ORG_RULES: Final[Mapping[str, Rule]] = {"org_type": org_type, "parent_org": parent_org}
_PERSON_RULES: Final[Mapping[str, Rule]] = {
    "primary_org": primary_org,
    "pupil_grade": pupil_grade,
    "agents": agents,
    "orgs_as_guardian": orgs_as_guardian,
    **{f"orgs_as_{role.value}": _orgs_as(role) for role in Role if role is not Role.GUARDIAN},
}

FAMILY: Final = Family(
    directory=False,
    kinds={
        "district": Kind.ORG,
        "school": Kind.ORG,
        "session": Kind.SESSION,
        "course": Kind.COURSE,
        "guardian": Kind.ACCOUNT,
        "person": Kind.ACCOUNT,
        "class": Kind.GROUP,
    },
    texts={
        "district": ORG_TEXTS,
        "school": ORG_TEXTS,
        "session": SESSION_TEXTS,
        "course": COURSE_TEXTS,
        "guardian": PERSON_TEXTS,
        "person": PERSON_TEXTS,
        "class": CLASS_TEXTS,
    },
    rules={
        "district": _ORG_RULES,
        "school": _ORG_RULES,
        "session": {
            "session_type": session_type,
            "session_begin": session_begin,
            "session_end": session_end,
            "session_year": session_year,
            "parent_session": parent_session,
        },
        "course": {"course_title": course_title, "course_org": course_org},
        "guardian": _PERSON_RULES,
        "person": _PERSON_RULES,
        "class": {
            "class_type": class_type,
            "class_grade": class_grade,
            "class_course": class_course,
            "class_school": class_school,
            "class_terms": class_terms,
        },
    },
    referring=frozenset(
        {"parent_org", "parent_session", "course_org", "class_course", "class_school", "class_terms"}
        | {"primary_org", "agents", *(f"orgs_as_{role.value}" for role in Role)}
    ),
    kin=frozenset({"orgs_as_guardian"}),
)

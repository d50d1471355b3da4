"""Feide's rules for schools (information model grunnopplæring): affiliations, org units, group entitlements, Grep.

Sources: docs.feide.no/reference/schema/info_go, chapters 02 to 05 and appendices A2 to A4.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from provision.core.calendar import age, school_year
from provision.core.nin import is_national_id
from provision.core.roster import ClassType, Enrollment, Relation, Role, SchoolClass
from provision.core.rules.context import OrgContext, OrgRule, PersonContext, PersonRule
from provision.core.state import Key, Kind, Value

_GROUP: Final = "urn:mace:feide.no:go:group"
_GROUP_ID: Final = "urn:mace:feide.no:go:groupid"
_GREP: Final = "urn:mace:feide.no:go:grep:http://psi.udir.no/laereplan/aarstrinn"
_GRADES: Final = frozenset(map(str, range(1, 11)))
_UPPER_SECONDARY: Final = frozenset({"vg1", "vg2", "vg3"})
_OF_AGE: Final = 18

# eduPersonAffiliation terms by role (GO chapter 02); the group strings use the first.
AFFILIATIONS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.STUDENT: ("student", "member"),
    Role.TEACHER: ("faculty", "employee", "member"),
    Role.AIDE: ("staff", "employee", "member"),
    Role.ADMINISTRATOR: ("staff", "employee", "member"),
    Role.STAFF: ("staff", "employee", "member"),
}
_PRIMARY: Final = (Role.TEACHER, Role.ADMINISTRATOR, Role.STAFF, Role.AIDE, Role.STUDENT)


def affiliation(person: PersonContext) -> Value | None:
    """All affiliations that the person's roles give."""
    return frozenset(term for role in person.roles for term in AFFILIATIONS.get(role, ())) or None


def primary_affiliation(person: PersonContext) -> Value | None:
    """`student` only for those who are nothing else: a teacher who also takes a course stays faculty."""
    return next((AFFILIATIONS[role][0] for role in _PRIMARY if role in person.roles), None)


def scoped_affiliation(person: PersonContext) -> Value | None:
    """`<affiliation>@<realm>` for each affiliation."""
    terms = {term for role in person.roles for term in AFFILIATIONS.get(role, ())}
    return frozenset(f"{term}@{person.site.realm}" for term in terms) or None


def organisation(person: PersonContext) -> Value | None:
    return Key(Kind.ORG, person.district) if person.district else None


def org_units(person: PersonContext) -> Value | None:
    """One school for each that the person belongs to; none for those who work centrally."""
    return frozenset(Key(Kind.ORG, school) for school in person.schools) or None


def primary_org_unit(person: PersonContext) -> Value | None:
    return Key(Kind.ORG, person.primary_school) if person.primary_school else None


def national_id(person: PersonContext) -> Value | None:
    """The identity number where there is a real one: Feide allows no fictitious values."""
    return person.user.national_id if is_national_id(person.user.national_id) else None


def guardian_national_ids(person: PersonContext) -> Value | None:
    """Numbers of those with parental responsibility, until the pupil is 18, if the site's policy says so."""
    born = person.user.birth_date
    if not person.site.policy.guardian_numbers or born is None or age(born, person.roster.day) >= _OF_AGE:
        return None
    numbers = {
        person.roster.users[r.related].national_id
        for r in person.roster.relationships.get(person.user.sourced_id, ())
        if r.relation is Relation.GUARDIAN and r.responsible and not r.barred
        if r.related not in person.roster.protected
    }
    return frozenset(filter(is_national_id, numbers)) or None


def entitlements(person: PersonContext) -> Value | None:
    """Group and group id strings for the groups that may go out, and a pupil's level in Grep."""
    found: set[str] = set()
    for enrollment in person.enrollments:
        found.update(_group_strings(person, enrollment))
    if Role.STUDENT in person.roles and (grade := _grade(person)):
        found.add(f"{_GREP}/{grade}")
    return frozenset(found) or None


def organisation_number(context: OrgContext) -> Value | None:
    """`NO` and nine digits, as in the register of legal entities."""
    return f"NO{context.org.sourced_id}"


def _group_strings(person: PersonContext, enrollment: Enrollment) -> tuple[str, ...]:
    if not enrollment.school_class or enrollment.role not in AFFILIATIONS:
        return ()
    school_class = person.roster.classes[enrollment.school_class]
    if school_class.class_type not in person.site.policy.groups_at(school_class.org):
        return ()
    return _strings(school_class, person.roster.day, AFFILIATIONS[enrollment.role][0])


@lru_cache(maxsize=65536)
def _strings(school_class: SchoolClass, day: date, role: str) -> tuple[str, str]:
    """The pair for one group and role. A teaching group without a subject code is `a`: `u` demands one."""
    first, last = school_year(day)
    begin, end = (school_class.begin or first).isoformat(), (school_class.end or last).isoformat()
    org = f"NO{school_class.org}"
    kind = {ClassType.HOMEROOM: "b", ClassType.SCHEDULED: "u" if school_class.subject_code else "a"}
    code = kind.get(school_class.class_type, "a")
    grep = quote(school_class.subject_code.upper(), safe="") if code == "u" else ""
    local, name = quote(school_class.sourced_id, safe=""), quote(school_class.title, safe="")
    local_id = quote(school_class.sourced_id.lower(), safe="")
    return (
        f"{_GROUP}:{code}:{grep}:{org}:{local}:{begin}:{end}:{role}:{name}",
        f"{_GROUP_ID}:{code}:{org}:{local_id}:{begin}:{end}",
    )


def _grade(person: PersonContext) -> str:
    """The pupil's level: of the group for the whole grade where there is one, else of the class they count in."""
    classes = person.roster.classes
    ranked = sorted(
        (classes[e.school_class].class_type is not ClassType.GRADE, not e.primary, grade)
        for e in person.enrollments
        if e.school_class and e.role is Role.STUDENT and (grade := classes[e.school_class].grade)
        if classes[e.school_class].class_type in (ClassType.GRADE, ClassType.HOMEROOM)
    )
    grade = ranked[0][2] if ranked else ""
    if grade in _UPPER_SECONDARY:
        return grade
    return f"aarstrinn{grade}" if grade in _GRADES else ""


PERSON_RULES: Final[Mapping[str, PersonRule]] = {
    "affiliation": affiliation,
    "primary_affiliation": primary_affiliation,
    "scoped_affiliation": scoped_affiliation,
    "organisation": organisation,
    "org_units": org_units,
    "primary_org_unit": primary_org_unit,
    "national_id": national_id,
    "guardian_national_ids": guardian_national_ids,
    "entitlements": entitlements,
}
ORG_RULES: Final[Mapping[str, OrgRule]] = {"organisation_number": organisation_number}

# Rules whose values are identity numbers: their fields are secret whatever the mapping says.
SECRET_RULES: Final = frozenset({"national_id", "guardian_national_ids"})
# Rules whose values are Keys: a directory holds them as DNs.
REFERRING_RULES: Final = frozenset({"organisation", "org_units", "primary_org_unit"})

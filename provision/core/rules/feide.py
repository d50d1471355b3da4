"""Feide's rules for schools (information model grunnopplæring): affiliations, org units, group entitlements, Grep.

Sources: docs.feide.no/reference/schema/info_go, chapters 02 to 05 and appendices A2 to A4.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from provision.core.calendar import school_year
from provision.core.guardians import allowed_guardians
from provision.core.language import Language
from provision.core.placement import grade_of
from provision.core.policy import GuardianLinks
from provision.core.preflight.entry import Entry, held
from provision.core.preflight.rules import OF, held_back
from provision.core.preflight.texts import mended, told
from provision.core.roster import ClassType, Enrollment, Role, SchoolClass
from provision.core.rules.context import (
    ORG_TEXTS,
    PERSON_TEXTS,
    Family,
    OrgContext,
    OrgRule,
    PersonContext,
    PersonRule,
)
from provision.core.state import Key, Kind, Value

_GROUP: Final = "urn:mace:feide.no:go:group"
_GROUP_ID: Final = "urn:mace:feide.no:go:groupid"
_GREP: Final = "urn:mace:feide.no:go:grep:http://psi.udir.no/laereplan/aarstrinn"
_GRADES: Final = frozenset(map(str, range(1, 11)))
_UPPER_SECONDARY: Final = frozenset({"vg1", "vg2", "vg3"})

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
    """The identity number where the site's policy lets it through: Feide allows no fictitious values."""
    return person.usable(person.user.national_id) or None


def guardian_national_ids(person: PersonContext) -> Value | None:
    """Numbers of those with parental responsibility, until the pupil is 18, if the site's policy says so."""
    if not person.site.policy.guardian_numbers:
        return None
    who = allowed_guardians(person.user.sourced_id, person.roster, GuardianLinks.RESPONSIBLE, protected_too=False)
    return frozenset(filter(None, (person.usable(person.roster.users[each].national_id) for each in who))) or None


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


def flaw(of: str, fields: Mapping[str, Value], managed: frozenset[str], realm: str) -> str:
    """Why nobody could log in with such an entry, and which field of the SIS to mend; "" where they can."""
    found = held_back(Entry(OF[of], held(fields), realm, managed))
    return told(found, mended(found), Language.EN) if found else ""


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
    """The pupil's level in Grep."""
    grade = grade_of(person.enrollments, person.roster.classes)
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

FAMILY: Final = Family(
    directory=True,
    kinds={"district": Kind.ORG, "school": Kind.ORG, "person": Kind.ACCOUNT},
    texts={"district": ORG_TEXTS, "school": ORG_TEXTS, "person": PERSON_TEXTS},
    rules={"district": ORG_RULES, "school": ORG_RULES, "person": PERSON_RULES},
    secret=frozenset({"national_id", "guardian_national_ids"}),
    referring=frozenset({"organisation", "org_units", "primary_org_unit"}),
    flaw=flaw,
)

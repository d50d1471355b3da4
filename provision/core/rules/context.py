"""What a mapping may ask about: one person or one org, as a template sees them and as a rule does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from provision.core.number_policy import may_be_used
from provision.core.offer import Course, Period
from provision.core.policy import Policy
from provision.core.roster import Enrollment, Org, Role, Roster, SchoolClass, User
from provision.core.state import Kind, Value


@dataclass(frozen=True, slots=True)
class Site:
    """What a mapping may know of the site: its realm (Feide) and its own terms."""

    realm: str
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class OrgContext:
    org: Org
    roster: Roster
    site: Site


@dataclass(frozen=True, slots=True)
class PersonContext:
    """One person with the enrollments that count: current, at schools and the district, never at kindergartens.

    `schools` are all schools of the person, `primary_school` the one they count at, `district` the owner of both, by
    organisation number, "" where there is none. `guardians` are those whom this target may be told of, `children_at`
    the schools at which the person is the guardian of somebody.
    """

    user: User
    username: str
    enrollments: tuple[Enrollment, ...]
    roles: frozenset[Role]
    schools: frozenset[str]
    primary_school: str
    district: str
    roster: Roster
    site: Site
    guardians: frozenset[str] = frozenset()
    children_at: frozenset[str] = frozenset()

    def usable(self, number: str) -> str:
        """An identity number of this person or a guardian, "" where the site's policy does not let it out."""
        return number if may_be_used(number, self.site.policy, self.roster.day) else ""


@dataclass(frozen=True, slots=True)
class ClassContext:
    school_class: SchoolClass
    course: Course
    term: Period


@dataclass(frozen=True, slots=True)
class CourseContext:
    course: Course


@dataclass(frozen=True, slots=True)
class SessionContext:
    period: Period


Context = OrgContext | PersonContext | ClassContext | CourseContext | SessionContext
Text = Callable[[Any], str]
Rule = Callable[[Any], Value | None]
# What a record is of, its fields, those that its mapping names, and the realm: why it may not be written, or "".
Flaw = Callable[[str, Mapping[str, Value], frozenset[str], str], str]


@dataclass(frozen=True, slots=True)
class Family:
    """What mappings of one family may say: of which kinds of entries, and with which texts and rules for each.

    `directory`: whether its entries stand in a directory, hence have object classes, a place and a name.
    `secret` are rules whose values are identity numbers; `referring` those whose values are Keys; `kin` those
    that give a place to whoever is somebody's guardian. `flaw` says why a record of the family has to wait.
    """

    directory: bool
    kinds: Mapping[str, Kind]
    texts: Mapping[str, Mapping[str, Text]]
    rules: Mapping[str, Mapping[str, Rule]]
    secret: frozenset[str] = frozenset()
    referring: frozenset[str] = frozenset()
    kin: frozenset[str] = frozenset()
    flaw: Flaw = lambda *_: ""


OrgRule = Callable[[OrgContext], Value | None]
PersonRule = Callable[[PersonContext], Value | None]

ORG_TEXTS: Final[Mapping[str, Callable[[OrgContext], str]]] = {
    "name": lambda c: c.org.name,
    "legal_name": lambda c: c.org.legal_name,
    "number": lambda c: c.org.sourced_id,
    "mail": lambda c: c.org.mail,
    "realm": lambda c: c.site.realm,
}

PERSON_TEXTS: Final[Mapping[str, Callable[[PersonContext], str]]] = {
    "sourced_id": lambda c: c.user.sourced_id,
    "given_name": lambda c: c.user.given_name,
    "family_name": lambda c: c.user.family_name,
    "full_name": lambda c: c.user.full_name,
    "mail": lambda c: c.user.mail,
    "mobile": lambda c: c.user.mobile,
    "username": lambda c: c.username,
    "realm": lambda c: c.site.realm,
    "birth_date": lambda c: f"{c.user.birth_date:%Y%m%d}" if c.user.birth_date else "",
    "national_id": lambda c: c.usable(c.user.national_id),
}

CLASS_TEXTS: Final[Mapping[str, Callable[[ClassContext], str]]] = {
    "sourced_id": lambda c: c.school_class.sourced_id,
    "title": lambda c: c.school_class.title,
    "subject_code": lambda c: c.school_class.subject_code,
}

COURSE_TEXTS: Final[Mapping[str, Callable[[CourseContext], str]]] = {
    "subject_code": lambda c: c.course.subject_code,
}

SESSION_TEXTS: Final[Mapping[str, Callable[[SessionContext], str]]] = {
    "title": lambda c: c.period.title,
}

# Texts that are identity numbers: a field made of one is secret whatever the mapping says.
SECRET_TEXTS: Final = frozenset({"national_id"})

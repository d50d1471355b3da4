"""Who belongs where on one day: the canonical, OneRoster-like shape that every source is brought to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from provision.core.extract import Completeness


class Role(StrEnum):
    """OneRoster 1.2 role vocabulary, with `staff` for people whom it has no word for.

    A contact teacher is a TEACHER whose enrollment in a homeroom class is primary.
    """

    STUDENT = "student"
    TEACHER = "teacher"
    AIDE = "aide"
    ADMINISTRATOR = "administrator"
    STAFF = "staff"
    GUARDIAN = "guardian"


# How an extract says ADMINISTRATOR of the one who leads the school.
PRINCIPAL: Final = "principal"


class OrgType(StrEnum):
    DISTRICT = "district"
    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"


class ClassType(StrEnum):
    """What a group is for. HOMEROOM and SCHEDULED are OneRoster's; the rest must be allow-listed by the site."""

    HOMEROOM = "homeroom"
    SCHEDULED = "scheduled"
    CONTACT = "contact"
    GRADE = "grade"
    PROGRAMME = "programme"
    PROGRAMME_AREA = "programme_area"
    SUBJECT = "subject"
    GUARDIANS = "guardians"
    LANGUAGE = "language"
    COMPOSITE = "composite"
    COUNCIL = "council"
    AFTER_SCHOOL = "after_school"
    EXAM = "exam"
    SPECIAL = "special"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    GUARDIAN = "guardian"
    NEXT_OF_KIN = "next_of_kin"


@dataclass(frozen=True, slots=True)
class Org:
    sourced_id: str
    type: OrgType
    name: str
    legal_name: str
    parent: str
    mail: str


@dataclass(frozen=True, slots=True)
class Session:
    sourced_id: str
    title: str
    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class User:
    """One person as the SIS knows them. Never printed or logged whole."""

    sourced_id: str
    given_name: str
    family_name: str
    full_name: str
    national_id: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    mail: str = ""
    mobile: str = ""
    principal_name: str = ""


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class or any other group. `grade` is "1" to "10", "vg1" to "vg3" or ""; dates are inclusive, None is open."""

    sourced_id: str
    class_type: ClassType
    title: str
    org: str
    subject_code: str
    grade: str
    begin: date | None
    end: date | None

    def current(self, day: date) -> bool:
        return _within(day, self.begin, self.end)


class Enrollment(NamedTuple):
    """One person's role at a school, in a class or (school_class "") at the school itself; dates inclusive.

    `leads`: the SIS says that this administrator is the school's head. A tuple, since a municipality has millions of
    them.
    """

    user: str
    org: str
    school_class: str
    role: Role
    begin: date | None
    end: date | None
    primary: bool
    leads: bool = False

    def current(self, day: date) -> bool:
        return _within(day, self.begin, self.end)


class Care(NamedTuple):
    """What care.csv says of a pupil and one related person; None where it says nothing."""

    responsible: bool | None = None
    lives_with: bool | None = None
    barred: bool = False

    @property
    def refused(self) -> bool:
        """Whether somebody has said that this person may not be told of as the pupil's guardian."""
        return self.barred or self.responsible is False


@dataclass(frozen=True, slots=True)
class Relationship:
    """`related` is somebody's guardian or next of kin. None means that nobody has said.

    Legal responsibility, living together and being barred are separate facts: none follows from another.
    """

    user: str
    related: str
    relation: Relation
    responsible: bool | None = None
    lives_with: bool | None = None
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """A named exception: the person's account stays as it is up to and with `until`; `owner` answers for it."""

    until: date
    owner: str = field(repr=False)
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ending:
    """The last day that people.csv gives somebody, and the orgs of the lines that say so."""

    until: date
    orgs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something in a source that someone should mend there. Says which record and field, never what it holds.

    `org` is where the row is from, "" where that is not known.
    """

    source: str
    table: str
    sourced_id: str
    reason: str
    org: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who belongs where on `day`; every reference resolves.

    `present` holds every person's id seen in the source, also where the row could not be used.
    `doubtful` are those of whom some row could not be read: they may be added to, never removed from;
    `doubtful_classes` the same of classes.
    `protected` are withheld from every target that the site's policy does not name, `blocked` locked out of all.
    `held` are people whose record must wait for somebody to mend the source, with the reason.
    `care` is what care.csv says of pairs (pupil, related), and `refused` the pairs of whom it says that the second may
    not be told of as the first one's guardian, whether the SIS knows them or not.
    `stays` are the named exceptions that count on `day`, `endings` when the time of those in no SIS ends, or ended.
    `sizes` counts the rows of persons that each source gave.
    `enrollments` holds those that are current on `day`, by user; past and future ones are left out.
    """

    day: date
    orgs: Mapping[str, Org]
    sessions: Mapping[str, Session]
    users: Mapping[str, User]
    classes: Mapping[str, SchoolClass]
    enrollments: Mapping[str, tuple[Enrollment, ...]]
    relationships: Mapping[str, tuple[Relationship, ...]]
    present: frozenset[str]
    doubtful: frozenset[str] = frozenset()
    doubtful_classes: frozenset[str] = frozenset()
    protected: frozenset[str] = field(default=frozenset(), repr=False)
    blocked: frozenset[str] = field(default=frozenset(), repr=False)
    care: Mapping[tuple[str, str], Care] = field(default_factory=dict, repr=False)
    refused: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    held: Mapping[str, str] = field(default_factory=dict)
    stays: Mapping[str, Stay] = field(default_factory=dict)
    endings: Mapping[str, Ending] = field(default_factory=dict)
    id_changes: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    completeness: Mapping[str, Completeness] = field(default_factory=dict)
    as_of: Mapping[str, datetime] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)


def _within(day: date, begin: date | None, end: date | None) -> bool:
    return (begin is None or begin <= day) and (end is None or day <= end)

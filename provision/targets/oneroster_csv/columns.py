"""What the columns of a package mean to a record: what they refer to, which are lists, which must be filled."""

from collections.abc import Mapping
from typing import Final

from provision.core.state import Kind
from provision.formats.oneroster import COLUMNS, EXTENSION, Version

VERSION: Final[Version] = "1.2"

TABLES: Final[Mapping[Kind, str]] = {
    Kind.ORG: "orgs",
    Kind.SESSION: "academicSessions",
    Kind.COURSE: "courses",
    Kind.ACCOUNT: "users",
    Kind.GROUP: "classes",
}
ROLES: Final = "roles"
ENROLLMENTS: Final = "enrollments"
ENABLED: Final = "enabledUser"  # what a record says by being active
TEACHER: Final = "teacher"  # of whom alone a class says who is primary

REFERENCES: Final[Mapping[Kind, Mapping[str, Kind]]] = {
    Kind.ORG: {"parentSourcedId": Kind.ORG},
    Kind.SESSION: {"parentSourcedId": Kind.SESSION},
    Kind.COURSE: {"orgSourcedId": Kind.ORG, "schoolYearSourcedId": Kind.SESSION},
    Kind.ACCOUNT: {"agentSourcedIds": Kind.ACCOUNT, "primaryOrgSourcedId": Kind.ORG},
    Kind.GROUP: {"courseSourcedId": Kind.COURSE, "schoolSourcedId": Kind.ORG, "termSourcedIds": Kind.SESSION},
}

# The words of roles.csv, one extension for all: first what counts most where somebody has several at one org.
_RANKS: Final = (
    TEACHER, "principal", "siteAdministrator", "districtAdministrator", "systemAdministrator", "counselor", "aide",
    "proctor", EXTENSION, "student", "guardian", "parent", "relative",
)  # fmt: skip  # names, many to a line

WORDS: Final[Mapping[tuple[Kind, str], frozenset[str]]] = {
    (Kind.ORG, "type"): frozenset({"department", "school", "district", "local", "state", "national"}),
    (Kind.SESSION, "type"): frozenset({"gradingPeriod", "semester", "schoolYear", "term"}),
    (Kind.GROUP, "classType"): frozenset({"homeroom", "scheduled"}),
}
ENROLLED_AS: Final = frozenset({"administrator", "proctor", "student", TEACHER})


def is_role(name: str) -> bool:
    """Whether a field of an account is a role, hence stands in roles.csv."""
    return name in _RANKS or name.startswith(EXTENSION)


def enrolment_fault(word: str) -> str:
    """What is wrong with the word that members of a class are enrolled as; "" where nothing is."""
    if word in ENROLLED_AS or word.startswith(EXTENSION):
        return ""
    return f"a member must be enrolled as {', '.join(sorted(ENROLLED_AS))} or {EXTENSION}…"


def rank(role: str) -> tuple[int, str]:
    """What a role counts beside others at one org; the least counts most."""
    return _RANKS.index(EXTENSION if role.startswith(EXTENSION) else role), role


def is_known(name: str, kind: Kind) -> bool:
    """Whether a record of this kind can have a field of this name."""
    return (name in COLUMNS[TABLES[kind]] and name != ENABLED) or (kind is Kind.ACCOUNT and is_role(name))


def refers_to(name: str, kind: Kind) -> Kind | None:
    """What the values of a field are ids of; None for those that are text."""
    return Kind.ORG if kind is Kind.ACCOUNT and is_role(name) else REFERENCES[kind].get(name)

"""The words of OneRoster, and those of Norwegian providers beside them, in ours."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from provision.core.calendar import inclusive
from provision.core.nin import NinKind, kind
from provision.core.roster import PRINCIPAL, ClassType, OrgType, Relation, Role
from provision.core.rules.oneroster import GRADES
from provision.formats.days import day
from provision.formats.grades import grade_of_code
from provision.formats.oneroster import EXTENSION, METADATA, Table

# What stands for the status of a record that does not have the form of the standard.
UNREADABLE: Final = "unreadable"

# What `status` says: whether the record is there. A word that is not here makes the record one that cannot be read.
THERE: Final[Mapping[str, bool]] = {"": True, "active": True, "tobedeleted": False, "inactive": False}
FLAGS: Final[Mapping[str, str]] = {"true": "1", "1": "1", "false": "0", "0": "0"}

_ROLES: Final[Mapping[str, Role]] = {
    "student": Role.STUDENT,
    "teacher": Role.TEACHER,
    "aide": Role.AIDE,
    "administrator": Role.ADMINISTRATOR,
    PRINCIPAL: Role.ADMINISTRATOR,
    "siteadministrator": Role.ADMINISTRATOR,
    "districtadministrator": Role.ADMINISTRATOR,
    "systemadministrator": Role.STAFF,
    "counselor": Role.STAFF,
    "proctor": Role.STAFF,
    "staff": Role.STAFF,
    "guardian": Role.GUARDIAN,
    "parent": Role.GUARDIAN,
    "primaryguardian": Role.GUARDIAN,
    "relative": Role.GUARDIAN,
}
_RELATIVE: Final = "relative"
_ORG_TYPES: Final[Mapping[str, OrgType]] = {
    "district": OrgType.DISTRICT,
    "school": OrgType.SCHOOL,
    "kindergarten": OrgType.KINDERGARTEN,
}
LOCAL: Final = "local"  # the municipality, where no org is a district

# The group types of the Norwegian profile as a provider publishes them; the Norwegian abbreviations are of teaching
# for pupils with another mother tongue (Sno, Gno, Tof), of adapted teaching (Tpo) and of after-school care (Sfo, Sfa).
_GROUP_TYPES: Final[Mapping[str, ClassType]] = {
    "class": ClassType.HOMEROOM,
    "subjectgroup": ClassType.SCHEDULED,
    "learningsupport": ClassType.SPECIAL,
    "tpogroup": ClassType.SPECIAL,
    "nativelanguage": ClassType.LANGUAGE,
    "snogroup": ClassType.LANGUAGE,
    "gnogroup": ClassType.LANGUAGE,
    "tofgroup": ClassType.LANGUAGE,
    "sfogroup": ClassType.AFTER_SCHOOL,
    "sfagroup": ClassType.AFTER_SCHOOL,
    "pastestgroup": ClassType.EXAM,
}
_CLASS_TYPES: Final = {str(each): each for each in ClassType}
_YEARS: Final[Mapping[str, str]] = {two_digits: ours for ours, two_digits in GRADES.items()}
_SUBJECT_CODE: Final = re.compile(r"[A-ZÆØÅ]{3}[0-9]{4}")
_USER_ID: Final = re.compile(r"\{([^{}:]*):([^{}]*)\}")
_FEIDE: Final = frozenset({"feide", "feideid", "feidename", "feidenavn", "edupersonprincipalname"})
_NATIONAL: Final = frozenset(
    {"nin", "personnin", "noredupersonnin", "nationalid", "nationalidnumber", "nationalidentitynumber", "fnr"}
    | {"fodselsnummer", "fødselsnummer", "dnr", "dnumber", "dnummer", "duf", "dufnumber", "dufnummer"}
)


@lru_cache(maxsize=1024)
def role_of(word: str) -> Role | None:
    """What somebody is by a word of roles, users or enrollments; None where we do not know the word."""
    return _ROLES.get(_plain(word))


def is_principal(word: str) -> bool:
    """Whether a word of roles says that somebody is the head. `administrator` of version 1.1 does not."""
    return _plain(word) == PRINCIPAL


@lru_cache(maxsize=1024)
def relation_of(word: str) -> Relation | None:
    """What somebody with this role is to those whose agent they are; None where the role says nothing of it."""
    if role_of(word) is not Role.GUARDIAN:
        return None
    return Relation.NEXT_OF_KIN if _plain(word) == _RELATIVE else Relation.GUARDIAN


def org_type(word: str) -> OrgType | None:
    """None for what is neither a school nor its owner."""
    return _ORG_TYPES.get(_plain(word))


def class_type(word: str, group_type: str) -> ClassType:
    """What a class is for. The provider's own group type is more precise than homeroom and scheduled, so it counts."""
    if group_type:
        return _GROUP_TYPES.get(group_type.strip().casefold(), ClassType.UNKNOWN)
    return _CLASS_TYPES.get(_plain(word), ClassType.UNKNOWN)


def _plain(word: str) -> str:
    return word.strip().removeprefix(EXTENSION).casefold()


def items(cell: str) -> list[str]:
    """The items of a list."""
    return [item for part in cell.split(",") if (item := part.strip())]


def grade(grades: str) -> str:
    """The one grade of a list, "" where there are several or none that we know."""
    found = {_grade(item) for item in items(grades)}
    return found.pop() if len(found) == 1 else ""


def _grade(item: str) -> str:
    return _YEARS.get(item.zfill(2)) or grade_of_code(item)


def subject_code(codes: str) -> str:
    """The first code of a list that is not of a grade; addresses are cut to their last part, UUIDs are no codes."""
    for item in items(codes):
        code = item.rpartition("/")[2]
        if code and not code.casefold().startswith("uuid") and not grade_of_code(code):
            return code.upper()
    return ""


def subject_of(course_code: str) -> str:
    """The course's own code where it is made like a subject code in Grep, such as NOR0214."""
    code = course_code.strip().upper()
    return code if _SUBJECT_CODE.fullmatch(code) else ""


def principal_name(user_ids: str) -> str:
    return _user_id(user_ids, _FEIDE)


def national_id(identifier: str, user_ids: str) -> str:
    """The identity number: `identifier` where it can be nothing else, or else what is called one."""
    identifier = identifier.strip()
    return identifier if kind(identifier) is not NinKind.INVALID else _user_id(user_ids, _NATIONAL)


def _user_id(user_ids: str, types: frozenset[str]) -> str:
    for name, value in _USER_ID.findall(user_ids):
        if "".join(filter(str.isalnum, name)).casefold() in types:
            return str(value).strip()
    return ""


def last_day(end: str) -> str:
    """The last day before an end, which is exclusive; what is no date as it stands, for others to judge."""
    text = day(end)
    try:
        return inclusive(text)
    except (ValueError, OverflowError):
        return text


def metadata(table: Table | None, names: frozenset[str]) -> tuple[str, ...]:
    """The `metadata` columns of the table whose last part is one of the names, whoever's they are."""
    found = table.columns if table else ()
    return tuple(c for c in found if c.startswith(METADATA) and c.rpartition(".")[2].casefold() in names)

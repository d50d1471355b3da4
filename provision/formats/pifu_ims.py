"""The words of PIFU-IMS SAS 1.3 and 1.1 (NS 4170:2008, IMS Enterprise 1.1), for those who read or write it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from provision.core.roster import ClassType, OrgType, Relation, Role

NAMESPACE_1_3: Final = "http://pifu.no/xsd/pifu-ims_sas/pifu-ims_sas-v1"
NAMESPACE_1_1: Final = "http://pifu.no/xsd/pifu-ims_sas/pifu-ims_sas-1.1"
NAMESPACES: Final = (NAMESPACE_1_3, NAMESPACE_1_1)

ROOT: Final = "enterprise"
FULL: Final = "full"  # properties/type; `delta` and `event` (`melding` in the prose) are the others

# sourcedid/@sourcedidtype: how a change of id is announced
NEW: Final = "New"
OLD: Final = "Old"
DUPLICATE: Final = "Duplicate"

# userid/@useridtype
NATIONAL_ID: Final = "personNIN"  # fødselsnummer, D-number or DUF number
NATIONAL_IDS: Final = (NATIONAL_ID, "dNumber", "dufNumber")  # where several stand, the first of these counts
FEIDE_ID: Final = "feideID"  # eduPersonPrincipalName
SIS_ID: Final = "sisID"
USERNAME: Final = "username"

# extension/pifu_id/@type
ORGANISATION_NUMBER: Final = "organizationNumber"  # bare digits in the example, NO999000999 in the prose: both occur
SUBJECT_CODE: Final = "grepCode"
SUBJECT_CODE_SHORT: Final = "grepCodeShortForm"
GRADE_CODE: Final = "grepCodeGradeLevel"

# extension/pifu_name, pifu_email, pifu_tel /@type; tel/@teltype
LEGAL_NAME: Final = "legalName"
ORG_EMAIL: Final = "orgEmail"
PERSON_EMAIL: Final = "personEmailAtOrg"  # personEmailPrivate is nobody's address at school
PERSON_MOBILES: Final = ("personMobileAtOrg", "personMobilePrivate")
MOBILE: Final = "3"
MOBILES: Final = (MOBILE, "Mobile")  # the code of the schema, the word of the prose

# extension/pifu_status/@type and its value
ACTIVITY: Final = "activeInactive"
ACTIVE: Final = "aktiv"
INACTIVE: Final = "inaktiv"

# relationship/@relation, member/idtype, role/status, @recstatus
PARENT: Final = "1"
PARENTS: Final = (PARENT, "parent")
PERSON_MEMBER: Final = "1"
NOT_CURRENT: Final = "0"
DELETED: Final = "3"

SHORT_LENGTH: Final = 60  # of description/short

SCHEME_ORG: Final = "pifu-ims-go-org"
SCHEME_GROUP: Final = "pifu-ims-go-grp"


class OrgLevel(NamedTuple):
    level: str
    text: str
    type: OrgType


class GroupLevel(NamedTuple):
    level: str
    text: str
    class_type: ClassType


# grouptype/typevalue: its level attribute, its text, and what it is to us
ORG_LEVELS: Final = (
    OrgLevel("1", "skoleeier", OrgType.DISTRICT),
    OrgLevel("2", "skole", OrgType.SCHOOL),
)
GROUP_LEVELS: Final = (
    GroupLevel("1", "basisgruppe", ClassType.HOMEROOM),
    GroupLevel("2", "undervisningsgruppe", ClassType.SCHEDULED),
    GroupLevel("3", "kontaktlærergruppe", ClassType.CONTACT),
    GroupLevel("4", "trinn", ClassType.GRADE),
    GroupLevel("5", "utdanningsprogram", ClassType.PROGRAMME),
    GroupLevel("6", "programområde", ClassType.PROGRAMME_AREA),
    GroupLevel("7", "fag", ClassType.SUBJECT),
    GroupLevel("8", "foresattegruppe", ClassType.GUARDIANS),
    GroupLevel("9", "språkopplæring", ClassType.LANGUAGE),
    GroupLevel("10", "sammensattgruppe", ClassType.COMPOSITE),
    GroupLevel("11", "elevråd", ClassType.COUNCIL),
    GroupLevel("12", "fau", ClassType.COUNCIL),
    GroupLevel("13", "skoleutvalg", ClassType.COUNCIL),
    GroupLevel("14", "skolemiljøutvalg", ClassType.COUNCIL),
    GroupLevel("15", "sfo", ClassType.AFTER_SCHOOL),
    GroupLevel("16", "eksamensgruppe", ClassType.EXAM),
)

# extension/pifu_schoolType
KINDERGARTEN: Final = "barnehage"
UPPER_SECONDARY: Final = "videregående"

# role/@roletype
LEARNER: Final = "01"
INSTRUCTOR: Final = "02"
CONTENT_DEVELOPER: Final = "03"
MEMBER: Final = "04"  # employees without another word; in a foresattegruppe the guardians
MANAGER: Final = "05"
MENTOR: Final = "06"  # contact teacher
ADMINISTRATOR: Final = "07"
ASSISTANT: Final = "08"

ROLES: Final[Mapping[str, Role]] = {
    LEARNER: Role.STUDENT,
    INSTRUCTOR: Role.TEACHER,
    CONTENT_DEVELOPER: Role.STAFF,
    MEMBER: Role.STAFF,
    MANAGER: Role.ADMINISTRATOR,
    MENTOR: Role.TEACHER,
    ADMINISTRATOR: Role.STAFF,
    ASSISTANT: Role.AIDE,
}

# role/subrole of MANAGER
HEAD_SUBROLE: Final = "rektor"
# role/subrole of MEMBER
GUARDIAN_SUBROLE: Final = "foresattrepresentant"
EMPLOYEE_SUBROLES: Final = frozenset(
    {
        "rådgiver",
        "kontormedarbeider",
        "skolehelsetjeneste",
        "skolebibliotekar",
        "skolebibliotekansvarlig",
        "vaktmester",
        "renholdsarbeider",
        "sosiallærer",
        "sensor",
        "pptansatt",
    }
)

# extension/pifu_hasContactPerson/@type
CONTACTS: Final[Mapping[str, Relation]] = {
    "guardian": Relation.GUARDIAN,
    "fosterParent": Relation.GUARDIAN,
    "nextOfKin": Relation.NEXT_OF_KIN,
    "closeRelative": Relation.NEXT_OF_KIN,
}


def _plain(text: str) -> str:
    return text.casefold().replace(" ", "").replace("-", "")


_SPECIAL: Final = ("spesial", "individuelttilrettelagt")
_ORG_TYPES: Final = {key: each.type for each in ORG_LEVELS for key in (_plain(each.text), each.level)}
_CLASS_TYPES: Final = {key: each.class_type for each in GROUP_LEVELS for key in (_plain(each.text), each.level)}


def org_type(scheme: str, level: str, text: str) -> OrgType | None:
    """What an org is, by the text of its typevalue or else by its level; None where the scheme is not that of orgs."""
    if scheme != SCHEME_ORG:
        return None
    return _ORG_TYPES.get(_plain(text)) or _ORG_TYPES.get(level)


def class_type(scheme: str, level: str, text: str) -> ClassType:
    """What a group is for, by the text of its typevalue or else by its level; a type we do not know is UNKNOWN.

    The format has no word for special education: a text that says so is believed, whatever its scheme and level.
    """
    if _plain(text).startswith(_SPECIAL):
        return ClassType.SPECIAL
    if scheme != SCHEME_GROUP:
        return ClassType.UNKNOWN
    return _CLASS_TYPES.get(_plain(text)) or _CLASS_TYPES.get(level) or ClassType.UNKNOWN


@lru_cache(maxsize=1024)
def role_of(roletype: str, subrole: str, within: ClassType | None) -> Role | None:
    """The role in a group of the type `within` (None: in an org); None where the roletype is not one of PIFU.

    The format has no roletype for guardians: they are MEMBERs of groups that are made of them, or say so by subrole.
    """
    role = ROLES.get(roletype.zfill(2))
    if role is Role.STAFF and roletype.zfill(2) == MEMBER and subrole not in EMPLOYEE_SUBROLES:
        among_guardians = within in (ClassType.GUARDIANS, ClassType.COUNCIL)
        return Role.GUARDIAN if among_guardians or subrole == GUARDIAN_SUBROLE else role
    return role

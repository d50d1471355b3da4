"""OneRoster 1.1, 1.2 and 1.2.1: the files, their columns in order, the words, and what an id may look like."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Literal
from urllib.parse import quote, unquote

Version = Literal["1.1", "1.2"]  # 1.2.1 calls itself 1.2

MANIFEST: Final = "manifest.csv"
BULK: Final = "bulk"
DELTA: Final = "delta"
ABSENT: Final = "absent"

# Every record begins so; in a bulk file the last two must be blank.
HEAD: Final = ("sourcedId", "status", "dateLastModified")

# The columns of each file after HEAD (CSV Binding 1.2.1); a file may add columns whose names begin with METADATA.
METADATA: Final = "metadata."
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "academicSessions": ("title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "orgs": ("name", "type", "identifier", "parentSourcedId"),
    "courses": (
        "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes",
    ),
    "classes": (
        "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId",
        "termSourcedIds", "subjects", "subjectCodes", "periods",
    ),
    "users": (
        "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "identifier", "email", "sms",
        "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier", "preferredGivenName",
        "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
    ),
    "roles": ("userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"),
    "userProfiles": (
        "userSourcedId", "profileType", "vendorId", "applicationId", "description", "credentialType", "username",
        "password",
    ),
    "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    "demographics": (
        "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
        "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
        "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
        "publicSchoolResidenceStatus",
    ),
}  # fmt: skip  # names, many to a line

# Version 1.1 has no roles and no userProfiles; a user has one role, at one or several orgs.
USERS_1_1: Final = (
    "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName", "middleName",
    "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password",
)  # fmt: skip  # names, many to a line

# The columns after HEAD in which a record must always say something; those of users in 1.2, and in 1.1 besides.
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "academicSessions": ("title", "type", "startDate", "endDate", "schoolYear"),
    "orgs": ("name", "type"),
    "courses": ("title", "orgSourcedId"),
    "classes": ("title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"),
    "users": ("enabledUser", "username", "givenName", "familyName"),
    "roles": ("userSourcedId", "roleType", "role", "orgSourcedId"),
    "userProfiles": ("userSourcedId", "profileType", "vendorId", "credentialType", "username"),
    "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
    "demographics": (),
}
REQUIRED_OF_USERS_1_1: Final = ("orgSourcedIds", "role")

# Every `file.<name>` that a manifest must name, by version, most of them `absent` with us.
MANIFEST_FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "1.1": (
        "academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics",
        "enrollments", "lineItems", "orgs", "resources", "results", "users",
    ),
    "1.2": (
        "academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics",
        "enrollments", "lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales", "orgs", "resources",
        "resultLearningObjectiveIds", "results", "resultScoreScales", "roles", "scoreScales", "userProfiles",
        "userResources", "users",
    ),
}  # fmt: skip  # names, many to a line

# The letters that an id may have (GUID); all others are percent-encoded.
ID_LETTERS: Final = "._-/@"
ID_LENGTH: Final = 255

_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")

# A word of our own where the standard has none: allowed since 1.2 for roles, class types and org types.
EXTENSION: Final = "ext:"


def columns(name: str, version: Version) -> tuple[str, ...]:
    """All columns of a file, in order."""
    return (*HEAD, *(USERS_1_1 if name == "users" and version == "1.1" else COLUMNS[name]))


def required(name: str, version: Version) -> tuple[str, ...]:
    """The columns of a file that every record of it fills."""
    return ("sourcedId", *REQUIRED[name], *(REQUIRED_OF_USERS_1_1 if (name, version) == ("users", "1.1") else ()))


def encode_id(sourced_id: str) -> str:
    """The id as a package may write it. Nothing of printable text is lost: `decode_id` gives it back."""
    return quote(sourced_id, safe=ID_LETTERS).replace("~", "%7E")


def decode_id(written: str) -> str:
    """The id that somebody wrote, percent-encoded or not; as it stands where no printable text was encoded."""
    if "%" not in written:
        return written
    try:
        decoded = unquote(written, errors="strict")
    except UnicodeDecodeError:
        return written
    return written if _CONTROL.search(decoded) else decoded


@dataclass(frozen=True, slots=True)
class Table:
    """One file or collection: `rows` of text cells, in the order of `columns` and as many.

    `origin` is what a message calls it, and `unit` a row of it; `first` is the number of its first row there (a CSV
    file: line 2), unless `numbers` gives that of each.
    """

    origin: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]] = field(repr=False)
    first: int = 2
    unit: str = "line"
    numbers: Sequence[int] = field(default=(), repr=False)

    def where(self, row: int) -> str:
        """The place of a row, counted from 0, as a message names it."""
        return f"{self.origin}, {self.unit} {self.numbers[row] if self.numbers else self.first + row}"

    def picked(self, *names: str) -> Iterator[tuple[str, ...]]:
        """Of each row the cells of these columns, in this order; "" where there is no such column."""
        places = [self.columns.index(name) if name in self.columns else -1 for name in names]
        rows = self.rows if min(places) >= 0 else ((*row, "") for row in self.rows)
        picked = map(itemgetter(*places), rows)
        return picked if len(places) > 1 else zip(picked)

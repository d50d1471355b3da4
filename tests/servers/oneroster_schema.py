"""What an answer of a OneRoster provider must look like: the members, types and words of the standard, restated.

Version 1.2 is the OpenAPI file of Rostering Service 1.0; version 1.1 differs in users, and has no words of one's own.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

# Each member as name[!][:type]; `!` is required. A type is a word list in parentheses (+ where since 1.2 others may
# begin with ext:), @kind for a reference, * for a list of what follows, or a name of _TYPES; text where there is none.
_HEAD: Final = "sourcedId! status!:(active,tobedeleted) dateLastModified!:moment metadata:any"
_MEMBERS: Final[Mapping[str, str]] = {
    "academicSessions": (
        "title! startDate!:date endDate!:date type!:(gradingPeriod,semester,schoolYear,term)+ parent:@academicSession "
        "children:*@academicSession schoolYear!:year"
    ),
    "orgs": ("name! type!:(department,district,local,national,school,state)+ identifier! parent:@org children:*@org"),
    "courses": (
        "title! schoolYear:@academicSession courseCode! grades:*text subjects:*text org:@org subjectCodes:*text "
        "resources:*@resource"
    ),
    "classes": (
        "title! classCode classType:(homeroom,scheduled)+ location grades:*text subjects:*text course!:@course "
        "school!:@org terms!:*@academicSession subjectCodes:*text periods:*text resources:*@resource"
    ),
    "users": (
        "userMasterIdentifier username userIds:*userId enabledUser!:flag givenName! familyName! middleName "
        "preferredFirstName preferredMiddleName preferredLastName pronouns roles!:*role userProfiles:*userProfile "
        "primaryOrg:@org identifier email sms phone agents:*@user grades:*text password resources:*@resource"
    ),
    "users 1.1": (
        "username! userIds:*userId enabledUser!:flag givenName! familyName! middleName identifier email sms phone "
        "role!:(administrator,aide,guardian,parent,proctor,relative,student,teacher) orgs!:*@org agents:*@user "
        "grades:*text password"
    ),
    "enrollments": (
        "user!:@user class!:@class school!:@org role!:(administrator,proctor,student,teacher)+ primary:flag "
        "beginDate:date endDate:date"
    ),
    "demographics": (
        "birthDate:date sex:(male,female,unspecified,other)+ americanIndianOrAlaskaNative:flag asian:flag "
        "blackOrAfricanAmerican:flag nativeHawaiianOrOtherPacificIslander:flag white:flag "
        "demographicRaceTwoOrMoreRaces:flag hispanicOrLatinoEthnicity:flag countryOfBirthCode "
        "stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus"
    ),
}
_PARTS: Final[Mapping[str, str]] = {
    "userId": "type! identifier!",
    "role": (
        "roleType!:(primary,secondary) role!:(aide,counselor,districtAdministrator,guardian,parent,principal,proctor,"
        "relative,siteAdministrator,student,systemAdministrator,teacher)+ org!:@org userProfile beginDate:date "
        "endDate:date"
    ),
    "userProfile": "profileId! profileType! vendorId! applicationId description credentials:*any",
}
_TYPES: Final[Mapping[str, Any]] = {
    "text": {"type": "string"},
    "any": {"type": "object"},
    "flag": {"enum": ["true", "false"]},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "year": {"type": "string", "pattern": r"^\d{4}$"},
    "moment": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
}
# At least one of each where the standard says so.
_FILLED: Final = frozenset({"roles", "terms"})


@cache
def schema(collection: str, version: str) -> Mapping[str, Any]:
    """The JSON Schema of an answer to a request for the collection."""
    name = f"{collection} {version}"
    members = _MEMBERS.get(name) or _MEMBERS[collection]
    record = _object(f"{_HEAD} {members}", extended=version != "1.1")
    return {
        "type": "object",
        "properties": {collection: {"type": "array", "items": record}},
        "required": [collection],
        "additionalProperties": False,
    }


REFUSAL: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["imsx_codeMajor", "imsx_severity"],
    "properties": {
        "imsx_codeMajor": {"enum": ["success", "processing", "failure", "unsupported"]},
        "imsx_severity": {"enum": ["status", "warning", "error"]},
        "imsx_description": {"type": "string"},
        "imsx_CodeMinor": {"type": "object"},
    },
    "additionalProperties": False,
}


def _object(members: str, *, extended: bool) -> dict[str, Any]:
    found = [re.fullmatch(r"(\w+)(!?)(?::(.+))?", each) for each in members.split()]
    properties = {each[1]: _type(each[1], each[3] or "text", extended=extended) for each in found if each}
    assert len(properties) == len(found)
    required = [each[1] for each in found if each and each[2]]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _type(name: str, kind: str, *, extended: bool) -> Mapping[str, Any]:
    if kind.startswith("*"):
        items = _type("", kind[1:], extended=extended)
        return {"type": "array", "items": items, "minItems": 1 if name in _FILLED else 0}
    if kind.startswith("@"):
        href = {"type": "string", "pattern": "^https?://"}
        properties = {"href": href, "sourcedId": {"type": "string"}, "type": {"enum": [kind[1:]]}}
        return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    if kind.startswith("("):
        words = {"enum": kind.strip("()+").split(",")}
        own = {"type": "string", "pattern": r"^ext:[a-zA-Z0-9.\-_]+$"}
        return {"anyOf": [words, own]} if kind.endswith("+") and extended else words
    return _TYPES[kind] if kind in _TYPES else _object(_PARTS[kind], extended=extended)

"""Records, layouts and changes as a run makes them, each with only what a test says about it.

Directories hold `a_district`, `a_school` and `a_pupil`; OneRoster packages `an_org`, `a_session`, `a_course`, `a_user`
and `a_class`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from provision.core.plan import Create, Delete, Disable, Rekey, Update, Withdraw
from provision.core.state import Key, Kind, Member, Record, Value
from provision.formats.entry import Layout, Shape

BASE: Final = "dc=nordlys,dc=kommune,dc=no"
REALM: Final = "nordlys.kommune.no"
PEOPLE: Final = f"ou=people,{BASE}"
ORGS: Final = f"ou=organization,{BASE}"
DISTRICT: Final = Key(Kind.ORG, "975278964")
SCHOOL: Final = Key(Kind.ORG, "974588145")
OTHER_SCHOOL: Final = Key(Kind.ORG, "974575086")
MEMBERSHIPS: Final = frozenset({"eduPersonEntitlement", "eduPersonAffiliation", "eduPersonOrgUnitDN"})
LMS_MEMBERSHIPS: Final = frozenset(
    {"student", "teacher", "guardian", "ext:staff", "agentSourcedIds", "primaryOrgSourcedId"}
)
SCHOOL_YEAR: Final = Key(Kind.SESSION, "2026-2027")
COURSE: Final = Key(Kind.COURSE, f"{SCHOOL.sourced_id}.NOR0214")

# What a mapping for OneRoster manages; the other columns are nobody's.
LMS_FIELDS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.ORG: frozenset({"name", "type", "identifier", "parentSourcedId"}),
    Kind.SESSION: frozenset({"title", "type", "startDate", "endDate", "schoolYear", "parentSourcedId"}),
    Kind.COURSE: frozenset({"title", "courseCode", "orgSourcedId", "subjectCodes"}),
    Kind.ACCOUNT: LMS_MEMBERSHIPS
    | {"username", "userIds", "givenName", "familyName", "preferredGivenName", "email", "grades"},
    Kind.GROUP: frozenset({"title", "classType", "courseSourcedId", "schoolSourcedId", "termSourcedIds"}),
}

DISTRICT_SHAPE: Final = Shape(
    kind=Kind.ORG,
    object_classes=frozenset({"top", "dcObject", "organization", "eduOrg", "norEduOrg"}),
    id_attribute="norEduOrgNIN",
    id_prefix="NO",
    rdn="",
    parent=BASE,
    fields=frozenset({"o", "eduOrgLegalName", "norEduOrgNIN", "norEduOrgSchemaVersion", "mail"}),
)
SCHOOL_SHAPE: Final = Shape(
    kind=Kind.ORG,
    object_classes=frozenset({"top", "organizationalUnit", "norEduOrgUnit"}),
    id_attribute="norEduOrgUnitUniqueIdentifier",
    id_prefix="NO",
    rdn="norEduOrgUnitUniqueIdentifier",
    parent=ORGS,
    fields=frozenset({"ou", "norEduOrgUnitUniqueIdentifier", "mail"}),
)
PERSON_SHAPE: Final = Shape(
    kind=Kind.ACCOUNT,
    object_classes=frozenset(
        {"top", "person", "organizationalPerson", "inetOrgPerson", "eduPerson", "norEduPerson", "schacContactLocation"}
    ),
    id_attribute="norEduPersonLIN",
    id_prefix=f"{REALM}:localnin:",
    rdn="uid",
    parent=PEOPLE,
    fields=frozenset(
        {"cn", "sn", "givenName", "displayName", "norEduPersonLegalName", "uid", "eduPersonPrincipalName"}
        | {"norEduPersonLIN", "norEduPersonNIN", "norEduPersonBirthDate", "schacHomeOrganization"}
        | {"eduPersonOrgDN", "eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"}
        | {"eduPersonAffiliation", "eduPersonPrimaryAffiliation", "eduPersonEntitlement"}
    ),
    once=frozenset({"uid", "eduPersonPrincipalName"}),
    dn_fields=frozenset({"eduPersonOrgDN", "eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"}),
    many=frozenset({"eduPersonOrgUnitDN", "eduPersonAffiliation", "eduPersonEntitlement"}),
)
LAYOUT: Final = Layout(BASE, (DISTRICT_SHAPE, SCHOOL_SHAPE, PERSON_SHAPE), ("pwdAccountLockedTime", "000001010000Z"))


def with_fields(record: Record, **fields: Value | None) -> Record:
    """The record with these fields instead; None takes one away."""
    merged: dict[str, Value | None] = {**record.fields, **fields}
    return replace(record, fields={name: value for name, value in merged.items() if value is not None})


def a_district(**fields: Value | None) -> Record:
    standard: Mapping[str, Value] = {
        "o": "Nordlys kommune",
        "eduOrgLegalName": "Nordlys kommune",
        "norEduOrgNIN": f"NO{DISTRICT.sourced_id}",
        "norEduOrgSchemaVersion": "2.0",
        "mail": f"post@{REALM}",
    }
    return with_fields(Record(DISTRICT, standard), **fields)


def a_school(key: Key = SCHOOL, **fields: Value | None) -> Record:
    standard: Mapping[str, Value] = {
        "ou": f"Skole {key.sourced_id}",
        "norEduOrgUnitUniqueIdentifier": f"NO{key.sourced_id}",
        "mail": f"skole{key.sourced_id}@{REALM}",
    }
    return with_fields(Record(key, standard), **fields)


def a_pupil(number: int = 1, school: Key = SCHOOL, **fields: Value | None) -> Record:
    """One of any number of pupils in class 6A, each with another name and without an identity number."""
    sourced_id, uid = f"p{number}", f"pup{number:05}"
    entitlement = f"urn:mace:feide.no:go:group:b::NO{school.sourced_id}:6A:2026-08-01:2027-07-31:student:6A"
    groupid = f"urn:mace:feide.no:go:groupid:b:NO{school.sourced_id}:6a:2026-08-01:2027-07-31"
    standard: Mapping[str, Value] = {
        "cn": f"Kari Prøve{number}",
        "sn": f"Prøve{number}",
        "givenName": "Kari",
        "displayName": f"Kari Prøve{number}",
        "norEduPersonLegalName": f"Kari Åse Prøve{number}",
        "uid": uid,
        "eduPersonPrincipalName": f"{uid}@{REALM}",
        "norEduPersonLIN": f"{REALM}:localnin:{sourced_id}",
        "norEduPersonBirthDate": "20150817",
        "schacHomeOrganization": REALM,
        "eduPersonOrgDN": DISTRICT,
        "eduPersonOrgUnitDN": frozenset({school}),
        "eduPersonPrimaryOrgUnitDN": school,
        "eduPersonAffiliation": frozenset({"student", "member"}),
        "eduPersonPrimaryAffiliation": "student",
        "eduPersonEntitlement": frozenset({entitlement, groupid}),
    }
    return with_fields(Record(Key(Kind.ACCOUNT, sourced_id), standard), **fields)


def an_org(key: Key = SCHOOL, **fields: Value | None) -> Record:
    kind: Mapping[str, Value] = (
        {"type": "district"} if key == DISTRICT else {"type": "school", "parentSourcedId": DISTRICT}
    )
    return with_fields(Record(key, {"name": f"Org {key.sourced_id}", "identifier": key.sourced_id, **kind}), **fields)


def a_session(key: Key = SCHOOL_YEAR, **fields: Value | None) -> Record:
    standard: Mapping[str, Value] = {
        "title": "2026/2027",
        "type": "schoolYear",
        "startDate": "2026-08-01",
        "endDate": "2027-08-01",
        "schoolYear": "2027",
    }
    return with_fields(Record(key, standard), **fields)


def a_course(key: Key = COURSE, **fields: Value | None) -> Record:
    standard: Mapping[str, Value] = {"title": "Norsk", "courseCode": "NOR0214", "orgSourcedId": SCHOOL}
    return with_fields(Record(key, standard), **fields)


def a_user(number: int = 1, school: Key = SCHOOL, **fields: Value | None) -> Record:
    """One of any number of pupils, each with another name and without an identity number."""
    username = f"pup{number:05}"
    standard: Mapping[str, Value] = {
        "username": username,
        "userIds": frozenset({f"{{Feide:{username}@{REALM}}}"}),
        "givenName": "Kari",
        "familyName": f"Prøve{number}",
        "preferredGivenName": f"Kari {number}",
        "email": f"{username}@{REALM}",
        "grades": frozenset({"06"}),
        "primaryOrgSourcedId": school,
        "student": frozenset({school}),
    }
    return with_fields(Record(Key(Kind.ACCOUNT, f"p{number}"), standard), **fields)


def a_class(number: int = 1, *members: Member, **fields: Value | None) -> Record:
    standard: Mapping[str, Value] = {
        "title": f"6A {number}",
        "classType": "scheduled",
        "courseSourcedId": COURSE,
        "schoolSourcedId": SCHOOL,
        "termSourcedIds": frozenset({SCHOOL_YEAR}),
    }
    return with_fields(Record(Key(Kind.GROUP, f"g{number}"), standard, frozenset(members)), **fields)


def a_member(number: int = 1, role: str = "student", **more: Any) -> Member:
    """The pupil's place in a class for a school year."""
    return Member(Key(Kind.ACCOUNT, f"p{number}"), role, **{"begin": "2026-08-01", "end": "2027-07-31", **more})


def create(after: Record, org: Key = SCHOOL) -> Create:
    return Create(after, frozenset({org.sourced_id}), "student", "new in the source")


def update(before: Record, after: Record, org: Key = SCHOOL) -> Update:
    return Update(before, after, frozenset({org.sourced_id}), "student", "changed in the source")


def disable(before: Record, org: Key = SCHOOL) -> Disable:
    kept = {name: value for name, value in before.fields.items() if name not in MEMBERSHIPS | LMS_MEMBERSHIPS}
    after = replace(before, fields=kept, members=frozenset(), active=False)
    return Disable(before, after, frozenset({org.sourced_id}), "student", "absent from the source")


def withdraw(before: Record, org: Key = SCHOOL) -> Withdraw:
    return Withdraw(before, frozenset({org.sourced_id}), "student", "out of scope")


def delete(before: Record, org: Key = SCHOOL) -> Delete:
    return Delete(before, frozenset({org.sourced_id}), "student", "the retention time is over")


def rekey(key: Key, *, handle: str = "", previous: Key | None = None, org: Key = SCHOOL) -> Rekey:
    return Rekey(key, handle, previous, frozenset({org.sourced_id}), "student", "takes over an entry")


@dataclass(frozen=True, slots=True)
class OnePassword:
    """Gives every new account the same first password."""

    password: str = field(default="Prøve-passord 1", repr=False)

    def first(self, key: Key) -> str | None:  # noqa: ARG002 - the port gives the key
        return self.password

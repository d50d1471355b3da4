"""Writes PIFU-IMS SAS 1.3, one element at a time, in the order that its XSD fixes.

A file is `head`, then every `person`, every `group`, every `membership`, then `tail`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from xml.sax.saxutils import escape

from provision.formats.pifu_ims import (
    ACTIVE,
    ACTIVITY,
    FULL,
    GRADE_CODE,
    LEGAL_NAME,
    MOBILE,
    NAMESPACE_1_3,
    NATIONAL_ID,
    ORGANISATION_NUMBER,
    PARENT,
    PERSON_MEMBER,
    ROOT,
    SIS_ID,
    SUBJECT_CODE,
)

SHORT_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody's `guardian` or `nextOfKin`, by id."""

    type: str
    person: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    national_id: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    mail: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An org or any other group; `level` and `type` are a row of OrgLevel or GroupLevel. The top is its own parent."""

    id: str
    scheme: str
    level: str
    type: str
    title: str
    parent: str
    parent_type: str
    begin: date | None = None
    end: date | None = None
    organisation_number: str = ""
    legal_name: str = ""
    mail: str = ""
    school_type: str = ""
    subject_code: str = ""
    grade_code: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One role that a member has in a group."""

    type: str
    subrole: str = ""
    begin: date | None = None
    end: date | None = None
    primary: bool | None = None


@dataclass(frozen=True, slots=True)
class Member:
    person: str
    parts: tuple[Part, ...]


def head(sender: str, receiver: str, at: datetime) -> str:
    """The XML declaration, the opening of the document and its properties; `at` is local time."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{ROOT} xmlns="{NAMESPACE_1_3}">\n<properties lang="no">'
        f"{_element('datasource', sender)}{_element('target', receiver)}{_element('type', FULL)}"
        f"{_element('datetime', at.isoformat(timespec='seconds'))}</properties>\n"
    )


def tail() -> str:
    """What closes the document: without it nobody may believe the file."""
    return f"</{ROOT}>\n"


def person(source: str, person: Person) -> str:
    """A `person` element, active."""
    given, family = escape(person.given_name), escape(person.family_name)
    national_id = f'<userid useridtype="{NATIONAL_ID}">{person.national_id}</userid>' if person.national_id else ""
    born = f"<demographics><bday>{person.birth_date.isoformat()}</bday></demographics>" if person.birth_date else ""
    mobile = f'<tel teltype="{MOBILE}">{escape(person.mobile)}</tel>' if person.mobile else ""
    contacts = "".join(
        f'<pifu_hasContactPerson type="{c.type}">{_sourcedid(source, c.person)}</pifu_hasContactPerson>'
        for c in person.contacts
    )
    return (
        f"<person>{_sourcedid(source, person.id)}{national_id}"
        f'<userid useridtype="{SIS_ID}">{escape(person.id)}</userid>'
        f"<name><fn>{given} {family}</fn><n><family>{family}</family><given>{given}</given></n></name>"
        f"{born}{_optional('email', person.mail)}{mobile}"
        f'<extension><pifu_status type="{ACTIVITY}">{ACTIVE}</pifu_status>{contacts}</extension></person>\n'
    )


def group(source: str, group: Group) -> str:
    """A `group` element; a title of more than 60 characters goes whole into `long`."""
    short, long = group.title[:SHORT_LENGTH], group.title if len(group.title) > SHORT_LENGTH else ""
    return (
        f"<group>{_sourcedid(source, group.id)}"
        f'<grouptype>{_element("scheme", group.scheme)}<typevalue level="{group.level}">{group.type}</typevalue>'
        f"</grouptype><description>{_element('short', short)}{_optional('long', long)}</description>"
        f"{_timeframe(group.begin, group.end)}{_optional('email', group.mail)}"
        f'<relationship relation="{PARENT}">{_sourcedid(source, group.parent)}'
        f"{_element('label', group.parent_type)}</relationship>{_group_extension(group)}</group>\n"
    )


def membership(source: str, group_id: str, members: Sequence[Member]) -> str:
    """A `membership` element with everybody who is in the group, "" where nobody is: the XSD asks for one member."""
    if not members:
        return ""
    before, after = f"<member><sourcedid><source>{escape(source)}</source><id>", "</id></sourcedid>"
    texts: dict[tuple[Part, ...], str] = {}
    lines = []
    for member in members:
        if member.parts not in texts:
            roles = "".join(map(_role, member.parts))
            texts[member.parts] = f"{after}<idtype>{PERSON_MEMBER}</idtype>{roles}</member>\n"
        lines.append(f"{before}{escape(member.person)}{texts[member.parts]}")
    return f"<membership>{_sourcedid(source, group_id)}\n{''.join(lines)}</membership>\n"


def _role(part: Part) -> str:
    relation = ""
    if part.primary is not None:
        relation = f"<extension><pifu_primaryRelation>{part.primary:d}</pifu_primaryRelation></extension>"
    return (
        f'<role roletype="{part.type}">{_optional("subrole", part.subrole)}<status>1</status>'
        f"{_timeframe(part.begin, part.end)}{relation}</role>"
    )


def _group_extension(group: Group) -> str:
    ids = (
        _pifu_id(ORGANISATION_NUMBER, group.organisation_number, "enhetsregisteret", unique=True)
        + _pifu_id(SUBJECT_CODE, group.subject_code, "grep", unique=False)
        + _pifu_id(GRADE_CODE, group.grade_code, "grep", unique=False)
    )
    legal = _element("pifu_value", group.legal_name) if group.legal_name else ""
    name = f'<pifu_name type="{LEGAL_NAME}">{legal}</pifu_name>' if legal else ""
    content = f"{ids}{name}{_optional('pifu_schoolType', group.school_type)}"
    return f"<extension>{content}</extension>" if content else ""


def _pifu_id(type_: str, value: str, scope: str, *, unique: bool) -> str:
    if not value:
        return ""
    return (
        f'<pifu_id type="{type_}">{_element("pifu_value", value)}{_element("pifu_scope", scope)}'
        f"<pifu_unique>{unique:d}</pifu_unique></pifu_id>"
    )


def _timeframe(begin: date | None, end: date | None) -> str:
    bounds = (("begin", begin), ("end", end))
    dates = [_element(name, day.isoformat()) for name, day in bounds if day]
    return f"<timeframe>{''.join(dates)}</timeframe>" if dates else ""


def _sourcedid(source: str, id_: str) -> str:
    return f"<sourcedid>{_element('source', source)}{_element('id', id_)}</sourcedid>"


def _optional(name: str, value: str | None) -> str:
    return _element(name, value) if value else ""


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"

"""What one group of a PIFU-IMS document says, as plain text and not yet judged."""

from dataclasses import dataclass
from typing import NamedTuple

from lxml.etree import _Element

from provision.formats.pifu_ims import DELETED, LEGAL_NAME, ORG_EMAIL, PARENTS, SCHEME_ORG
from provision.formats.pifu_ims_fields import (
    NAMES,
    SourcedId,
    first,
    line_of,
    reference,
    sourced_id,
    text_of,
    timeframe,
)


@dataclass(frozen=True, slots=True)
class Group:
    """`numbers` are the values of pifu_id by type; `parents` the ids of its relationships to groups above it."""

    key: SourcedId
    line: int
    scheme: str
    level: str
    type: str
    short: str
    long: str
    begin: str
    end: str
    mail: str
    legal_name: str
    parents: tuple[str, ...]
    numbers: dict[str, str]
    school_types: tuple[str, ...]
    deleted: bool


def group(element: _Element) -> Group:
    ids: list[_Element] = []
    types: list[tuple[str, str, str]] = []
    parents: list[str] = []
    short = long = begin = end = mail = ""
    extension = _GroupExtension()
    for child in element:
        match NAMES[child.tag]:
            case "sourcedid":
                ids.append(child)
            case "grouptype":
                types.append(_group_type(child))
            case "description":
                short, long = first(child, "short"), first(child, "long")
            case "timeframe":
                begin, end = timeframe(child)
            case "email":
                mail = text_of(child)
            case "relationship" if child.get("relation", PARENTS[0]) in PARENTS:
                parents.append(reference(child))
            case "extension":
                extension = _group_extension(child)
    scheme, level, type_text = min(types, key=lambda each: each[0] != SCHEME_ORG, default=("", "", ""))
    return Group(
        key=sourced_id(ids),
        line=line_of(element),
        scheme=scheme,
        level=level,
        type=type_text,
        short=short,
        long=long,
        begin=begin,
        end=end,
        mail=mail or extension.mail,
        legal_name=extension.legal_name,
        parents=tuple(filter(None, parents)),
        numbers=extension.numbers,
        school_types=extension.school_types,
        deleted=element.get("recstatus") == DELETED,
    )


class _GroupExtension(NamedTuple):
    mail: str = ""
    legal_name: str = ""
    numbers: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default; only ever read
    school_types: tuple[str, ...] = ()


def _group_extension(element: _Element) -> _GroupExtension:
    mail = legal_name = ""
    numbers: dict[str, str] = {}
    school_types: list[str] = []
    for child in element:
        kind = child.get("type", "")
        match NAMES[child.tag]:
            case "pifu_id":
                numbers.setdefault(kind, first(child, "pifu_value"))
            case "pifu_name" if kind == LEGAL_NAME:
                legal_name = legal_name or first(child, "pifu_value")
            case "pifu_email" if kind == ORG_EMAIL:
                mail = mail or text_of(child)
            case "pifu_schoolType":
                school_types.append(text_of(child).casefold())
    return _GroupExtension(mail, legal_name, numbers, tuple(school_types))


def _group_type(element: _Element) -> tuple[str, str, str]:
    scheme = level = text = ""
    for child in element:
        name = NAMES[child.tag]
        if name == "scheme":
            scheme = text_of(child)
        elif name == "typevalue":
            level, text = child.get("level", "").strip(), text_of(child)
    return scheme, level, text

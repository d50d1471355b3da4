"""What one person of a PIFU-IMS document says, as plain text and not yet judged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml.etree import _Element

from provision.formats.days import day
from provision.formats.pifu_ims import (
    ACTIVITY,
    DELETED,
    FEIDE_ID,
    INACTIVE,
    MOBILES,
    NATIONAL_IDS,
    PERSON_EMAIL,
    PERSON_MOBILES,
)
from provision.formats.pifu_ims_fields import NAMES, SourcedId, line_of, reference, sourced_id, text_of


@dataclass(frozen=True, slots=True)
class Person:
    """`contacts` are (type, id) as they stand."""

    key: SourcedId
    line: int
    given: str = field(repr=False)
    family: str = field(repr=False)
    full: str = field(repr=False)
    national_id: str = field(repr=False)
    principal_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    mail: str = field(repr=False)
    mobile: str = field(repr=False)
    active: bool
    contacts: tuple[tuple[str, str], ...]


_OF_PARTS: Final = frozenset({"name", "demographics"})


def person(element: _Element) -> Person:
    own_ids: list[_Element] = []
    contacts: list[tuple[str, str]] = []
    texts: dict[str, str] = {}  # by the name of the element or by the type that it comes with: no two are alike
    for child in element:
        name = NAMES[child.tag]
        if name == "userid":
            texts.setdefault(child.get("useridtype", ""), text_of(child))
        elif name == "sourcedid":
            own_ids.append(child)
        elif name == "extension":
            _gather_extension(child, texts, contacts)
        elif name in _OF_PARTS:
            _gather(child, texts)
        elif name == "email":
            texts[name] = text_of(child)
        elif name == "tel":
            texts.setdefault(child.get("teltype", ""), text_of(child))
    inactive = texts.get(ACTIVITY, "").casefold() == INACTIVE or element.get("recstatus") == DELETED
    return Person(
        key=sourced_id(own_ids),
        line=line_of(element),
        given=texts.get("given", ""),
        family=texts.get("family", ""),
        full=texts.get("fn", ""),
        national_id=_any(texts, NATIONAL_IDS),
        principal_name=texts.get(FEIDE_ID, ""),
        birth_date=day(texts.get("bday")),
        mail=texts.get("email") or texts.get(PERSON_EMAIL, ""),
        mobile=_any(texts, MOBILES) or _any(texts, PERSON_MOBILES),
        active=not inactive,
        contacts=tuple(contacts),
    )


def _gather(element: _Element, texts: dict[str, str]) -> None:
    """The texts of a name or of the demographics, by the names of their elements."""
    for child in element:
        name = NAMES[child.tag]
        if name == "n":
            _gather(child, texts)
        else:
            texts[name] = text_of(child)


def _gather_extension(element: _Element, texts: dict[str, str], contacts: list[tuple[str, str]]) -> None:
    for child in element:
        kind = child.get("type", "")
        if NAMES[child.tag] == "pifu_hasContactPerson":
            contacts.append((kind, reference(child)))
        else:
            texts.setdefault(kind, text_of(child))


def _any(texts: dict[str, str], kinds: Iterable[str]) -> str:
    """The text of the first of these types that there is."""
    for kind in kinds:
        if found := texts.get(kind):
            return found
    return ""

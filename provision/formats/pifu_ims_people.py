"""What one person of a PIFU-IMS document says, as plain text and not yet judged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml.etree import _Element

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
from provision.formats.pifu_ims_fields import NAMES, SourcedId, day, line_of, reference, sourced_id, text_of


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


# There are hundreds of thousands of persons: one flat walk over what matters costs half of a walk level by level.
_TEXTS: Final = frozenset({"fn", "family", "given", "bday", "email"})
_WALKED: Final = tuple(
    f"{{*}}{name}"
    for name in (
        "sourcedid", "userid", *sorted(_TEXTS), "tel", "pifu_status", "pifu_email", "pifu_tel", "pifu_hasContactPerson",
    )
)  # fmt: skip


def person(element: _Element) -> Person:
    own_ids: list[_Element] = []
    contacts: list[tuple[str, str]] = []
    typed: dict[tuple[str, str], str] = {}  # texts that come with a type, by element and type
    texts = dict.fromkeys(_TEXTS, "")
    for each in element.iter(*_WALKED):
        name = NAMES[each.tag]
        if name in _TEXTS:
            texts[name] = text_of(each)
        elif name == "sourcedid":
            if not contacts:  # those after a contact are the contact's: the extension comes last
                own_ids.append(each)
        elif name == "pifu_hasContactPerson":
            contacts.append((each.get("type", ""), reference(list(each))))
        elif text := text_of(each):
            typed.setdefault((name, each.get(_TYPED_BY.get(name, "type"), "")), text)
    return Person(
        key=sourced_id(own_ids),
        line=line_of(element),
        given=texts["given"],
        family=texts["family"],
        full=texts["fn"],
        national_id=_any(typed, "userid", NATIONAL_IDS),
        principal_name=_any(typed, "userid", (FEIDE_ID,)),
        birth_date=day(texts["bday"]),
        mail=texts["email"] or _any(typed, "pifu_email", (PERSON_EMAIL,)),
        mobile=_any(typed, "tel", MOBILES) or _any(typed, "pifu_tel", PERSON_MOBILES),
        active=_any(typed, "pifu_status", (ACTIVITY,)).casefold() != INACTIVE and element.get("recstatus") != DELETED,
        contacts=tuple(contacts),
    )


_TYPED_BY: Final = {"userid": "useridtype", "tel": "teltype"}


def _any(typed: dict[tuple[str, str], str], name: str, kinds: Iterable[str]) -> str:
    """The text of the first of these types that there is."""
    for kind in kinds:
        if found := typed.get((name, kind)):
            return found
    return ""

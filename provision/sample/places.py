"""Which roles people have at a school, in OneRoster's words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from provision.core.calendar import exclusive
from provision.core.roster import ClassType, OrgType, Role
from provision.formats.oneroster import EXTENSION
from provision.formats.pifu_ims import ADMINISTRATOR, KINDERGARTEN, SCHEME_ORG, class_type, org_type, role_of
from provision.formats.pifu_ims_write import Group, Part
from provision.sample.roll import Roll

_GUARDIAN, _RELATIVE = "guardian", "relative"
_STAFF: Final = f"{EXTENSION}{Role.STAFF}"


@dataclass(frozen=True, slots=True)
class Place:
    """One role of a person at a school; the end is exclusive. `main` where that school is first of all theirs."""

    user: str
    org: str
    word: str
    begin: str = ""
    end: str = ""
    main: bool = False


Places = Mapping[str, Sequence[Place]]


def org_of(roll: Roll) -> Group:
    """The one org that a roll is about."""
    return next(group for group in roll.groups.values() if group.scheme == SCHEME_ORG)


def classes_of(roll: Roll) -> Iterator[Group]:
    return (group for group in roll.groups.values() if group.scheme != SCHEME_ORG)


def kind_of_org(group: Group) -> OrgType:
    kind = org_type(group.scheme, group.level, group.type)
    if kind is None:
        raise ValueError(f"{group.id} is no org")
    return OrgType.KINDERGARTEN if group.school_type == KINDERGARTEN else kind


def kind_of_class(group: Group) -> ClassType:
    return class_type(group.scheme, group.level, group.type)


def role_in(part: Part, group: Group) -> Role:
    """What somebody is in a group by a part that they play there."""
    role = role_of(part.type, part.subrole, None if group.scheme == SCHEME_ORG else kind_of_class(group))
    if role is None:
        raise ValueError(f"{group.id}: there is no role of type {part.type}")
    return role


def places(roll: Roll) -> Places:
    """Everybody's roles at the school; guardians and relatives have theirs where their child is, after all others."""
    org = org_of(roll)
    found: defaultdict[str, dict[str, Place]] = defaultdict(dict)
    for member in roll.members[org.id]:
        for part in member.parts:
            begin, end = between(part.begin, part.end)
            word = _word(part, org)
            found[member.person][word] = Place(member.person, org.id, word, begin, end, main=bool(part.primary))
    for child in roll.people:
        for contact in child.contacts:
            word = _GUARDIAN if contact.type == _GUARDIAN else _RELATIVE
            found[contact.person].setdefault(word, Place(contact.person, org.id, word))
    return {user: tuple(each.values()) for user, each in found.items()}


def between(begin: date | None, end: date | None) -> tuple[str, str]:
    """Two dates as OneRoster has them: from the first on, and before the second."""
    return begin.isoformat() if begin else "", exclusive(end.isoformat()) if end else ""


def _word(part: Part, org: Group) -> str:
    role = role_in(part, org)
    if role is Role.ADMINISTRATOR:
        return "principal" if part.subrole == "rektor" else "siteAdministrator"
    if role is Role.STAFF:
        return "systemAdministrator" if part.type == ADMINISTRATOR else _STAFF
    return str(role)

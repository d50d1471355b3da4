"""What the memberships of a PIFU-IMS document say, as plain text and not yet judged."""

from typing import Final, NamedTuple

from lxml.etree import _Element

from provision.formats.pifu_ims import DELETED, NOT_CURRENT
from provision.formats.pifu_ims_fields import NAMES, day, frame, reference


class Role(NamedTuple):
    """One current role in a group; `type` is "" for a member of whom no role is said."""

    member: str
    type: str
    subrole: str
    begin: str
    end: str
    primary: str


class Membership(NamedTuple):
    """Current roles in the group with that id; a large membership comes in several parts."""

    group: str
    roles: list[Role]


# There are millions of members: one flat walk over what matters costs half of a walk level by level.
_WALKED: Final = tuple(
    f"{{*}}{name}"
    for name in ("member", "id", "role", "subrole", "status", "begin", "end", "pifu_primaryRelation", "pifu_absence")
)
_MEMBER, _TYPE, _SUBROLE, _BEGIN, _END, _PRIMARY, _STATUS = range(7)


def membership(element: _Element, until: _Element | None = None) -> Membership:
    """The roles of the members up to (not with) the member `until`."""
    group = _reference(element)
    roles = []
    for member, kind, subrole, begin, end, primary, status in _walk(element, until):
        if status != NOT_CURRENT:
            dates = frame(day(begin), day(end))
            roles.append(Role(member or "", kind or "", (subrole or "").casefold(), *dates, primary or ""))
    return Membership(group, roles)


def _walk(element: _Element, until: _Element | None) -> list[list[str | None]]:  # noqa: C901, PLR0912 - one flat dispatch
    """A list per role, of texts as they stand in the order of the constants above."""
    found: list[list[str | None]] = []
    row: list[str | None] = [None, "", None, None, None, None, None]  # takes what stands before the first member
    for each in element.iter(*_WALKED):
        name = NAMES[each.tag]
        if name == "id":
            if row[_TYPE] is None:
                row[_MEMBER] = (each.text or "").strip() if row[_MEMBER] is None else _reference(_member_of(each))
        elif name == "status":
            row[_STATUS] = row[_STATUS] or (each.text or "").strip()
        elif name == "role":
            if row[_TYPE] is not None:  # a member's second role
                row = [row[_MEMBER], None, None, None, None, None, None]
                found.append(row)
            row[_TYPE] = each.get("roletype", "").strip()
            if each.get("recstatus") == DELETED:
                row[_STATUS] = NOT_CURRENT
        elif name == "begin":
            row[_BEGIN] = each.text
        elif name == "end":
            row[_END] = each.text
        elif name == "member":
            if each is until:
                break
            row = [None, None, None, None, None, None, None]
            found.append(row)
        elif name == "pifu_primaryRelation":
            row[_PRIMARY] = (each.text or "").strip()
        elif name == "subrole":
            row[_SUBROLE] = (each.text or "").strip()
        else:  # an absence: its ids and dates are not the role's
            row = [row[_MEMBER], "", None, None, None, None, None]
    return found


def is_member(element: _Element) -> bool:
    return NAMES[element.tag] == "member"


def _reference(parent: _Element) -> str:
    return reference([each for each in parent if NAMES[each.tag] == "sourcedid"])


def _member_of(identifier: _Element) -> _Element:
    return next(each for each in identifier.iterancestors() if is_member(each))

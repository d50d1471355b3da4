"""What the memberships of a PIFU-IMS document say, as plain text and not yet judged."""

from typing import Final, NamedTuple

from lxml.etree import _Element

from provision.formats.pifu_ims import DELETED, NOT_CURRENT
from provision.formats.pifu_ims_fields import NAMES, day, frame, reference, text_of


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
_Row = list[str | None]


def membership(element: _Element, until: _Element | None = None) -> Membership:
    """The roles of the members up to (not with) the member `until`."""
    roles = []
    for member, kind, subrole, begin, end, primary, status in _walk(element, until):
        if status != NOT_CURRENT:
            dates = frame(day(begin), day(end)) if begin or end else ("", "")
            roles.append(Role(member or "", kind or "", subrole or "", *dates, primary or ""))
    return Membership(reference(element), roles)


def _walk(element: _Element, until: _Element | None) -> list[_Row]:  # noqa: C901, PLR0912 - one flat dispatch
    """A list per role, of texts in the order of the constants above; the type is None until the role has begun."""
    found: list[_Row] = []
    row: _Row = [None, "", None, None, None, None, None]  # takes what stands before the first member
    for each in element.iter(*_WALKED):
        name = NAMES[each.tag]
        if name == "id":
            if row[_TYPE] is None:
                row[_MEMBER] = text_of(each) if row[_MEMBER] is None else reference(_member_of(each))
        elif name == "status":
            row[_STATUS] = row[_STATUS] or text_of(each)
        elif name == "role":
            if row[_TYPE] is not None:  # a member's second role
                row = [row[_MEMBER], None, None, None, None, None, None]
                found.append(row)
            row[_TYPE] = each.get("roletype", "").strip()
            if each.get("recstatus") == DELETED:
                row[_STATUS] = NOT_CURRENT
        elif name == "member":
            if each is until:
                break
            row = [None, None, None, None, None, None, None]
            found.append(row)
        elif name == "begin":
            row[_BEGIN] = each.text
        elif name == "end":
            row[_END] = each.text
        elif name == "pifu_primaryRelation":
            row[_PRIMARY] = text_of(each)
        elif name == "subrole":
            row[_SUBROLE] = text_of(each).casefold()
        else:  # an absence: its ids and dates are not the role's
            row = [row[_MEMBER], "", None, None, None, None, None]
    return found


def is_member(element: _Element) -> bool:
    return NAMES[element.tag] == "member"


def _member_of(identifier: _Element) -> _Element:
    return next(each for each in identifier.iterancestors() if is_member(each))

"""What the memberships of a PIFU-IMS document say, as plain text and not yet judged."""

from functools import lru_cache
from itertools import starmap
from typing import Final, NamedTuple

from lxml.etree import _Element

from provision.formats.days import day
from provision.formats.pifu_ims import DELETED, NOT_CURRENT
from provision.formats.pifu_ims_fields import NAMES, frame, reference, text_of


class Role(NamedTuple):
    """What a member is in a group; `type` is "" where no role is said."""

    type: str
    subrole: str
    begin: str
    end: str
    primary: str


class Membership(NamedTuple):
    """Members' ids, each with one current role in the group with that id; a large group comes in several parts."""

    group: str
    roles: list[tuple[str, Role]]


# There are millions of members: one flat walk over what matters costs half of a walk level by level.
_WALKED: Final = tuple(
    f"{{*}}{name}"
    for name in ("member", "id", "role", "subrole", "status", "begin", "end", "pifu_primaryRelation", "pifu_absence")
)
# A role's row: its type (None until the role has begun), its recstatus, and the texts of these.
_TYPE, _RECSTATUS = 0, 1
_TEXTS: Final = {"subrole": 2, "status": 3, "begin": 4, "end": 5, "pifu_primaryRelation": 6}
_Row = list[str | None]
_EMPTY: Final[_Row] = [None] * 7


def membership(element: _Element, until: _Element | None = None) -> Membership:
    """The roles of the members up to (not with) the member `until`."""
    members, rows = _walk(element, until)
    said = zip(members, starmap(_role, rows), strict=True)
    return Membership(reference(element), [(member or "", role) for member, role in said if role is not None])


@lru_cache(maxsize=65536)  # there are as many roles as members, but few that differ
def _role(kind: str | None, recstatus: str | None, *texts: str | None) -> Role | None:
    """The role that a row says, None for one that is not current."""
    subrole, status, begin, end, primary = ((text or "").strip() for text in texts)
    if status == NOT_CURRENT or recstatus == DELETED:
        return None
    return Role((kind or "").strip(), subrole.casefold(), *frame(day(begin), day(end)), primary)


def _walk(element: _Element, until: _Element | None) -> tuple[list[str | None], list[_Row]]:
    """Each role's member and row, as they stand."""
    members: list[str | None] = []
    rows: list[_Row] = []
    member: str | None = None
    row = ["", *_EMPTY[1:]]  # takes what stands before the first member
    for each in element.iter(*_WALKED):
        name = NAMES[each.tag]
        if name in _TEXTS:
            row[_TEXTS[name]] = each.text
        elif name == "id":
            if row[_TYPE] is None:
                member = text_of(each) if member is None else reference(_member_of(each))
                members[-1] = member
        elif name == "member":
            if each is until:
                break
            member, row = None, _EMPTY.copy()
            members.append(member)
            rows.append(row)
        elif name == "role":
            if row[_TYPE] is not None:  # a member's second role
                row = _EMPTY.copy()
                members.append(member)
                rows.append(row)
            row[_TYPE], row[_RECSTATUS] = each.get("roletype", ""), each.get("recstatus")
        else:  # an absence: its ids and dates are not the role's
            row = ["", *_EMPTY[1:]]
    return members, rows


def is_member(element: _Element) -> bool:
    return NAMES[element.tag] == "member"


def _member_of(identifier: _Element) -> _Element:
    return next(each for each in identifier.iterancestors() if is_member(each))

"""What OneRoster 1.1 can say of a school: it has no word for a kindergarten, for other staff, or for most groups."""

from collections.abc import Iterable
from typing import Final

from provision.core.roster import ClassType, OrgType, Role
from provision.formats.pifu_ims_write import Group, Member
from provision.sample.places import kind_of_class, kind_of_org, org_of, places, role_in
from provision.sample.roll import Roll

_CLASSES: Final = (ClassType.HOMEROOM, ClassType.SCHEDULED)
_AT_SCHOOL: Final = frozenset({Role.STUDENT, Role.TEACHER, Role.AIDE, Role.ADMINISTRATOR})
_IN_CLASS: Final = frozenset({Role.STUDENT, Role.TEACHER})


def narrow(roll: Roll) -> Roll:
    """The part of the roll that version 1.1 has words for; empty for a kindergarten."""
    org = org_of(roll)
    if kind_of_org(org) is OrgType.KINDERGARTEN:
        return Roll()
    groups = {id_: group for id_, group in roll.groups.items() if group is org or kind_of_class(group) in _CLASSES}
    members = {id_: _members(roll.members[id_], group, org) for id_, group in groups.items()}
    named = Roll(roll.people, groups, members, roll.care)
    known = {person for person in places(named)}
    left_out = {person.id for person in roll.people} - known
    return Roll(
        people=[person for person in roll.people if person.id in known],
        groups=groups,
        members=members,
        care=[row for row in roll.care if row.sourced_id not in left_out and row.related_id not in left_out],
    )


def _members(members: Iterable[Member], group: Group, org: Group) -> list[Member]:
    """The members whose part in the group has a word."""
    words = _AT_SCHOOL if group is org else _IN_CLASS
    cut = (Member(m.person, tuple(part for part in m.parts if role_in(part, group) in words)) for m in members)
    return [member for member in cut if member.parts]

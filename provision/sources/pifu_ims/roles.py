"""Memberships of a PIFU-IMS document to rows of enrollments."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from provision.core import roster
from provision.core.roster import ClassType
from provision.formats.completeness import Reject
from provision.formats.pifu_ims import HEAD_SUBROLE, MENTOR, role_of
from provision.formats.pifu_ims_roles import Membership, Role
from provision.formats.rows import Rows
from provision.sources.pifu_ims.people import People
from provision.sources.pifu_ims.places import Place, Places

_NOWHERE: Final = Place("", "", None, "membership: its group is not in the file")
_FLAGS: Final = {"1": "1", "0": "0", "true": "1", "false": "0"}


@dataclass(slots=True)
class Enrollments:
    """`orgs_of` is where the people whose own row could not be read are members."""

    people: People
    places: Places
    rows: Rows = field(default_factory=lambda: Rows("enrollments"))
    rejected: list[Reject] = field(default_factory=list)
    orgs_of: dict[str, set[str]] = field(default_factory=dict)

    def add(self, membership: Membership) -> None:
        place = self.places.at.get(membership.group, _NOWHERE)
        if place is None:
            return
        active, add = self.people.active, self.rows.add
        for member, role in membership.roles:
            person = active.get(member) or active.get(self.people.ids.present(member))
            kind, primary = _judged(role, place.class_type)
            if person is None or kind is None or place.fault:
                self._reject(membership.group, member, place, person)
            else:
                add(person, place.org, place.school_class, kind, role.begin, role.end, primary)

    def _reject(self, group: str, member: str, place: Place, person: str | None) -> None:
        sourced_id = self.people.ids.present(member)
        if sourced_id in self.people.inactive or sourced_id in self.places.at:
            return  # who is inactive has no role; a group that is a member of a group is nobody
        reason = place.fault or "role: its roletype is not one of 01 to 08"
        if person is None:
            self.orgs_of.setdefault(sourced_id, set()).add(place.org)
            reason = "member: no id, or not among the persons that could be read"
        self.rejected.append(("enrollments", sourced_id, place.org, f"{reason} (group {group or 'without id'})"))


@lru_cache(maxsize=65536)  # there are as many roles as members, but few that differ
def _judged(role: Role, within: ClassType | None) -> tuple[str | None, str]:
    """The role in a group of the type `within` (None: in an org), None where it is not one; and whether it is primary.

    A teacher's place in a class is primary for the contact teacher, whom the format gives a role of their own. Of those
    who manage a school the format tells the head apart.
    """
    kind = role_of(role.type, role.subrole, within)
    if kind is roster.Role.TEACHER and within is not None:
        return kind, "1" if role.type.zfill(2) == MENTOR else ""
    if kind is roster.Role.ADMINISTRATOR and within is None and role.subrole == HEAD_SUBROLE:
        return roster.PRINCIPAL, _FLAGS.get(role.primary, "")
    return kind, _FLAGS.get(role.primary, "")

"""Whose guardians other systems may be told of: what the SIS links, what care.csv adds, what the policy allows."""

from collections.abc import Iterable
from typing import Final

from provision.core.calendar import age
from provision.core.policy import GuardianLinks
from provision.core.roster import Relation, Relationship, Roster

_OF_AGE: Final = 18


def allowed_guardians(pupil: str, roster: Roster, links: GuardianLinks, *, protected_too: bool) -> frozenset[str]:
    """The guardians of a pupil under 18 that may be told of. A bare link of the SIS grants what the policy says.

    Nobody who is barred, and, unless `protected_too`, nobody who is protected. Whose age is unknown has none.
    """
    if links is GuardianLinks.NONE or roster.users[pupil].birth_date is None or is_of_age(pupil, roster):
        return frozenset()
    return frozenset(
        r.related
        for r in roster.relationships.get(pupil, ())
        if _allowed(r, links) and (protected_too or r.related not in roster.protected)
    )


def related(roster: Roster) -> frozenset[str]:
    """Everybody who is named as somebody's guardian or next of kin."""
    return frozenset(r.related for each in roster.relationships.values() for r in each)


def is_of_age(pupil: str, roster: Roster) -> bool:
    """Whether the pupil is known to be 18 or more."""
    born = roster.users[pupil].birth_date if pupil in roster.users else None
    return born is not None and age(born, roster.day) >= _OF_AGE


def _allowed(relationship: Relationship, links: GuardianLinks) -> bool:
    if relationship.relation is not Relation.GUARDIAN or relationship.barred:
        return False
    if links is GuardianLinks.RESPONSIBLE:
        return relationship.responsible is True
    return relationship.responsible is not False


def guardians_of(
    pupils: Iterable[str], roster: Roster, links: GuardianLinks, *, protected_too: bool
) -> dict[str, frozenset[str]]:
    """By pupil, the guardians that may be told of; pupils without any are left out."""
    found = {
        pupil: allowed_guardians(pupil, roster, links, protected_too=protected_too)
        for pupil in pupils
        if pupil in roster.relationships
    }
    return {pupil: each for pupil, each in found.items() if each}

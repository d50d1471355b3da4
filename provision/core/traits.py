"""What the planner and the guard must know of a mapping's fields."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traits:
    """Which fields a mapping manages, and which of them carry membership, are written once or are secret.

    `kept` are membership fields that stay on the record of somebody who is disabled. `same_person` are sets of fields
    that, all equal, say that two records are one person. `kin` are the membership fields that somebody has for being a
    guardian.
    """

    fields: frozenset[str] = frozenset()
    membership: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    same_person: tuple[frozenset[str], ...] = ()
    kin: frozenset[str] = frozenset()

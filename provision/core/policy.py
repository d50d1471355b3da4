"""The site's own terms: what its people may lose when, and what leaves the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from provision.core.guard import Budget
from provision.core.roster import ClassType

DEFAULT_GROUPS: Final = frozenset({ClassType.HOMEROOM, ClassType.SCHEDULED})

# Losses that the guard counts, with what a school may lose in one run without anybody looking.
DEFAULT_BUDGETS: Final[Mapping[str, Budget]] = {
    "disable": Budget(share=0.03, least=5),
    "delete": Budget(share=0.05, least=10),
    "memberships": Budget(share=0.10, least=10),
    "fields": Budget(share=0.05, least=5),
    "id": Budget(share=0.03, least=5),
}


class GuardianLinks(StrEnum):
    """What makes a guardian one whom other systems are told of: nothing, care.csv's word, or the SIS's bare link.

    Whoever care.csv calls barred or not responsible is never told of.
    """

    NONE = "none"
    RESPONSIBLE = "responsible"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Policy:
    """`nights` of proven absence before anybody is disabled; `retention_days` from then until deletion.

    `groups` are the class types that may go out, `school_groups` overrides them by organisation number.
    `guardian_numbers`: whether guardians' identity numbers may stand on the child's entry.
    `guardians`: which guardians get an account and a link to their child, in targets whose mapping has guardians.
    `closed_schools` are gone for good: their absence from the source proves itself.
    `unreadable_share` of a school's rows may be unreadable before nothing is concluded from the rest.
    """

    nights: int = 3
    retention_days: int = 180
    groups: frozenset[ClassType] = DEFAULT_GROUPS
    school_groups: Mapping[str, frozenset[ClassType]] = field(default_factory=dict)
    guardian_numbers: bool = False
    guardians: GuardianLinks = GuardianLinks.RESPONSIBLE
    protected_targets: frozenset[str] = frozenset()
    closed_schools: frozenset[str] = frozenset()
    unreadable_share: float = 0.05
    budgets: Mapping[str, Budget] = field(default_factory=lambda: DEFAULT_BUDGETS)

    def groups_at(self, org: str) -> frozenset[ClassType]:
        return self.school_groups.get(org, self.groups)

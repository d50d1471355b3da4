"""The site's own terms: what its people may lose when, and what leaves the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from provision.core.guard import Budget
from provision.core.language import Language
from provision.core.roster import ClassType
from provision.core.stages import Stages

DEFAULT_GROUPS: Final = frozenset({ClassType.HOMEROOM, ClassType.SCHEDULED})

# What a school may lose in one run without anybody looking: accounts by why they go, and what people lose who stay.
DEFAULT_BUDGETS: Final[Mapping[str, Budget]] = {
    "vanished": Budget(share=0.03, least=5),
    "out_of_scope": Budget(share=0.03, least=5),
    "ended": Budget(share=0.10, least=10),
    "moved": Budget(share=0.10, least=10),
    "graduated": Budget(share=0.50, least=20),
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
class Ladder:
    """From the day somebody was last seen: still let in for `missing_days`; once locked, kept for `retention_days`."""

    missing_days: int
    retention_days: int


class IdentityNumbers(StrEnum):
    """Whose identity numbers may be used: real people's, those made for tests, or whatever there is."""

    PRODUCTION = "production"
    TEST = "test"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Policy:
    """`nights` of proven absence before anybody is disabled; `retention_days` from then until deletion.

    `groups` are the class types that may go out, `school_groups` overrides them by organisation number.
    `guardian_numbers`: whether guardians' identity numbers may stand on the child's entry.
    `guardians`: which guardians get an account and a link to their child, in targets whose mapping has guardians.
    `closed_schools` are gone for good: their absence from the source proves itself.
    Who stays away without a reason is still let in for `missing_days` after they were last seen; `ladders` are the
    days of roles that have their own. Above `two_people_above` people, a yes must be two persons'. `owners` say by
    school who decides about its holds, "" about all others'. `stages` are how far targets and schools have been let in.
    `unreadable_share` of a school's rows may be unreadable before nothing is concluded from the rest.
    `identity_numbers` says whose may be used; whether those of the make of 2032 count says `rule_2032`, None from that
    year on. Who is in no SIS, or kept by exception, is warned of `warn_days` before the last day.
    What was last accepted from the sources is kept for `kept_days`.
    `language` is that of what schools are to read.
    """

    nights: int = 3
    retention_days: int = 180
    missing_days: int = 0
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    two_people_above: int | None = None
    stages: Stages = field(default_factory=Stages)
    groups: frozenset[ClassType] = DEFAULT_GROUPS
    school_groups: Mapping[str, frozenset[ClassType]] = field(default_factory=dict)
    guardian_numbers: bool = False
    guardians: GuardianLinks = GuardianLinks.RESPONSIBLE
    protected_targets: frozenset[str] = frozenset()
    closed_schools: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)
    unreadable_share: float = 0.05
    identity_numbers: IdentityNumbers = IdentityNumbers.PRODUCTION
    rule_2032: bool | None = None
    warn_days: int = 14
    kept_days: int = 14
    language: Language = Language.NB
    budgets: Mapping[str, Budget] = field(default_factory=lambda: DEFAULT_BUDGETS)

    def ladder(self, role: str) -> Ladder:
        """The days of somebody who was last seen as this; "student", "staff" or "guardian"."""
        return self.ladders.get(role, Ladder(self.missing_days, self.retention_days))

    def owner_of(self, org: str) -> str:
        return self.owners.get(org, self.owners.get("", ""))

    def groups_at(self, org: str) -> frozenset[ClassType]:
        return self.school_groups.get(org, self.groups)

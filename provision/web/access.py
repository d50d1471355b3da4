"""Who may see what: decided here, and nowhere else."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """ANYONE need not be logged in; SIGNED_IN is whoever is, whatever they may see."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    PRINCIPAL = "principal"
    ADMIN = "admin"
    IT = "it"


class Verdict(StrEnum):
    """ABSENT is told as a page that does not exist, so that nobody learns what there is elsewhere."""

    ALLOWED = "allowed"
    LOGIN = "login"
    ABSENT = "absent"


# The schools that a grant is for.
ALL: Final = None
Schools = Set[str] | None


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody logged in: `person` is the SIS's id, "" for whom it does not know; `grants` by role for which schools.

    `login` is what the provider calls them. It and `name` are shown to themselves, and neither logged nor stored.
    """

    person: str
    login: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    grants: Mapping[Role, Schools] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Who it was, for the audit chain."""
        return self.person or self.login

    def has(self, roles: Set[Role]) -> bool:
        return any(role in self.grants for role in roles)

    def everywhere(self, roles: Set[Role]) -> bool:
        """Whether one of the roles is theirs for whatever school."""
        return any(self.grants[role] is ALL for role in roles if role in self.grants)

    def reach(self, roles: Set[Role], schools: Set[str]) -> frozenset[str]:
        """Of these schools the ones for which one of the roles is theirs."""
        granted = [self.grants[role] for role in roles if role in self.grants]
        return frozenset(org for org in schools if any(some is ALL or org in some for some in granted))


def decide(roles: Set[Role], who: Who | None, school: str | None, schools: Set[str]) -> Verdict:
    """May `who` open what is for these roles? `school` is whose page it is, None for a page of no school."""
    if Role.ANYONE in roles:
        return Verdict.ALLOWED
    if who is None:
        return Verdict.LOGIN
    if Role.SIGNED_IN in roles:
        return Verdict.ALLOWED
    wide = school is None and who.has(roles)
    of_school = school is not None and school in who.reach(roles, schools)
    return Verdict.ALLOWED if wide or of_school else Verdict.ABSENT

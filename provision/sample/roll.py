"""What is gathered about one school while it is made up: people, groups, who is in them, and supplements."""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from provision.formats.pifu_ims_write import Group, Member, Part, Person
from provision.sample.numbers import Numbers
from provision.sample.plans import SchoolPlan, SchoolYear


class CareRow(NamedTuple):
    """A row of care.csv; a flag is "1", "0" or ""."""

    sourced_id: str
    related_id: str = ""
    protected: str = ""
    responsible: str = ""
    lives_with: str = ""
    barred: str = ""


@dataclass(slots=True)
class Roll:
    people: list[Person] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    care: list[CareRow] = field(default_factory=list)

    def open(self, group: Group) -> str:
        """Adds an empty group and gives its id."""
        self.groups[group.id] = group
        self.members[group.id] = []
        return group.id

    def join(self, group_id: str, person_id: str, *parts: Part) -> None:
        """Puts somebody in a group, once, with all the parts they have there."""
        self.members[group_id].append(Member(person_id, parts))

    def protect(self, person_id: str) -> None:
        self.care.append(CareRow(person_id, protected="1"))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a school is made up: its plan and year, its own chance, and what it adds to."""

    plan: SchoolPlan
    year: SchoolYear
    rng: Random
    numbers: Numbers
    roll: Roll

    @property
    def domain(self) -> str:
        return self.plan.town.domain

    def protects(self) -> bool:
        """Whether this one of many has a protected address, by the school's share."""
        return self.rng.random() < self.plan.protected_share

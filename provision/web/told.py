"""What pages call people, classes and schools, and what they do not tell of those that are not the reader's to see."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from provision.core.mentions import sought
from provision.core.scope import Extent, Scope
from provision.core.state import Kind
from provision.preflight.waits import HIDDEN
from provision.web.access import Role, Who
from provision.web.ask import Ask
from provision.web.roll import Person, Roll, sees_person
from provision.web.texts import N_

PEOPLE: Final = frozenset({Role.PRINCIPAL, Role.ADMIN, Role.IT})
RESYNC: Final = frozenset({Role.ADMIN, Role.IT})

# Where an id may begin and end in a text.
_IDS: Final = tuple(map(re.compile, (r"\w+", r"[\w-]+", r"[^\s,;:()'\"`=/]+")))

ROLES: Final = {
    "student": N_("pupil"),
    "teacher": N_("teacher"),
    "aide": N_("assistant"),
    "administrator": N_("leader"),
    "staff": N_("staff"),
    "guardian": N_("guardian"),
}
CHANGES: Final = {
    "create": N_("new"),
    "update": N_("changed"),
    "enable": N_("opened again"),
    "disable": N_("closed"),
    "delete": N_("deleted"),
    "rekey": N_("given its id"),
}
LOSSES: Final = {
    "disable": N_("would lose their account"),
    "delete": N_("would have their account deleted for good"),
    "memberships": N_("would lose groups, schools or affiliations"),
    "fields": N_("would have a whole field blanked"),
    "id": N_("would get another id"),
}


def word(ask: Ask, words: Mapping[str, str], key: str) -> str:
    """One of the words above in the reader's language; one that is not there as it is."""
    found = words.get(key)
    return ask.gettext(found) if found else key


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called on a page, and where there is more of it; "" where there is nothing."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told to one reader, in whose words."""

    ask: Ask
    roles: Set[Role]
    roll: Roll = field(repr=False)
    schools: Mapping[str, str] = field(repr=False)

    @property
    def me(self) -> Who:
        return self.ask.me

    def school(self, number: str) -> str | None:
        """None where it is not theirs."""
        if self.me.everywhere(self.roles):
            return self.schools.get(number, number)
        return self.schools.get(number) if self.me.reach(self.roles, {number}) else None

    def sees(self, person: Person) -> bool:
        return sees_person(self.me, self.roles, person)

    def sees_whole(self, person: Person) -> bool:
        """Whether every school of somebody is theirs too."""
        return self.me.everywhere(self.roles) or self.me.reach(self.roles, person.orgs) == person.orgs

    def key(self, key: str) -> Named | None:
        """A record, written as plans write it; None where it is not theirs to see."""
        kind, _, sourced_id = key.partition(":")
        match kind:
            case Kind.ACCOUNT:
                person = self.roll.people.get(sourced_id)
                if person and self.sees(person):
                    return Named(self.person(person), f"/people/{sourced_id}")
            case Kind.GROUP:
                found = self.roll.classes.get(sourced_id)
                if found and self._any(found.orgs):
                    return Named(found.title)
            case Kind.ORG if school := self.school(sourced_id):
                return Named(school)
        return Named(sourced_id) if self.me.everywhere(self.roles) else None

    def person(self, person: Person) -> str:
        return f"{person.name} ({person.id})" if person.name and not person.protected else person.id

    def scope(self, scope: Scope) -> Named | None:
        """What somebody may ask for, and see what came of it; None for whom it is not there.

        A person, class or school of their own; everything only who sees everything.
        """
        match scope.extent:
            case Extent.ALL:
                wide = self.me.everywhere(self.roles)
                return Named(self.ask.gettext("everybody")) if wide else None
            case Extent.PERSON if scope.sourced_id in self.roll.people:
                return self.key(f"{Kind.ACCOUNT}:{scope.sourced_id}")
            case Extent.CLASS if found := self.roll.classes.get(scope.sourced_id):
                if self._any(found.orgs):
                    where = ", ".join(filter(None, map(self.school, sorted(found.orgs))))
                    return Named(f"{found.title}, {where}")
            case Extent.SCHOOL if scope.sourced_id in self.schools:
                school = self.school(scope.sourced_id)
                return Named(school, f"/schools/{scope.sourced_id}") if school else None
        return None

    def plain(self, text: str) -> str:
        """A message of a command without the ids of those who are not theirs to see, and without folders."""
        if self.me.everywhere(self.roles):
            return text
        return sought(filter(self._is_foreign, set(_ids_in(text)))).taken_out_of(bare(text), HIDDEN)

    def _is_foreign(self, text: str) -> bool:
        person, group = self.roll.people.get(text), self.roll.classes.get(text)
        foreign = (person and not self.sees(person)) or (group and not self._any(group.orgs))
        return bool(foreign) or (text in self.schools and self.school(text) is None)

    def _any(self, orgs: Set[str]) -> bool:
        return self.me.everywhere(self.roles) or bool(self.me.reach(self.roles, orgs))


def told(ask: Ask, roles: Set[Role]) -> Told:
    return Told(ask, roles, ask.at.roll(), ask.at.staff().schools)


def read_scope(text: str) -> Scope | None:
    """Of `all`, `person:ID`, `class:ID` or `school:NUMBER`; None of anything else."""
    kind, colon, sourced_id = text.partition(":")
    if text == Extent.ALL:
        return Scope(Extent.ALL)
    if colon and sourced_id and kind in set(Extent) - {Extent.ALL}:
        return Scope(Extent(kind), sourced_id)
    return None


def write_scope(scope: Scope) -> str:
    return f"{scope.extent}:{scope.sourced_id}" if scope.sourced_id else str(scope.extent)


def bare(text: str) -> str:
    """A message without the folders of this machine."""
    return re.sub(r"(?<![\w.])/(?:[\w.-]+/)+", "", text)


def _ids_in(text: str) -> Iterator[str]:
    """Every part of a text that may be an id."""
    for pattern in _IDS:
        for found in pattern.findall(text):
            yield found
            yield found.strip(".")

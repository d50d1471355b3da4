"""Persons of a PIFU-IMS document to rows of users and relationships."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provision.errors import SourceError
from provision.formats.mojibake import damaged
from provision.formats.pifu_ims import CONTACTS
from provision.formats.pifu_ims_people import Person
from provision.formats.rows import Rows
from provision.sources.pifu_ims.ids import CONTESTED, Ids

_LONGEST_NAME: Final = 2048


@dataclass(slots=True)
class People:
    """`active` and `inactive` are the ids of those who have a row in users."""

    users: Rows = field(default_factory=lambda: Rows("users"))
    relationships: Rows = field(default_factory=lambda: Rows("relationships"))
    rejected: list[tuple[str, str, str]] = field(default_factory=list)  # table, sourced_id, reason
    ids: Ids = field(default_factory=Ids)
    active: dict[str, str] = field(default_factory=dict)  # each id is its own value: one text for all its roles
    inactive: set[str] = field(default_factory=set)

    def add(self, person: Person) -> None:
        """One person; SourceError where the name shows that the file has the wrong encoding."""
        fault = self.ids.note(person.key) or _fault(person)
        if fault:
            self.rejected.append(("users", person.key.best, f"{fault} (line {person.line})"))
            return
        sourced_id = person.key.id
        if person.active:
            self.active[sourced_id] = sourced_id
        else:
            self.inactive.add(sourced_id)
        self.users.add(
            sourced_id,
            "active" if person.active else "inactive",
            person.given,
            person.family,
            person.full or f"{person.given} {person.family}",
            person.national_id,
            person.birth_date,
            person.mail,
            person.mobile,
            person.principal_name,
        )
        for kind, related in person.contacts:
            self._relate(person, kind, related)

    def _relate(self, person: Person, kind: str, related: str) -> None:
        if kind in CONTACTS and related:
            self.relationships.add(person.key.id, related, CONTACTS[kind])
        else:
            fault = f"pifu_hasContactPerson: no sourcedid, or a type that is not one of {', '.join(CONTACTS)}"
            self.rejected.append(("relationships", person.key.id, f"{fault} (line {person.line})"))

    def settle(self) -> None:
        """Takes out what only the whole file shows: ids that two sources gave."""
        contested = frozenset(self.ids.contested)
        if contested:
            self.users = self.users.without("sourced_id", contested)
            self.relationships = self.relationships.without("user", contested)
            self.rejected += [("users", each, CONTESTED) for each in sorted(contested)]
            self.active = {each: each for each in self.active if each not in contested}
            self.inactive -= contested
        for old, new in self.ids.successors.items():
            if old in self.ids.sources:
                self.rejected.append(("users", new, "sourcedid: its Old or Duplicate id is another person's"))


def check_letters(text: str, line: int, path: Path) -> None:
    """SourceError where the text shows that the file's encoding is not what it says."""
    if damaged(text):
        raise SourceError(
            f"{path}, line {line}: letters damaged by a wrong encoding; declare the one that the file really has"
        )


def _fault(person: Person) -> str:
    if not person.given:
        return "name/n/given is missing or empty"
    if not person.family:
        return "name/n/family is missing or empty"
    if max(len(person.given), len(person.family), len(person.full)) > _LONGEST_NAME:
        return f"name is longer than {_LONGEST_NAME} characters"
    return ""

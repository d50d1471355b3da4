"""Sample exports as tests ask about them, read without any code of the project's."""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from lxml import etree

from provision.sample.site import write_site

DAY: Final = date(2026, 11, 23)
HEMNE: Final = {"Sodin skole": 545, "Vinjeøra skole": 51, "Svanem skole": 44}


@dataclass
class Person:
    id: str
    given: str
    family: str
    number: str
    birth: str
    contacts: list[tuple[str, str]]

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass
class Export:
    """A PIFU file as a test asks about it; a role is (group, role type, subrole, primary)."""

    root: etree._Element
    people: dict[str, Person] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=dict)
    roles: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=lambda: defaultdict(list))

    def groups(self, kind_of_group: str) -> list[str]:
        return [id_ for id_, text in self.kinds.items() if text == kind_of_group]

    def pupils(self) -> list[Person]:
        schools = {g for g in self.groups("skole") if "barnehage" not in g}
        return [p for p in self.people.values() if any(g in schools and r == "01" for g, r, _, _ in self.roles[p.id])]


def text(element: etree._Element, path: str) -> str:
    return element.findtext("/".join(f"{{*}}{step}" for step in path.split("/"))) or ""


def load(path: Path) -> Export:
    root = etree.parse(path).getroot()
    export = Export(root)
    for element in root.iterfind("{*}person"):
        numbers = [u.text or "" for u in element.iterfind("{*}userid") if u.get("useridtype") == "personNIN"]
        contacts = [
            (c.get("type", ""), text(c, "sourcedid/id"))
            for c in element.iterfind("{*}extension/{*}pifu_hasContactPerson")
        ]
        id_ = text(element, "sourcedid/id")
        assert id_ not in export.people
        export.people[id_] = Person(
            id_,
            text(element, "name/n/given"),
            text(element, "name/n/family"),
            "".join(numbers),
            text(element, "demographics/bday"),
            contacts,
        )
    for element in root.iterfind("{*}group"):
        id_ = text(element, "sourcedid/id")
        assert id_ not in export.kinds
        export.kinds[id_] = text(element, "grouptype/typevalue")
        export.titles[id_] = text(element, "description/short")
        export.parents[id_] = text(element, "relationship/sourcedid/id")
    for element in root.iterfind("{*}membership"):
        load_members(export, element)
    return export


def load_members(export: Export, element: etree._Element) -> None:
    group = text(element, "sourcedid/id")
    assert group not in export.members
    export.members[group] = []
    for member in element.iterfind("{*}member"):
        person = text(member, "sourcedid/id")
        for role in member.iterfind("{*}role"):
            found = role.get("roletype", ""), text(role, "subrole"), text(role, "extension/pifu_primaryRelation")
            export.members[group].append((person, *found))
            export.roles[person].append((group, *found))


def sample(folder: Path, pupils: int | None = None, schools: int | None = None, seed: int = 1) -> Path:
    write_site(folder, pupils=pupils, schools=schools, seed=seed, day=DAY, templates={})
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

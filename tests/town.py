"""A small municipality as tables, for whatever is decided before any file or server: two schools, classes, people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pandas as pd

from provision.core.extract import COLUMNS, Completeness, Extract
from provision.core.roster import Roster
from provision.core.tables import build_roster

DISTRICT: Final = "975278964"
NORTH: Final = "974588145"
SOUTH: Final = "974575086"
DAY: Final = date(2026, 11, 23)
NIGHT: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

Row = dict[str, str]


def person(sourced_id: str, **fields: str) -> Row:
    standard = {
        "status": "active",
        "given_name": "Kari",
        "family_name": f"Prøve{sourced_id}",
        "birth_date": "2015-08-17",
    }
    return {"sourced_id": sourced_id, **standard, **fields}


def place(user: str, org: str = NORTH, school_class: str = "", role: str = "student", **fields: str) -> Row:
    return {"user": user, "org": org, "school_class": school_class, "role": role, "primary": "1", **fields}


def school_class(sourced_id: str, org: str = NORTH, class_type: str = "homeroom", **fields: str) -> Row:
    standard = {"title": sourced_id, "begin": "2026-08-01", "end": "2027-07-31", "grade": "6"}
    return {"sourced_id": sourced_id, "org": org, "class_type": class_type, **standard, **fields}


@dataclass(slots=True)
class Town:
    """The rows of one night; change them at will, then `roster` or `extract`."""

    users: list[Row] = field(default_factory=list)
    enrollments: list[Row] = field(default_factory=list)
    classes: list[Row] = field(default_factory=lambda: [school_class("6A"), school_class("6B", SOUTH)])
    orgs: list[Row] = field(
        default_factory=lambda: [
            {"sourced_id": DISTRICT, "type": "district", "name": "Prøvedal kommune", "mail": "post@provedal.example"},
            {
                "sourced_id": NORTH,
                "type": "school",
                "name": "Nord skole",
                "parent": DISTRICT,
                "mail": "n@provedal.example",
            },
            {
                "sourced_id": SOUTH,
                "type": "school",
                "name": "Sør skole",
                "parent": DISTRICT,
                "mail": "s@provedal.example",
            },
        ]
    )
    relationships: list[Row] = field(default_factory=list)
    care: list[Row] = field(default_factory=list)
    stays: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    id_changes: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)
    completeness: dict[str, Completeness] = field(default_factory=dict)

    def add_pupils(self, count: int, org: str = NORTH, group: str = "6A", prefix: str = "p") -> "Town":
        for number in range(1, count + 1):
            self.add_pupil(f"{prefix}{number}", org, group)
        return self

    def add_pupil(self, sourced_id: str, org: str = NORTH, group: str = "6A", **fields: str) -> "Town":
        self.users.append(person(sourced_id, **fields))
        self.enrollments.append(place(sourced_id, org, group))
        return self

    def add_teacher(self, sourced_id: str, *orgs: str) -> "Town":
        self.users.append(person(sourced_id, birth_date="1980-02-03"))
        self.enrollments += [place(sourced_id, org, role="teacher") for org in orgs or (NORTH,)]
        return self

    def without(self, *ids: str) -> "Town":
        """The same town with these people gone from every table."""
        return Town(
            users=[r for r in self.users if r["sourced_id"] not in ids],
            enrollments=[r for r in self.enrollments if r["user"] not in ids],
            classes=list(self.classes),
            orgs=list(self.orgs),
            relationships=list(self.relationships),
            care=list(self.care),
            stays=list(self.stays),
            id_changes=list(self.id_changes),
        )

    def extract(self, night: int = 0) -> Extract:
        """The town as a source would tell it, `night` nights after the first."""
        moment = NIGHT + timedelta(days=night)
        tables = {name: _frame(getattr(self, name, ()), columns) for name, columns in COLUMNS.items()}
        whole = {o["sourced_id"]: Completeness(rows=100, proof="the file is whole") for o in self.orgs}
        return Extract("sis", moment, moment, tables, whole | self.completeness, "the file is whole")

    def roster(self, night: int = 0) -> Roster:
        return build_roster([self.extract(night)], DAY + timedelta(days=night))


def _frame(rows: Iterable[Mapping[str, str]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame([[row.get(c, "") for c in columns] for row in rows], columns=list(columns), dtype=object)


@dataclass(frozen=True, slots=True)
class TownSource:
    """Satisfies Source: one town on one night."""

    town: Town
    night: int = 0
    name: str = "sis"

    def read(self) -> Extract:
        return self.town.extract(self.night)

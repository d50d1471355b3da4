"""People who are in no school administration system: substitutes from an agency, therapists, practice students."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provision.core.extract import Extract
from provision.core.roster import Role
from provision.core.stays import PEOPLE_SOURCE
from provision.errors import SourceError
from provision.formats.completeness import supplement_of
from provision.formats.days import is_day
from provision.formats.organisation_number import organisation_number
from provision.formats.rows import Rows
from provision.formats.text_csv import Row, read_csv

_PERSONAL: Final = ("given_name", "family_name", "birth_date", "national_id", "mail")
_PLACEMENT: Final = ("role", "org", "begin", "end")
_COLUMNS: Final = ("sourced_id", *_PERSONAL, *_PLACEMENT)
_ROLES: Final = tuple(role.value for role in Role if role is not Role.GUARDIAN)


@dataclass(frozen=True, slots=True)
class PeopleCsvSource:
    """`path` has a line per person and school, each with an end date: nobody else would ever end it."""

    path: Path
    clock: Callable[[], datetime]
    name: str = PEOPLE_SOURCE

    def read(self) -> Extract:
        """Every line as a row of users and of enrollments, or of rejects; SourceError for a line without an id."""
        read_at = self.clock()
        firsts: dict[str, Row] = {}
        users, enrollments, rejects = Rows("users"), Rows("enrollments"), Rows("rejects")
        for row in read_csv(self.path, _COLUMNS):
            if not row["sourced_id"]:
                raise SourceError(f"{self.path}, line {row.line}, column sourced_id: empty; give the person an id")
            if fault := _fault(row, firsts.get(row["sourced_id"], row)):
                rejects.add("users", row["sourced_id"], organisation_number(row["org"]), f"{fault} (line {row.line})")
                continue
            if row["sourced_id"] not in firsts:
                firsts[row["sourced_id"]] = row
                users.add(*_user(row))
            enrollments.add(*_enrollment(row))
        return supplement_of(self.path, [users, enrollments, rejects], source=self.name, read_at=read_at)


def _fault(row: Row, first: Row) -> str:
    return next(_faults(row, first), "")


def _faults(row: Row, first: Row) -> Iterator[str]:
    for column in ("given_name", "family_name", "end"):
        if not row[column]:
            yield f"{column}: empty; whoever is in no SIS needs a name and an end date"
    if row["role"] not in _ROLES:
        yield f"role: not one of {', '.join(_ROLES)}"
    if not organisation_number(row["org"]):
        yield "org: not an organisation number"
    for column in ("begin", "end", "birth_date"):
        if row[column] and not is_day(row[column]):
            yield f"{column}: not a date as 2026-06-30"
    if row["begin"] > row["end"]:
        yield "end: earlier than begin"
    for column in _PERSONAL:
        if row[column] != first[column]:
            yield f"{column}: not as in line {first.line} of the same sourced_id"


def _user(row: Row) -> Sequence[str]:
    full_name = f"{row['given_name']} {row['family_name']}"
    identity = (row["national_id"], row["birth_date"], row["mail"], "", "")
    return (row["sourced_id"], "active", row["given_name"], row["family_name"], full_name, *identity)


def _enrollment(row: Row) -> Sequence[str]:
    return row["sourced_id"], organisation_number(row["org"]), "", row["role"], row["begin"], row["end"], ""

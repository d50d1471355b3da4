"""Reads one PIFU-IMS export whole, and says per school what it proves."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from provision.core.clocks import ZONE
from provision.core.extract import Extract
from provision.core.roster import OrgType
from provision.errors import SourceError
from provision.formats.completeness import extract_of, located
from provision.formats.pifu_ims import FULL
from provision.formats.pifu_ims_groups import Group
from provision.formats.pifu_ims_people import Person
from provision.formats.pifu_ims_read import Piece, Progress, Properties, read
from provision.formats.pifu_ims_roles import Membership
from provision.formats.rows import Rows
from provision.sources.pifu_ims.people import People, check_letters
from provision.sources.pifu_ims.places import Places, arrange
from provision.sources.pifu_ims.roles import Enrollments

WHOLE: Final = "the file is whole and well-formed"

_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:(T\S+)|Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class PifuImsSource:
    """The export at `path`; `encoding` only where the file does not say its own, or says a wrong one.

    `progress` is told the bytes read so far and those there are.
    """

    path: Path
    clock: Callable[[], datetime]
    name: str = "pifu_ims"
    encoding: str | None = None
    progress: Progress | None = None

    def read(self) -> Extract:
        """Everything in the file, or SourceError; a row that cannot be used is a row of `rejects`."""
        read_at = self.clock()
        document = _gather(self.path, read(self.path, encoding=self.encoding, progress=self.progress))
        as_of = _as_of(self.path, document.properties)
        _check_substance(self.path, document)
        return _extract(document, self.name, read_at, as_of)


@dataclass(slots=True)
class _Document:
    """What has been gathered; the groups find their places at the first membership, when all of them are known."""

    properties: Properties | None = None
    people: People = field(default_factory=People)
    groups: list[Group] = field(default_factory=list)
    enrollments: Enrollments | None = None

    def settled(self) -> Enrollments:
        if self.enrollments is None:
            self.people.settle()
            self.enrollments = Enrollments(self.people, arrange(self.groups))
        return self.enrollments

    @property
    def places(self) -> Places:
        return self.settled().places


def _gather(path: Path, pieces: Iterable[Piece]) -> _Document:
    document = _Document()
    for piece in pieces:
        match piece:
            case Membership():
                document.settled().add(piece)
            case Person():
                _check_order(path, document, piece.line)
                check_letters(f"{piece.full} {piece.given} {piece.family}", piece.line, path)
                document.people.add(piece)
            case Group():
                _check_order(path, document, piece.line)
                check_letters(f"{piece.short} {piece.long}", piece.line, path)
                document.groups.append(piece)
            case Properties():
                _check_full(path, piece)
                document.properties = piece
    document.settled()
    return document


def _check_order(path: Path, document: _Document, line: int) -> None:
    if document.enrollments is not None:
        order = "properties, persons, groups, memberships"
        raise SourceError(f"{path}, line {line}: a person or group after the first membership; the order is {order}")


def _check_full(path: Path, properties: Properties) -> None:
    if properties.type.casefold() != FULL:
        kind = "a delta file" if properties.type.casefold() == "delta" else "not a full file"
        raise SourceError(f"{path}, line {properties.line}: this is {kind} (properties/type); set the export to {FULL}")


def _as_of(path: Path, properties: Properties | None) -> datetime:
    """When the content was true; a bare date is its first moment, and a time without offset is Norwegian."""
    if properties is None:
        raise SourceError(f"{path}: no properties; a file must say its type and datetime")
    said = _MOMENT.fullmatch(properties.moment)
    try:
        moment = datetime.fromisoformat(said[1] + (said[2] or "") if said else "")
    except ValueError:
        where = f"{path}, line {properties.line}"
        right = "it should be as 2026-08-17T02:00:00"
        raise SourceError(f"{where}: properties/datetime is missing or not a date; {right}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZONE)


def _check_substance(path: Path, document: _Document) -> None:
    """A file with nothing in it is a broken export, not a municipality that everybody has left."""
    if not document.people.active:
        raise SourceError(f"{path}: holds no person that can be read; export all pupils and staff")
    if not set(document.places.orgs.column("type")) & {OrgType.SCHOOL, OrgType.KINDERGARTEN}:
        raise SourceError(
            f"{path}: holds no school with an organisation number; export the schools as groups of type "
            "skole with pifu_id organizationNumber"
        )


def _extract(document: _Document, name: str, read_at: datetime, as_of: datetime) -> Extract:
    people, places, enrollments = document.people, document.places, document.settled()
    rejected = (*located(people.rejected, enrollments.orgs_of), *places.rejected, *enrollments.rejected)
    id_changes = Rows("id_changes")
    for old, new in people.ids.changes():  # a group goes by its present id; nothing of it outlives the night
        id_changes.add(old, new)
    tables = (places.orgs, people.users, places.classes, enrollments.rows, people.relationships, id_changes)
    return extract_of(tables, rejected, source=name, read_at=read_at, as_of=as_of, whole=WHOLE)

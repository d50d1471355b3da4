"""The tables of a OneRoster source, however they came, as one Extract."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import chain
from typing import Final

from provision.core.extract import Extract
from provision.core.nin import NinKind, kind
from provision.core.roster import OrgType
from provision.errors import SourceError
from provision.formats.completeness import extract_of, located
from provision.formats.oneroster import Table
from provision.sources.oneroster.classes import CLASSES, COURSES, SESSIONS, place_classes
from provision.sources.oneroster.enrollments import ENROLLMENTS, ROLES, USERS_1_1, enrol
from provision.sources.oneroster.orgs import ORGS, place_orgs
from provision.sources.oneroster.people import DEMOGRAPHICS, USERS, gather
from provision.sources.oneroster.relationships import relate

# What is read of each file or collection, besides metadata.
WANTED: Final[Mapping[str, frozenset[str]]] = {
    "orgs": frozenset(ORGS),
    "academicSessions": frozenset(SESSIONS),
    "courses": frozenset(COURSES),
    "classes": frozenset(CLASSES),
    "users": frozenset(USERS) | frozenset(USERS_1_1),
    "roles": frozenset(ROLES),
    "enrollments": frozenset(ENROLLMENTS),
    "demographics": frozenset(DEMOGRAPHICS),
}
_SUBSTANCE: Final = ("orgs", "users", "classes", "enrollments")
_NO_MOMENT: Final = "the source does not say when its content was true"


def to_extract(
    tables: Mapping[str, Table], *, source: str, read_at: datetime, as_of: datetime | None, whole: str, doubt: str = ""
) -> Extract:
    """Everything in the tables; a row that cannot be used is a row of `rejects`.

    `whole` is how it is known that nothing is missing; with a `doubt`, or without `as_of`, no school is proven.
    The tables are named as OneRoster's files, version 1.2 with `roles`. Raises SourceError where there is nothing to
    speak of, and for letters of a wrong encoding.
    """
    _check_substance(tables)
    doubt = doubt or ("" if as_of else _NO_MOMENT)
    places = place_orgs(tables["orgs"])
    place_classes(tables, places)
    people = gather(tables)
    enrollments = enrol(tables, people, places)
    relationships, unrelated = relate(people, by_role="roles" in tables)
    if not people.active:
        raise SourceError("users: holds nobody who can be read; export all pupils and staff")
    _refuse_numbers_as_ids(people.active)
    if not set(places.orgs.column("type")) & {OrgType.SCHOOL, OrgType.KINDERGARTEN}:
        raise SourceError("orgs: holds no school with an organisation number; it should be in identifier")
    unusable = chain(located(people.rejected, enrollments.orgs_of), places.rejected, enrollments.rejected, unrelated)
    gathered = (places.orgs, places.sessions, people.users, places.classes, enrollments.rows, relationships)
    return extract_of(gathered, unusable, source=source, read_at=read_at, as_of=as_of, whole=whole, doubt=doubt)


def _refuse_numbers_as_ids(ids: Collection[str]) -> None:
    """An id goes into names, logs and other systems. One in some hundred other numbers of eleven digits looks alike."""
    if 2 * sum(kind(each) is not NinKind.INVALID for each in ids) > len(ids):
        raise SourceError("users: identity numbers are used as ids; have the SIS export its own in sourcedId")


def _check_substance(tables: Mapping[str, Table]) -> None:
    """A source with nothing in it is a broken export, not a municipality that everybody has left."""
    roles = () if "users" in tables and "role" in tables["users"].columns else ("roles",)
    for name in (*_SUBSTANCE, *roles):
        if name not in tables or not tables[name].rows:
            where = tables[name].origin if name in tables else name
            raise SourceError(f"{where}: there are none; export the schools, everybody, all classes and who is in them")

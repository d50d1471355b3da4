"""What the audit chain says of somebody, of a run, since a day; of what was erased only how much it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from provision.core.mentions import Sought, sought
from provision.journal import audit
from provision.journal.audit import Record
from provision.journal.codec import read_moment
from provision.journal.mentions import texts_of_audit


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """The records found, in the order of the chain, and of how many nobody can say any more what they said.

    `more` says that there are others, which were not asked for.
    """

    records: tuple[Record, ...]
    erased: int
    more: bool = False


def search_audit(connection: Connection, person: str, run: str, since: date | None) -> AuditSearch:
    wanted, found, erased = sought([person]), [], 0
    for record in audit.records(connection):
        if record.body is None:
            erased += 1
        elif _is_wanted(record.body, run, since) and (not person or _names(wanted, record.body)):
            found.append(record)
    return AuditSearch(tuple(found), erased)


def search_latest(
    connection: Connection, person: str, run: str, since: date | None, before: int | None, most: int
) -> AuditSearch:
    """The same, the latest first: so many at most, of those before one record."""
    wanted = sought([person])
    found = (
        record
        for record in audit.records_back(connection, before, _as_written(wanted) if person else run)
        if record.body and _is_wanted(record.body, run, since) and (not person or _names(wanted, record.body))
    )
    first = tuple(islice(found, most + 1))
    return AuditSearch(first[:most], audit.count_erased(connection), more=len(first) > most)


def _as_written(wanted: Sought) -> str:
    """The one term as it stands in a record, so that the database need not hand out the others; "" where it may not."""
    term = next(iter(wanted.all), "")
    return term if term.isascii() and term.isprintable() and not set('"\\') & set(term) else ""


def _is_wanted(body: Mapping[str, Any], run: str, since: date | None) -> bool:
    if run and body.get("run") != run:
        return False
    return since is None or read_moment(body["at"]).astimezone(ZoneInfo("Europe/Oslo")).date() >= since


def _names(wanted: Sought, body: Mapping[str, Any]) -> bool:
    return any(wanted.found_in(text) for text in texts_of_audit(body))

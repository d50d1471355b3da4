"""What the audit chain says of somebody, of a run, since a day; of what was erased only how much it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
    """The records found, in the order of the chain, and of how many nobody can say any more what they said."""

    records: tuple[Record, ...]
    erased: int


def search_audit(connection: Connection, person: str, run: str, since: date | None) -> AuditSearch:
    wanted, found, erased = sought([person]), [], 0
    for record in audit.records(connection):
        if record.body is None:
            erased += 1
        elif _is_wanted(record.body, run, since) and (not person or _names(wanted, record.body)):
            found.append(record)
    return AuditSearch(tuple(found), erased)


def _is_wanted(body: Mapping[str, Any], run: str, since: date | None) -> bool:
    if run and body.get("run") != run:
        return False
    return since is None or read_moment(body["at"]).astimezone(ZoneInfo("Europe/Oslo")).date() >= since


def _names(wanted: Sought, body: Mapping[str, Any]) -> bool:
    return any(wanted.found_in(text) for text in texts_of_audit(body))

"""What every record of OneRoster must be, whatever it is about."""

from provision.errors import SourceError
from provision.formats.mojibake import damaged
from provision.formats.oneroster import Table
from provision.sources.oneroster.words import THERE, UNREADABLE


def check_letters(text: str, table: Table, row: int) -> None:
    """SourceError where the text shows that the source's encoding is not UTF-8 throughout."""
    if damaged(text):
        raise SourceError(f"{table.where(row)}: letters damaged by a wrong encoding; export it as UTF-8")


def record_fault(sourced_id: str, status: str, known: object) -> str:
    """What is wrong with a record's head, "" where nothing is; `known` is whether the id has been seen."""
    if not sourced_id:
        return "sourcedId is empty"
    if status == UNREADABLE:
        return "the record does not have the form that the standard gives it"
    if status.strip().casefold() not in THERE:
        return "status is neither empty nor active, tobedeleted or inactive"
    return "sourcedId: the same id stands twice" if known else ""


def is_gone(status: str) -> bool:
    """Whether a record is named only to say that it is no longer there, whatever its manifest says."""
    return THERE.get(status.strip().casefold()) is False

"""What a package cannot hold of a record, and how a record reads once it has been written."""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from provision.core.state import Key, Kind, Member, Record, Value, values
from provision.errors import ChangeRejected
from provision.formats.days import is_day
from provision.formats.oneroster import EXTENSION, ID_LENGTH, REQUIRED, decode_id, encode_id
from provision.formats.oneroster_write import is_list
from provision.targets.oneroster_csv.columns import (
    ENABLED,
    TABLES,
    TEACHER,
    WORDS,
    enrolment_fault,
    is_role,
    refers_to,
)

_TYPED: Final = re.compile(r"\{[^:{}]+:[^{}]+\}").fullmatch
_DATES: Final = frozenset({"startDate", "endDate"})


def as_written(record: Record) -> Record:
    """The record as it reads back: lists as sets, everything else as one value, no line breaks.

    Raises ChangeRejected with the column that cannot be written, and what would be right.
    """
    _check_id(record.key.sourced_id)
    written = {name: _written(record.key.kind, name, value) for name, value in record.fields.items()}
    fields = {name: value for name, value in written.items() if value}
    for name in REQUIRED[TABLES[record.key.kind]]:
        if name not in fields and name != ENABLED:
            raise ChangeRejected(f"{name} would be empty, which OneRoster does not allow; fill it in in the SIS")
    if record.key.kind is Kind.SESSION and str(fields["startDate"]) >= str(fields["endDate"]):
        raise ChangeRejected("endDate must be after startDate; mend the dates in the SIS")
    return replace(record, fields=fields, members=_members(record.members))


def _members(members: frozenset[Member]) -> frozenset[Member]:
    for member in members:
        if fault := _fault_of_member(member.role, member.begin, member.end):
            raise ChangeRejected(fault)
    if any(member.primary and member.role != TEACHER for member in members):
        return frozenset(member._replace(primary=member.primary and member.role == TEACHER) for member in members)
    return members


def _check_id(sourced_id: str) -> None:
    if not sourced_id or not _is_unicode(sourced_id) or decode_id(encode_id(sourced_id)) != sourced_id:
        raise ChangeRejected("sourcedId is empty or holds what is no letter; the record needs another one in the SIS")
    if len(encode_id(sourced_id)) > ID_LENGTH:
        raise ChangeRejected(f"sourcedId is longer than {ID_LENGTH} letters once encoded; it needs a shorter one")


def _written(kind: Kind, name: str, value: Value) -> Value:
    """Empty where nothing is left of it."""
    found = _ids(name, value, other) if (other := refers_to(name, kind)) else _texts(name, value)
    if is_list(name) or is_role(name):
        return found
    if len(found) > 1:
        raise ChangeRejected(f"{name} must be one value; mend the mapping")
    return next((_word(kind, name, each) for each in found), "")


def _ids(name: str, value: Value, kind: Kind) -> frozenset[str | Key]:
    if not all(isinstance(each, Key) and each.kind is kind for each in values(value)):
        raise ChangeRejected(f"{name} must hold ids of the kind {kind}; mend the mapping")
    return values(value)


def _texts(name: str, value: Value) -> frozenset[str | Key]:
    if any(isinstance(each, Key) for each in values(value)):
        raise ChangeRejected(f"{name} must hold text; mend the mapping")
    texts = frozenset(_text(name, str(each)) for each in values(value)) - {""}
    if is_list(name) and any("," in text for text in texts):
        raise ChangeRejected(f"a value of {name} holds a comma, which separates the values of a list there")
    if name == "userIds" and not all(map(_TYPED, texts)):
        raise ChangeRejected(f"a value of {name} must look like {{Type:Id}}; mend the mapping")
    return frozenset(texts)


def _text(name: str, text: str) -> str:
    """The text on one line, as a package has it."""
    if "\0" in text or not _is_unicode(text):
        raise ChangeRejected(f"{name} holds what is no letter (a NUL or half a letter); write it anew in the SIS")
    return " ".join(text.splitlines())


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _word(kind: Kind, name: str, value: str | Key) -> str | Key:
    """The value, where it is one that the standard allows in this column."""
    words = WORDS.get((kind, name))
    if words and value not in words and not str(value).startswith(EXTENSION):
        raise ChangeRejected(f"{name} must be {', '.join(sorted(words))} or begin with {EXTENSION}; mend the mapping")
    if name in _DATES and not is_day(str(value)):
        raise ChangeRejected(f"{name} must be a date, YYYY-MM-DD; mend it in the SIS")
    return value


@lru_cache(maxsize=4096)
def _fault_of_member(role: str, begin: str, end: str) -> str:
    if fault := enrolment_fault(role):
        return f"{fault}; mend the mapping"
    if begin and not is_day(begin):
        return "a member's first day must be a date, YYYY-MM-DD; mend it in the SIS"
    if end and not (is_day(end) and end < date.max.isoformat()):
        return "a member's last day must be a date, YYYY-MM-DD; mend it in the SIS"
    if begin and end and begin > end:
        return "a member's last day must not be before the first; mend it in the SIS"
    return ""

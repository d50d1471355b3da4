"""Rules on group strings, group id strings and Grep codes in eduPersonEntitlement (GO appendices 2, 3 and 4)."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from provision.core.preflight.entry import Entry
from provision.core.preflight.finding import Finding, Found
from provision.core.state import Key

_ATTRIBUTE: Final = "eduPersonEntitlement"
_GROUP: Final = "urn:mace:feide.no:go:group:"
_GROUP_ID: Final = "urn:mace:feide.no:go:groupid:"
_GREP: Final = re.compile(
    r"urn:mace:feide\.no:go:grep:http://psi\.udir\.no/laereplan/aarstrinn/(aarstrinn([1-9]|10)|vg[1-4])"
)
_SUBJECT: Final = re.compile(r"[A-ZÆØÅ]{3}[0-9]{4}")
_ORG: Final = re.compile(r"NO[0-9]{9}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPES: Final = frozenset({"b", "u", "a"})
_ROLES: Final = frozenset({"faculty", "student", "staff", "alum", "member", "affiliate", "employee"})
_TAUGHT: Final = frozenset({"student", "faculty"})
_GROUP_FIELDS: Final = 8
_ID_FIELDS: Final = 5


class Group(NamedTuple):
    """A group string taken apart, its fields decoded; `id` is the group id string that must stand beside it."""

    type: str
    code: str
    org: str
    local: str
    id: str


def malformed_group(entry: Entry) -> Iterator[Found]:
    """A group string that is not of eight fields, or has a type, org, day or role that cannot be."""
    texts = entry.held.get(_ATTRIBUTE.lower(), "")
    if isinstance(texts, frozenset) and _well_formed(texts):
        return
    for value in _starting(entry, _GROUP):
        if parse_group(value) is None:
            yield _about(Finding.GROUP_MALFORMED, _fields(value, _GROUP), 2, 3)


def group_with_invalid_code(entry: Entry) -> Iterator[Found]:
    """A subject code that Grep cannot have, or one where none may stand."""
    for group in _groups(entry):
        if group.code and (group.type != "u" or not _SUBJECT.fullmatch(group.code)):
            yield Found(Finding.GROUP_INVALID_CODE, _ATTRIBUTE, group.local, group.org, group.code)


def group_without_code(entry: Entry) -> Iterator[Found]:
    for group in _groups(entry):
        if group.type == "u" and not group.code:
            yield Found(Finding.GROUP_WITHOUT_CODE, _ATTRIBUTE, group.local, group.org)


def group_id_not_canonical(entry: Entry) -> Iterator[Found]:
    for value in _starting(entry, _GROUP_ID):
        if canonical_id(value) != value:
            yield _about(Finding.GROUP_ID_NOT_CANONICAL, _fields(value, _GROUP_ID), 1, 2)


def group_id_without_group(entry: Entry) -> Iterator[Found]:
    ids = {group.id for group in _groups(entry)}
    for value in _starting(entry, _GROUP_ID):
        if (canonical := canonical_id(value)) and canonical not in ids:
            yield _about(Finding.GROUP_ID_WITHOUT_GROUP, _fields(value, _GROUP_ID), 1, 2)


def group_without_group_id(entry: Entry) -> Iterator[Found]:
    """Where there is no group id at all, that is the finding."""
    ids = {canonical_id(value) for value in _starting(entry, _GROUP_ID)}
    if not ids and is_taught(entry):
        return
    for group in _groups(entry):
        if group.id not in ids:
            yield Found(Finding.GROUP_WITHOUT_GROUP_ID, _ATTRIBUTE, group.local, group.org)


def missing_group_ids(entry: Entry) -> Iterator[Found]:
    if is_taught(entry) and any(_groups(entry)) and not any(_starting(entry, _GROUP_ID)):
        yield Found(Finding.MISSING_GROUP_IDS, _ATTRIBUTE)


def missing_groups(entry: Entry) -> Iterator[Found]:
    """A pupil or teacher in no group; substitutes may well be."""
    if is_taught(entry) and not any(_starting(entry, _GROUP)):
        yield Found(Finding.MISSING_GROUPS, _ATTRIBUTE)


def missing_grep(entry: Entry) -> Iterator[Found]:
    """A pupil without a level; what looks like one and is not counts as none."""
    if not entry.answers_for(_ATTRIBUTE) or "student" not in _affiliations(entry):
        return
    if not any(map(_GREP.fullmatch, entry.texts(_ATTRIBUTE))):
        yield Found(Finding.MISSING_GREP, _ATTRIBUTE)


def is_taught(entry: Entry) -> bool:
    """Whether Feide expects groups: of pupils and teachers, where somebody answers for the attribute."""
    return entry.answers_for(_ATTRIBUTE) and bool(_TAUGHT & _affiliations(entry))


# A class has its groups in common, and every record is asked every night.
@lru_cache(maxsize=65536)
def _well_formed(texts: frozenset[str | Key]) -> bool:
    return all(parse_group(text) for text in map(str, texts) if text.startswith(_GROUP))


@lru_cache(maxsize=65536)
def parse_group(value: str) -> Group | None:
    """The group of a group string; None where it is malformed."""
    fields = _fields(value, _GROUP)
    if len(fields) != _GROUP_FIELDS:
        return None
    kind, code, org, local, begin, end, role, _ = fields
    if kind not in _TYPES or role not in _ROLES or not local or not _ORG.fullmatch(org):
        return None
    if not (_is_day(begin) and _is_day(end)):
        return None
    return Group(kind, code, org.removeprefix("NO"), local, _group_id(kind, org, local, begin, end))


@lru_cache(maxsize=65536)
def canonical_id(value: str) -> str:
    """The canonical form of a group id string, "" where it has none."""
    fields = _fields(value, _GROUP_ID)
    return _group_id(*fields) if len(fields) == _ID_FIELDS else ""


def _group_id(kind: str, org: str, local: str, begin: str, end: str) -> str:
    parts = (kind.lower(), org.upper(), local.lower(), begin, end)
    return _GROUP_ID + ":".join(quote(part, safe="") for part in parts)


def _fields(value: str, prefix: str) -> list[str]:
    return [unquote(part) for part in value.removeprefix(prefix).split(":")]


def _starting(entry: Entry, prefix: str) -> Iterator[str]:
    return (value for value in entry.texts(_ATTRIBUTE) if value.startswith(prefix))


def _groups(entry: Entry) -> Iterator[Group]:
    """The entry's groups, without malformed ones: those are a finding of their own."""
    return (group for value in _starting(entry, _GROUP) if (group := parse_group(value)))


def _affiliations(entry: Entry) -> set[str]:
    return {value.lower() for value in entry.texts("eduPersonAffiliation")}


def _about(finding: Finding, fields: list[str], org: int, local: int) -> Found:
    """The finding about a string of which perhaps not even the fields can be told apart."""
    number = fields[org].upper().removeprefix("NO") if org < len(fields) else ""
    return Found(
        finding,
        _ATTRIBUTE,
        fields[local] if local < len(fields) else "",
        number if _ORG.fullmatch(f"NO{number}") else "",
    )


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False

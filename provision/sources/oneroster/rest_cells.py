"""Values of OneRoster REST, version 1.1 or 1.2, to the text that a CSV package has in their place."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

Reader = Callable[[object], str]

_MIDNIGHT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?Z?")


class Malformed(Exception):
    """A value is of another type than the standard says."""


def text(value: object) -> str:
    if type(value) is str:
        if (value.isascii() or _encodable(value)) and "\0" not in value:
            return value
        raise Malformed
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise Malformed


def _encodable(value: str) -> bool:
    """JSON can escape halves of letters, which are no text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _date(value: object) -> str:
    """Some providers write a date as the midnight at its beginning."""
    said = text(value)
    return found[1] if (found := _MIDNIGHT.fullmatch(said)) else said


def _list(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(text, value))
    return text(value)


def _ref(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return text(value.get("sourcedId"))
    raise Malformed


def _refs(value: object) -> str:
    """Ids in one cell, in which a comma of an id would be read as two of them."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(_ref(each).replace(",", "%2C") for each in value)
    raise Malformed


def _user_ids(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return ",".join(f"{{{text(each.get('type'))}:{text(each.get('identifier'))}}}" for each in value)
    raise Malformed


# Where a cell is neither the text under its own name: its name in REST, and how it is read.
CELLS: Final[Mapping[str, Mapping[str, tuple[str, Reader]]]] = {
    "academicSessions": {
        "startDate": ("startDate", _date), "endDate": ("endDate", _date), "parentSourcedId": ("parent", _ref),
    },
    "orgs": {"parentSourcedId": ("parent", _ref)},
    "courses": {
        "schoolYearSourcedId": ("schoolYear", _ref), "grades": ("grades", _list), "orgSourcedId": ("org", _ref),
        "subjects": ("subjects", _list), "subjectCodes": ("subjectCodes", _list),
    },
    "classes": {
        "grades": ("grades", _list), "courseSourcedId": ("course", _ref), "schoolSourcedId": ("school", _ref),
        "termSourcedIds": ("terms", _refs), "subjects": ("subjects", _list),
        "subjectCodes": ("subjectCodes", _list), "periods": ("periods", _list),
    },
    "users": {
        "userIds": ("userIds", _user_ids), "agentSourcedIds": ("agents", _refs), "grades": ("grades", _list),
        "orgSourcedIds": ("orgs", _refs), "primaryOrgSourcedId": ("primaryOrg", _ref),
        "preferredGivenName": ("preferredFirstName", text), "preferredFamilyName": ("preferredLastName", text),
    },
    "roles": {
        "orgSourcedId": ("org", _ref), "beginDate": ("beginDate", _date), "endDate": ("endDate", _date),
    },
    "enrollments": {
        "classSourcedId": ("class", _ref), "schoolSourcedId": ("school", _ref), "userSourcedId": ("user", _ref),
        "beginDate": ("beginDate", _date), "endDate": ("endDate", _date),
    },
    "demographics": {"birthDate": ("birthDate", _date)},
}  # fmt: skip  # a table, one kind of record after the other


def flat(metadata: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """What a provider says beyond the standard, by dotted name, as far as it is text or a list of texts."""
    if isinstance(metadata, dict):
        for name, value in metadata.items():
            yield from flat(value, f"{prefix}.{name}" if prefix else str(name))
        return
    try:
        said = _list(metadata)
    except Malformed:
        return
    if prefix and said:
        yield prefix, said

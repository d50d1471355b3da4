"""How changes and values become text and back: pure, sorted, and without identity numbers or passwords."""

import json
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from provision.core.plan import Change, Create, Delete, Disable, Rekey, Update, Withdraw
from provision.core.state import Key, Kind, Member, Record, Value, values

# Withheld whatever the caller says; compared without regard to case.
SECRET_FIELDS: Final = frozenset(
    {"userpassword", "unicodepwd", "password", "passwordprofile", "noredupersonnin", "noredupersonguardiannin"}
)
# 11 digits are a fødselsnummer or D-number, 12 a DUF number, written in one or after the birth date's six digits.
_IDENTITY_NUMBER: Final = re.compile(r"(?<!\d)\d{6}[ -]?\d{5,6}(?!\d)")
# A UUID may end in twelve digits by chance (GREP codes, Entra ids) and says nothing about a person.
_UUID: Final = re.compile(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")

# What is left of a before-image that was erased. Not empty: of a withdrawal there never was one.
ERASED_IMAGE: Final = '{"erased":true}'

_KINDS: Final = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Image:
    """What a change replaced. A field that is None was absent before; `withheld` ones are known only by name.

    `members` and `active` are None where the change left them alone; `handle` and `previous` belong to a Rekey.
    """

    fields: Mapping[str, Value | None] = field(default_factory=dict, repr=False)
    withheld: frozenset[str] = frozenset()
    members: frozenset[Member] | None = None
    active: bool | None = None
    handle: str = field(default="", repr=False)
    previous: Key | None = None


def before_image(change: Change, secret_fields: Set[str]) -> Image:
    """The changed fields of an Update, every field of what is disabled or deleted, nothing of a Create or Withdraw."""
    match change:
        case Create() | Withdraw():
            return Image()
        case Update(before=before, after=after):
            return _image_of_update(before, after, secret_fields)
        case Disable(before=before) | Delete(before=before):
            shown, withheld = _divide(before.fields, secret_fields)
            return Image(shown, withheld, before.members, before.active)
        case Rekey(handle=handle, previous=previous):
            return Image(handle=redact(handle), previous=previous)


def _image_of_update(before: Record, after: Record, secret_fields: Set[str]) -> Image:
    differing = {
        name: before.fields.get(name)
        for name in before.fields.keys() | after.fields.keys()
        if before.fields.get(name) != after.fields.get(name)
    }
    shown, withheld = _divide(differing, secret_fields)
    return Image(
        shown,
        withheld,
        before.members if before.members != after.members else None,
        before.active if before.active != after.active else None,
    )


def _divide(
    fields: Mapping[str, Value] | Mapping[str, Value | None], secret_fields: Set[str]
) -> tuple[dict[str, Value | None], frozenset[str]]:
    withheld = frozenset(name for name, value in fields.items() if _is_secret(name, value, secret_fields))
    return {name: value for name, value in fields.items() if name not in withheld}, withheld


def _is_secret(name: str, value: Value | None, secret_fields: Set[str]) -> bool:
    lower = name.lower()
    if lower in SECRET_FIELDS or lower in secret_fields:
        return True
    return any(holds_identity_number(str(each)) for each in values(value))


def holds_identity_number(text: str) -> bool:
    """Whether anything in the text looks like a national identity number."""
    return _IDENTITY_NUMBER.search(text) is not None and _IDENTITY_NUMBER.search(_UUID.sub("", text)) is not None


def redact(text: str) -> str:
    """The text with whatever looks like a national identity number taken out."""
    return _IDENTITY_NUMBER.sub("[number]", text) if holds_identity_number(text) else text


def write_image(image: Image) -> str:
    parts: dict[str, Any] = {}
    if image.fields:
        parts["fields"] = {name: _plain(value) for name, value in image.fields.items()}
    if image.withheld:
        parts["withheld"] = sorted(image.withheld)
    if image.members is not None:
        parts["members"] = [[str(member.account), *member[1:]] for member in sorted(image.members)]
    if image.active is not None:
        parts["active"] = image.active
    if image.handle:
        parts["handle"] = image.handle
    if image.previous is not None:
        parts["previous"] = str(image.previous)
    return canonical(parts)


def read_image(text: str) -> Image:
    parts = json.loads(text)
    members = parts.get("members")
    return Image(
        fields={name: _value(plain) for name, plain in parts.get("fields", {}).items()},
        withheld=frozenset(parts.get("withheld", ())),
        members=None if members is None else frozenset(Member(read_key(key), *rest) for key, *rest in members),
        active=parts.get("active"),
        handle=parts.get("handle", ""),
        previous=read_key(parts["previous"]) if "previous" in parts else None,
    )


def _plain(value: Value | None) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Key):
        return {"key": str(value)}
    return [_plain(each) for each in sorted(value, key=lambda each: (isinstance(each, Key), str(each)))]


def _value(plain: Any) -> Value | None:
    if isinstance(plain, list):
        return frozenset(_one(each) for each in plain)
    return None if plain is None else _one(plain)


def _one(plain: Any) -> str | Key:
    return read_key(plain["key"]) if isinstance(plain, dict) else str(plain)


def read_key(text: str) -> Key:
    kind, _, sourced_id = text.partition(":")
    return Key(_KINDS[kind], sourced_id)


def canonical(parts: Any) -> str:
    """JSON in one form only: equal values give equal text, and any text survives any database."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=4096)
def write_names(names: frozenset[str]) -> str:
    return canonical(sorted(names))


@lru_cache(maxsize=4096)
def read_names(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def verb(change: Change) -> str:
    """What the journal calls a change. A withdrawal is called like any other end: its own name would tell why."""
    return "disable" if isinstance(change, Withdraw) else type(change).__name__.lower()


def write_moment(moment: datetime) -> str:
    """In UTC and always as long, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def chunks(items: Iterable[str], size: int = 1000) -> Iterable[list[str]]:
    """Pieces small enough for any database's limit on parameters."""
    everything = list(items)
    return (everything[start : start + size] for start in range(0, len(everything), size))

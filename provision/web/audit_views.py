"""Records of the audit chain as a page shows them: who, what, about what, why and by which digest; ids, not names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from provision.journal.audit import Record
from provision.journal.codec import read_moment
from provision.web.ask import Ask
from provision.web.texts import N_
from provision.web.told import word

_EVENTS: Final = {
    "begin": N_("a run began"),
    "finish": N_("a run ended"),
    "died": N_("a run had died"),
    "intend": N_("was to be done"),
    "settle": N_("came of it"),
    "hold": N_("held"),
    "approve": N_("a yes"),
    "reject": N_("a no"),
    "use": N_("a yes was used up"),
    "decide": N_("decided"),
    "word": N_("a sealed word"),
    "ask": N_("asked for"),
    "answer": N_("what was asked for is over"),
    "resync": N_("carried out alone"),
    "reserve": N_("a username was reserved"),
    "rekey": N_("another id"),
    "erase": N_("records were erased"),
    "login": N_("logged in"),
    "logout": N_("logged out"),
}
_WHO: Final = ("by", "approver")
_WHY: Final = ("reason",)
_APART: Final = frozenset({"at", "event", "run", "digest", *_WHO, *_WHY})


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record. `about` is whatever else it says, by name."""

    number: int
    at: datetime
    event: str
    who: str
    why: str
    run: str
    digest: str
    about: tuple[tuple[str, str], ...]


def line(ask: Ask, record: Record) -> RecordLine:
    said = record.body or {}
    event = str(said.get("event", ""))
    about = ((name, _text(value)) for name, value in said.items() if name not in _APART)
    return RecordLine(
        number=record.seq,
        at=read_moment(said["at"]),
        event=word(ask, _EVENTS, event),
        who=_first(said, _WHO),
        why=_first(said, _WHY),
        run=_text(said.get("run")),
        digest=_text(said.get("digest")),
        about=tuple((name, text) for name, text in about if text),
    )


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(said.get(name)))), "")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)

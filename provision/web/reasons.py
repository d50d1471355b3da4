"""Why something is so, in the reader's language: each sentence of the program is known by its pattern, or left."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from provision.preflight.waits import HIDDEN
from provision.web.known_faults import FAILURES, ROWS
from provision.web.known_reasons import NIGHTS, PEOPLE, VERDICTS
from provision.web.texts import N_

# Between the parts of a reason; no value holds it.
_BETWEEN: Final = "; "
_LONGEST: Final = 2000
# No reason has so many parts, nor parts within parts.
_DEEPEST: Final = 40
# A value by this name is itself made of known sentences.
_INNER: Final = "why"
_VALUE: Final = re.compile(r"%\((\w+)\)s")
_WORD: Final = r"\S+?"
_TEXT: Final = r"(?:(?!; ).)+?"
_NUMBER: Final = r"\d+"
_COMMAND: Final = r"`provision [^`]*`|provision [^`]*"
_MOMENT: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d"
_LIST: Final = re.compile(r" and of | and | or |, ")
# What stands for each value. One that is not named here is a word without a space.
_SHAPES: Final = {
    **dict.fromkeys(("all", "come", "days", "go", "num", "of"), _NUMBER),
    **dict.fromkeys(("by", "fault", "fields", "group", "names", "rule", "source", "what", "words"), _TEXT),
    **dict.fromkeys(("command", "other"), _COMMAND),
    **dict.fromkeys(("before", "moment"), _MOMENT),
    "day": r"\d{4}-\d\d-\d\d",
    "ids": r"\S+?(?:(?:,| and of| and| or) \S+?)*",
    "share": r"\d+%",
    "since": r"\d\d\.\d\d\.\d{4}",
    "where": r"(?:[A-Z]+ )?\S+?",
    _INNER: r".+",
}
# Whose it is, before what is the matter: an org, a table, an address.
_OF: Final = N_("%(where)s: %(why)s")


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence as it is shown; `language` where that is not the reader's."""

    text: str
    language: str = ""

    def __html__(self) -> str:
        if not self.language:
            return str(Markup.escape(self.text))
        return str(Markup('<span lang="{}">{}</span>').format(self.language, self.text))


@dataclass(frozen=True, slots=True)
class Part:
    """One known sentence, by its pattern, with its values; `inner` are the sentences that one of them is made of."""

    pattern: str
    values: Mapping[str, str] = field(default_factory=dict)
    inner: "Sequence[Part]" = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """`begin` is what a text must begin with before it is looked at more closely."""

    pattern: str
    begin: str
    shape: re.Pattern[str]


def worded(text: str, gettext: Callable[..., str], day: Callable[[date], str]) -> Worded:
    """The sentence in the language of `gettext`; whole as it is, in English, where any part of it is not known."""
    if " " not in text:
        return Worded(text)
    parts = understood(text)
    if not parts:
        return Worded(text, "en")
    return Worded(_written(parts, gettext, day))


def understood(text: str) -> Sequence[Part]:
    """The known sentences that a text is made of; none where any of it is not known."""
    return _understood(text, 0) if len(text) <= _LONGEST else ()


@lru_cache(maxsize=4096)
def _understood(text: str, depth: int) -> Sequence[Part]:
    """As long a sentence as is known, and then the rest."""
    if depth > _DEEPEST:
        return ()
    ends = [len(text), *reversed([found.start() for found in re.finditer(_BETWEEN, text)])]
    for end in ends:
        if part := _one(text[:end], depth):
            if end == len(text):
                return (part,)
            if more := _understood(text[end + len(_BETWEEN) :], depth + 1):
                return (part, *more)
    return ()


def _one(text: str, depth: int) -> Part | None:
    for known in _KNOWN:
        if text.startswith(known.begin) and (found := known.shape.fullmatch(text)):
            values = found.groupdict()
            inner = _understood(values.pop(_INNER), depth + 1) if _INNER in values else ()
            if inner or _INNER not in found.groupdict():
                return Part(known.pattern, values, inner)
    return None


def _written(parts: Sequence[Part], gettext: Callable[..., str], day: Callable[[date], str]) -> str:
    return _BETWEEN.join(_one_written(part, gettext, day) for part in parts)


def _one_written(part: Part, gettext: Callable[..., str], day: Callable[[date], str]) -> str:
    values = {name: _shown(name, value, day) for name, value in part.values.items()}
    if part.inner:
        values[_INNER] = _written(part.inner, gettext, day)
    return gettext(part.pattern, **values)


def _shown(name: str, value: str, day: Callable[[date], str]) -> str:
    if name == "day" and value != HIDDEN:
        try:
            return day(date.fromisoformat(value))
        except ValueError:
            return value
    return ", ".join(_LIST.split(value)) if name == "ids" else value


def _known(pattern: str) -> _Known:
    literals = _VALUE.split(pattern)
    return _Known(pattern, literals[0], re.compile("".join(_shape(literals)), re.DOTALL))


def _shape(literals: Sequence[str]) -> Iterator[str]:
    """The text between values as it is, and each value by its name; the same name twice is the same value."""
    met: set[str] = set()
    for place, each in enumerate(literals):
        if place % 2 == 0:
            yield re.escape(each)
        elif each in met:
            yield f"(?P={each})"
        else:
            met.add(each)
            yield f"(?P<{each}>{_SHAPES.get(each, _WORD)}|{HIDDEN})"


def _looseness(pattern: str) -> tuple[bool, int]:
    """What says more of its sentence is tried first."""
    return f"%({_INNER})s" in pattern, -len("".join(_VALUE.split(pattern)[::2]))


_KNOWN: Final = tuple(map(_known, sorted((*PEOPLE, *NIGHTS, *VERDICTS, *ROWS, *FAILURES, _OF), key=_looseness)))

"""Cells of the device table from a system's JSON records, and from the words that a site uses for things there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, TypeVar

from provision.core.clocks import ZONE
from provision.core.devices import DeviceKind, DeviceStatus, Use
from provision.core.nin import is_national_id
from provision.formats.days import is_day

T = TypeVar("T")

# "Never", as databases and frameworks write it.
_NEVER: Final = ("0001-01-01", "0000-00-00", "-0001-11-30")
_DAY_LENGTH: Final = len("2026-08-17")
_FLAGS: Final[Mapping[object, str]] = {True: "1", False: "0", "1": "1", "0": "0", None: "", "": ""}


@dataclass(frozen=True, slots=True)
class Words:
    """What a site calls things in a system, as patterns with * and ?, in any case of letters; the first that fits.

    `schools` leads to a school's number or name, `kinds` is about models and categories, and what fits `left_out`
    is no machine that a school counts, such as a projector.
    """

    schools: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, DeviceKind] = field(default_factory=dict)
    uses: Mapping[str, Use] = field(default_factory=dict)
    statuses: Mapping[str, DeviceStatus] = field(default_factory=dict)
    shared: Sequence[str] = ()
    left_out: Sequence[str] = ()


NO_WORDS: Final = Words()


def meaning(words: Mapping[str, T], *texts: str) -> T | None:
    """What the site's words say of the first of these texts that any pattern fits; None where none does."""
    return next((words[pattern] for text in texts for pattern in words if text and _fits(text, pattern)), None)


def any_fits(patterns: Iterable[str], *texts: str) -> bool:
    return any(_fits(text, pattern) for text in texts if text for pattern in patterns)


def together(*texts: str) -> str:
    """What there is of these, with a space between."""
    return " ".join(text.strip() for text in texts if text.strip())


@lru_cache(maxsize=65536)
def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.strip().casefold(), pattern.casefold().replace("[", "[[]"))


@dataclass(frozen=True, slots=True)
class Record:
    """One record while its cells are read. What is not of the right form is told of in `faults`, and left out.

    A path leads into parts, such as `model.name`. `decode` is how the system writes text.
    """

    said: Mapping[str, Any]
    decode: Callable[[str], str] = str
    faults: list[str] = field(default_factory=list)

    def text(self, path: str) -> str:
        value = self._value(path)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and _storable(value):
            return self.decode(value)
        return self._fault(path, "is no text")

    def person(self, path: str) -> str:
        """A name in the system; nothing where an identity number stands in its place."""
        said = self.text(path)
        if is_national_id(said.partition("@")[0].strip()):
            return self._fault(path, "holds an identity number, which is not read; use another name there")
        return said

    def flag(self, path: str) -> str:
        value = self._value(path)
        if isinstance(value, str | bool | int | None) and value in _FLAGS:
            return _FLAGS[value]
        return self._fault(path, "is neither true nor false")

    def moment(self, path: str) -> str:
        """The day here of an ISO 8601 time, which is one in UTC unless it says otherwise; "" for never."""
        said = self.text(path)
        if not said or said.startswith(_NEVER):
            return ""
        try:
            moment = datetime.fromisoformat(said)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZONE).date().isoformat()
        except (ValueError, OverflowError):
            return self._fault(path, "is no time, such as 2026-08-17T08:00:00Z")

    def day(self, path: str) -> str:
        """The day that a text begins with; "" for never."""
        said = self.text(path)[:_DAY_LENGTH]
        if not said or said in _NEVER:
            return ""
        return said if is_day(said) else self._fault(path, "is no day, such as 2026-08-17")

    def _value(self, path: str) -> Any:
        value: Any = self.said
        for name in path.split("."):
            if value is None or value == []:  # what PHP writes for an object without members
                return None
            if not isinstance(value, dict | Mapping):
                return self._fault(path, "stands in a part that is no object")
            value = value.get(name)
        return value

    def _fault(self, path: str, what: str) -> str:
        self.faults.append(f"{path} {what}")
        return ""


def _storable(text: str) -> bool:
    """JSON can escape halves of letters, which are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text

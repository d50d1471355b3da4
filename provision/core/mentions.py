"""Where a text names somebody: by an id, a username, a name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

ERASED: Final = "[erased]"

_WORD: Final = re.compile(r"[^\W_]+")
_ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Sought:
    """Terms that are looked for, as whole words and whatever their case; by the first word of each."""

    by_start: Mapping[str, tuple[str, ...]] = field(repr=False)

    def __bool__(self) -> bool:
        return bool(self.by_start)

    @property
    def all(self) -> frozenset[str]:
        return frozenset(term for each in self.by_start.values() for term in each)

    def found_in(self, text: str) -> frozenset[str]:
        """Those that the text names. A term ends where a letter or digit would make it another."""
        lower = text.lower()
        return frozenset(
            term
            for word in _WORD.finditer(lower)
            for term in self.by_start.get(word[0], ())
            if lower.startswith(term, word.start()) and not _goes_on(lower, word.start() + len(term))
        )

    def taken_out_of(self, text: str, mark: str = ERASED) -> str:
        """The text without them."""
        for term in sorted(self.found_in(text), key=len, reverse=True):
            text = re.sub(rf"(?<![^\W_]){re.escape(term)}(?![^\W_])", mark, text, flags=re.IGNORECASE)
        return text


def sought(texts: Iterable[str]) -> Sought:
    """These terms are looked for; what has neither letter nor digit cannot be."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        lower = text.strip().lower()
        if word := _WORD.search(lower):
            found[word[0]].add(lower[word.start() :])
    return Sought({start: tuple(sorted(each)) for start, each in found.items()})


def unescaped(text: str) -> str:
    """JSON as it would be read, as far as letters go."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and _WORD.match(text, end) is not None

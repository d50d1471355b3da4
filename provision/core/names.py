"""People's names as text: cleaned, compared, and brought to ASCII for usernames."""

import unicodedata
from typing import Final

from anyascii import anyascii

# Where usage in Norway differs from a general transliteration; NFC, lower case.
_FOLDS: Final = str.maketrans(
    {
        "æ": "ae",
        "ø": "o",
        "å": "a",
        "ä": "a",
        "ö": "o",
        "ü": "u",
        "á": "a",
        "č": "c",
        "đ": "d",
        "ŋ": "n",
        "š": "s",
        "ŧ": "t",
        "ž": "z",
    }
)

# Formats such as direction marks and soft hyphens do not show; the two joiners shape letters in Persian and Hindi.
_JOINERS: Final = "\u200c\u200d"
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})

_SAME_MARK: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'") | dict.fromkeys("\u2010\u2011\u2013", "-")
)


def clean(text: str) -> str:
    """The text in NFC on one line: nothing invisible, single spaces inside, none around."""
    if not text.isprintable():  # most texts are, and then nothing in them is invisible
        text = "".join(c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", text).split())


def ascii_fold(text: str) -> str:
    """The letters and digits of the text as lower-case ASCII, "" when it has none."""
    lower = unicodedata.normalize("NFC", text).lower()
    if not lower.isascii():
        lower = anyascii(unicodedata.normalize("NFC", lower).translate(_FOLDS)).lower()
    return "".join(c for c in lower if c.isascii() and c.isalnum())


def comparison(text: str) -> str:
    """Equal for two spellings of one name that differ in case, spacing, composition, apostrophes or hyphens alone."""
    shown = clean(text).translate(_SAME_MARK)
    folded = unicodedata.normalize("NFD", shown).casefold()
    return clean(unicodedata.normalize("NFC", folded).replace("\u200c", "").replace("\u200d", ""))

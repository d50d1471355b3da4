"""Distinguished names (RFC 4514) and search filters (RFC 4515), built from parts in this one place."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# One RDN is one or more (attribute, value) pairs; a DN is its RDNs, leaf first. The root is the empty tuple.
Rdn = tuple[tuple[str, str], ...]
DN = tuple[Rdn, ...]

_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*")
_OPTIONS: Final = re.compile(r"(?:;[A-Za-z0-9-]+)*")
_PLAIN_DN: Final = re.compile(r"[A-Za-z0-9=,._@-]*")
_OCTETS: Final = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")
_SPECIAL: Final = frozenset('"+,;<>\\')
_ESCAPABLE: Final = _SPECIAL | frozenset(" #=")
_FILTER_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:@")


def escape_rdn_value(value: str) -> str:
    """The value as it stands inside a DN; `parse_dn` gives it back unchanged, whatever it holds."""
    last = len(value) - 1
    return "".join(
        _escaped(letter, edge=(at == 0 and letter in " #") or (at == last and letter == " "))
        for at, letter in enumerate(value)
    )


def _escaped(letter: str, *, edge: bool) -> str:
    if letter in _SPECIAL or edge:
        return "\\" + letter
    if letter < " " or "\udc80" <= letter <= "\udcff":  # the latter: a byte that was no UTF-8
        return f"\\{ord(letter) & 0xFF:02x}"
    return letter


def parse_dn(text: str) -> DN:
    """The parts of a DN. Accepts spaces round separators, escapes, `;` as `,` and RDNs of several pairs.

    Raises ValueError, which does not repeat the text. Values written as `#` and BER are not supported.
    """
    if not text.strip(" "):
        return ()
    parts: list[Rdn] = []
    pairs: list[tuple[str, str]] = []
    for attribute, value, separator in _pairs(text):
        pairs.append((attribute, value))
        if separator != "+":
            parts.append(tuple(pairs))
            pairs = []
    return tuple(parts)


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Every attribute, its value and the separator after it ("" at the end)."""
    at = 0
    while True:
        attribute, equals, _ = text[at:].partition("=")
        if not equals or not _ATTRIBUTE.fullmatch(attribute.strip(" ")):
            raise ValueError(f"not a DN: no attribute and `=` at character {at + 1}")
        value, at = _value(text, at + len(attribute) + 1)
        separator = text[at : at + 1]
        yield attribute.strip(" "), value, separator
        if not separator:
            return
        at += 1


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that starts at `at`, and where it ends."""
    while text[at : at + 1] == " ":
        at += 1
    if text[at : at + 1] == "#":
        raise ValueError(f"not a DN that we read: a value in hexadecimal BER at character {at + 1}")
    value, kept = "", 0  # `kept`: so much of it is not trailing space
    while at < len(text) and text[at] not in ",;+":
        letters, escaped, at = _letters(text, at)
        value += letters
        if escaped or letters != " ":
            kept = len(value)
    return value[:kept], at


def _letters(text: str, at: int) -> tuple[str, bool, int]:
    """What stands at `at` (an escaped run of octets is one), whether it was escaped, and where the next starts."""
    if text[at] in '"<>\0':
        raise ValueError(f"not a DN: a character that must be escaped at character {at + 1}")
    if text[at] != "\\":
        return text[at], False, at + 1
    if octets := _OCTETS.match(text, at):
        return bytes.fromhex(octets[0].replace("\\", "")).decode("utf-8", "surrogateescape"), True, octets.end()
    if text[at + 1 : at + 2] in _ESCAPABLE:
        return text[at + 1], True, at + 2
    raise ValueError(f"not a DN: a backslash before nothing to escape at character {at + 1}")


def format_dn(parts: DN) -> str:
    """The DN as text, leaf first, without optional spaces."""
    return ",".join(_format_rdn(rdn) for rdn in parts)


def _format_rdn(rdn: Rdn) -> str:
    return "+".join(f"{attribute}={escape_rdn_value(value)}" for attribute, value in rdn)


def child(rdn_attribute: str, value: str, parent: str) -> str:
    """The DN of the entry that this attribute and value name below `parent`."""
    leaf = _format_rdn(((_known(rdn_attribute), value),))
    return f"{leaf},{parent}" if parent else leaf


def normal(dn: str) -> str:
    """The form in which two DNs of one entry are equal: case, spaces, escapes and Unicode forms do not matter.

    A text that is no DN is its own lower case, so that comparing never fails.
    """
    return dn.lower() if _PLAIN_DN.fullmatch(dn) else _normal(dn)


@lru_cache(maxsize=16_384)
def _normal(dn: str) -> str:
    try:
        parts = parse_dn(dn)
    except ValueError:
        return dn.strip().lower()
    return format_dn(tuple(tuple(sorted((a.lower(), folded(v)) for a, v in rdn)) for rdn in parts))


def folded(value: str) -> str:
    """The form in which a directory compares text without regard to case (RFC 4518): one space between words."""
    plain = value.lower() if value.isascii() else _caseless(value)
    return " ".join(word for word in plain.split(" ") if word)


def _caseless(value: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())


def is_under(dn: str, base: str) -> bool:
    """Whether the entry is `base` or lies below it."""
    name, top = normal(dn), normal(base)
    if not top or name == top:
        return True
    above = name.removesuffix("," + top)
    backslashes = len(above) - len(above.rstrip("\\"))  # an odd one makes the comma part of a value
    return above != name and backslashes % 2 == 0


def equals_filter(attribute: str, value: str) -> str:
    """Matches entries with exactly this value; whatever the value holds stays a value."""
    octets = value.encode("utf-8", "surrogateescape")
    safe = "".join(chr(octet) if octet in _FILTER_SAFE else f"\\{octet:02x}" for octet in octets)
    return f"({_known(attribute)}={safe})"


def present_filter(attribute: str) -> str:
    """Matches entries that have the attribute."""
    return f"({_known(attribute)}=*)"


def and_(*filters: str) -> str:
    return f"(&{''.join(filters)})"


def or_(*filters: str) -> str:
    return f"(|{''.join(filters)})"


def _known(attribute: str) -> str:
    """The attribute's name, which comes from a mapping: nothing but a legal name may enter a DN or filter."""
    name, semicolon, options = attribute.partition(";")
    if not _ATTRIBUTE.fullmatch(name) or not _OPTIONS.fullmatch(semicolon + options):
        raise ValueError("not an attribute name: letters, digits and hyphens, a letter first")
    return attribute

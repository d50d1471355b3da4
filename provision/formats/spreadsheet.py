"""Text that a spreadsheet shows as it stands."""

from typing import Final

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\0", "'")


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what it could be."""
    return f"'{text}" if text.startswith(_RISKY) else text

"""A Norwegian organisation number as people and systems write it."""

from stdnum.no import orgnr

_LENGTH = len("974588145")


def organisation_number(text: str) -> str:
    """The nine digits of a number such as `NO 974 588 145`, "" where the text is none."""
    number = text.replace(" ", "").upper().removeprefix("NO")
    return number if len(number) == _LENGTH and orgnr.is_valid(number) else ""

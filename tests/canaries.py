"""Values that must never reach a log; a test plants them, and every test is searched for them."""

from typing import Final

NIN: Final = "17870995040"
NAME: Final = "Kanarine Burfuglsdotter"
PASSWORD: Final = "kanari-9f27-passord"

_LEAST_LENGTH: Final = 6  # shorter ones turn up by chance

_planted: Final = {NIN: "an identity number", NAME: "a name", PASSWORD: "a password"}


def plant(value: str, what: str) -> str:
    """From now on no test may log this value; `what` names it in the complaint. Returns the value."""
    if len(value) < _LEAST_LENGTH:
        raise ValueError(f"a canary needs {_LEAST_LENGTH} characters or more")
    _planted[value] = what
    return value


def found_in(text: str) -> list[str]:
    """What kinds of planted values the text holds."""
    return sorted({what for value, what in _planted.items() if value in text})

"""Dates as exports write them."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

_DATE: Final = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?:T.*|Z|[+-]\d\d:\d\d)?\s*", re.DOTALL)


@lru_cache(maxsize=65536)
def day(text: str | None) -> str:
    """YYYY-MM-DD of an xs:date or xs:dateTime; anything else as it stands, for others to judge."""
    found = _DATE.fullmatch(text or "")
    return found[1] if found else (text or "").strip()


def is_day(text: str) -> bool:
    """Whether this is a day that there is, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

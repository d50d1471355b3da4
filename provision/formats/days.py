"""Dates as exports write them."""

import re
from typing import Final

_DATE: Final = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?:T.*|Z|[+-]\d\d:\d\d)?\s*", re.DOTALL)


def day(text: str | None) -> str:
    """YYYY-MM-DD of an xs:date or xs:dateTime; anything else as it stands, for others to judge."""
    found = _DATE.fullmatch(text or "")
    return found[1] if found else (text or "").strip()

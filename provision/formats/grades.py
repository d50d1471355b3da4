"""Grades as GREP codes and as people write them."""

import re
from typing import Final

_GRADE: Final = re.compile(r"(?:aarstrinn(10|[1-9])|(vg[1-4]))$", re.IGNORECASE)
_TITLE_GRADE: Final = re.compile(r"(10|[1-9])(?!\d)(?!\.?\s*(?:[-\u2013/+&,]|og)\s*\d)")


def grade_of_code(code: str) -> str:
    """ "1" to "10" or "vg1" to "vg4" from a GREP code or its address; "" where it names no grade."""
    found = _GRADE.search(code.strip())
    return (found[1] or found[2].lower()) if found else ""


def grade_of_title(title: str) -> str:
    """The grade that a title such as "6A" or "10. trinn" starts with; "" for a mixed one such as "1.-2." """
    found = _TITLE_GRADE.match(title.strip())
    return found[1] if found else ""

"""Days as tables hold them: as the mapping says, as YYYY-MM-DD, or as the number that Excel counts days by."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_ISO: Final = "yyyy-mm-dd"
# What may stand behind a day: a time of day, and of what zone.
_TIME: Final = r"(?:[T ]\s*\d{1,2}[:.]\d\d.*)?"
_PARTS: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<short>\d\d)",
    "mm": r"(?P<month>\d\d?)",
    "dd": r"(?P<day>\d\d?)",
}
_PART: Final = re.compile("|".join(_PARTS))
# "Never", as databases and frameworks write it.
_NEVER: Final = re.compile(r"0000-00-00.*|-0001-11-30.*")
_FIRST_YEAR: Final = 1
# Excel's day 0, and from when until when a bare number can be a day: a lone year such as 2023 is none.
_DAY_ZERO: Final = date(1899, 12, 30)
_COUNTED: Final = range((date(1990, 1, 1) - _DAY_ZERO).days, (date(2100, 1, 1) - _DAY_ZERO).days)
_NUMBER: Final = re.compile(r"(\d{5})(?:[.,]\d+)?")
_THIS_CENTURY: Final = 2000


def day_reader(forms: Sequence[str]) -> Callable[[str], str | None]:
    """What turns a cell into YYYY-MM-DD, into "" where it says never, or into None where it is no day that there is."""
    patterns = [_pattern(form) for form in dict.fromkeys((_ISO, *forms))]

    @lru_cache(maxsize=65536)
    def read(text: str) -> str | None:
        if _NEVER.fullmatch(text):
            return ""
        for pattern in patterns:
            if found := pattern.fullmatch(text):
                said = found.groupdict()
                year = int(said["year"]) if said.get("year") else _THIS_CENTURY + int(said["short"])
                return _day(year, int(said["month"]), int(said["day"]))
        number = _NUMBER.fullmatch(text)
        if number and int(number[1]) in _COUNTED:
            return (_DAY_ZERO + timedelta(days=int(number[1]))).isoformat()
        return None

    return read


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda part: _PARTS[part[0]], re.escape(form).replace(r"\-", "-")) + _TIME)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return "" if found.year == _FIRST_YEAR else found.isoformat()

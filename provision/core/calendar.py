"""The Norwegian school year, for groups whose source gives no dates."""

from datetime import date
from typing import Final

_AUGUST: Final = 8


def school_year(day: date) -> tuple[date, date]:
    """First and last day of the school year that `day` falls in: 1 August to 31 July."""
    start = day.year if day.month >= _AUGUST else day.year - 1
    return date(start, _AUGUST, 1), date(start + 1, _AUGUST - 1, 31)


def age(birth_date: date, day: date) -> int:
    """Whole years on `day`; somebody born on 29 February has a birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))

"""The Norwegian school year, for groups whose source gives no dates; ages; the day before and after an end."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

AUGUST: Final = 8
_DAY: Final = timedelta(days=1)


def school_year(day: date) -> tuple[date, date]:
    """First and last day of the school year that `day` falls in: 1 August to 31 July."""
    start = day.year if day.month >= AUGUST else day.year - 1
    return date(start, AUGUST, 1), date(start + 1, AUGUST - 1, 31)


def age(birth_date: date, day: date) -> int:
    """Whole years on `day`; somebody born on 29 February has a birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


@lru_cache(maxsize=65536)
def exclusive(last: str) -> str:
    """The first day that does not count any more, as OneRoster says when something ends; "" where it is open.

    Raises ValueError for what is no date, OverflowError for the last of all days.
    """
    return last and (date.fromisoformat(last) + _DAY).isoformat()


@lru_cache(maxsize=65536)
def inclusive(end: str) -> str:
    """The last day that counts, of the first that does not; "" where it is open. Raises what `exclusive` does."""
    return end and (date.fromisoformat(end) - _DAY).isoformat()

"""The clocks and calendars of Norwegian schools, by which moments and days are told wherever the machine stands."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Oslo")


def local(moment: datetime) -> datetime:
    """The moment as those clocks show it."""
    return moment.astimezone(ZONE)


def local_day(moment: datetime) -> date:
    return local(moment).date()

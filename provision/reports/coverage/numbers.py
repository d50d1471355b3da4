"""How numbers, days and speeds are written for people; the only place that knows."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from provision.core.clocks import ZONE
from provision.core.language import Language

Number = int | Decimal

_DASH: Final = "\N{EN DASH}"
NO_FIGURE: Final = _DASH
_NBSP: Final = "\N{NO-BREAK SPACE}"
_MEGA: Final = 1000


class Unit(StrEnum):
    """What is counted: its noun is in the wording, and its decimals are those of the figure itself."""

    COUNT = "count"
    RATIO = "ratio"
    PERCENT = "percent"


def written(number: Number, language: Language, unit: Unit = Unit.COUNT) -> str:
    """Decimal comma and a space between thousands in Norwegian, point and comma in English."""
    text = f"{number:,}"
    if language is not Language.EN:
        text = text.replace(",", _NBSP).replace(".", ",")
    if unit is not Unit.PERCENT:
        return text
    return f"{text}%" if language is Language.EN else f"{text}{_NBSP}%"


def day_written(day: date, language: Language) -> str:
    return day.isoformat() if language is Language.EN else f"{day:%d.%m.%Y}"


def moment_written(moment: datetime, language: Language) -> str:
    """As clocks here show it."""
    here = moment.astimezone(ZONE) if moment.tzinfo else moment
    return f"{day_written(here.date(), language)} {here:%H:%M}"


def school_year_written(year: int) -> str:
    """By the calendar year in which it begins."""
    return f"{year}{_DASH}{(year + 1) % 100:02}"


def speed_written(kbit: int, language: Language) -> str:
    if kbit < _MEGA or kbit % (_MEGA // 10):
        return f"{written(kbit, language)}{_NBSP}kbit/s"
    mega = Decimal(kbit) / _MEGA
    return f"{written(mega, language)}{_NBSP}Mbit/s"

"""Norwegian identity numbers as text: what kind one is and whether its control digits are right.

Neither sex nor birth date is ever taken from a number: from 2032 on it says neither.
"""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import mul
from typing import Final

_WEIGHTS_1: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_WEIGHTS_2: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DUF_WEIGHTS: Final = (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)
_LENGTH: Final = 11
_DUF_LENGTH: Final = 12
_LAST_SERIAL: Final = 999

_D_DAY: Final = 40
_NAV_MONTH: Final = 40
_NHN_MONTH: Final = 65
_TENOR_MONTH: Final = 80
_MONTHS: Final = 12


class NinKind(StrEnum):
    """What an identity number is.

    Month + 40 is both a hospital's number and a synthetic one of NAV's, and the number cannot tell which:
    it is H, or SYNTHETIC_NAV where it is also a D-number, which a hospital never makes.
    """

    FNR = "fnr"
    D = "d"
    H = "h"
    FH = "fh"
    SYNTHETIC = "synthetic"
    SYNTHETIC_NAV = "synthetic_nav"
    SYNTHETIC_NHN = "synthetic_nhn"
    DUF = "duf"
    SYNTHETIC_DUF = "synthetic_duf"
    INVALID = "invalid"


# Kinds that were made for tests and can belong to nobody.
SYNTHETIC: Final = frozenset({NinKind.SYNTHETIC, NinKind.SYNTHETIC_NAV, NinKind.SYNTHETIC_NHN, NinKind.SYNTHETIC_DUF})
# A DUF number begins with the year in which it was given out; in this one nobody was given any.
YEAR_OF_NO_DUF: Final = "1900"


@lru_cache(maxsize=1024)  # the same number is asked about several times in a row, by several rules
def check(number: str, *, rule_2032: bool = True) -> bool:
    """Whether these are eleven digits with two right control digits.

    With `rule_2032` the first control digit may also leave 1, 2 or 3, as in numbers given out from 2032 on
    (Skatteetaten, nytt fødselsnummer fra 2032).
    """
    if not _digits(number, _LENGTH):
        return False
    digits = [int(c) for c in number]
    first = (_weighted(_WEIGHTS_1, digits) + digits[9]) % 11
    second = (_weighted(_WEIGHTS_2, digits) + digits[10]) % 11
    return first in ((0, 1, 2, 3) if rule_2032 else (0,)) and second == 0


def is_national_id(number: str) -> bool:
    """A number of the right make: eleven digits whose control digits hold, or a DUF number of twelve."""
    return _digits(number, _DUF_LENGTH) or check(number)


@lru_cache(maxsize=1024)
def kind(number: str, *, rule_2032: bool = True) -> NinKind:
    """What the number is; INVALID also for a day or month that no kind has."""
    if _digits(number, _DUF_LENGTH):
        if not _duf_check(number):
            return NinKind.INVALID
        return NinKind.SYNTHETIC_DUF if number.startswith(YEAR_OF_NO_DUF) else NinKind.DUF
    if not check(number, rule_2032=rule_2032):
        return NinKind.INVALID
    if number[0] in "89":
        return NinKind.FH
    day, month = int(number[:2]), int(number[2:4])
    d_number = day > _D_DAY
    offset = _month_offset(month)
    if offset is None or not _is_day(day - _D_DAY * d_number, month - offset, int(number[4:6])):
        return NinKind.INVALID
    return _BY_MONTH[offset][d_number]


def is_synthetic(number: str) -> bool:
    """Whether the number was made for tests and can belong to nobody."""
    return kind(number) in SYNTHETIC


def make_synthetic(birth: date, serial: int, *, d_number: bool = False) -> str | None:
    """The synthetic number (month + 80, as in Tenor) with this birth date and individual number 0 to 999.

    None where the individual number has no valid control digits, which is about one in six.
    """
    if not 0 <= serial <= _LAST_SERIAL:
        raise ValueError("an individual number is 0 to 999")
    day = birth.day + _D_DAY * d_number
    text = f"{day:02}{birth.month + _TENOR_MONTH:02}{birth.year % 100:02}{serial:03}"
    for weights in (_WEIGHTS_1, _WEIGHTS_2):
        control = -_weighted(weights, [int(c) for c in text]) % 11
        if control > 9:  # noqa: PLR2004 - a remainder of ten has no digit
            return None
        text += str(control)
    return text


_BY_MONTH: Final = {
    0: (NinKind.FNR, NinKind.D),
    _NAV_MONTH: (NinKind.H, NinKind.SYNTHETIC_NAV),
    _NHN_MONTH: (NinKind.SYNTHETIC_NHN, NinKind.SYNTHETIC_NHN),
    _TENOR_MONTH: (NinKind.SYNTHETIC, NinKind.SYNTHETIC),
}


def _month_offset(month: int) -> int | None:
    return next((offset for offset in _BY_MONTH if 1 <= month - offset <= _MONTHS), None)


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        # The number does not tell the century: 29 February of year 00 is right in 2000.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _digits(number: str, length: int) -> bool:
    return len(number) == length and number.isascii() and number.isdigit()


def _weighted(weights: tuple[int, ...], digits: list[int]) -> int:
    return sum(map(mul, weights, digits))


def _duf_check(number: str) -> bool:
    return _weighted(_DUF_WEIGHTS, [int(c) for c in number]) % 11 == int(number[10:])


def is_somebodys(number: str) -> bool:
    """Whether a number is of a kind that one person has for ever, and no placeholder."""
    return kind(number) not in (NinKind.INVALID, NinKind.H, NinKind.FH) and len(set(number)) > 1

"""Numbers of the sample: all fictitious, all with right control digits, none given twice."""

from collections import Counter
from datetime import date
from typing import Final

from stdnum.no import orgnr

from provision.core import nin

_LAST_OF_1900S: Final = 1999
_SERIALS: Final = 500
# Coprime to 500, so that consecutive people do not get consecutive individual numbers.
_STRIDE: Final = 137
_APART: Final = 100_000
_SERIALS_EACH: Final = 35


def organisation_number(index: int) -> str:
    """The index-th organisation number of the sample. Real ones start with 8 or 9, synthetic ones with 3."""
    candidates = (f"3{index:06}{last:02}" for last in range(100))
    return next(number for number in candidates if orgnr.is_valid(number))


class Numbers:
    """Gives every person of one sample an id and, where wanted, an identity number.

    What it remembers is bounded by the number of birth dates, not of people. Samples with other `apart` than 0 have
    no number in common, if they are small and there are no more than fourteen.
    """

    def __init__(self, apart: int = 0) -> None:
        self._people = apart * _APART
        self._duf = apart * _APART // 10
        self._first = apart * _SERIALS_EACH
        self._serials: Counter[date] = Counter()

    def person_id(self) -> str:
        """An id that says nothing about the person, not even a role: roles change."""
        self._people += 1
        return f"p{self._people:07}"

    def mobile(self) -> str:
        """A number of a series that nobody has; not unique."""
        return f"+4799999{self._people % 1000:03}"

    def national_id(self, birth: date, *, d_number: bool = False) -> str:
        """A synthetic identity number (month + 80) that nobody else in this sample has."""
        century = 0 if birth.year <= _LAST_OF_1900S else _SERIALS
        while True:
            taken = self._serials[birth]
            if taken == _SERIALS:
                raise OverflowError("more people with one birth date than there are individual numbers")
            self._serials[birth] += 1
            number = nin.make_synthetic(birth, century + (self._first + taken) * _STRIDE % _SERIALS, d_number=d_number)
            if number is not None:
                return number

    def duf_number(self) -> str:
        """A DUF number that nobody was given."""
        self._duf += 1
        candidates = (f"{nin.YEAR_OF_NO_DUF}{self._duf:06}{control:02}" for control in range(11))
        return next(number for number in candidates if nin.is_synthetic(number))

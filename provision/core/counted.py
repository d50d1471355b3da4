"""What a machine can count as, and on what terms."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Counted(StrEnum):
    """What one machine counts as; exactly one of these, the first that applies."""

    GONE = "gone"  # lost or retired
    PRIVATE = "private"
    ADMINISTRATION = "administration"  # of offices and of the after-school club
    LEFT = "left"  # with somebody who is no longer here
    UNMATCHED = "unmatched"  # nobody knows at which school it is, or whose it is
    STAFF = "staff"
    STOCK = "stock"  # never handed out
    BROKEN = "broken"
    STALE = "stale"  # not seen for so long that nobody can rely on it
    LOAN = "loan"
    OWN = "own"
    POOL = "pool"


# Those that a pupil can use today.
FOR_PUPILS: Final = (Counted.OWN, Counted.LOAN, Counted.POOL)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the site says of counting. `many`: who registered more machines than this did so for others.

    `fewer_percent`: an inventory that holds so much less than when it was last counted is not believed. `life_years`: a
    machine lasts so long from its purchase, where its inventory does not say until when; None where nobody knows.
    """

    stale_days: int = 60
    many: int = 3
    fewer_percent: int = 20
    life_years: int | None = None

"""What an inventory says of machines: one canonical table, and what each column may hold."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from provision.core.roster import Issue

if TYPE_CHECKING:
    import pandas as pd


class DeviceKind(StrEnum):
    LAPTOP = "laptop"
    CHROMEBOOK = "chromebook"
    TABLET = "tablet"
    DESKTOP = "desktop"
    PHONE = "phone"
    OTHER = "other"


class Use(StrEnum):
    """What a machine is for. A pupil's own and one of a trolley are both `PUPIL`: the assignee tells them apart."""

    PUPIL = "pupil"
    LOAN = "loan"
    STAFF = "staff"
    ADMINISTRATION = "administration"
    AFTER_SCHOOL = "after_school"


class DeviceStatus(StrEnum):
    IN_USE = "in_use"
    IN_STOCK = "in_stock"
    IN_REPAIR = "in_repair"
    BROKEN = "broken"
    LOST = "lost"
    RETIRED = "retired"


# Every cell is text; "" is "the inventory does not say"; dates are YYYY-MM-DD; flags are "1", "0" or "". `school` is
# what the inventory calls it, number or name; `assignee` and `enrolled_by` are whatever names a person there: the one
# who has the machine, and the one who registered it, who need not be the same.
DEVICE_COLUMNS: Final = (
    "serial",
    "asset_tag",
    "kind",
    "model",
    "os",
    "school",
    "assignee",
    "enrolled_by",
    "use",
    "shared",
    "private",
    "status",
    "enrolled",
    "purchased",
    "end_of_life",
    "last_seen",
)


@dataclass(frozen=True, slots=True)
class Stocktake:
    """All that one inventory said: a row for each machine, in the order of DEVICE_COLUMNS.

    `as_of` is when the content was true, as far as the inventory says; `whole` is how it is known that nothing is
    missing, "" where it cannot be. What could not be read of a row is an Issue, without personal data.
    """

    inventory: str
    read_at: datetime
    as_of: datetime | None
    table: "pd.DataFrame" = field(repr=False)
    whole: str = ""
    issues: tuple[Issue, ...] = field(default=())


# What firmware says that nobody gave a number; it would make one machine of them all.
_NO_SERIALS: Final = frozenset({"DEFAULTSTRING", "TOBEFILLEDBYO.E.M.", "SYSTEMSERIALNUMBER", "NONE", "N/A", "INVALID"})


def serial_of(text: str) -> str:
    """A serial number as every inventory would write it: upper case, only letters, digits and - . / _; "" for none."""
    serial = "".join(ch for ch in text.upper() if ch.isalnum() or ch in "-./_")
    return "" if serial in _NO_SERIALS or not serial.strip("0") else serial

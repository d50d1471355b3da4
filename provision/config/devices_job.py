"""The shape of what a job says of devices: which inventories there are, and how machines are counted."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from provision.core.counted import Terms
from provision.core.devices import DeviceKind, DeviceStatus, Use
from provision.core.figures import Link


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordsJob(_Part):
    """What a site calls things in a system: patterns with * and ?, and what we call it."""

    schools: dict[str, str] = Field(default_factory=dict)
    kinds: dict[str, DeviceKind] = Field(default_factory=dict)
    uses: dict[str, Use] = Field(default_factory=dict)
    statuses: dict[str, DeviceStatus] = Field(default_factory=dict)
    shared: list[str] = Field(default_factory=list)
    left_out: list[str] = Field(default_factory=list)


class InventoryJob(_Part):
    """One inventory. A table has a path, and a mapping where its columns are not called as ours; a system has words.

    `path` may be a pattern, and `settled` is as for a source. `assignee` is which of a user's names Snipe-IT is asked
    for. One without any machine is an error unless it `may_be_empty`. INTUNE_* and SNIPE_IT_* in `.env` say where the
    systems are.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: Literal["table", "intune", "snipe_it"] = "table"
    path: Path | None = None
    settled: Annotated[int, Field(ge=0, le=86400)] = 60
    mapping: str = ""
    words: WordsJob = WordsJob()
    assignee: Literal["username", "email", "employee_number"] = "username"
    may_be_empty: bool = False


class DevicesJob(_Part):
    """Where two inventories say different things of a machine, the first one's word counts."""

    inventories: list[InventoryJob] = Field(min_length=1)
    stale_days: Annotated[int, Field(ge=1, le=3650)] = 60
    many: Annotated[int, Field(ge=1, le=1000)] = 3
    fewer_percent: Annotated[int, Field(ge=1, le=100)] = 20
    life_years: Annotated[int, Field(ge=1, le=20)] | None = None
    kbit_each: Annotated[int, Field(ge=1)] = 20
    target_pupils_per_device: Annotated[int, Field(ge=1, le=100)] = 1
    target_from_grade: Annotated[str, Field(pattern=r"^([1-9]|10|vg[1-3])$")] = "1"
    links: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

    def terms(self) -> Terms:
        return Terms(
            stale_days=self.stale_days,
            many=self.many,
            fewer_percent=self.fewer_percent,
            life_years=self.life_years,
        )

    def carried(self) -> dict[str, Link]:
        """What each school's line carries."""
        return {org: Link(kbit, self.kbit_each) for org, kbit in self.links.items()}

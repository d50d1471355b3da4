"""Writes a municipality as a SIS exports it, school by school, so that memory is bounded by the largest school."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, TextIO

from provision.formats import pifu_ims_write as pifu
from provision.sample.numbers import Numbers
from provision.sample.owner import make_kindergarten, make_owner
from provision.sample.plans import SchoolPlan, school_year
from provision.sample.roll import Roll
from provision.sample.school import Guests, make_school
from provision.sample.town import HEMNE, Town

_SOURCE: Final = "hemne"


@dataclass(frozen=True, slots=True)
class Municipality:
    """What a sample is made from: the same one always gives the same export."""

    schools: tuple[SchoolPlan, ...]
    day: date
    seed: int
    town: Town = HEMNE

    def rolls(self) -> Iterator[Roll]:
        """The municipality itself, its kindergarten, then school by school."""
        year, numbers, guests = school_year(self.day), Numbers(self.town.number), Guests()
        yield make_owner(self.town)
        yield make_kindergarten(self.town, year, self.seed, numbers)
        for plan in self.schools:
            roll, guests = make_school(plan, year, self.seed, numbers, guests)
            yield roll


def write_export(out: TextIO, folder: Path, rolls: Iterable[Roll], at: datetime) -> None:
    """Writes a whole PIFU-IMS file to `out`, as of the local time `at`.

    The format wants all people before all groups before all memberships, so the latter wait in temporary files
    in the folder, which must have room for them.
    """
    with _spool(folder) as groups, _spool(folder) as memberships:
        out.write(pifu.head(f"sas@{_SOURCE}.example", f"bas@{_SOURCE}.example", at))
        for roll in rolls:
            out.writelines(pifu.person(_SOURCE, person) for person in roll.people)
            groups.writelines(pifu.group(_SOURCE, group) for group in roll.groups.values())
            memberships.writelines(pifu.membership(_SOURCE, id_, members) for id_, members in roll.members.items())
        for spool in (groups, memberships):
            spool.seek(0)
            shutil.copyfileobj(spool, out)
        out.write(pifu.tail())


def _spool(folder: Path) -> TextIO:
    return TemporaryFile("w+", encoding="utf-8", newline="\n", dir=folder)

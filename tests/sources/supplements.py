"""The files that a site keeps itself, as tests write and open them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from provision.core.extract import Extract
from provision.core.ports import Source
from provision.errors import SourceError
from provision.sources.care_csv import CareCsvSource
from provision.sources.exceptions_csv import ExceptionsCsvSource
from provision.sources.people_csv import PeopleCsvSource
from tests import pifu


@dataclass(frozen=True, slots=True)
class Supplement:
    """`good` is a line that nothing is wrong with."""

    file: str
    open: Callable[[Path], Source]
    header: str
    good: str

    def extract(self, folder: Path, *lines: str) -> Extract:
        """What the source makes of a file with these lines."""
        path = folder / self.file
        path.write_text("".join(f"{line}\n" for line in (self.header, *lines)), encoding="utf-8")
        return self.open(path).read()

    def refusal(self, folder: Path, *lines: str) -> str:
        """Why it takes nothing of such a file."""
        with pytest.raises(SourceError) as caught:
            self.extract(folder, *lines)
        return str(caught.value)


CARE: Final = Supplement(
    "care.csv",
    lambda path: CareCsvSource(path, clock=lambda: pifu.NOW),
    "sourced_id;related_id;protected;responsible;lives_with;barred",
    "elev-0;mor-0;;1;;1",
)
EXCEPTIONS: Final = Supplement(
    "exceptions.csv",
    lambda path: ExceptionsCsvSource(path, clock=lambda: pifu.NOW),
    "sourced_id;until;owner;reason",
    "elev-0;2026-06-15;Rektor ved Nord skole;skal ta eksamen på nytt",
)
PEOPLE: Final = Supplement(
    "people.csv",
    lambda path: PeopleCsvSource(path, clock=lambda: pifu.NOW),
    "sourced_id;given_name;family_name;role;org;begin;end;birth_date;national_id;mail",
    f"x-1;Runa;Vikarstad;teacher;{pifu.SCHOOL};2026-08-01;2026-12-31;;;",
)

"""Reads one OneRoster CSV package whole, and says per school what it proves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provision.core.extract import Extract
from provision.errors import SourceError
from provision.formats.oneroster_read import Progress, read_package
from provision.sources.oneroster.extract import WANTED, to_extract


@dataclass(frozen=True, slots=True)
class OneRosterCsvSource:
    """The package at `path`, a zip, or a folder of which nothing is proven.

    `progress` is told the bytes read so far and those there are, both unpacked.
    """

    path: Path
    clock: Callable[[], datetime]
    name: str = "oneroster_csv"
    progress: Progress | None = None

    def read(self) -> Extract:
        """Everything in the package, or SourceError; a row that cannot be used is a row of `rejects`."""
        read_at = self.clock()
        package = read_package(self.path, wanted=WANTED, progress=self.progress)
        try:
            return to_extract(
                package.tables,
                source=self.name,
                read_at=read_at,
                as_of=package.made_at,
                whole=package.whole,
                doubt=package.doubt,
            )
        except SourceError as error:
            raise SourceError(f"{self.path}: {error}") from None

"""A table of machines, in CSV or XLSX, read as a stocktake."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from provision.config.inventory import Column, DevicesMapping
from provision.core.devices import DEVICE_COLUMNS, Stocktake
from provision.core.roster import Issue
from provision.errors import SourceError
from provision.inventories.table.file import read_lines
from provision.inventories.table.lines import Layout, Lines
from provision.inventories.table.machines import machines_of

# What a table without a mapping must have; its columns are called as ours.
_NEEDED: Final = ("serial", "school")


@dataclass(frozen=True, slots=True)
class TableInventory:
    """`path` has a line for each machine; `mapping` says how it is read, None that its columns are called as ours."""

    path: Path
    name: str
    clock: Callable[[], datetime]
    mapping: DevicesMapping | None = None

    def read(self) -> Stocktake:
        """Every machine of the table, as new as the file is; SourceError where any of it cannot be read.

        A word, a day or a flag that nobody knows is left out, and an issue tells of it.
        """
        read_at = self.clock()
        lines, mapping = self._lines()
        try:
            as_of = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror}") from error
        issues: list[Issue] = []
        table = machines_of(lines, mapping, self.path, lambda *said: issues.append(Issue(self.name, "devices", *said)))
        return Stocktake(self.name, read_at, as_of, table, lines.whole, tuple(issues))

    def _lines(self) -> tuple[Lines, DevicesMapping]:
        """The lines, and how they are read."""
        if self.mapping:
            said = self.mapping
            layout = Layout(said.required, header=said.header, begins=said.begins, sheet=said.sheet)
            return read_lines(self.path, layout), self.mapping
        lines = read_lines(self.path, Layout(_NEEDED, others=DEVICE_COLUMNS))
        there = frozenset(lines.rows[0].cells if lines.rows else _NEEDED)
        columns: dict[Column, str] = {name: name for name in DEVICE_COLUMNS if name in there}
        return lines, DevicesMapping(format=1, columns=columns)

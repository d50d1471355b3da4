"""Rows of the canonical tables while they are being gathered, column by column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from provision.core.roster import COLUMNS
from provision.formats.pifu_ims_fields import SourcedId

CONTESTED: Final = "sourcedid: two sources give the same id"


class Rows:
    """One table of COLUMNS in the making: all its cells, row after row, in one list."""

    def __init__(self, table: str) -> None:
        self.table = table
        self._names = COLUMNS[table]
        self._cells: list[str] = []

    def add(self, *cells: str) -> None:
        if len(cells) != len(self._names):
            raise ValueError(f"{self.table}: {len(cells)} cells for {len(self._names)} columns")
        self._cells.extend(cells)

    def column(self, name: str) -> list[str]:
        return self._cells[self._names.index(name) :: len(self._names)]

    def without(self, name: str, values: frozenset[str]) -> "Rows":
        """The same rows, less those that have one of the values in the column."""
        kept = Rows(self.table)
        for cells in zip(*map(self.column, self._names), strict=True):
            if cells[self._names.index(name)] not in values:
                kept.add(*cells)
        return kept

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({name: self.column(name) for name in self._names}, dtype=object)


@dataclass(slots=True)
class Ids:
    """The ids of one kind of object: which were seen, from which source, and which replace others."""

    sources: dict[str, str] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)  # former id -> present id
    contested: set[str] = field(default_factory=set)  # given by two sources, hence perhaps to two

    def note(self, key: SourcedId) -> str:
        """What is wrong with this id, "" where nothing is."""
        if not key.id:
            return "sourcedid: no id"
        for former in key.former:
            self.successors.setdefault(former, key.id)
        if key.id not in self.sources:
            self.sources[key.id] = key.source
            return ""
        if self.sources[key.id] == key.source:
            return "sourcedid: the same id stands twice"
        self.contested.add(key.id)
        return CONTESTED

    def present(self, sourced_id: str) -> str:
        """The id under which an object that is referred to by `sourced_id` goes now."""
        if sourced_id in self.sources:
            return sourced_id
        return self.successors.get(sourced_id, sourced_id)

    def changes(self) -> Iterable[tuple[str, str]]:
        """(old, new) for each announced change of id; an old id that is in use is no change."""
        return ((old, new) for old, new in self.successors.items() if old not in self.sources)

"""Rows of the canonical tables while they are being gathered, column by column."""

import numpy as np
import pandas as pd

from provision.core.extract import COLUMNS


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
        cells = np.array(self._cells, dtype=object)  # one copy of what may be millions of cells, not one per column
        return pd.DataFrame(cells.reshape(-1, len(self._names)), columns=self._names, dtype=object, copy=False)

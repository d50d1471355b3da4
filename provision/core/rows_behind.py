"""The rows behind a figure: the pupils, or the machines, that it counts."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.figures import Group, Level

# Figures of pupils, and how many machines those have to themselves; 2 is two or more.
OF_PUPILS: Final = {"pupils": (0, 1, 2), "without": (0,), "with_one": (1,), "with_more": (2,)}
# Figures of machines, and what those count as.
OF_MACHINES: Final = {
    "devices": FOR_PUPILS,
    "past_end": tuple(Counted)[1:],
    **{each.value: (each,) for each in Counted},
}
# Instead of who is.
PROTECTED: Final = "protected"
_PUPIL: Final = ("person", "school", "grade", "class", "has")
_MACHINE: Final = (
    "machine",
    "asset_tag",
    "kind",
    "model",
    "counted",
    "end_of_life",
    "last_seen",
    "inventories",
    "said_school",
    "place",
    "person",
    "grade",
    "class",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one count: `pupils` with what they have, and `machines` as a table of Machines. Who is `protected` is counted
    and not told.
    """

    pupils: pd.DataFrame = field(repr=False)
    machines: pd.DataFrame = field(repr=False)
    protected: Set[str] = field(default=frozenset(), repr=False)

    def behind(self, figure: str, groups: Sequence[Group]) -> pd.DataFrame:
        """The rows that a figure of these groups counts, each once. Raises KeyError where there is no such figure.

        Of a pupil it gives person, school, grade, class and has; of a machine what is known of it, the school as the
        inventory has it (`said_school`), the one where it counts (`place`), and whose it is, with grade and class.
        """
        if figure in OF_PUPILS:
            found = self.pupils[self.pupils["has"].isin(OF_PUPILS[figure])]
            return self._told(found.loc[_of_any(found, groups, "school"), list(_PUPIL)])
        table = self.machines[self.machines["counted"].isin(OF_MACHINES[figure])]
        if figure == "past_end":
            table = table[table["past_end"].astype(bool)]
        people = self.pupils[["person", "grade", "class"]]
        found = table.rename(columns={"school": "said_school"}).merge(people, on="person", how="left")
        return self._told(found.loc[_of_any(found, groups, "place"), list(_MACHINE)])

    def _told(self, rows: pd.DataFrame) -> pd.DataFrame:
        person = rows["person"].where(~rows["person"].isin(list(self.protected)), PROTECTED)
        return rows.assign(person=person).reset_index(drop=True)


def _of_any(rows: pd.DataFrame, groups: Sequence[Group], school: str) -> "pd.Series[bool]":
    found = pd.Series(data=False, index=rows.index)
    for group in groups:
        found |= _of(rows, group, school)
    return found


def _of(rows: pd.DataFrame, group: Group, school: str) -> "pd.Series[bool]":
    there = rows[school] == group.org if group.org else pd.Series(data=True, index=rows.index)
    if group.level is Level.GRADE:
        return there & (rows["grade"] == group.key)
    return there & (rows["class"] == group.key) if group.level is Level.CLASS else there

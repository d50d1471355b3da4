"""The rows behind a figure, as a table, as JSON or as CSV."""

import csv
import sys
from typing import Any, Final

import pandas as pd
from rich.table import Table
from rich.text import Text

from provision.cli.output import print_json
from provision.cli.terminal import here, out
from provision.core.figures import Figures
from provision.core.rows_behind import OF_MACHINES, OF_PUPILS
from provision.counting import Count
from provision.errors import UsageError
from provision.formats.spreadsheet import inert
from provision.wiring import Place

# More than that nobody reads on a terminal.
_SHOWN: Final = 200


def show_rows(place: Place, count: Count, figures: tuple[Figures, ...], figure: str, form: str) -> None:
    """The pupils or machines that a figure of these groups counts. Raises UsageError where there is no such figure."""
    if figure not in OF_PUPILS and figure not in OF_MACHINES:
        there = ", ".join((*OF_PUPILS, *OF_MACHINES))
        raise UsageError(f"there are no rows behind {figure}; there are behind: {there}")
    found = count.rows.behind(figure, [each.group for each in figures])
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in found.to_dict("records")]
    if form == "json":
        told = {"format": 1, "day": count.coverage.day.isoformat(), "figure": figure, "rows": rows}
        print_json(told, here(place))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow(found.columns)
        writer.writerows([inert(str(value)) for value in row.values()] for row in rows)
    else:
        _table(place, list(found.columns), rows, figure)


def _plain(value: Any) -> str | int:
    """A day as 2026-11-23, "" for what is not known."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value if isinstance(value, str) else int(value)


def _table(place: Place, names: list[str], rows: list[dict[str, str | int]], figure: str) -> None:
    console = out(place)
    told = [name for name in names if any(row[name] != "" for row in rows)]
    table = Table(title=f"{len(rows)} behind {figure}", title_justify="left", box=None)
    for name in told:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows[:_SHOWN]:
        table.add_row(*(Text(str(row[name])) for name in told))
    console.print(table)
    if len(rows) > _SHOWN:
        console.print(f"and {len(rows) - _SHOWN} more; --csv or --json tells of all")

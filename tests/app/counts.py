"""Devices counted at a site, on a day that is today."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import time_machine

from tests.app.sites import Said, Site, day

Row = dict[str, str]


def counted(site: Site, number: int = 0, *more: str, of: int | None = None, code: int = 0) -> Said:
    """`ratios` on the night of this number, for that day or, with `of`, another."""
    devices = site.folder / "data" / "devices.csv"
    at = datetime.combine(day(number), time(3), UTC)
    if devices.exists():
        os.utime(devices, (at.timestamp(),) * 2)
    with time_machine.travel(at, tick=False):
        return site.cli("ratios", "--day", str(day(number if of is None else of)), *more, code=code)


def groups(said: Said, level: str = "") -> list[dict[str, Any]]:
    return [each for each in said.json["groups"] if level in ("", each["level"])]


def pupils_per_device(said: Said) -> dict[str, float]:
    return {each["org"]: each["figures"]["pupils_per_device"] for each in groups(said, "school")}


def rows_of(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def edited(site: Site, change: Callable[[list[Row]], Sequence[Row]]) -> None:
    """Replaces the list of devices by what `change` makes of its rows."""
    path: Path = site.folder / "data" / "devices.csv"
    rows = rows_of(path.read_text(encoding="utf-8"))
    with path.open("w", encoding="utf-8", newline="") as fh:
        writer = csv.DictWriter(fh, list(rows[0]))
        writer.writeheader()
        writer.writerows(change(rows))

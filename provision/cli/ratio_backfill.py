"""Figures of earlier days from files, for the trend."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from provision.cli.session import session
from provision.cli.terminal import out
from provision.core.figures import Coverage
from provision.errors import SourceError
from provision.reports.coverage.rows import from_csv
from provision.wiring import Asks


def backfill(folder: Path, job: str, path: Path, today: date) -> int:
    """Takes the days that were not counted yet into the journal; what was counted stays. Raises SourceError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SourceError(f"{path} cannot be read: {why}") from None
    days = from_csv(text, path.name, today)
    taken = 0
    with session(folder, job, Asks.NOTHING) as (place, journal):
        _refuse_strangers(path.name, days, journal.last_figures(today))
        for coverage in days:
            last = journal.last_figures(coverage.day)
            if last is None or last.day != coverage.day:
                journal.remember_figures(coverage)
                taken += 1
        console = out(place)
        console.print(f"{taken} days taken from {path.name}, the {len(days) - taken} others were counted before")
    return 0


def _refuse_strangers(name: str, days: Iterable[Coverage], last: Coverage | None) -> None:
    """A number mistyped would be a school of its own in every trend."""
    if last is None:
        return
    known = {each.group.org for each in last.figures}
    for coverage in days:
        for each in coverage.figures:
            if each.group.org not in known:
                raise SourceError(
                    f"{name}: {each.group.org} is no school that was ever counted here; known are "
                    f"{', '.join(sorted(known - {''}))}"
                )

"""The figures of devices as files: a page for the municipality and each school, a workbook, and rows."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from provision.core.figures import Coverage, Level
from provision.core.masking import masked, sums_of
from provision.files import replace_file
from provision.journal.journal import Journal
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report, Target
from provision.reports.coverage.rows import as_csv
from provision.reports.coverage.workbook import workbook
from provision.wiring import Place, clock

_YEARS: Final = timedelta(days=5 * 366)


def write(folder: Path, place: Place, journal: Journal, coverage: Coverage) -> None:
    """Each file is replaced as a whole. Pages are named by organisation number, the municipality's `index.html`."""
    shown = [each for each in coverage.figures if each.group.level in (Level.MUNICIPALITY, Level.SCHOOL)]
    devices = place.job.devices
    wanted = Target(devices.target_pupils_per_device, devices.target_from_grade) if devices else None
    report = Report(
        coverage=coverage,
        site=place.settings.site_name,
        language=place.site.policy.language,
        hidden=masked(coverage.figures, sums_of(coverage.figures, coverage.grades)),
        trends={each.group: journal.trend(each.group, coverage.day - _YEARS) for each in shown},
        target=wanted,
        national=of_the_time(coverage.day),
    )
    folder.mkdir(parents=True, exist_ok=True)
    for each in shown:
        _write(folder / f"{each.group.org or 'index'}.html", page(report, each).encode())
    _write(folder / "figures.csv", as_csv(report).encode("utf-8-sig"))
    _write(folder / "figures.xlsx", workbook(report, clock()))


def _write(path: Path, content: bytes) -> None:
    replace_file(path, lambda fh: fh.write(content))

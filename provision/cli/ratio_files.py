"""The figures of devices as files: a page for the municipality and each school, a workbook, and rows."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from provision.core.figures import Coverage, Level
from provision.core.language import Language
from provision.core.masking import masked, sums_of
from provision.core.planning import Target
from provision.files import replace_file
from provision.journal.journal import Journal
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv
from provision.reports.coverage.workbook import workbook
from provision.wiring import Place, clock

_YEARS: Final = timedelta(days=5 * 366)
# So many days of these years are told of.
_DAYS: Final = 120
# They are made for others, and name nobody.
_READABLE: Final = 0o644
_PAGES: Final = (Level.MUNICIPALITY, Level.SCHOOL)


def report_of(
    place: Place, journal: Journal, coverage: Coverage, language: Language | None, failure: str, *, trends: bool
) -> Report:
    """What pages and tables are made from. `failure` is why these are not the figures of the day that was asked for."""
    devices = place.job.devices
    shown = [each.group for each in coverage.figures if each.group.level in _PAGES] if trends else []
    return Report(
        coverage=coverage,
        site=place.settings.site_name,
        language=language or place.site.policy.language,
        hidden=masked(coverage.figures, sums_of(coverage.figures)),
        trends=journal.trends(shown, coverage.day - _YEARS, _DAYS),
        target=Target(devices.target_pupils_per_device, devices.target_from_grade) if devices else None,
        national=of_the_time(coverage.day),
        failure=failure,
    )


def write(folder: Path, report: Report) -> None:
    """Each file is replaced as a whole. Pages are named by organisation number, the municipality's `index.html`.

    A cooperation has one page; its municipalities have theirs at their own sites.
    """
    figures = report.coverage.figures
    folder.mkdir(parents=True, exist_ok=True)
    alone = figures[0].group.level is Level.COOPERATION
    for each in figures[:1] if alone else (f for f in figures if f.group.level in _PAGES):
        _write(folder / f"{each.group.org or 'index'}.html", page(report, each).encode())
    _write(folder / "figures.csv", as_csv(report, figures).encode("utf-8-sig"))
    _write(folder / "figures.xlsx", workbook(report, clock()))


def _write(path: Path, content: bytes) -> None:
    replace_file(path, lambda fh: fh.write(content), _READABLE)

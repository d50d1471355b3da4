"""The figures of devices as files: a page for the municipality and each school, a workbook, and rows."""

from pathlib import Path
from typing import Final

from provision.core.figures import Level
from provision.files import replace_file
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from provision.reports.coverage.rows import as_csv
from provision.reports.coverage.workbook import workbook
from provision.wiring import clock
from provision.wiring.device_report import WITH_PAGES

# They are made for others, and name nobody.
_READABLE: Final = 0o644


def write(folder: Path, report: Report) -> None:
    """Each file is replaced as a whole. Pages are named by organisation number, the municipality's `index.html`.

    A cooperation has one page; its municipalities have theirs at their own sites.
    """
    figures = report.coverage.figures
    folder.mkdir(parents=True, exist_ok=True)
    alone = figures[0].group.level is Level.COOPERATION
    for each in figures[:1] if alone else (f for f in figures if f.group.level in WITH_PAGES):
        _write(folder / f"{each.group.org or 'index'}.html", page(report, each).encode())
    _write(folder / "figures.csv", as_csv(report, figures).encode("utf-8-sig"))
    _write(folder / "figures.xlsx", workbook(report, clock()))


def _write(path: Path, content: bytes) -> None:
    replace_file(path, lambda fh: fh.write(content), _READABLE)

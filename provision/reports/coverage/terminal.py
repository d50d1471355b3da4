"""The figures on a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from provision.core.figures import Figures
from provision.reports.coverage.answer import called
from provision.reports.coverage.columns import BY_KEY
from provision.reports.coverage.definitions import NAMES
from provision.reports.coverage.numbers import day_written
from provision.reports.coverage.report import Report
from provision.reports.coverage.tables import OF_GROUPS, OF_SCHOOLS, cell
from provision.reports.coverage.wording import said


def of_schools(report: Report, figures: Sequence[Figures]) -> Table:
    """The municipality and its schools."""
    return _table(report, figures, OF_SCHOOLS)


def of_groups(report: Report, figures: Sequence[Figures]) -> Table:
    """Grades or classes of a school."""
    return _table(report, figures, OF_GROUPS)


def _table(report: Report, figures: Sequence[Figures], keys: Sequence[str]) -> Table:
    language = report.language
    title = f"{said('title', language)}. {said('counted', language, day=day_written(report.coverage.day, language))}"
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    columns = [BY_KEY[key] for key in keys]
    for column in columns:
        table.add_column(NAMES[column.key][language], justify="right")
    for each in figures:
        table.add_row(Text(called(report, each.group)), *(cell(report, column, each) for column in columns))
    return table

"""The figures of devices as the pages show them: of one school, masked as everywhere, and kept for a minute."""

from dataclasses import replace

from provision.core.figures import Figures, Level
from provision.core.language import Language
from provision.reports.coverage.report import Report
from provision.web.sites import Site
from provision.wiring.device_report import device_report


def report(site: Site, language: Language) -> Report | None:
    """All of the last counted day, for pages that show a school beside the municipality; None where nothing was."""
    return site.for_a_minute(("report", language), lambda: _report(site, language))


def school_of(report: Report, school: str) -> Figures | None:
    return next(
        (each for each in report.coverage.figures if (each.group.level, each.group.org) == (Level.SCHOOL, school)), None
    )


def only(report: Report, school: str) -> Report:
    """The same of one school and its grades and classes, for files that are taken away; masked as before."""
    kept = tuple(each for each in report.coverage.figures if each.group.org == school)
    trends = {group: points for group, points in report.trends.items() if group.org == school}
    return replace(report, coverage=replace(report.coverage, figures=kept), trends=trends)


def _report(site: Site, language: Language) -> Report | None:
    coverage = site.journal.last_figures(site.today)
    return device_report(site.place, site.journal, coverage, language, trends=True) if coverage else None

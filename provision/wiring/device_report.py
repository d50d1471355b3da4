"""What pages and tables of devices are made from."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provision.core.figures import Coverage, Level
from provision.core.language import Language
from provision.core.masking import masked, sums_of
from provision.core.planning import Target
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.report import Report
from provision.wiring.place import Place

if TYPE_CHECKING:
    from provision.journal.journal import Journal

# Those that have a page, with a trend on it.
WITH_PAGES: Final = (Level.MUNICIPALITY, Level.SCHOOL)
_YEARS: Final = timedelta(days=5 * 366)
# So many days of these years are told of.
_DAYS: Final = 120


def device_report(
    place: Place, journal: "Journal", coverage: Coverage, language: Language | None, failure: str = "", *, trends: bool
) -> Report:
    """`failure` is why these are not the figures of the day that was asked for."""
    devices = place.job.devices
    shown = [each.group for each in coverage.figures if each.group.level in WITH_PAGES] if trends else []
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

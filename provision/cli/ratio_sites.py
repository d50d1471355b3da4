"""The figures of a cooperation, from what each of its sites counted last."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from provision.cli.ratio_files import write
from provision.cli.ratios import Asked, show
from provision.cli.session import session
from provision.core.cooperation import together
from provision.core.figures import Coverage
from provision.core.language import Language
from provision.core.masking import masked, sums_of
from provision.errors import ProvisionError, SourceError, UsageError
from provision.reports.coverage.national import of_the_time
from provision.reports.coverage.report import Report
from provision.wiring import Asks


def cooperation(folder: Path, job: str, day: date, asked: Asked) -> int:
    """Counts nothing anew. 0, and 4 where a site has no figures or cannot be opened; the others are shown all the same.

    Raises UsageError where there are no sites, SourceError where none has figures.
    """
    if asked.school or asked.grade or asked.figure:
        raise UsageError("--sites tells of municipalities; ask one of them, with --site, for a school, grade or rows")
    sites = sorted(each for each in folder.iterdir() if (each / "jobs").is_dir()) if folder.is_dir() else []
    if not sites:
        raise UsageError(f"there is no site in {folder}; a site is a folder with jobs in it")
    counted: dict[str, Coverage] = {}
    missing: list[str] = []
    for site in sites:
        try:
            counted[site.name] = _last(site, job, day)
        except ProvisionError as error:
            missing.append(f"{site.name}: {error}")
    if not counted:
        raise SourceError("; ".join(missing))
    report = _report(folder.resolve().name, day, counted, asked.language or Language.NB, missing)
    if asked.out:
        write(asked.out, report)
    show(None, report, report.coverage.figures, asked.form, every=False)
    return 4 if missing else 0


def _last(site: Path, job: str, day: date) -> Coverage:
    """Raises SourceError where nothing was ever counted."""
    with session(site, job, Asks.NOTHING) as (_, journal):
        if last := journal.last_figures(day):
            return last
        raise SourceError("nothing was counted yet; `provision ratios` counts")


def _report(
    name: str, day: date, counted: Mapping[str, Coverage], language: Language, missing: Sequence[str]
) -> Report:
    coverage = together(name, day, counted)
    return Report(
        coverage=coverage,
        site=name,
        language=language,
        hidden=masked(coverage.figures, sums_of(coverage.figures)),
        national=of_the_time(day),
        failure="; ".join(missing),
    )

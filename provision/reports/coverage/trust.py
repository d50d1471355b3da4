"""Whether figures can be believed: what makes them uncertain, what is not shown, what they stand on, and of when."""

from collections.abc import Iterator
from typing import Final

from provision.core.counted import Counted
from provision.core.figures import SIS, Figures, Level, Tally
from provision.core.masking import FEWEST
from provision.reports.coverage.answer import counted
from provision.reports.coverage.numbers import day_written, moment_written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import said

_DOUBTS: Final = (Counted.UNMATCHED, Counted.STALE, Counted.LEFT)


def doubts(report: Report, figures: Figures) -> list[str]:
    """What could make the figures wrong; one sentence if nothing is known to."""
    shown = figures.group not in report.hidden
    counts = figures.counted if shown else {}
    found = [said("not_named", report.language)] if shown and figures.pupils and not figures.named else []
    found += [
        said(kind.value, report.language, devices=counted(report, count, "device"))
        for kind in _DOUBTS
        if (count := counts.get(kind, 0))
    ]
    if _of_sites(report):
        sites = (issue.source for issue in report.coverage.issues)
        found += [said("part_left_out", report.language, inventory=site) for site in sites]
    elif report.coverage.issues:
        found.append(said("issues", report.language, cases=counted(report, len(report.coverage.issues), "case")))
    return found or [said("all_certain", report.language)]


def masked_note(report: Report, figures: Figures) -> str:
    """Why something is hidden, where anything of this school or, on its page, of the municipality is."""
    if not any(group.org == figures.group.org or not figures.group.org for group in report.hidden):
        return ""
    language = report.language
    return said("masked_note", language, hidden=said("masked", language), fewest=str(FEWEST))


def sources(report: Report) -> Iterator[str]:
    """Each thing that the figures stand on, with how much it held and when that was true."""
    for each in report.coverage.stands_on:
        yield _part(report, each) if _of_sites(report) else _source(report, each)


def _of_sites(report: Report) -> bool:
    whole = report.whole()
    return whole is not None and whole.group.level is Level.COOPERATION


def _source(report: Report, tally: Tally) -> str:
    key = ("pupils_" if tally.name == SIS else "") + ("as_of" if tally.as_of else "as_of_unknown")
    return said(
        key,
        report.language,
        inventory=tally.name,
        pupils=counted(report, tally.count, "pupil"),
        devices=counted(report, tally.count, "device"),
        moment=moment_written(tally.as_of, report.language) if tally.as_of else "",
    )


def _part(report: Report, tally: Tally) -> str:
    day = day_written(tally.as_of.date(), report.language) if tally.as_of else ""
    pupils = counted(report, tally.count, "pupil")
    return said("part_counted", report.language, inventory=tally.name, pupils=pupils, day=day)

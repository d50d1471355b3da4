"""What a reader wants to know first, in sentences: is it enough, can it be used, is it getting better, is it true."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from provision.core.counted import Counted
from provision.core.figures import Figures, Group, Level
from provision.core.trend import Point
from provision.reports.coverage.numbers import NO_FIGURE, Number, day_written, moment_written, speed_written, written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import NOUNS, said

# Further back nobody asks whether it is better.
_A_YEAR: Final = timedelta(days=370)
_SEVERAL: Final = 2
# So many schools are named in a sentence.
_NAMED: Final = 8
_DOUBTS: Final = (Counted.UNMATCHED, Counted.STALE, Counted.LEFT)


def counted(report: Report, number: int, noun: str) -> str:
    """A number with its noun: 1 enhet, 508 enheter."""
    one, several = NOUNS[noun][report.language]
    return f"{number_of(report, number)} {one if number == 1 else several}"


def number_of(report: Report, number: Number | None) -> str:
    return NO_FIGURE if number is None else written(number, report.language)


def called(report: Report, group: Group) -> str:
    """What people call a group: 6. trinn, 6A, Sodin."""
    if group.level is Level.GRADE:
        key = "no_grade" if not group.key else "grade" if group.key.isdecimal() else "upper_grade"
        return said(key, report.language, number=group.name)
    return group.name or said("no_class", report.language)


def answer(report: Report, figures: Figures) -> str:
    """Whether every pupil has a device."""
    return said(
        _answer(report, figures),
        report.language,
        name=called(report, figures.group),
        devices=counted(report, figures.devices, "device"),
        missing=counted(report, figures.missing, "device"),
        pupils=counted(report, figures.pupils, "pupil"),
        without=number_of(report, figures.without),
    )


def _answer(report: Report, figures: Figures) -> str:
    if figures.group in report.hidden:
        return "hidden"
    if not figures.pupils:
        return "no_pupils"
    if not figures.devices:
        return "no_devices"
    if figures.missing:
        return "missing"
    return "none_missing" if figures.pupils > 1 else "one_pupil_covered"


def at_once(report: Report, figures: Figures) -> list[str]:
    """What a school's line carries; of the municipality, where it carries too little."""
    if figures.group.level is Level.MUNICIPALITY:
        return [_lines(report)]
    if figures.link is None:
        return [said("line_unknown", report.language)]
    devices, speed = counted(report, figures.devices, "device"), speed_written(figures.link.kbit, report.language)
    if figures.at_once == figures.devices:
        return [said("line_enough", report.language, speed=speed, devices=devices)]
    each, carries = speed_written(figures.link.kbit_each, report.language), number_of(report, figures.at_once)
    told = [said("line_carries", report.language, speed=speed, carries=carries, devices=devices, each=each)]
    ratio = figures.pupils_per_device_at_once
    return told if ratio is None else [*told, said("then", report.language, ratio=number_of(report, ratio))]


def _lines(report: Report) -> str:
    schools = report.shown(report.schools())
    short = sorted(each.group.name for each in schools if each.at_once < each.devices)
    if short:
        return said(
            "lines_short", report.language, schools=counted(report, len(short), "school"), names=_listed(report, short)
        )
    return said("lines_enough" if any(each.link for each in schools) else "lines_unknown", report.language)


def _listed(report: Report, names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    told = ", ".join(names[:_NAMED])
    return f"{told} {said('and_more', report.language, number=number_of(report, more))}" if more > 0 else told


def development(report: Report, points: Sequence[Point]) -> str:
    """Today against the earliest day of the last year that was counted in the same way."""
    last = points[-1] if points else None
    now = last.figures.devices_per_pupil if last else None
    if last is None or now is None:
        return said("no_earlier", report.language)
    same = (each for each in points[:-1] if each.definitions == last.definitions and last.day - each.day <= _A_YEAR)
    for each in same:
        then = each.figures.devices_per_pupil
        if then is not None:
            key = "better" if now > then else "worse" if now < then else "same"
            texts = {"now": number_of(report, now), "then": number_of(report, then)}
            return said(key, report.language, day=day_written(each.day, report.language), **texts)
    return said("no_earlier", report.language)


def target(report: Report, org: str) -> list[str]:
    """How far a school, or with no school the municipality, is from what the site wants."""
    if report.target is None:
        return []
    ratio = report.target.pupils_per_device
    wanted = "one_each" if ratio == 1 else "shared_by"
    grade = said(
        "grade" if report.target.from_grade.isdecimal() else "upper_grade",
        report.language,
        number=report.target.from_grade,
    )  # fmt: skip - one word
    texts = {"wanted": said(wanted, report.language, number=str(ratio)), "grade": grade}
    every = [each for each in report.grades(org) if each.pupils and report.target.reaches(each.group.key)]
    shown = report.shown(every)
    missing = sum(report.target.missing(each) for each in shown)
    key = "target_unknown" if not shown else "target_missing" if missing else "target_reached"
    told = [said("target", report.language, **texts)]
    told.append(said(key, report.language, devices=counted(report, missing, "device")))
    return told if len(shown) in (0, len(every)) else [*told, said("target_partly", report.language)]


def spread(report: Report) -> str:
    """From the school with the fewest devices for each pupil to the one with the most."""
    found = [(each.devices_per_pupil, each) for each in report.shown(report.schools())]
    known = [(ratio, each) for ratio, each in found if ratio is not None]
    if len(known) < _SEVERAL:
        return ""
    least, worst = known[0]
    most = max(ratio for ratio, _ in known)
    texts = {"least": number_of(report, least), "most": number_of(report, most), "name": worst.group.name}
    if least == most:
        return said("alike", report.language, **texts)
    if not worst.devices:
        return said("worst_without", report.language, **texts)
    return said("worst_off", report.language, ratio=number_of(report, worst.pupils_per_device), **texts)


def doubts(report: Report, figures: Figures) -> list[str]:
    """What could make the figures wrong; one sentence if nothing is known to."""
    counts = {} if figures.group in report.hidden else figures.counted
    found = [
        said(kind.value, report.language, devices=counted(report, count, "device"))
        for kind in _DOUBTS
        if (count := counts.get(kind, 0))
    ]
    if report.coverage.issues:
        found.append(said("issues", report.language, cases=counted(report, len(report.coverage.issues), "case")))
    found += [f"{each}: {said('late', report.language)}" for each in sorted(report.coverage.late)]
    return found or [said("all_certain", report.language)]


def sources(report: Report) -> Iterator[str]:
    """Each inventory with when its content was true."""
    for inventory, moment in report.coverage.as_of.items():
        when = moment_written(moment, report.language) if moment else ""
        yield said("as_of" if moment else "as_of_unknown", report.language, inventory=inventory, moment=when)

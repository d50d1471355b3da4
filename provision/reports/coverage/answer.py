"""What a reader wants to know first, in sentences: is it enough, can it be used, is it getting better, is it fair."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from provision.core.counted import Counted
from provision.core.figures import Figures, Group, Level
from provision.core.trend import Point
from provision.reports.coverage.numbers import NO_FIGURE, Number, day_written, speed_written, written
from provision.reports.coverage.report import Report
from provision.reports.coverage.wording import NOUNS, said

# Further back nobody asks whether it is better.
_A_YEAR: Final = timedelta(days=370)
_SEVERAL: Final = 2
# So many schools are named in a sentence.
_NAMED: Final = 5


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


def of_another_day(report: Report) -> str:
    """That these are not the figures that were asked for; "" where they are."""
    day = day_written(report.coverage.day, report.language)
    return said("other_day", report.language, day=day) if report.failure else ""


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
        pool=counted(report, figures.counted.get(Counted.POOL, 0), "device"),
    )


def _answer(report: Report, figures: Figures) -> str:
    if figures.group in report.hidden:
        return "hidden"
    if not figures.pupils:
        return "no_pupils"
    if not figures.devices:
        return "no_devices"
    if not figures.named:
        return "missing_unnamed" if figures.missing else "enough_unnamed"
    return _named_answer(figures)


def _named_answer(figures: Figures) -> str:
    if figures.missing:
        return "missing_shared" if figures.counted.get(Counted.POOL, 0) else "missing"
    if figures.without:
        return "enough_shared"
    return "none_missing" if figures.pupils > 1 else "one_pupil_covered"


def at_once(report: Report, figures: Figures) -> list[str]:
    """What a school's line carries; of the municipality, where it carries too little."""
    if figures.group.level is not Level.SCHOOL:
        return [_lines(report)] if figures.group.level is Level.MUNICIPALITY else []
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
    schools = report.shown(report.parts())
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


def target(report: Report, figures: Figures) -> list[str]:
    """How far a school, or a municipality's schools together, are from what the site wants."""
    group = figures.group
    if report.target is None or group in report.hidden or group.level is Level.COOPERATION:
        return []
    ratio = report.target.pupils_per_device
    wanted = said("one_each" if ratio == 1 else "shared_by", report.language, number=str(ratio))
    key = "grade" if report.target.from_grade.isdecimal() else "upper_grade"
    grade = said(key, report.language, number=report.target.from_grade)
    found = [each for each in report.planning().schools if not group.org or each.group == group]
    missing, stock = sum(each.missing for each in found), sum(each.in_stock for each in found)
    known = any(each.known for each in found)
    reached = "target_unknown" if not known else "target_missing" if missing else "target_reached"
    told = [said("target", report.language, wanted=wanted, grade=grade)]
    told.append(said(reached, report.language, devices=counted(report, missing, "device")))
    if missing and stock:
        told.append(said("target_stock", report.language, devices=counted(report, stock, "device")))
    whole = all(each.whole and each.known for each in found)
    return told if whole or not known else [*told, said("target_partly", report.language)]


def spread(report: Report, figures: Figures) -> list[str]:
    """The mean, then from the school, or municipality, with the fewest devices for each pupil to the one with most."""
    found = [(each.devices_per_pupil, each) for each in report.shown(report.parts(figures.group.level))]
    known = [(ratio, each) for ratio, each in found if ratio is not None]
    if len(known) < _SEVERAL:
        return []
    least, worst = known[0]
    most = max(ratio for ratio, _ in known)
    parts = "the_municipalities" if figures.group.level is Level.COOPERATION else "the_schools"
    texts = {"least": number_of(report, least), "most": number_of(report, most), "name": worst.group.name}
    texts |= {"parts": said(parts, report.language), "ratio": number_of(report, worst.pupils_per_device)}
    key = "alike" if least == most else "worst_off" if worst.devices else "worst_without"
    told = [said(key, report.language, **texts)]
    if figures.group in report.hidden or figures.devices_per_pupil is None:
        return told
    return [said("mean", report.language, mean=number_of(report, figures.devices_per_pupil)), *told]

"""Planning as a page and a workbook tell of it: when machines get too old, what the target takes, who could lend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provision.core.figures import Figures, Level
from provision.core.planning import Ends, Outlook, Planning
from provision.reports.coverage.answer import counted, number_of
from provision.reports.coverage.compared import WHOLE
from provision.reports.coverage.numbers import school_year_written
from provision.reports.coverage.report import Report
from provision.reports.coverage.tables import Table, printed
from provision.reports.coverage.wording import said

# So many a print has.
_PRINTED_SCHOOLS: Final = 5
_PRINTED_LOANS: Final = 3


@dataclass(frozen=True, slots=True)
class Section:
    """What is said, the table of the schools, and the others."""

    told: list[str]
    schools: Table | None
    tables: list[Table]


def section(report: Report, figures: Figures) -> Section | None:
    """None but for a municipality and a cooperation, and where there is nothing to plan."""
    if figures.group.level not in (Level.MUNICIPALITY, Level.COOPERATION) or figures.group in report.hidden:
        return None
    plan = report.planning()
    if plan.ends is None or not (plan.ends.devices or plan.short):
        return None
    tables = [
        *([_by_year(report, plan, plan.ends)] if _dated(plan.ends) else []),
        *([_loans(report, plan)] if plan.loans else []),
    ]
    schools = plan.schools and (report.target or _dated(plan.ends))
    by_school = _by_school(report, plan, plan.ends) if schools else None
    return Section(_told(report, plan, plan.ends), by_school, tables)


def _dated(ends: Ends) -> bool:
    return ends.unknown < ends.devices


def _told(report: Report, plan: Planning, ends: Ends) -> list[str]:
    language, told = report.language, []
    stock = sum(each.in_stock for each in plan.schools)
    if report.target and any(each.known for each in plan.schools):
        told.append(said("reach" if plan.short else "reached", language, devices=counted(report, plan.short, "device")))
        told += [said("after_stock", language)] if stock and plan.short else []
        told += [said("no_loans", language)] if plan.short and not plan.loans else []
        told.append(said("assumed", language))
    if ends.unknown:
        numbers = {"devices": counted(report, ends.devices, "device"), "unknown": number_of(report, ends.unknown)}
        told.append(said("end_unknown", language, **numbers))
    return told if plan.whole else [*told, said("not_all_schools", language)]


def _by_year(report: Report, plan: Planning, ends: Ends) -> Table:
    language = report.language
    wanted = bool(report.target and plan.schools)
    rows: list[tuple[str, int, int | None]] = [(said("ended", language), ends.before, None)]
    rows += [(school_year_written(year), count, plan.replaced[year]) for year, count in ends.by_year.items()]
    rows += [(said("ends_later", language), ends.later, None), (said("ends_unknown", language), ends.unknown, None)]
    names = [said(key, language) for key in ("ends_column", *(["replaced_column"] if wanted else []))]
    cells = [(name, [number_of(report, n) for n in (end, new)[: len(names)]]) for name, end, new in rows]
    return Table(said("by_year_heading", language), said("year_column", language), names, cells)


def heads(report: Report) -> list[str]:
    """What is told of each school beside its ends, in the order of the numbers of `lines`."""
    keys = ("missing_column", "in_stock_column", "short_column", "spare_column") if report.target else ()
    return [said(key, report.language) for key in keys]


def lines(report: Report, plan: Planning, ends: Ends) -> Iterator[tuple[str, list[int | None], Ends, list[int | None]]]:
    """All together, then each school: its name, what `heads` says, its ends, and what must be replaced each year."""
    every = [_numbers(report, each) for each in plan.schools]
    together = [_sum(column) for column in zip(*every, strict=True)] or [None] * len(heads(report))
    whole = report.whole()
    called = said(WHOLE[whole.group.level], report.language) if whole else ""
    replaced = list(plan.replaced.values()) if report.target else []
    yield called, together, ends, list(replaced)
    for each, numbers in zip(plan.schools, every, strict=True):
        yield each.group.name, numbers, each.ends, [each.replaced.get(year) for year in plan.years if report.target]


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _numbers(report: Report, outlook: Outlook) -> list[int | None]:
    if not report.target:
        return []
    known = (outlook.missing, outlook.in_stock, outlook.short, outlook.spare)
    return list(known) if outlook.known else [None, outlook.in_stock, None, None]


def _neediest(plan: Planning) -> list[Outlook]:
    """Who is shortest comes first, then who has most to spare."""
    return sorted(plan.schools, key=lambda each: (-each.short, -each.spare, each.group.name))


def _by_school(report: Report, plan: Planning, whole: Ends) -> Table:
    language = report.language
    names = heads(report)
    if _dated(whole):
        names.append(said("ended", language))
        names += [said("ends_in", language, year=school_year_written(year)) for year in plan.years]
    rows = []
    for each in _neediest(plan):
        ends = (each.ends.before, *each.ends.by_year.values()) if _dated(whole) else ()
        rows.append((each.group.name, [number_of(report, n) for n in (*_numbers(report, each), *ends)]))
    heading, first = said("by_school_heading", language), said("school_column", language)
    return printed(report, Table(heading, first, names, rows), _PRINTED_SCHOOLS)


def _loans(report: Report, plan: Planning) -> Table:
    language = report.language
    names = [said("borrower_column", language), said("number_column", language)]
    rows = [(each.lender.name, [each.borrower.name, number_of(report, each.devices)]) for each in plan.loans]
    heading, first = said("loans_heading", language), said("lender_column", language)
    return printed(report, Table(heading, first, names, rows), _PRINTED_LOANS)

"""Figures read back from the CSV that they are written as, or from a smaller table that somebody made by hand."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeVar

from provision.core.counted import FOR_PUPILS, Counted
from provision.core.devices import DeviceKind
from provision.core.figures import DEFINITIONS, Coverage, Figures, Group, Level, Link, in_order
from provision.core.planning import GRADES
from provision.errors import SourceError
from provision.formats.grades import grade_of_title
from provision.formats.spreadsheet import inert
from provision.reports.coverage.columns import COLUMNS

T = TypeVar("T")

# How a class of several grades tells them, and of pupils in none.
GRADES_APART: Final = " "
NO_GRADE: Final = "-"
_NEEDED: Final = ("day", "level", "school", "name", "pupils")
_KNOWN: Final = (*_NEEDED, "definitions", "key", "grades", "masked", *(column.key for column in COLUMNS))
_DAYS: Final = ("%Y-%m-%d", "%d.%m.%Y")
_MOST_DIGITS: Final = 9
_BELOW: Final = (Level.GRADE, Level.CLASS)


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    cells: Mapping[str, str] = field(repr=False)

    def text(self, column: str) -> str:
        """Without the apostrophe that keeps it from being a formula."""
        said = self.cells.get(column, "")
        return said[1:] if said and inert(said[1:]) == said else said

    def wrong(self, column: str, what: str) -> SourceError:
        return SourceError(f"{self.where}, column {column}: {what}")

    def number(self, column: str) -> int | None:
        """None where the cell is empty or there is no such column."""
        said = self.cells.get(column, "").strip()
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS):
            raise self.wrong(column, "must be a whole number, 0 or more, in digits only")
        return int(said)

    def numbers(self, columns: Mapping[T, str]) -> dict[T, int]:
        """What is told and not nothing."""
        return {key: number for key, column in columns.items() if (number := self.number(column))}


def from_csv(text: str, name: str, until: date | None = None) -> tuple[Coverage, ...]:
    """The figures of each day in the file, in order. Masked rows are left out, ends of life are not in it.

    It needs the columns day, level, school, name and pupils; whatever else as_csv writes may be there. What can be
    worked out is, and not read. Where no column says how many machines pupils have, nobody knows; devices that are
    not told apart are the pool of a school, and a grade's or class's own.

    Raises SourceError, with line and column, for what cannot be, such as a day after `until`.
    """
    found: dict[date, dict[Group, tuple[str, Figures]]] = {}
    definitions: dict[date, int] = {}
    for row in _rows(text.removeprefix("\N{BOM}"), name):
        day = _day(row, until)
        if _masked(row):
            continue
        version = DEFINITIONS if (told := row.number("definitions")) is None else told
        if definitions.setdefault(day, version) != version:
            raise row.wrong("definitions", f"must be the same for all of {day}, such as {definitions[day]}")
        figures = _figures(row)
        same = found.setdefault(day, {})
        if there := next((where for group, (where, _) in same.items() if _alike(group, figures.group)), ""):
            raise SourceError(f"{row.where}: this group and day stand in {there} already; keep one of them")
        same[figures.group] = (row.where, figures)
    return tuple(
        Coverage(day, definitions[day], in_order(figures for _, figures in found[day].values()))
        for day in sorted(found)
    )


def _alike(group: Group, other: Group) -> bool:
    return (group.level, group.org, group.key) == (other.level, other.org, other.key)


def _rows(text: str, name: str) -> Iterator[_Row]:
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
    )
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check(header, name)
        for cells in reader:
            where = f"{name}, line {reader.line_num}"
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise SourceError(f"{where}: {len(cells)} cells, but the header has {len(header)}")
            yield _Row(where, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise SourceError(f"{name}, line {reader.line_num}: {error}") from None


def _check(header: list[str], name: str) -> None:
    where = f"{name}, line 1"
    if missing := [column for column in _NEEDED if column not in header]:
        raise SourceError(f"{where}: no column {', '.join(missing)}; the header needs {', '.join(_NEEDED)}")
    if unknown := [column for column in header if column not in _KNOWN]:
        raise SourceError(f"{where}: no such column as {unknown[0]!r}; there may be {', '.join(_KNOWN)}")
    if twice := [column for column in _KNOWN if header.count(column) > 1]:
        raise SourceError(f"{where}: column {twice[0]} stands twice")


def _day(row: _Row, until: date | None) -> date:
    said = row.cells["day"].strip()
    for form in _DAYS:
        try:
            day = datetime.strptime(said, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
        if until and day > until:
            raise row.wrong("day", f"{day} is yet to come; only days up to {until} can have been counted")
        return day
    raise row.wrong("day", "must be a day, such as 2003-10-01")


def _masked(row: _Row) -> bool:
    said = row.cells.get("masked", "").strip()
    if said not in ("", "0", "1"):
        raise row.wrong("masked", "must be 0 or 1")
    return said == "1"


def _figures(row: _Row) -> Figures:
    group, pupils = _group(row), row.number("pupils")
    if pupils is None:
        raise row.wrong("pupils", "is empty; how many are there?")
    has = _has(row, pupils)
    return Figures(
        group=group,
        pupils=pupils,
        counted=_counted(row, group),
        without=pupils if has is None else has[0],
        with_one=has[1] if has else 0,
        with_more=has[2] if has else 0,
        past_end=row.number("past_end") or 0,
        link=_link(row),
        kinds=row.numbers({kind: f"kind_{kind.value}" for kind in DeviceKind}),
        named=has is not None,
        grades=frozenset(grade.replace(NO_GRADE, "") for grade in row.text("grades").split()),
    )


def _group(row: _Row) -> Group:
    said = row.cells["level"].strip()
    if said not in [*Level]:
        raise row.wrong("level", f"must be one of {', '.join(Level)}")
    level, org, name, key = Level(said), row.text("school").strip(), row.text("name"), row.text("key").strip()
    if level in (Level.SCHOOL, Level.CLASS) and not org:
        raise row.wrong("school", "is empty; the school's number belongs here")
    if level is Level.SCHOOL and org.casefold() == name.strip().casefold():
        raise row.wrong("school", "must be the school's number, not its name")
    if level is Level.CLASS and not key:
        raise row.wrong("key", "is empty; the class's id belongs here")
    if level is Level.GRADE and not key and name.strip():
        key = grade_of_title(name) or name.strip().casefold()
        if key not in GRADES:
            raise row.wrong("key", "is empty; the grade belongs here, such as 6 or vg1")
    return Group(level, org, key if level is Level.GRADE else name, key)


def _has(row: _Row, pupils: int) -> tuple[int, int, int] | None:
    """How many pupils have no machine, one, and more; None where the row does not say."""
    without, one, more = (row.number(column) for column in ("without", "with_one", "with_more"))
    if without is None and one is None and more is None:
        return None
    some = (one or 0) + (more or 0)
    none = pupils - some if without is None else without
    if none + some != pupils or none < 0:
        raise row.wrong("pupils", f"is {pupils}, but without, with_one and with_more do not make that")
    return none, one or 0, more or 0


def _counted(row: _Row, group: Group) -> dict[Counted, int]:
    found = row.numbers({each: each.value for each in Counted})
    devices, told = row.number("devices"), sum(found.get(each, 0) for each in FOR_PUPILS)
    apart = any(row.number(each.value) is not None for each in FOR_PUPILS)
    if devices and not apart:
        return found | {Counted.OWN if group.level in _BELOW else Counted.POOL: devices}
    if devices is not None and devices != told:
        raise row.wrong("devices", f"is {devices}, but own, loan and pool make {told}")
    return found


def _link(row: _Row) -> Link | None:
    kbit, each = row.number("link_kbit"), row.number("link_kbit_each")
    for column, number, other in (("link_kbit", kbit, each), ("link_kbit_each", each, kbit)):
        if not number and (other is not None or number == 0):
            raise row.wrong(column, "must be 1 or more where a line is told")
    return Link(kbit, each) if kbit and each else None

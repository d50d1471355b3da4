"""The lines of one sheet of a workbook (XLSX): cells as the text that people typed, formulas by their last result."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from openpyxl import load_workbook

from provision.errors import SourceError
from provision.formats.mojibake import damaged
from provision.formats.text_csv import Row, no_header
from provision.inventories.table.archive import check_archive, check_sheet
from provision.inventories.table.lines import Layout, Lines

WHOLE: Final = "every part of the workbook agrees with its checksum"
# A number in a workbook has fifteen digits; what comes after them is lost.
_DIGITS: Final = 10**15
_ONLY_ZEROS: Final = re.compile(r"0{2,}")
_MIDNIGHT: Final = time()
# Of days before this a spreadsheet shows nothing but #.
_FIRST_YEAR: Final = 1900
_NOT_SHOWN: Final = "####"
_LAST_LINE: Final = 1_048_576

# What openpyxl reads sheet by sheet, line by line, has no types of its own.
Sheet: TypeAlias = Any


class Cell(Protocol):
    @property
    def value(self) -> object: ...

    @property
    def number_format(self) -> str | None: ...


def read_workbook(path: Path, layout: Layout) -> Lines:
    """Every line of the sheet that holds anything; SourceError, naming the line, for what is no such workbook."""
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            check_archive(path, file)
            warnings.simplefilter("ignore")  # of styles and the like, which nobody reads here
            with closing(load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book:
                sheet = _sheet(path, book, layout.sheet)
                part = sheet._worksheet_path  # noqa: SLF001 - openpyxl tells of it nowhere else
                check_sheet(path, file, part, layout.begins)
                return _lines(path, _cells(path, sheet), layout)
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # noqa: BLE001 - a damaged part raises whatever comes of it, and would carry its content
        kind = type(error).__name__
        raise SourceError(f"{path} is damaged or no workbook; save it anew as .xlsx ({kind})") from None


def _sheet(path: Path, book: Any, name: str) -> Sheet:
    """The sheet of that name; without a name the only one that people see and that holds anything."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its own size is not always true
    if name:
        found = [sheet for sheet in book.worksheets if sheet.title.casefold() == name.casefold()]
        if not found:
            raise SourceError(f'{path}: no sheet "{name}"; write its name as `sheet` in the mapping')
        return found[0]
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = shown if len(shown) == 1 else [sheet for sheet in shown if any(_filled(row) for row in sheet.iter_rows())]
    if len(filled) > 1:
        raise SourceError(f"{path}: {len(filled)} sheets hold something; say which one as `sheet` in the mapping")
    if not filled:
        raise SourceError(f"{path} is empty; a table without machines still has its header line")
    return filled[0]


def _filled(cells: Sequence[Cell]) -> bool:
    return any(cell.value not in (None, "") for cell in cells)


def _cells(path: Path, sheet: Sheet) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Each line of the sheet with its number, also where it is empty."""
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        if line > _LAST_LINE:
            raise SourceError(f"{path}: more lines than a sheet can have; save it anew as .xlsx")
        yield line, cells


def _lines(path: Path, cells: Iterator[tuple[int, Sequence[Cell]]], layout: Layout) -> Lines:
    names: list[str] = []
    rows: list[Row] = []
    numbers: Counter[str] = Counter()
    for line, found in cells:
        if line == layout.header:
            names = _names(path, line, found, layout)
        if line >= layout.header and any(isinstance(cell.value, str) and damaged(cell.value) for cell in found):
            raise SourceError(f"{path}, line {line}: letters damaged by a wrong encoding; fill them in anew")
        if line < layout.begins:
            continue
        texts = [_text(cell) for cell in found]
        if not any(texts):
            continue
        if any(texts[len(names) :]):
            raise SourceError(
                f"{path}, line {line}: a cell to the right of the last column that has a name in the header"
            )
        texts += [""] * (len(names) - len(texts))
        rows.append(Row(line, dict(zip(names, texts, strict=False))))
        numbers.update(name for name, cell in zip(names, found, strict=False) if _is_number(cell))
    if not names:
        raise SourceError(no_header(path, layout.header))
    return Lines(tuple(rows), WHOLE, dict(numbers))


def _names(path: Path, line: int, cells: Sequence[Cell], layout: Layout) -> list[str]:
    """The names of the columns up to the last that has one."""
    names = layout.called([" ".join(_text(cell).split()) for cell in cells])
    while names and not names[-1]:
        names.pop()
    if missing := [name for name in layout.required if name not in names]:
        right = f"the header needs {', '.join(layout.required)}"
        raise SourceError(f"{path}, line {line}: no column {', '.join(missing)}; {right}")
    if twice := sorted(name for name, times in Counter(filter(None, names)).items() if times > 1):
        raise SourceError(f"{path}, line {line}: column {', '.join(twice)} stands twice")
    return names


def _text(cell: Cell) -> str:
    """What stands in a cell, as text without surrounding blanks."""
    value = cell.value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, date):
        return _day(value)
    return "" if value is None else str(value).strip()


def _day(value: date) -> str:
    """A day, with a time only where there is one."""
    if value.year < _FIRST_YEAR:
        return _NOT_SHOWN
    if isinstance(value, datetime) and value.time() == _MIDNIGHT:
        return value.date().isoformat()
    return value.isoformat()


def _number(value: float, form: str) -> str:
    """A whole number by its digits, with the zeros that its format shows before it; one with lost digits as 1.2E+19."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if abs(value) >= _DIGITS:
        return f"{value:.5E}"
    digits = str(int(value))
    return digits.zfill(len(form)) if _ONLY_ZEROS.fullmatch(form) else digits


def _is_number(cell: Cell) -> bool:
    """Whether the cell is a bare number, without a format that shows how many digits it has."""
    value = cell.value
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    return bare and not _ONLY_ZEROS.fullmatch(cell.number_format or "")

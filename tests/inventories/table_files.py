"""Tables of machines as files, for tests: CSV as people's spreadsheets write it, and workbooks."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from provision.config.inventory import DevicesMapping
from provision.core.devices import Stocktake
from provision.inventories.table import TableInventory

NOW: Final = datetime.fromisoformat("2026-11-23T02:00:00+01:00")
SCHOOL: Final = "974588145"


def csv_text(rows: Iterable[Sequence[object]], delimiter: str = ";") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def workbook_of(rows: Iterable[Sequence[Any]], title: str = "Enheter") -> Workbook:
    """A workbook with one sheet; a cell that is text stays text, also where it looks like a formula."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet.title = title
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    return book


def sheet_of(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def xlsx(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mapping_of(columns: Mapping[str, str] | None = None, **more: Any) -> DevicesMapping:
    """A mapping of serial and school from columns of these names, and of whatever else is said."""
    return DevicesMapping.model_validate(
        {"format": 1, "columns": {"serial": "Serienummer", "school": "Skole", **(columns or {})}, **more}
    )


def read(path: Path, mapping: DevicesMapping | None = None) -> Stocktake:
    return TableInventory(path, "liste", lambda: NOW, mapping).read()


def cells(stocktake: Stocktake, *columns: str) -> list[tuple[str, ...]]:
    """These columns of every machine."""
    return list(stocktake.table[list(columns)].itertuples(index=False, name=None))


def reasons(stocktake: Stocktake) -> list[tuple[str, str]]:
    """Which machine each issue is about, and why."""
    assert all((issue.source, issue.table) == ("liste", "devices") for issue in stocktake.issues)
    return [(issue.sourced_id, issue.reason) for issue in stocktake.issues]

"""The lines of a CSV file as spreadsheets write it: in Windows-1252 too, and with lines above its header."""

from pathlib import Path
from typing import Final

from provision.formats.text_csv import Form, read_csv
from provision.inventories.table.lines import Layout, Lines

_ENCODINGS: Final = ("utf-8-sig", "cp1252")


def read_text(path: Path, layout: Layout) -> Lines:
    """Every line, as the one reader of CSV gives it; SourceError as from there. Nothing proves that none is missing."""
    form = Form(layout.header, layout.begins, _ENCODINGS, layout.called)
    return Lines(read_csv(path, layout.required, form))

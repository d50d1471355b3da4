"""The file of a workbook before anybody has read it: a zip of bounded size whose parts agree with their checksums."""

import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from provision.errors import SourceError

# Of all parts together, unpacked: 120,000 machines of twenty columns are a fourth of it.
MAX_BYTES: Final = 512 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_ENCRYPTED: Final = 1
_DTD_LENGTH: Final = len("<!DOCTYPE")
_DTD: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP: Final = 64 * 1024  # a formula has at most 8,192 characters
# A cell with a formula that has no result, or an empty one.
_NO_RESULT: Final = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
_AT: Final = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"')
_IS_TEXT: Final = b't="str"'
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}(\d{1,7}))"')
# What only other kinds of files have, and what they are.
_OTHERS: Final = {
    "xl/vbaProject.bin": "holds macros; save it as .xlsx, a workbook without macros",
    "xl/workbook.bin": "is a binary workbook; save it as .xlsx",
    "content.xml": "is an OpenDocument file; save it as .xlsx",
}


def check_archive(path: Path, file: BinaryIO) -> None:
    """Raises SourceError unless the file is a whole zip of bounded size, and what is in it may be a workbook."""
    try:
        with ZipFile(file) as archive:
            _check_parts(path, archive)
            for name in archive.namelist():
                with archive.open(name) as part:
                    before = b""
                    while chunk := part.read(_CHUNK):
                        before = before[-_DTD_LENGTH:] + chunk
                        if _DTD.search(before) and name.endswith((".xml", ".rels")):
                            raise SourceError(f"{path} has a part with a document type, which no workbook has")
    # Whatever zipfile and zlib raise of a file that is damaged in one way or another.
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, struct.error) as error:
        kind = type(error).__name__
        raise SourceError(f"{path} is cut, damaged or no workbook; deliver the whole file again ({kind})") from None


def check_sheet(path: Path, file: BinaryIO, part: str, begins: int) -> None:
    """Raises SourceError where cells below line `begins` have no value of their own: merged, or never calculated."""
    before = b""
    with ZipFile(file) as archive, archive.open(part) as sheet:
        while chunk := sheet.read(_CHUNK):
            text = before + chunk
            if fault := _fault(text, begins):
                raise SourceError(f"{path}, {fault}")
            before = text[-_OVERLAP:]


def _fault(text: bytes, begins: int) -> str:
    """The first cell without a value of its own in a piece of a sheet, and what to do; "" where there is none."""
    for attributes, empty in _NO_RESULT.findall(text):
        if not (empty and _IS_TEXT in attributes):  # a text may be an empty one
            at = _AT.search(attributes)
            right = "open and save it in the program that calculates it"
            return f"cell {at[1].decode() if at else '?'}: a formula without its result; {right}"
    for cells, last in _MERGED.findall(text):
        if int(last) >= begins:
            return f"cells {cells.decode()}: merged, so that only the first has a value; take them apart and fill each"
    return ""


def _check_parts(path: Path, archive: ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise SourceError(f"{path} is encrypted; save it as .xlsx without a password")
    if (size := sum(part.file_size for part in parts)) > MAX_BYTES:
        raise SourceError(f"{path} is {size:,} bytes when unpacked; at most {MAX_BYTES:,} are read")
    names = [part.filename for part in parts]
    for name, fault in _OTHERS.items():
        if name in names:
            raise SourceError(f"{path} {fault}")
    if len(set(names)) < len(names):
        raise SourceError(f"{path} holds a part twice; save it anew as .xlsx")

"""Workbooks: read as people see them, or refused with the line and what would be right."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from provision.errors import SourceError
from provision.inventories.table import archive, workbook
from tests import canaries
from tests.inventories.table_files import SCHOOL, cells, mapping_of, read, reasons, sheet_of, workbook_of, xlsx

HEADER: Final = ("Serienummer", "Skole", "Bruker", "Sist sett")
MAPPING: Final = mapping_of({"assignee": "Bruker", "last_seen": "Sist sett"})
A_ROW: Final = ("A-1", SCHOOL, "elev1", "2026-11-20")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "enheter.xlsx"


def refusal(path: Path, content: bytes, **more: Any) -> str:
    """Why it is refused, after the path."""
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(path, mapping_of({"assignee": "Bruker", "last_seen": "Sist sett"}, **more))
    assert str(caught.value).startswith(str(path))
    return str(caught.value).removeprefix(str(path))


def one(path: Path, row: tuple[Any, ...], form: dict[int, str] | None = None) -> tuple[str, ...]:
    """What is read of one row whose cells have these number formats."""
    book = workbook_of([HEADER, row])
    for column, number_format in (form or {}).items():
        sheet_of(book).cell(2, column + 1).number_format = number_format
    path.write_bytes(xlsx(book))
    (found,) = cells(read(path, MAPPING), "serial", "school", "assignee", "last_seen")
    return found


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part changed, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out.getvalue()


SHEET: Final = "xl/worksheets/sheet1.xml"


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (974588145, "General", "974588145"),
        (974588145.0, "General", "974588145"),
        (123456789012345, "General", "123456789012345"),
        (1234567.0, "0.00", "1234567"),
        (42, "00000000", "00000042"),
        (42, "0", "42"),
        (12.5, "General", "12.5"),
        (True, "General", "1"),
        ("0042", "General", "0042"),
        ("  a b  ", "General", "a b"),
        ("=1+1", "General", "=1+1"),
    ],
)
def test_a_number_is_read_by_the_digits_that_people_see(
    path: Path, value: object, number_format: str, text: str
) -> None:
    assert one(path, (value, SCHOOL, "", ""), {0: number_format})[0] == text
    assert one(path, ("A-1", value, "", ""), {1: number_format})[1] == text


def test_leading_zeros_that_are_lost_are_told_of_once(path: Path) -> None:
    book = workbook_of(
        [HEADER, (42, SCHOOL, "", ""), (43, SCHOOL, "", ""), ("044", SCHOOL, 7, ""), (45, SCHOOL, "", "")]
    )
    sheet_of(book)["A5"].number_format = "000"
    path.write_bytes(xlsx(book))
    stocktake = read(path, MAPPING)
    assert cells(stocktake, "serial") == [("42",), ("43",), ("044",), ("045",)]
    told = "stored as a number, so that leading zeros are lost; format the column as text"
    assert reasons(stocktake) == [("", f"column Serienummer: 2 serial numbers are {told}")]


@pytest.mark.parametrize("value", [1.23456789012345e18, 10**15, -(10**15), 1e300])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_number_whose_last_digits_are_lost_refuses_the_workbook(path: Path, value: float, column: int) -> None:
    row = [*A_ROW[:column], value, *A_ROW[column + 1 :]]
    message = refusal(path, xlsx(workbook_of([HEADER, A_ROW, row])))
    right = "whose last digits are lost; format the column as text, fill it in anew and save again"
    assert message == f", line 3, column {HEADER[column]}: a number in short form, such as 1.2E+11, {right}"


def test_a_serial_number_that_became_a_day_refuses_the_workbook(path: Path) -> None:
    for value in (date(2026, 3, 12), datetime(2026, 3, 12, 10, 30)):  # noqa: DTZ001 - a workbook knows no zones
        message = refusal(path, xlsx(workbook_of([HEADER, (value, SCHOOL, "", "")])))
        assert message.startswith(", line 2, column Serienummer: a day, which a spreadsheet has made")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 23, 59), "2026-11-20"),  # noqa: DTZ001 - a workbook knows no zones
        ("20.11.2026 10:30", "2026-11-20"),
        (46346, "2026-11-20"),
        (46346.75, "2026-11-20"),
        ("0001-01-01", ""),
        ("0001-01-01T00:00:00Z", ""),
        (None, ""),
    ],
)
def test_a_day_is_read_however_it_is_stored(path: Path, value: object, text: str) -> None:
    assert one(path, ("A-1", SCHOOL, "", value))[3] == text


def test_days_of_a_workbook_that_counts_from_1904_are_the_same(path: Path) -> None:
    book = workbook_of([HEADER, ("A-1", SCHOOL, "", date(2026, 11, 20))])
    book.epoch = CALENDAR_MAC_1904
    path.write_bytes(xlsx(book))
    assert cells(read(path, MAPPING), "last_seen") == [("2026-11-20",)]


@pytest.mark.parametrize(("value", "number_format"), [(-5, "yyyy-mm-dd"), (3_000_000, "yyyy-mm-dd"), (-5, "General")])
def test_a_day_that_cannot_be_is_none_and_told_of(path: Path, value: int, number_format: str) -> None:
    book = workbook_of([HEADER, ("A-1", SCHOOL, "", value)])
    sheet_of(book)["D2"].number_format = number_format
    path.write_bytes(xlsx(book))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stocktake = read(path, MAPPING)
    assert cells(stocktake, "last_seen") == [("",)]
    ((serial, reason),) = reasons(stocktake)
    assert (serial, reason.split(":")[0]) == ("A-1", "line 2, column Sist sett")


def test_other_cells_are_text(path: Path) -> None:
    found = one(path, ("A-1", SCHOOL, time(10, 30), ""))
    assert found[2] == "10:30:00"
    assert one(path, ("A-1", SCHOOL, timedelta(hours=30), ""))[2] == "1 day, 6:00:00"


# ── Formulas ─────────────────────────────────────────────────────────────────────────────────────────────────────
def calculated(path: Path, cell: str) -> bytes:
    """A workbook with a formula for a serial number, as a spreadsheet that calculated it writes the cell."""
    content = xlsx(workbook_of([HEADER, ("HER", *A_ROW[1:])]))
    pattern = rb'<c r="A2"[^>]*>.*?</c>'
    return with_part(content, SHEET, lambda part: re.sub(pattern, cell.encode(), part))


def test_of_a_formula_the_last_result_is_read(path: Path) -> None:
    path.write_bytes(calculated(path, '<c r="A2" t="str"><f>CONCAT("A","-1")</f><v>A-1</v></c>'))
    assert cells(read(path, MAPPING), "serial") == [("A-1",)]


def test_a_formula_that_was_never_calculated_refuses_the_workbook(path: Path) -> None:
    for cell in ('<c r="A2" t="str"><f>B2</f></c>', '<c r="A2"><f t="shared" si="0"/></c>'):
        message = refusal(path, calculated(path, cell))
        assert message == ", cell A2: a formula without its result; open and save it in the program that calculates it"
    book = workbook_of([HEADER, A_ROW])
    sheet_of(book)["C2"] = "=A2"
    assert refusal(path, xlsx(book)).startswith(", cell C2: a formula without its result")


def test_a_formula_is_found_wherever_a_sheet_is_read_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_CHUNK", 7)
    message = refusal(path, calculated(path, '<c r="A2"><f>B2</f></c>'))
    assert message.startswith(", cell A2: a formula without its result")


@pytest.mark.parametrize("wrong", ["#N/A", "#REF!", "#VALUE!", "#I/T", "#verdi!"])
def test_a_formula_that_failed_is_an_empty_cell_that_is_told_of(path: Path, wrong: str) -> None:
    path.write_bytes(calculated(path, f'<c r="A2" t="e"><f>B9</f><v>{wrong}</v></c>'))
    stocktake = read(path, MAPPING)
    assert cells(stocktake, "serial", "assignee") == [("", "elev1")]
    assert reasons(stocktake)[0] == ("", "line 2, column Serienummer: a formula without a result")


def test_an_empty_result_is_an_empty_cell(path: Path) -> None:
    path.write_bytes(calculated(path, '<c r="A2" t="str"><f>""</f><v></v></c>'))
    assert cells(read(path, MAPPING), "serial") == [("",)]
    for result in ("<v></v>", "<v/>", "<v />"):
        message = refusal(path, calculated(path, f'<c r="A2" s="1"><f>""</f>{result}</c>'))
        assert message.startswith(", cell A2: a formula without its result")


# ── Where the table stands ───────────────────────────────────────────────────────────────────────────────────────
def test_lines_above_the_names_are_passed_over_also_with_merged_cells(path: Path) -> None:
    book = workbook_of([("Enheter", "", "", ""), ("", "Sted"), HEADER, A_ROW, (), ("A-2", "42")])
    sheet_of(book).merge_cells("A1:D1")
    path.write_bytes(xlsx(book))
    stocktake = read(path, mapping_of({"assignee": "Bruker"}, header=3))
    assert cells(stocktake, "serial", "assignee") == [("A-1", "elev1"), ("A-2", "")]
    assert [reason.split(":")[0] for _, reason in reasons(stocktake)] == ["line 6, column Skole"]


def test_merged_cells_among_the_machines_refuse_the_workbook(path: Path) -> None:
    book = workbook_of([HEADER, A_ROW, ("A-2", "", "", "")])
    sheet_of(book).merge_cells("B2:B3")
    said = "merged, so that only the first has a value; take them apart and fill each"
    assert refusal(path, xlsx(book)) == f", cells B2:B3: {said}"
    heading = workbook_of([HEADER, ("Sodin skole", "", "", ""), A_ROW])
    sheet_of(heading).merge_cells("A2:D2")
    assert refusal(path, xlsx(heading)) == f", cells A2:D2: {said}"


def test_the_names_of_columns_may_have_line_breaks(path: Path) -> None:
    path.write_bytes(xlsx(workbook_of([("Serie-\nnummer ", "Skole"), ("A-1", SCHOOL)])))
    assert cells(read(path, mapping_of({"serial": "Serie- nummer"})), "serial") == [("A-1",)]


def test_column_names_are_compared_without_case_and_blanks(path: Path) -> None:
    path.write_bytes(xlsx(workbook_of([(" SERIENUMMER", "skole "), ("A-1", SCHOOL)])))
    assert cells(read(path, mapping_of()), "serial", "school") == [("A-1", SCHOOL)]
    path.write_bytes(xlsx(workbook_of([("Serial", "SCHOOL", "Kind"), ("A-1", SCHOOL, "laptop")])))
    assert cells(read(path), "serial", "school", "kind") == [("A-1", SCHOOL, "laptop")]


def two_sheets(second: tuple[Any, ...] = ()) -> Workbook:
    book = workbook_of([HEADER, A_ROW])
    other = book.create_sheet("Arkiv")
    if second:
        other.append(HEADER)
        other.append(second)
    return book


def test_the_only_sheet_that_holds_anything_is_read(path: Path) -> None:
    path.write_bytes(xlsx(two_sheets()))
    assert cells(read(path, MAPPING), "serial") == [("A-1",)]
    hidden = two_sheets(("B-1", SCHOOL))
    hidden["Arkiv"].sheet_state = "hidden"
    path.write_bytes(xlsx(hidden))
    assert cells(read(path, MAPPING), "serial") == [("A-1",)]


def test_of_several_sheets_the_mapping_says_which(path: Path) -> None:
    content = xlsx(two_sheets(("B-1", SCHOOL)))
    assert refusal(path, content) == ": 2 sheets hold something; say which one as `sheet` in the mapping"
    path.write_bytes(content)
    assert cells(read(path, mapping_of(sheet="arkiv")), "serial") == [("B-1",)]
    assert refusal(path, content, sheet="Enhet").startswith(': no sheet "Enhet"')


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ([], 1, ", line 1: no whole line with the names"),
        ([("",)], 1, ", line 1: no column Serienummer, Skole, Bruker, Sist sett; the header needs"),
        ([HEADER], 2, ", line 2: no whole line with the names"),
        ([HEADER[:2], A_ROW], 1, ", line 1: no column Bruker, Sist sett"),
        ([(*HEADER, "Skole"), A_ROW], 1, ", line 1: column Skole stands twice"),
        ([HEADER, A_ROW, ("A-2", "VÃ¥gan skole")], 1, ", line 3: letters damaged by a wrong encoding; fill them in"),
        ([(*HEADER, "NÃ¥r"), A_ROW], 1, ", line 1: letters damaged by a wrong encoding"),
        ([HEADER, A_ROW, ("A-2", SCHOOL, "", "", "", "x")], 1, ", line 3: a cell to the right of the last column"),
        ([HEADER, A_ROW, (None,) * 30 + (1,)], 1, ", line 3: a cell to the right of the last column"),
    ],
)
def test_a_sheet_that_is_no_such_table_is_refused_with_its_line(
    path: Path, rows: list[tuple[Any, ...]], header: int, said: str
) -> None:
    assert refusal(path, xlsx(workbook_of(rows)), header=header).startswith(said)


def test_a_line_may_end_early_and_nobody_counts_empty_ones(path: Path) -> None:
    rows = [HEADER, ("A-1", SCHOOL), (None,), (None, " "), (), ("A-2", SCHOOL, "", "", None, "  ")]
    path.write_bytes(xlsx(workbook_of(rows)))
    assert cells(read(path, MAPPING), "serial", "assignee") == [("A-1", ""), ("A-2", "")]


def test_what_a_sheet_says_of_its_own_size_is_not_believed(path: Path) -> None:
    content = xlsx(workbook_of([HEADER, A_ROW, ("A-2", SCHOOL)]))
    for size in (b"A1:A1", b"A1:XFD1048576"):
        path.write_bytes(with_part(content, SHEET, lambda part, size=size: part.replace(b"A1:D3", size)))  # type: ignore[misc]  # the size of this turn
        assert cells(read(path, MAPPING), "serial") == [("A-1",), ("A-2",)]


def test_a_line_further_down_than_a_sheet_goes_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_LAST_LINE", 100)
    far = with_part(
        xlsx(workbook_of([HEADER, A_ROW])),
        SHEET,
        lambda part: part.replace(b'<row r="2"', b'<row r="101"').replace(b'2"', b'101"'),
    )
    assert refusal(path, far) == ": more lines than a sheet can have; save it anew as .xlsx"


# ── Other files ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_workbook_is_known_by_its_content_and_proves_that_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(xlsx(workbook_of([HEADER, A_ROW])))
    assert read(path, MAPPING).whole == "every part of the workbook agrees with its checksum"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/vbaProject.bin", " holds macros; save it as .xlsx"),
        ("xl/workbook.bin", " is a binary workbook; save it as .xlsx"),
        ("content.xml", " is an OpenDocument file; save it as .xlsx"),
    ],
)
def test_other_kinds_of_workbooks_are_refused_with_what_would_be_right(path: Path, part: str, said: str) -> None:
    assert refusal(path, with_part(xlsx(workbook_of([HEADER, A_ROW])), part, lambda _: b"x")).startswith(said)


def test_a_workbook_with_a_password_is_refused(path: Path) -> None:
    assert "has a password or is of Excel before 2007" in refusal(path, bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    content = bytearray(xlsx(workbook_of([HEADER, A_ROW])))
    begins = content.index(b"PK\x01\x02")
    content[begins + 8] |= 1
    assert refusal(path, bytes(content)).startswith(" is encrypted; save it as .xlsx without a password")


def test_a_part_that_stands_twice_is_refused(path: Path) -> None:
    out = io.BytesIO(xlsx(workbook_of([HEADER, A_ROW])))
    with zipfile.ZipFile(out, "a") as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the part that is written again
        package.writestr(SHEET, b"<worksheet/>")
    assert refusal(path, out.getvalue()) == " holds a part twice; save it anew as .xlsx"


def test_a_zip_that_would_fill_the_memory_is_refused_before_it_is_unpacked(path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package, package.open(SHEET, "w", force_zip64=True) as part:
        for _ in range(archive.MAX_BYTES // 2**20 + 1):
            part.write(bytes(2**20))
    assert len(out.getvalue()) < 2**20
    assert re.match(r" is 537,919,488 bytes when unpacked; at most 536,870,912 are read", refusal(path, out.getvalue()))


def test_a_zip_that_lies_about_its_size_is_refused(path: Path) -> None:
    content = bytearray(with_part(xlsx(workbook_of([HEADER, A_ROW])), SHEET, lambda part: part + b" " * 10_000))
    for begins in (at.start() for at in re.finditer(rb"PK\x01\x02", bytes(content))):
        name = content[begins + 46 : begins + 46 + int.from_bytes(content[begins + 28 : begins + 30], "little")]
        if name == SHEET.encode():
            content[begins + 24 : begins + 28] = (100).to_bytes(4, "little")
    assert " is cut, damaged or no workbook; deliver the whole file again" in refusal(path, bytes(content))


def test_entities_are_not_expanded(path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    content = with_part(xlsx(workbook_of([HEADER, A_ROW])), "xl/sharedStrings.xml", lambda _: bomb)
    assert refusal(path, content) == " has a part with a document type, which no workbook has"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, (b"<sheetData>", b"<sheetData><row r='x'>")),
        (SHEET, (b'<c r="A1"', b'<c r="!!"')),
        (SHEET, (b't="inlineStr"><is><t>A-1</t></is>', b't="s"><v>999</v>')),
        (SHEET, (b't="inlineStr"><is><t>A-1</t></is>', b't="n"><v>x</v>')),
        ("xl/workbook.xml", (b"<sheets>", b"<sheets><sheet/>")),
        ("[Content_Types].xml", (b"<Types", b"<Type")),
        ("xl/styles.xml", (b"<cellXfs", b"<cellXf")),
    ],
)
def test_a_damaged_part_refuses_the_workbook_and_shows_nothing_of_it(
    path: Path, part: str, change: tuple[bytes, bytes]
) -> None:
    rows = [HEADER, A_ROW, (canaries.NAME, SCHOOL, canaries.NAME)]

    def damaged(content: bytes) -> bytes:
        assert change[0] in content
        return content.replace(*change)

    message = refusal(path, with_part(xlsx(workbook_of(rows)), part, damaged))
    assert "is damaged or no workbook; save it anew as .xlsx" in message
    assert not canaries.found_in(message)


def test_a_workbook_whose_sheet_is_gone_is_refused(path: Path) -> None:
    content = xlsx(workbook_of([HEADER, A_ROW]))
    part = "xl/_rels/workbook.xml.rels"
    lost = with_part(content, part, lambda rels: rels.replace(b"sheet1.xml", b"sheet9.xml"))
    assert refusal(path, lost).startswith(" is empty; a table without machines still has its header line")


def test_every_flipped_byte_is_noticed_or_harmless(path: Path) -> None:
    content = xlsx(workbook_of([HEADER, A_ROW]))
    for position in range(0, len(content), 13):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0x15]) + content[position + 1 :])
        try:
            found = cells(read(path, MAPPING), "serial", "school", "assignee", "last_seen")
        except SourceError as error:
            assert str(error).startswith(str(path))  # noqa: PT017 - either outcome is right
        else:
            assert found == [A_ROW]

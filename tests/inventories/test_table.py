"""What a table says of its machines, in our words; what it does not say in a way that we know is told of."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.config.inventory import DAYS, WORDS, DevicesMapping
from provision.core.devices import DEVICE_COLUMNS
from provision.errors import SourceError
from provision.inventories.table import is_whole_table
from provision.inventories.table.days import day_reader
from provision.sources.drop import is_whole, newest_complete
from tests import canaries
from tests.inventories.table_files import NOW, SCHOOL, cells, csv_text, mapping_of, read, reasons, workbook_of, xlsx

KNOWN: Final = "serial,asset_tag,kind,model,school,room,use,status,purchased,last_seen\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "enheter.csv"


def heard(path: Path, column: str, text: str, **more: Any) -> tuple[str, list[str]]:
    """What a cell of a column "X" says in one of ours, and what is told of it."""
    path.write_text(csv_text([("Serienummer", "Skole", "X"), ("A-1", SCHOOL, text)]), encoding="utf-8")
    stocktake = read(path, mapping_of({column: "X"}, **more))
    assert all(serial == "A-1" for serial, _ in reasons(stocktake))
    ((cell,),) = cells(stocktake, column)
    return cell, [reason for _, reason in reasons(stocktake)]


# ── Without a mapping ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_table_with_our_columns_needs_no_mapping(path: Path) -> None:
    path.write_text(KNOWN + f"0042,NA,tablet,iPad,NO{SCHOOL},101,staff,in_repair,2025-06-30,2026-11-20\n")
    stocktake = read(path)
    (row,) = stocktake.table.to_dict("records")
    assert {name: cell for name, cell in row.items() if cell} == {
        "serial": "0042",
        "asset_tag": "NA",
        "kind": "tablet",
        "model": "iPad",
        "school": f"NO{SCHOOL}",
        "use": "staff",
        "status": "in_repair",
        "purchased": "2025-06-30",
        "last_seen": "2026-11-20",
    }
    assert stocktake.issues == ()


@pytest.mark.parametrize("needed", ["serial", "school"])
def test_without_these_columns_nothing_can_be_counted(path: Path, needed: str) -> None:
    path.write_text(KNOWN.replace(needed, "x"))
    with pytest.raises(SourceError, match=f"line 1: no column {needed}"):
        read(path)


def test_it_is_as_new_as_its_file_and_proves_nothing(path: Path) -> None:
    path.write_text(KNOWN)
    os.utime(path, (1_790_000_000,) * 2)
    stocktake = read(path)
    assert (stocktake.inventory, stocktake.read_at, stocktake.whole) == ("liste", NOW, "")
    assert stocktake.as_of == datetime.fromtimestamp(1_790_000_000, UTC)


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("column", WORDS)
def test_our_own_words_are_read_in_whatever_case(path: Path, column: str) -> None:
    for word in WORDS[column]:
        assert heard(path, column, f" {word.upper()} ") == (word, [])
    assert heard(path, column, "") == ("", [])


def test_their_words_are_put_into_ours_in_whatever_case(path: Path) -> None:
    words = {
        "status": {"Til REPARASJON": "in_repair", "": "in_stock", "-": ""},
        "kind": {"Åpen": "other", "Bær*": "laptop"},
    }
    for text, expected in (("til reparasjon", "in_repair"), ("", "in_stock"), ("-", ""), ("LOST", "lost")):
        assert heard(path, "status", text, values={"status": words["status"]}) == (expected, [])
    assert heard(path, "kind", "ÅPEN", values={"kind": words["kind"]}) == ("other", [])
    assert heard(path, "kind", "bærbar PC", values={"kind": words["kind"]}) == ("laptop", [])


@pytest.mark.parametrize("column", WORDS)
def test_a_word_that_nobody_knows_is_left_out_and_told_of_but_not_repeated(path: Path, column: str) -> None:
    cell, (reason,) = heard(path, column, canaries.NAME)
    assert cell == ""
    right = f"write one of {', '.join(WORDS[column])}, or say under values.{column} in the mapping what it means"
    assert reason == f"line 2, column X: no {column} that we know; {right}"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("1", "1"), ("ja", "1"), ("Yes", "1"), ("TRUE", "1"), ("SANN", "1"), ("0", "0"), ("Nei", "0"), ("usann", "0"),
        ("", ""),
    ],
)  # fmt: skip  # short cases, many to a line
def test_flags_are_yes_or_no(path: Path, text: str, flag: str) -> None:
    for column in ("shared", "private"):
        assert heard(path, column, text) == (flag, [])
        cell, (reason,) = heard(path, column, "kanskje")
        assert (cell, "write 1 or 0" in reason) == ("", True)


def test_a_school_may_be_given_another_name(path: Path) -> None:
    more = {"constants": {"kind": "laptop"}}
    path.write_text(csv_text([("Serienummer", "Skole"), ("A-1", "sodin"), ("A-2", "12"), ("A-3", "Svanem skole")]))
    mapping = mapping_of(values={"school": {"Sodin": SCHOOL, "12": "974575086"}}, **more)
    stocktake = read(path, mapping)
    assert cells(stocktake, "school", "kind") == [
        (SCHOOL, "laptop"), ("974575086", "laptop"), ("Svanem skole", "laptop"),
    ]  # fmt: skip  # rows
    assert stocktake.issues == ()


@pytest.mark.parametrize(("text", "told"), [("97458814", 1), ("1", 1), (SCHOOL, 0), (f"NO {SCHOOL}", 0), ("9B", 0)])
def test_a_school_number_that_is_too_short_is_kept_and_told_of(path: Path, text: str, told: int) -> None:
    path.write_text(csv_text([("Serienummer", "Skole"), ("a 1", text)]))
    stocktake = read(path, mapping_of())
    assert cells(stocktake, "serial", "school") == [("a 1", text)]
    assert len(reasons(stocktake)) == told
    assert all("line 2, column Skole: a number with fewer than nine" in reason for _, reason in reasons(stocktake))


def test_a_constant_counts_where_a_line_says_nothing(path: Path) -> None:
    rows = [("Serienummer", "Skole", "Status"), ("A-1", SCHOOL, ""), ("A-2", "", "lost"), ("A-3", "", "hm")]
    path.write_text(csv_text(rows))
    constants = {"status": "in_use", "school": "Sodin skole", "private": "0"}
    stocktake = read(path, mapping_of({"status": "Status"}, constants=constants))
    assert cells(stocktake, "school", "status", "private") == [
        (SCHOOL, "in_use", "0"), ("Sodin skole", "lost", "0"), ("Sodin skole", "", "0"),
    ]  # fmt: skip  # rows
    assert [serial for serial, _ in reasons(stocktake)] == ["A-3"]


def test_an_asset_tag_may_look_like_a_day(path: Path) -> None:
    assert heard(path, "asset_tag", "2026-08-17") == ("2026-08-17", [])


@pytest.mark.parametrize("column", ["assignee", "enrolled_by"])
@pytest.mark.parametrize("number", [canaries.NIN, f"{canaries.NIN}@nordlys.kommune.no"])
def test_an_identity_number_is_no_name_and_is_not_read(path: Path, column: str, number: str) -> None:
    cell, (reason,) = heard(path, column, number)
    assert cell == ""
    assert reason == "line 2, column X: an identity number, which is not read; use another name there"


# ── What a machine is for ────────────────────────────────────────────────────────────────────────────────────────
def test_a_room_tells_what_a_machine_is_for_before_the_column_that_says_so(path: Path) -> None:
    marks = [
        {"column": "Rom", "staff": ["Arbeidsrom*"], "administration": ["Kontor"], "after_school": ["*sfo*", "Lab ?"]},
        {"column": "Kategori", "loan": ["Utlån"], "pupil": ["Arbeidsrom 9", "Elev[1]"]},
    ]
    said = [
        ("arbeidsrom 9", "Utlån", "pupil", "staff"),
        ("Kontor", "", "pupil", "administration"),
        ("Kontor 2", "UTLÅN", "staff", "loan"),
        ("Rom SFO 1", "", "", "after_school"),
        ("Rom 101", "Elev[1]", "", "pupil"),
        ("Rom 101", "Elev1", "staff", "staff"),
        ("Lab 7", "", "pupil", "after_school"),
        ("", "", "", "loan"),
    ]
    rows = [(f"A-{n}", SCHOOL, *row[:3]) for n, row in enumerate(said)]
    path.write_text(csv_text([("Serienummer", "Skole", "Rom", "Kategori", "Bruk"), *rows]), encoding="utf-8")
    stocktake = read(path, mapping_of({"use": "Bruk"}, uses=marks, constants={"use": "loan"}))
    assert [use for (use,) in cells(stocktake, "use")] == [row[3] for row in said]
    assert stocktake.issues == ()


def test_the_column_that_tells_must_be_there(path: Path) -> None:
    path.write_text(csv_text([("Serienummer", "Skole"), ("A-1", SCHOOL)]))
    with pytest.raises(SourceError, match="no column Rom"):
        read(path, mapping_of(uses=[{"column": "Rom", "staff": ["x"]}]))


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", "2026-11-20"), ("2026-11-20T10:30:00Z", "2026-11-20"), ("2026-11-20 10:30", "2026-11-20"),
        ("20.11.2026", "2026-11-20"), ("1.2.2026", "2026-02-01"), ("20.11.2026 kl", None), ("20.11.26", None),
        ("20.11.2026 10.30", "2026-11-20"), ("46346", "2026-11-20"), ("46346,5", "2026-11-20"),
        ("46346.5", "2026-11-20"), ("0001-01-01", ""), ("01.01.0001", ""), ("2126-11-20", "2126-11-20"),
        ("0000-00-00", ""), ("-0001-11-30 00:00:00", ""), ("0002-01-01", "0002-01-01"),
        ("2026-02-30", None), ("0001-13-01", None), ("31.04.2026", None), ("00.11.2026", None),
        ("2023", None), ("20260817", None), ("-5", None), ("-46346", None), ("####", None), ("aldri", None),
        ("11/20/2026", None), ("2026-11", None), ("99999", None), ("12345", None),
        ("73050", "2099-12-31"), ("73051", None), ("32874", "1990-01-01"), ("32873", None),
    ],
)  # fmt: skip  # short cases, many to a line
def test_a_day_is_read_or_it_is_none_and_told_of(path: Path, text: str, day: str | None) -> None:
    for column in DAYS:
        cell, told = heard(path, column, text)
        assert cell == (day or "")
        assert [reason.split(";")[0] for reason in told] == (
            [] if day is not None else [f"line 2, column X: no {column} that we know"]
        )


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("mm/dd/yyyy", "11/20/2026", "2026-11-20"), ("dd/mm/yyyy", "11/10/2026", "2026-10-11"),
        ("dd.mm.yy", "20.11.26", "2026-11-20"), ("yyyymmdd", "20261120", "2026-11-20"),
        ("dd-mm-yyyy", "20-11-2026", "2026-11-20"), ("yyyy mm dd", "2026 1 2", "2026-01-02"),
    ],
)  # fmt: skip  # short cases, many to a line
def test_the_mapping_says_how_days_are_written(path: Path, form: str, text: str, day: str) -> None:
    assert heard(path, "purchased", text, dates=[form]) == (day, [])
    assert heard(path, "purchased", "2026-11-20", dates=[form]) == ("2026-11-20", [])


@given(st.dates(date(2, 1, 1)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT00:00:00Z", "%d.%m.%Y 23:59"]))
def test_every_day_that_there_is_comes_back(day: date, form: str) -> None:
    text = day.strftime(form.replace("%Y", f"{day.year:04}"))
    assert day_reader(["dd.mm.yyyy"])(text) == day.isoformat()


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_excels_number_of_a_day_is_that_day(day: date) -> None:
    assert day_reader([])(str((day - date(1899, 12, 30)).days)) == day.isoformat()


@given(st.text(max_size=12))
def test_whatever_it_says_it_is_a_day_or_none(text: str) -> None:
    found = day_reader(["dd.mm.yyyy", "mm/dd/yy"])(text)
    assert not found or date.fromisoformat(found).isoformat() == found


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_line_that_says_nothing_of_a_machine_is_told_of(path: Path) -> None:
    path.write_text(csv_text([("Serienummer", "Skole", "Merknad"), ("", "", "Sum 45"), ("A-1", SCHOOL, "")]))
    stocktake = read(path, mapping_of(constants={"kind": "laptop"}))
    assert cells(stocktake, "serial") == [("A-1",)]
    assert reasons(stocktake) == [("", "line 2: says nothing of a machine")]


def test_a_machine_without_a_serial_number_and_one_that_stands_twice_are_kept_and_told_of(path: Path) -> None:
    rows = [("a-1", SCHOOL), ("", SCHOOL), ("- ", ""), (" A-1 ", ""), ("A - 1", SCHOOL), ("#N/A", SCHOOL)]
    path.write_text(csv_text([("Serienummer", "Skole"), *rows]))
    stocktake = read(path, mapping_of())
    assert cells(stocktake, "serial") == [("a-1",), ("",), ("-",), ("A-1",), ("A - 1",), ("",)]
    unknown = "no serial number, so nobody knows whether another inventory has the machine too"
    assert reasons(stocktake) == [
        ("", f"line 3: {unknown}"),
        ("A-1", "line 5: the serial number stands in line 2 too"),
        ("A - 1", "line 6: the serial number stands in line 2 too"),
        ("", "line 7, column Serienummer: a formula without a result"),
        ("", f"line 7: {unknown}"),
    ]


cell_texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cell_texts, min_size=16, max_size=16), max_size=4))
def test_the_same_table_says_the_same_as_csv_and_as_a_workbook(tmp_path: Path, rows: list[list[str]]) -> None:
    said = []
    for name, content in (
        ("a.csv", csv_text([DEVICE_COLUMNS, *rows]).encode()),
        ("a.xlsx", xlsx(workbook_of([DEVICE_COLUMNS, *rows]))),
    ):
        (tmp_path / name).write_bytes(content)
        try:
            stocktake = read(tmp_path / name, DevicesMapping(format=1, columns={each: each for each in DEVICE_COLUMNS}))
        except SourceError as error:
            said.append(str(error).replace(name, "").partition(";")[0])
        else:
            said.append((cells(stocktake, *DEVICE_COLUMNS), stocktake.issues))
    assert said[0] == said[1]


# ── A watched folder ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_watched_folder_knows_a_table_that_has_its_end(tmp_path: Path) -> None:
    whole = csv_text([("Serienummer", "Skole"), ("A-1", SCHOOL)]).encode()
    hour = timedelta(hours=1).total_seconds()
    for age, (name, content) in enumerate(
        {"a.csv": whole, "b.csv": whole[:-4], "c.csv": b"", "d.csv.part": whole}.items()
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (time.time() - hour * (9 - age),) * 2)
    chosen = newest_complete(
        tmp_path / "*.csv*", now=datetime.now(UTC), settled=timedelta(seconds=60), complete=is_whole_table
    )
    assert chosen.name == "a.csv"
    assert not is_whole_table(tmp_path / "nothing.csv")
    book = tmp_path / "book.xlsx"
    book.write_bytes(xlsx(workbook_of([("Serienummer",)])))
    assert is_whole(book)
    assert is_whole_table(book)
    book.write_bytes(book.read_bytes()[:-30])
    assert not is_whole_table(book)

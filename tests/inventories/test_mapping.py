"""The mapping of a table of machines: what ships is right, and every fault is told at once, with file and key."""

import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import jsonschema
import pytest

from provision.config.inventory import (
    DAYS,
    FLAGS,
    WORDS,
    Column,
    DevicesMapping,
    Marks,
    devices_faults,
    load_devices_mapping,
)
from provision.core.devices import DEVICE_COLUMNS, Use
from provision.errors import ConfigurationError
from tests.inventories.table_files import SCHOOL, cells, csv_text, read, workbook_of, xlsx
from tests.shipped.machine import ROOT

FOLDER: Final = ROOT / "mappings" / "devices"
SHIPPED: Final = sorted(FOLDER.glob("*.toml"))
LEAST: Final[Mapping[str, Any]] = {"format": 1, "columns": {"serial": "Serienummer", "school": "Skole"}}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "mappings" / "devices")
    return tmp_path


def told(site: Path, text: str, name: str = "min") -> list[str]:
    """What is wrong in a mapping with this text."""
    (site / "mappings" / "devices" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_devices_mapping(site, name)
    assert all(fault.startswith(f"mappings/devices/{name}.toml: ") for fault in caught.value.faults)
    return [fault.removeprefix(f"mappings/devices/{name}.toml: ") for fault in caught.value.faults]


def test_the_columns_of_a_mapping_are_those_of_a_stocktake() -> None:
    assert get_args(Column) == DEVICE_COLUMNS
    assert {*WORDS, *FLAGS, *DAYS} < {*DEVICE_COLUMNS}
    assert {*Marks.model_fields} - {"column"} == {*Use}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_loads_names_its_schema_and_keeps_to_it(path: Path) -> None:
    load_devices_mapping(ROOT, path.stem)
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == "#:schema ./devices.schema.json"
    jsonschema.validate(tomllib.loads(text), json.loads((FOLDER / "devices.schema.json").read_text(encoding="utf-8")))


def test_the_mapping_that_ships_reads_such_a_list(tmp_path: Path) -> None:
    mapping = load_devices_mapping(ROOT, "municipality")
    names = list(mapping.required)
    lines = [
        {"Serienummer": "0042", "Skole": SCHOOL, "Type": "Bærbar PC", "Rom": "Rom 101", "Bruker": "elev1",
         "Innkjøpt": "1.8.2025", "Sist sett": "aldri", "Klassesett": "nei", "Status": ""},
        {"Serienummer": "0043", "Skole": "Sodin skole", "Type": "nettbrett", "Rom": "SFO-basen", "Status": "Stjålet"},
        {"Serienummer": "0044", "Skole": "Svanem", "Type": "Stasjonær", "Rom": "Lærerværelset", "Status": "I BRUK"},
    ]  # fmt: skip  # one line each
    rows = [["Enhetsliste"], names, *([line.get(name, "") for name in names] for line in lines)]
    wide = [[*row, *[""] * (len(names) - len(row))] for row in rows]
    for name, content in (("a.csv", csv_text(wide).encode("cp1252")), ("a.xlsx", xlsx(workbook_of(rows)))):
        (tmp_path / name).write_bytes(content)
        stocktake = read(tmp_path / name, mapping)
        assert stocktake.issues == ()
        assert cells(stocktake, "serial", "kind", "use", "status", "shared", "purchased", "last_seen") == [
            ("0042", "laptop", "pupil", "in_use", "0", "2025-08-01", ""),
            ("0043", "tablet", "after_school", "lost", "", "", ""),
            ("0044", "desktop", "staff", "in_use", "", "", ""),
        ]


def test_every_fault_is_told_at_once_with_its_key(site: Path) -> None:
    text = """
format = 2
heder = 2
header = 3
first = 3
dates = ["dd.mm", "dd.mm.yyyy", "dd.mm.yyyy yy"]
[columns]
serail = "Serienummer"
kind = "Type"
status = 7
[constants]
asset_tag = "x"
kind = "laptp"
shared = "ja"
purchased = "1.8.2025"
[values.kind]
"Bærbar" = "laptp"
"bærbar" = "laptop"
[values.private]
"Ja" = "ja"
[values.last_seen]
"aldri" = "never"
[[uses]]
column = "Rom"
[[uses]]
staf = ["Arbeidsrom"]
"""
    assert sorted(told(site, text)) == sorted([
        'columns.serail: unknown key; did you mean "serial"?',
        "columns.serial: is missing; nothing else tells one machine from another",
        "columns.status: Input should be a valid string",
        "constants.asset_tag: each machine has its own; leave it out",
        'constants.kind: "laptp" is no kind; did you mean "laptop"?',
        'constants.purchased: "1.8.2025" is no day as 2026-06-30',
        'constants.shared: "ja" is neither "1", "0" nor ""',
        'dates.0: "dd.mm" needs dd, mm and yyyy or yy, each once, such as dd.mm.yyyy',
        'dates.2: "dd.mm.yyyy yy" needs dd, mm and yyyy or yy, each once, such as dd.mm.yyyy',
        "first: is 3, but the names of the columns stand in line 3, above all machines",
        "format: Input should be 1",
        'heder: unknown key; did you mean "header"?',
        f"uses.0: says of no word what it means; give one of {', '.join(Use)}",
        "uses.1.column: is missing",
        'uses.1.staf: unknown key; did you mean "staff"?',
        f"uses.1: says of no word what it means; give one of {', '.join(Use)}",
        'values.kind."Bærbar": "laptp" is no kind; did you mean "laptop"?',
        'values.kind."bærbar": stands twice; upper and lower case are alike',
        "values.last_seen: columns.last_seen says from where it is read, and is missing",
        'values.last_seen."aldri": "never" is no day as 2026-06-30',
        "values.private: columns.private says from where it is read, and is missing",
        'values.private."Ja": "ja" is neither "1", "0" nor ""',
    ])  # fmt: skip  # a fault to a line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = ", "Invalid value"),
        ("format = 1\nformat = 1", "Cannot overwrite a value"),
        ("", "columns: is missing"),
        ("format = 1\ncolumns = 3\nvalues = 4\nuses = 5\ndates = 6\nconstants = 7", "columns: Input should be"),
        ('format = 1\n[columns]\nserial = "S"\n[values]\nkind = 3', "values.kind: Input should be"),
        ('format = 1\nheader = 0\nsheet = 3\nuses = [1]\n[columns]\nserial = "S"', "header: Input should be"),
    ],
)
def test_whatever_somebody_writes_is_told_of(site: Path, text: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in told(site, text))


def test_a_file_that_is_no_utf8_and_a_mapping_that_is_not_there_are_told_of(site: Path) -> None:
    (site / "mappings" / "devices" / "latin.toml").write_bytes('sheet = "Å"'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"mappings/devices/latin\.toml: is not UTF-8; save it as UTF-8"):
        load_devices_mapping(site, "latin")
    with pytest.raises(ConfigurationError, match=r'no mapping "municipalty" in .*; did you mean "municipality"\?'):
        load_devices_mapping(site, "municipalty")
    with pytest.raises(ConfigurationError, match=r'no mapping "\.\./\.\./x"'):
        load_devices_mapping(site, "../../x")


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"serail": "x"}},
        {"columns": {}, "heder": 2},
        {"format": 2},
        {"values": {"knd": {}}},
        {"uses": [{"staff": ["x"]}]},
        {"uses": [{"column": "x", "staf": ["x"]}]},
    ],
)
def test_what_is_refused_on_loading_is_marked_by_an_editor(change: dict[str, Any]) -> None:
    schema = json.loads((FOLDER / "devices.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate({**LEAST}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**LEAST, **change}, schema)
    assert devices_faults({**LEAST, **change})


def test_the_least_that_a_mapping_says_is_enough() -> None:
    assert devices_faults(LEAST) == []
    mapping = DevicesMapping.model_validate(LEAST)
    assert (mapping.required, mapping.header, mapping.begins) == (("Serienummer", "Skole"), 1, 2)

"""What every inventory does, whatever its dialect."""

import pkgutil
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from provision import inventories
from provision.config.inventory import DAYS, FLAGS, WORDS
from provision.core.devices import DEVICE_COLUMNS, Stocktake
from provision.errors import SourceError
from tests import canaries
from tests.contract.inventory_factories import A_MACHINE, INVENTORIES, Bench, Machine
from tests.inventories.table_files import NOW


@pytest.fixture(params=INVENTORIES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return INVENTORIES[request.param]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def read(bench: Bench, path: Path, machines: Sequence[Machine]) -> Stocktake:
    path.write_bytes(bench.written(machines))
    return bench.open(path).read()


def rows(stocktake: Stocktake, columns: frozenset[str]) -> list[dict[str, str]]:
    return [{name: row[name] for name in columns} for row in stocktake.table.to_dict("records")]


def test_no_inventory_escapes_the_contract() -> None:
    written = {module.name for module in pkgutil.iter_modules(inventories.__path__)}
    opened = {type(bench.open(Path("nowhere"))).__module__.split(".")[2] for bench in INVENTORIES.values()}
    assert opened == written


def test_it_says_of_every_machine_what_its_dialect_can(bench: Bench, path: Path) -> None:
    machines = [
        A_MACHINE,
        {**A_MACHINE, "serial": "B-2", "use": "staff", "shared": "1", "kind": "tablet", "status": "in_stock"},
        {**A_MACHINE, "serial": "A-3", "private": "1", "assignee": "", "last_seen": "2026-11-22"},
    ]
    assert rows(read(bench, path, machines), bench.speaks) == [
        {name: machine[name] for name in bench.speaks} for machine in machines
    ]


def test_what_it_cannot_say_is_empty(bench: Bench, path: Path) -> None:
    (row,) = rows(read(bench, path, [{"serial": "A-1", "school": A_MACHINE["school"]}]), frozenset(DEVICE_COLUMNS))
    said = {name for name, cell in row.items() if cell} - {"serial", "school"}
    assert said <= {*WORDS, *FLAGS}, "what everything is by default"


def test_it_yields_the_canonical_columns_all_text_none_missing(bench: Bench, path: Path) -> None:
    for machines in ([A_MACHINE, {"serial": "A-1"}], []):
        stocktake = read(bench, path, machines)
        assert tuple(stocktake.table.columns) == DEVICE_COLUMNS
        assert len(stocktake.table) == len(machines)
        assert all(type(cell) is str for name in DEVICE_COLUMNS for cell in stocktake.table[name])


def test_it_uses_no_words_but_ours(bench: Bench, path: Path) -> None:
    odd = {**A_MACHINE, **dict.fromkeys(("kind", "use", "status", "shared", "private"), "hm"), "serial": "A-1"}
    never = {**A_MACHINE, **dict.fromkeys(DAYS, "0001-01-01"), "serial": "A-2"}
    allowed = {**{name: {"", *words} for name, words in WORDS.items()}, **{name: {"", "0", "1"} for name in FLAGS}}
    said = rows(read(bench, path, [odd, never, A_MACHINE]), frozenset(DEVICE_COLUMNS))
    assert all(row[name] in words for row in said for name, words in allowed.items())
    assert all(date.fromisoformat(row[name]).isoformat() == row[name] for row in said for name in DAYS if row[name])
    assert {said[1][name] for name in DAYS} == {""}


def test_it_says_who_and_when(bench: Bench, path: Path) -> None:
    stocktake = read(bench, path, [A_MACHINE])
    assert stocktake.inventory == bench.open(path).name
    assert stocktake.read_at == NOW
    assert stocktake.as_of is None or stocktake.as_of.tzinfo is not None
    assert stocktake.issues == ()


@pytest.mark.parametrize(
    "serial",
    [
        "0042", "000", "NA", "null", "nan", "None", "1e5", "4E10", "=1+1", "c02 x y z", "Åse-æøå", "a;b", "a,b", '"',
        "<&>", "&amp;", "12345678901234567890", "12.50", "5cg/12_3.4-a",
    ],
)  # fmt: skip  # short cases, many to a line
def test_it_keeps_serial_numbers_letter_by_letter(bench: Bench, path: Path, serial: str) -> None:
    assert list(read(bench, path, [{**A_MACHINE, "serial": serial}]).table["serial"]) == [serial]


def test_machines_stand_in_the_order_of_the_inventory_also_those_with_one_serial_number(
    bench: Bench, path: Path
) -> None:
    serials = ["B", "A", "", "B", ""]
    stocktake = read(bench, path, [{**A_MACHINE, "serial": serial} for serial in serials])
    assert list(stocktake.table["serial"]) == serials


def test_an_inventory_without_machines_is_one(bench: Bench, path: Path) -> None:
    assert len(read(bench, path, []).table) == 0


def test_what_is_cut_is_refused_or_it_is_whole(bench: Bench, path: Path) -> None:
    named = {"assignee": canaries.NAME, "enrolled_by": canaries.NAME, "serial": canaries.NAME}
    content = bench.written([A_MACHINE, {**A_MACHINE, **named}, {**A_MACHINE, "serial": "A-3"}])
    seams = bench.seams(content)
    assert len(content) in seams
    whole = bench.open(path)
    for end in sorted({*range(0, len(content), 7), *seams, *(seam - 1 for seam in seams if seam - 1 not in seams)}):
        path.write_bytes(content[:end])
        if end in seams:
            assert tuple(whole.read().table.columns) == DEVICE_COLUMNS
        else:
            with pytest.raises(SourceError, match=path.name) as refused:
                whole.read()
            assert not canaries.found_in(str(refused.value))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"\0", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"wrong;header\n1;2\n", b"<html></html>", b"\xff\xfe<\0a\0>\0", b"[]", b"{}", b'{"value": 1}', b"%PDF-1.7\n",
    ],
)  # fmt: skip  # short cases, many to a line
def test_what_is_something_else_is_refused(bench: Bench, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(SourceError, match=path.name):
        bench.open(path).read()


def test_what_is_not_there_is_refused(bench: Bench, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(SourceError, match=path.name):
            bench.open(path).read()


def test_it_reads_the_same_twice(bench: Bench, path: Path) -> None:
    first = read(bench, path, [A_MACHINE, {**A_MACHINE, "serial": "A-2", "status": "hm"}])
    second = bench.open(path).read()
    assert first.table.equals(second.table)
    assert (first.as_of, first.whole, first.issues) == (second.as_of, second.whole, second.issues)


def test_its_issues_hold_nothing_of_anybody_and_identity_numbers_are_not_read(bench: Bench, path: Path) -> None:
    everywhere = dict.fromkeys(DEVICE_COLUMNS, canaries.NAME)
    machines = [{**everywhere, "serial": "A-1"}, {**A_MACHINE, "assignee": canaries.NIN, "enrolled_by": canaries.NAME}]
    stocktake = read(bench, path, machines)
    assert not canaries.found_in(repr(stocktake.issues))
    assert canaries.NIN not in "".join(cell for row in rows(stocktake, bench.speaks) for cell in row.values())
    assert all(issue.source == stocktake.inventory for issue in stocktake.issues)
    assert all(re.match(r"\S", issue.reason) for issue in stocktake.issues)

"""What every source does, whatever its dialect."""

import pkgutil
from pathlib import Path

import pytest

from provision import sources, wiring
from provision.core.extract import COLUMNS, Extract
from provision.errors import SourceError
from tests import pifu
from tests.contract.source_factories import SOURCES, Bench

# A folder that files are dropped into may hold those of any dialect.
NO_DIALECTS = frozenset({"drop"})


@pytest.fixture(params=SOURCES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return SOURCES[request.param]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def read(bench: Bench, path: Path, content: bytes) -> Extract:
    path.write_bytes(content)
    return bench.open(path).read()


def test_no_source_escapes_the_contract() -> None:
    written = {module.name for module in pkgutil.iter_modules(sources.__path__)} - NO_DIALECTS
    opened = {type(bench.open(Path("nowhere"))).__module__ for bench in SOURCES.values()}
    assert {module.split(".")[2] for module in opened} == written
    assert SOURCES.keys() >= wiring.SOURCES.keys()


def test_the_source_is_named_as_its_dialect() -> None:
    for name, bench in SOURCES.items():
        assert bench.open(Path("nowhere")).name == name


def test_it_yields_the_canonical_columns_all_text_none_missing(bench: Bench, path: Path) -> None:
    extract = read(bench, path, bench.written("elev-1", "utf-8"))
    assert len(extract.tables[bench.table])
    for table, frame in extract.tables.items():
        assert tuple(frame.columns) == COLUMNS[table]
        assert all(isinstance(cell, str) for column in frame.columns for cell in frame[column])


def test_it_says_who_when_and_how_it_knows_that_it_has_everything(bench: Bench, path: Path) -> None:
    extract = read(bench, path, bench.written("elev-1", "utf-8"))
    assert extract.source == bench.open(path).name
    assert extract.read_at == pifu.NOW
    assert extract.as_of is not None
    assert extract.as_of.tzinfo is not None
    assert extract.whole


@pytest.mark.parametrize(
    "id_", ["0042", "NA", "null", "nan", "None", "1e5", "Åse-æøå", "Áŋŧ", "a;b", "a,b", '"', "<&>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_it_keeps_text_letter_by_letter(bench: Bench, path: Path, id_: str, encoding: str) -> None:
    extract = read(bench, path, bench.written(id_, encoding))
    assert id_ in list(extract.tables[bench.table]["sourced_id"])


def test_a_cut_file_is_refused_or_it_is_a_whole_shorter_one(bench: Bench, path: Path) -> None:
    content = bench.written("elev-1", "utf-8")
    seams = bench.seams(content)
    assert len(content) in seams
    for end in sorted({*range(0, len(content), 7), *seams, *(seam - 1 for seam in seams if seam - 1 not in seams)}):
        if end in seams:
            assert read(bench, path, content[:end]).tables
        else:
            with pytest.raises(SourceError, match=path.name):
                read(bench, path, content[:end])


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\0", b"PK\x03\x04", b"wrong;header\n1;2\n", b"<html></html>", b"\xff\xfe<\0a\0>\0"]
)
def test_another_file_is_refused(bench: Bench, path: Path, content: bytes) -> None:
    with pytest.raises(SourceError, match=path.name):
        read(bench, path, content)


def test_a_file_in_another_encoding_than_it_says_is_refused(bench: Bench, path: Path) -> None:
    with pytest.raises(SourceError, match=r"line \d.*UTF-8"):
        read(bench, path, bench.written("Åse", "latin-1"))


def test_a_missing_file_and_a_folder_are_refused(bench: Bench, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(SourceError, match=path.name):
            bench.open(path).read()


def test_it_reads_the_same_twice(bench: Bench, path: Path) -> None:
    first = read(bench, path, bench.written("elev-1", "utf-8"))
    second = bench.open(path).read()
    assert first.tables.keys() == second.tables.keys()
    assert all(first.tables[table].equals(second.tables[table]) for table in first.tables)
    assert first.completeness == second.completeness
    assert (first.as_of, first.whole) == (second.as_of, second.whole)

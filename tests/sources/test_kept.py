"""What was accepted last is there again to the last cell, or it is not there at all."""

import gzip
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.extract import COLUMNS, Completeness, Extract
from provision.errors import SourceError
from provision.sources import kept as keeping
from provision.sources.kept import Kept
from tests import canaries, pifu

DAYS = 14
CELLS = st.text(st.characters(), max_size=12)  # what a SIS may send over JSON: halves of pairs as well
YEARS = st.integers(0, 10**9).map(lambda seconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
MOMENTS = st.builds(lambda moment, zone: moment.astimezone(zone), YEARS, st.sampled_from([UTC, pifu.NOW.tzinfo]))


def table(name: str, rows: list[tuple[str, ...]]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS[name])
    return pd.DataFrame(dict(zip(COLUMNS[name], map(list, columns), strict=True)), dtype=object)


@st.composite
def extracts(draw: st.DrawFn) -> Extract:
    names = draw(st.sets(st.sampled_from(sorted(COLUMNS))))
    return Extract(
        source="pifu_ims",
        read_at=draw(MOMENTS),
        as_of=draw(st.none() | MOMENTS | MOMENTS.map(lambda moment: moment.replace(tzinfo=None))),
        tables={n: table(n, draw(st.lists(st.tuples(*(CELLS for _ in COLUMNS[n])), max_size=4))) for n in names},
        completeness=draw(st.dictionaries(CELLS, st.builds(Completeness), max_size=2)),
        whole=draw(CELLS),
    )


def an_extract(source: str = "pifu_ims", *, name: str = "Kari") -> Extract:
    users = [(f"elev-{n}", "active", name, "Nordmann", "", canaries.NIN, "", "", "", "") for n in range(40)]
    proof = {pifu.SCHOOL: Completeness(40, 1, 0, "the file is whole", "")}
    return Extract(source, pifu.NOW, pifu.NOW, {"users": table("users", users)}, proof, "the last line is there")


def same(one: Extract, other: Extract) -> bool:
    tables = one.tables.keys() == other.tables.keys() and all(
        one.tables[name].equals(other.tables[name]) for name in one.tables
    )
    rest = [(e.source, e.read_at, e.as_of, e.completeness, e.whole) for e in (one, other)]
    return tables and rest[0] == rest[1]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "kept" / "nightly", DAYS)


def only(kept: Kept) -> Path:
    (path,) = kept.files()
    return path


@given(extract=extracts())
def test_what_is_kept_reads_back_as_it_was(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = Kept(tmp_path_factory.mktemp("kept"), DAYS)
    kept.keep([extract])
    assert same(kept.source("pifu_ims").read(), extract)


def test_a_table_longer_than_what_is_written_at_once_is_whole(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_BATCH", 7)
    kept.keep([an_extract()])
    assert same(kept.source("pifu_ims").read(), an_extract())


def test_it_is_for_its_owner_only(kept: Kept) -> None:
    before = os.umask(0)
    try:
        kept.keep([an_extract()])
    finally:
        os.umask(before)
    assert stat.S_IMODE(only(kept).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700


def test_only_the_latest_of_each_source_is_kept(kept: Kept) -> None:
    kept.keep([an_extract(), an_extract("people_csv")])
    kept.keep([an_extract(name="Ola")])
    assert only(kept).name.startswith("pifu_ims.")
    assert same(kept.source("pifu_ims").read(), an_extract(name="Ola"))
    with pytest.raises(SourceError, match=r"people_csv.*is not there: nothing is kept of people_csv"):
        kept.source("people_csv").read()


def test_what_is_older_than_it_may_be_is_deleted(kept: Kept) -> None:
    kept.keep([an_extract()])
    kept.keep([kept.source("pifu_ims").read()])  # kept once more it is no younger
    assert kept.forget(pifu.NOW + timedelta(days=DAYS)) == []
    path = only(kept)
    assert kept.forget(pifu.NOW + timedelta(days=DAYS, seconds=1)) == [path]
    assert kept.files() == []


def test_nothing_is_forgotten_where_nothing_was_ever_kept(kept: Kept) -> None:
    assert kept.forget(pifu.NOW) == []


@pytest.mark.parametrize("step", [1, 2, 5])
def test_a_damaged_file_is_refused_and_nothing_of_it_believed(kept: Kept, step: int) -> None:
    kept.keep([an_extract()])
    path = only(kept)
    content = path.read_bytes()
    for place in range(step, len(content), 1 + len(content) // 60):
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << step)]) + content[place + 1 :])
        told = ""
        try:
            assert same(kept.source("pifu_ims").read(), an_extract()), "save for a bit that means nothing"
        except SourceError as error:
            told = str(error)
        assert not told or path.name in told
        assert canaries.NIN not in told


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"3", b'"text"', b"{}", b'{"format":2,"source":"pifu_ims"}', b'{"format":1,"source":"other"}', b"{",
        b'{"format":1,"source":"pifu_ims","tables":[]}', b'{"format":1,"source":"pifu_ims","tables":{"pets":[0]}}',
        b'{"format":1,"source":"pifu_ims","tables":{"care":[0,"sourced_id"]}}',
    ],
)  # fmt: skip  # short cases, many to a line
def test_what_another_version_kept_is_refused(kept: Kept, line: bytes) -> None:
    kept.keep([an_extract()])
    only(kept).write_bytes(gzip.compress(line + b"\n"))
    with pytest.raises(SourceError, match="not what this version of the program keeps"):
        kept.source("pifu_ims").read()


@pytest.mark.parametrize(
    "rows",
    [
        b'["id_changes",["a"],["b"]]',
        b'["id_changes",["a","c"],["b"]]',
        b'["id_changes",["a",1],["b","d"]]',
        b'["id_changes",["a","c"]]',
        b'["users",["a","c"],["b","d"]]',
    ],
)
def test_rows_that_are_not_as_announced_are_refused(kept: Kept, rows: bytes) -> None:
    changes = table("id_changes", [("a", "b"), ("c", "d")])
    kept.keep([Extract("pifu_ims", pifu.NOW, None, {"id_changes": changes})])
    head, whole = gzip.decompress(only(kept).read_bytes()).splitlines()
    assert whole == b'["id_changes",["a","c"],["b","d"]]'
    only(kept).write_bytes(gzip.compress(head + b"\n" + rows + b"\n"))
    with pytest.raises(SourceError, match=r"pifu_ims\.jsonl\.gz is not what"):
        kept.source("pifu_ims").read()

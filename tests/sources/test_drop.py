"""The watched folder: which file is read, and what may not happen to it meanwhile."""

import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from provision.core.extract import Extract
from provision.core.ports import Source
from provision.errors import SourceError
from provision.sources.drop import SETTLED, Dropped, is_whole, newest_complete
from tests import pifu

XML: Final = pifu.document(pifu.person("elev-1"), pifu.ORGS).encode()
NEVER: Final = timedelta(0)


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.csv", "propertyName,value\r\n" * 40)
        package.writestr("users.csv", "sourcedId,status\r\n" * 900)
    return out.getvalue()


ZIP: Final = a_zip()


def dropped(path: Path, content: bytes = XML, *, ago: float = 3600.0) -> Path:
    """A file that was written so many seconds ago."""
    path.write_bytes(content)
    os.utime(path, (time.time() - ago,) * 2)
    return path


def choose(pattern: Path, *, settled: timedelta = SETTLED, later: float = 0.0) -> str:
    now = datetime.now(UTC) + timedelta(seconds=later)
    return newest_complete(pattern, now=now, settled=settled, complete=is_whole).name


@pytest.fixture
def told() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line)), format="{level} {message}")
    yield lines
    logger.remove(sink)


# ── Which file ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_newest_file_is_read(tmp_path: Path, told: list[str]) -> None:
    dropped(tmp_path / "b.xml", ago=7200)
    dropped(tmp_path / "a.xml", ago=3600)
    dropped(tmp_path / "c.xml", ago=9000)
    dropped(tmp_path / "d.txt", ago=100)
    (tmp_path / "folder.xml").mkdir()
    assert choose(tmp_path / "*.xml") == "a.xml"
    assert told == []


@pytest.mark.parametrize(
    "name",
    [
        ".a.xml", "~a.xml", "a.xml~", "a.xml.part", "a.xml.tmp", "a.xml.filepart", "a.xml.crdownload", "a.xml.new",
        "a.PART", ".in.a.xml.",
    ],
)  # fmt: skip  # short cases, many to a line
def test_a_file_with_a_temporary_name_is_not_read(tmp_path: Path, told: list[str], name: str) -> None:
    dropped(tmp_path / "old.xml", ago=9000)
    dropped(tmp_path / name, ago=3600)
    assert choose(tmp_path / "*") == "old.xml"
    assert told == [f"WARNING {name} has the name of a file that is still being written; old.xml is read instead\n"]


def test_a_file_that_was_just_written_waits_until_it_has_settled(tmp_path: Path, told: list[str]) -> None:
    dropped(tmp_path / "old.xml", ago=9000)
    dropped(tmp_path / "new.xml", ago=5)
    assert choose(tmp_path / "*.xml") == "old.xml"
    assert "new.xml was written 5 seconds ago and may not be all there; old.xml is read instead" in told[0]
    assert choose(tmp_path / "*.xml", later=54) == "old.xml"
    assert choose(tmp_path / "*.xml", later=56) == "new.xml"


def test_a_file_has_settled_after_that_time_to_the_second(tmp_path: Path) -> None:
    moment = 1_700_000_000
    os.utime(dropped(tmp_path / "a.xml"), (moment, moment))
    now = datetime.fromtimestamp(moment, UTC) + SETTLED
    assert newest_complete(tmp_path / "*.xml", now=now, settled=SETTLED, complete=is_whole).name == "a.xml"
    with pytest.raises(SourceError, match="was written 59 seconds ago"):
        newest_complete(tmp_path / "*.xml", now=now - timedelta(seconds=1), settled=SETTLED, complete=is_whole)


def test_a_file_without_its_end_is_not_read_however_old_it_is(tmp_path: Path, told: list[str]) -> None:
    dropped(tmp_path / "old.xml", ago=9000)
    dropped(tmp_path / "new.xml", XML[:-3])
    assert choose(tmp_path / "*.xml") == "old.xml"
    assert "new.xml has no end" in told[0]


def test_nothing_is_said_of_files_that_are_older_than_the_one_that_is_read(tmp_path: Path, told: list[str]) -> None:
    dropped(tmp_path / "older.xml", XML[:-3], ago=9000)
    dropped(tmp_path / "new.xml")
    assert choose(tmp_path / "*.xml") == "new.xml"
    assert told == []


def test_a_time_in_the_future_neither_blocks_nor_wins(tmp_path: Path) -> None:
    dropped(tmp_path / "future.xml", ago=-(10**8))
    assert choose(tmp_path / "*.xml", later=100) == "future.xml"
    dropped(tmp_path / "tonight.xml", ago=-30)
    assert choose(tmp_path / "*.xml", later=100) == "tonight.xml"


def test_after_the_clock_was_set_back_what_came_before_is_read_and_what_came_since(tmp_path: Path) -> None:
    dropped(tmp_path / "wrong.xml", ago=0)
    with pytest.raises(SourceError, match=r"wrong\.xml was written in the future; set the clock"):
        choose(tmp_path / "*.xml", later=-7200)
    dropped(tmp_path / "before.xml", ago=9000)
    assert choose(tmp_path / "*.xml", later=-7200) == "before.xml"
    dropped(tmp_path / "since.xml", ago=7300)
    assert choose(tmp_path / "*.xml", later=-7200) == "since.xml"


FILES: Final = st.lists(
    st.tuples(
        st.sampled_from(["a.xml", "b.xml", "c.xml", "d.xml", ".e.xml", "f.xml.part"]),
        st.sampled_from([-5000, -1000, -200, -90, -70, -61, -59, -30, 0, 1, 3600, 10**8]),
        st.booleans(),
    ),
    unique_by=lambda each: each[0],
    max_size=6,
)


@given(files=FILES)
def test_it_is_always_the_newest_of_those_that_are_whole_and_settled(files: list[tuple[str, int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        now = datetime.now(UTC) + timedelta(seconds=100)
        expected: list[tuple[float, str]] = []
        for name, offset, whole in files:
            path = dropped(Path(folder, name), XML if whole else XML[:-4])
            os.utime(path, (now.timestamp() + offset,) * 2)
            written = now.timestamp() + offset if offset <= 0 else path.stat().st_ctime
            if whole and now.timestamp() - written >= 60 and len(name) == len("a.xml"):
                expected.append((written, name))
        pattern = Path(folder, "*")
        if expected:
            assert newest_complete(pattern, now=now, settled=SETTLED, complete=is_whole).name == max(expected)[1]
        else:
            with pytest.raises(SourceError, match="no complete file"):
                newest_complete(pattern, now=now, settled=SETTLED, complete=is_whole)


def test_of_two_equally_new_files_the_last_by_name_is_read(tmp_path: Path) -> None:
    moment = time.time() - 3600
    for name in ("2026-11-24.xml", "2026-11-25.xml", "2026-11-23.xml"):
        os.utime(dropped(tmp_path / name), (moment, moment))
    assert choose(tmp_path / "*.xml") == "2026-11-25.xml"


def test_the_message_says_what_is_there_and_what_would_be_right(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"\*\.xml: no complete file \(nothing has such a name\); have one"):
        choose(tmp_path / "*.xml")
    for number in range(9):
        dropped(tmp_path / f"{number}.xml", XML[:-3])
    with pytest.raises(SourceError, match=r"8\.xml has no end.*; and 4 more\); have one delivered there") as caught:
        choose(tmp_path / "*.xml")
    assert "0.xml" not in str(caught.value)
    with pytest.raises(SourceError, match=r"nowhere cannot be read: No such file"):
        choose(tmp_path / "nowhere" / "*.xml")


# ── While somebody writes ────────────────────────────────────────────────────────────────────────────────────────
WRITER: Final = """
import sys
with open(sys.argv[1], "wb", buffering=0) as out:
    for line in sys.stdin:
        out.write(bytes.fromhex(line))
        print("written", flush=True)
"""


@pytest.mark.parametrize(("name", "content"), [("new.xml", XML), ("new.zip", ZIP)])
def test_no_piece_of_what_a_program_is_writing_is_ever_taken_for_a_file(
    tmp_path: Path, name: str, content: bytes
) -> None:
    old = dropped(tmp_path / f"old{Path(name).suffix}", content, ago=9000)
    pattern = tmp_path / f"*{old.suffix}"
    step = len(content) // 40
    pieces = [content[start : start + step] for start in range(0, len(content), step)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path / name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        for piece in pieces:
            # Not even for somebody who waits for nothing but the end.
            assert choose(pattern, settled=NEVER) == old.name
            writer.stdin.write(f"{piece.hex()}\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "written\n"
            assert choose(pattern) == old.name
        writer.stdin.close()
    assert choose(pattern, settled=NEVER) == name
    assert choose(pattern, later=61) == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_no_beginning_of_a_document_is_whole(tmp_path: Path, encoding: str) -> None:
    text = f"<?xml version='1.0'?><!-- a <b> --><e xmlns='x'>{'<person>Åse</person>' * 9}</e>"
    document = text.encode(encoding)
    path = tmp_path / "file"
    for end in range(len(document)):
        path.write_bytes(document[:end])
        assert not is_whole(path), end
    for rest in ("", "\n", " \r\n\n", "<!-- made at night -->\n"):
        path.write_bytes((text + rest).encode(encoding))
        assert is_whole(path), rest


def test_no_beginning_of_a_zip_is_whole_even_where_its_room_is_taken_beforehand(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for end in range(len(ZIP)):
        for content in {ZIP[:end], ZIP[:end].ljust(len(ZIP), b"\0")} - {ZIP}:
            path.write_bytes(content)
            assert not is_whole(path), end
    path.write_bytes(ZIP)
    assert is_whole(path)


def test_a_large_document_is_judged_by_its_two_ends(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    path.write_bytes(b"<e>" + b"<p>x</p>" * 100_000 + b"</e>")
    assert is_whole(path)
    path.write_bytes(b"<e>" + b"<p>x</p>" * 100_000)
    assert not is_whole(path)
    path.write_bytes(b"")
    assert not is_whole(path)
    assert not is_whole(tmp_path / "nothing")


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
class Meddling:
    """A source during whose reading something happens to its file."""

    name = "pifu_ims"

    def __init__(self, path: Path, meddle: Callable[[Path], object]) -> None:
        self.path, self.meddle = path, meddle

    def read(self) -> Extract:
        extract = pifu.source(self.path).read()
        self.meddle(self.path)
        return extract


def source(path: Path, meddle: Callable[[Path], object] = lambda _: None) -> Source:
    return Dropped(path, lambda chosen: Meddling(chosen, meddle), clock=lambda: datetime.now(UTC))


def append(path: Path) -> None:
    with path.open("ab") as out:
        out.write(b"\n")


def replace_by_the_same(path: Path) -> None:
    said = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(said.st_atime_ns, said.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("meddle", [append, replace_by_the_same, os.utime, Path.unlink])
@pytest.mark.parametrize("pattern", ["*.xml", "a.xml"])
def test_a_file_that_changes_while_it_is_read_does_not_count(
    tmp_path: Path, pattern: str, meddle: Callable[[Path], object]
) -> None:
    dropped(tmp_path / "a.xml")
    with pytest.raises(SourceError, match=r"a\.xml was changed while it was read; run again"):
        source(tmp_path / pattern, meddle).read()


def test_a_file_in_a_folder_that_changes_while_the_folder_is_read_does_not_count(tmp_path: Path) -> None:
    inside = dropped(tmp_path / "a.xml")

    class Folder:
        name = "folder"

        def read(self) -> Extract:
            extract = pifu.source(inside).read()
            append(inside)
            return extract

    with pytest.raises(SourceError, match="was changed while it was read"):
        Dropped(tmp_path, lambda _: Folder(), clock=lambda: datetime.now(UTC)).read()


def test_what_else_is_delivered_meanwhile_changes_nothing(tmp_path: Path) -> None:
    dropped(tmp_path / "a.xml")
    extract = source(tmp_path / "*.xml", lambda path: dropped(path.with_name("b.xml"))).read()
    assert list(extract.tables["users"]["sourced_id"]) == ["elev-1"]


def test_one_file_that_is_named_is_read_at_once(tmp_path: Path) -> None:
    assert source(dropped(tmp_path / "sis.xml", ago=0)).read().whole
    assert source(dropped(tmp_path / "[sis]*.xml", ago=0)).read().whole
    assert source(tmp_path / "*.xml").name == "pifu_ims"


def test_a_named_file_that_is_missing_is_the_sources_own_fault(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"sis\.xml"):
        source(tmp_path / "sis.xml").read()

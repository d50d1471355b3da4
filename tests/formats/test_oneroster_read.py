"""A OneRoster package is read whole or not at all."""

import io
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.errors import SourceError
from provision.formats import oneroster_files, oneroster_read
from provision.formats.oneroster import MANIFEST, columns
from provision.formats.oneroster_read import Package, read_package
from tests import packages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oneroster.zip"


def read(path: Path, content: dict[str, bytes], **how: Any) -> Package:
    path.write_bytes(packages.zipped(content, **how))
    return read_package(path)


def refusal(path: Path, content: dict[str, bytes] | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else packages.zipped(content))
    with pytest.raises(SourceError) as caught:
        read_package(path)
    assert path.name in str(caught.value)
    return str(caught.value)


def small() -> dict[str, bytes]:
    return packages.files(packages.small())


def test_every_file_that_the_manifest_names_is_read_with_all_its_rows(path: Path) -> None:
    package = read(path, small())
    assert package.version == "1.2"
    assert package.tables.keys() == packages.small().keys()
    assert package.tables["users"].columns == columns("users", "1.2")
    assert [row[0] for row in package.tables["users"].rows] == ["elev-1", "mor-1", "laerer-1"]
    assert package.whole
    assert not package.doubt


@pytest.mark.parametrize(("said", "version"), [("1.1", "1.1"), ("1.2", "1.2"), ("1.2.1", "1.2")])
def test_each_version_that_we_know_is_read(path: Path, said: str, version: packages.Version) -> None:
    content = packages.files(packages.small(version), version)
    bulk = [name.removesuffix(".csv") for name in content if name != MANIFEST]
    assert read(path, content | {MANIFEST: packages.manifest(bulk, said).encode()}).version == version


@pytest.mark.parametrize("said", ["1.0", "2.0", ""])
def test_a_version_that_we_do_not_know_is_refused(path: Path, said: str) -> None:
    assert "should be 1.1 or 1.2" in refusal(path, small() | {MANIFEST: packages.manifest([], said).encode()})


def test_a_package_without_manifest_is_told_from_version_1_0(path: Path) -> None:
    content = small()
    del content[MANIFEST]
    assert "1.0" in refusal(path, content)


def test_mere_changes_are_refused(path: Path) -> None:
    message = refusal(path, small() | {MANIFEST: packages.manifest([], users="delta").encode()})
    assert "file.users is delta" in message
    assert "bulk" in message


@pytest.mark.parametrize("kind", ["Bulk", "", "whole"])
def test_a_manifest_may_say_bulk_and_absent_only(path: Path, kind: str) -> None:
    assert "file.users should be bulk or absent" in refusal(
        path, small() | {MANIFEST: packages.manifest([], users=kind).encode()}
    )


def test_a_manifest_that_says_two_things_of_one_file_is_refused(path: Path) -> None:
    content = small()
    content[MANIFEST] += b"file.users,absent\r\n"
    assert f"{MANIFEST}, line" in refusal(path, content)


@pytest.mark.parametrize("name", ["users", "results", "vendorExtras"])
def test_a_file_that_the_manifest_names_must_be_there(path: Path, name: str) -> None:
    content = small()
    content.pop(f"{name}.csv", None)
    bulk = [*packages.small(), name]
    assert f"no {name}.csv" in refusal(path, content | {MANIFEST: packages.manifest(bulk, **{name: "bulk"}).encode()})


def test_a_file_that_the_manifest_denies_is_refused(path: Path) -> None:
    content = small() | {MANIFEST: packages.manifest([n for n in packages.small() if n != "roles"]).encode()}
    assert "file.roles should be bulk" in refusal(path, content)


def test_files_that_are_none_of_ours_are_ignored(path: Path) -> None:
    content = small() | {"readme.txt": b"\xff\0", "__MACOSX/users.csv": b"\xff", "../users.csv": b"x", "/etc/x": b""}
    assert read(path, content).whole


@pytest.mark.parametrize("folder", ["export/", "a/b/", "./"])
def test_the_files_may_lie_in_one_folder_of_the_zip(path: Path, folder: str) -> None:
    assert read(path, small(), folder=folder).tables.keys() == packages.small().keys()


def test_two_packages_in_one_zip_are_refused(path: Path) -> None:
    both = small() | {f"old/{name}": each for name, each in small().items()}
    assert "several packages" in refusal(path, both)


def test_a_file_that_stands_twice_is_refused(path: Path) -> None:
    assert "users.csv twice" in refusal(path, small() | {"./users.csv": small()["users.csv"]})


def test_a_zip_cut_anywhere_is_refused(path: Path) -> None:
    whole = packages.zipped(small())
    for end in range(0, len(whole), 7):
        refusal(path, whole[:end])


@given(st.data())
def test_a_zip_with_any_byte_changed_is_refused_or_says_the_same(data: st.DataObject) -> None:
    whole = bytearray(packages.zipped(small()))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oneroster.zip"
        path.write_bytes(packages.zipped(small()))
        expected = read_package(path)
        path.write_bytes(whole)
        try:
            found = read_package(path)
        except SourceError:
            return
    assert {name: (t.columns, t.rows) for name, t in found.tables.items()} == {
        name: (t.columns, t.rows) for name, t in expected.tables.items()
    }


def test_a_file_that_nobody_wants_must_be_whole_too(path: Path) -> None:
    content = small() | {"results.csv": b"sourcedId\r\nunlikely-text\r\n"}
    content[MANIFEST] = packages.manifest([*packages.small(), "results"]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    path.write_bytes(out.getvalue())
    assert "results" not in read_package(path, wanted={"users": {"sourcedId"}}).tables
    assert "damaged" in refusal(path, out.getvalue().replace(b"unlikely", b"doubtful"))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_another_way_is_refused(path: Path, method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(MANIFEST, small()[MANIFEST])
    assert "DEFLATE" in refusal(path, out.getvalue())


def test_an_encrypted_zip_is_refused(path: Path) -> None:
    content = bytearray(packages.zipped(small()))
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        place = content.index(start) + (6 if start == b"PK\x03\x04" else 8)
        content[place] |= 1
    assert "encrypted" in refusal(path, bytes(content))


def test_a_zip_that_unpacks_to_more_than_we_read_is_refused_before_it_is_unpacked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oneroster_files, "MAX_BYTES", 5000)
    assert "at most 5,000" in refusal(path, small() | {"results.csv": b"x" * 5000})


def test_a_line_without_end_is_refused(path: Path) -> None:
    content = small()
    content["users.csv"] += b"x" * (3 << 20)
    assert "users.csv, line 5: longer than" in refusal(path, content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: no column sourcedId"),
        (b"sourcedId,name\r\n", "line 1: no column type"),
        (b"sourcedid,name,type\r\n", "line 1: no column sourcedId"),
        (b"sourcedId,name,type,name\r\n", "line 1: column name stands twice"),
        (b"sourcedId,name,type\r\n1,A,school\r\n2,B\r\n", "line 3: 2 cells, but the header has 3"),
        (b"sourcedId,name,type\r\n1,A,B,school\r\n", "line 2: 4 cells, but the header has 3"),
        (b'sourcedId,name,type\r\n1,"A" B,school\r\n', "line 2: no CSV"),
        (b'sourcedId,name,type\r\n1,A,"school\r\n2,B,school\r\n', "no CSV"),
        (b"sourcedId,name,type\r1,A,school\r", "no CSV"),
        (b"sourcedId,name,type\r\n1,A\0,school\r\n", "line 2: holds a NUL"),
        (b"sourcedId,name,type\r\n1,A,school\r\n2,\xc5se,school\r\n", "line 3: not UTF-8"),
        ("sourcedId,name,type\r\n".encode("utf-16"), "line 1: not UTF-8"),
    ],
)
def test_a_faulty_file_is_refused_by_file_and_line(path: Path, content: bytes, said: str) -> None:
    message = refusal(path, small() | {"orgs.csv": content})
    assert "orgs.csv" in message
    assert said in message


def test_columns_go_by_name_and_unknown_ones_are_no_fault(path: Path) -> None:
    content = b"\xef\xbb\xbftype,metadata.kind,sourcedId,colour,name\nschool,x,1,red,A\n"
    table = read(path, small() | {"orgs.csv": content}).tables["orgs"]
    assert list(table.picked("sourcedId", "name", "type", "metadata.kind")) == [("1", "A", "school", "x")]


def test_the_users_file_of_1_2_0_is_read(path: Path) -> None:
    header = [*columns("users", "1.2")]
    header.insert(header.index("userMasterIdentifier") + 1, "resourceSourcedIds")
    content = packages.text([packages.user("elev-1", pronouns="de")], header).encode()
    table = read(path, small() | {"users.csv": content}).tables["users"]
    assert list(table.picked("sourcedId", "pronouns")) == [("elev-1", "de")]


def test_only_wanted_columns_are_kept_besides_metadata(path: Path) -> None:
    content = packages.text(
        [packages.user("elev-1", password="hemmelig", **{"metadata.a": "b"})], columns("users", "1.2")
    )
    path.write_bytes(packages.zipped(small() | {"users.csv": content.encode()}))
    tables = read_package(path, wanted={"users": {"sourcedId", "email"}}).tables
    assert {name: table.columns for name, table in tables.items()} == {
        "users": ("sourcedId", "status", "email", "metadata.a")
    }
    assert "hemmelig" not in repr(tables)


def test_a_line_break_in_a_cell_and_blank_lines_leave_the_line_numbers_right(path: Path) -> None:
    content = b'sourcedId,name,type\r\n\r\n1,"A\r\nB",school\r\n2,C,school\r\n\r\n'
    table = read(path, small() | {"orgs.csv": content}).tables["orgs"]
    assert [row[1] for row in table.rows] == ["A\r\nB", "C"]
    assert table.where(1) == "orgs.csv, line 5"


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_letters_and_lines_may_be_cut_between_two_pieces_that_are_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(oneroster_read, "_CHUNK", chunk)
    content = '\ufeffsourcedId,name,type\r\n1,Åsgård,school\r\n2,"Ø\r\nY",school\r\n3,李,school'.encode()
    table = read(path, small() | {"orgs.csv": content}).tables["orgs"]
    assert [row[1] for row in table.rows] == ["Åsgård", "Ø\r\nY", "李"]
    assert [table.where(row) for row in range(3)] == [f"orgs.csv, line {line}" for line in (2, 4, 5)]
    assert "orgs.csv, line 5: not UTF-8" in refusal(path, small() | {"orgs.csv": content + b"\xe6\r\n4,B,school"})
    assert "orgs.csv, line 5: holds a NUL" in refusal(path, small() | {"orgs.csv": content + b"\0"})


def test_a_file_with_a_header_only_has_no_rows(path: Path) -> None:
    assert list(read(path, small() | {"courses.csv": b"sourcedId,title,orgSourcedId\r\n"}).tables["courses"].rows) == []


@pytest.mark.parametrize("status", ["active", "tobedeleted"])
def test_a_file_of_changes_that_calls_itself_whole_proves_nothing(path: Path, status: str) -> None:
    tables = packages.small()
    tables["users"][2] = packages.user("laerer-1", status=status)
    package = read(path, packages.files(tables))
    assert not package.whole
    assert "users.csv, line 4: status is filled" in package.doubt


def test_the_newest_file_says_when_the_package_was_made_in_norwegian_time(path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for hour, (name, each) in enumerate(small().items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 17, hour, 0, 0)), each)
        archive.writestr(zipfile.ZipInfo("readme.txt", (2027, 1, 1, 0, 0, 0)), b"")
    path.write_bytes(out.getvalue())
    assert read_package(path).made_at == datetime(2026, 12, 17, 6, 0, tzinfo=UTC)
    assert read(path, small()).made_at == datetime(2026, 8, 17, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("moment", [(1980, 1, 1, 0, 0, 0), (2026, 2, 30, 0, 0, 0)])
def test_a_zip_may_not_say_when_it_was_made(path: Path, moment: tuple[int, ...]) -> None:
    assert read(path, small(), moment=moment).made_at is None


def test_a_folder_is_read_and_proves_nothing(tmp_path: Path) -> None:
    for name, each in small().items():
        (tmp_path / name).write_bytes(each)
    (tmp_path / "sub").mkdir()
    package = read_package(tmp_path)
    assert len(package.tables["users"].rows) == 3
    assert not package.whole
    assert "folder" in package.doubt
    assert package.made_at is None


def test_a_cut_file_in_a_folder_is_refused(tmp_path: Path) -> None:
    for name, each in small().items():
        (tmp_path / name).write_bytes(each.removesuffix(b"\r\n") if name == "roles.csv" else each)
    with pytest.raises(SourceError, match=r"roles\.csv: the last line has no line break"):
        read_package(tmp_path)


def test_progress_is_told_until_everything_is_read(path: Path) -> None:
    told: list[tuple[int, int]] = []
    path.write_bytes(packages.zipped(small()))
    read_package(path, wanted={"users": ()}, progress=lambda done, total: told.append((done, total)))
    total = sum(map(len, small().values()))
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_whatever_was_written_is_read_again(cells: list[tuple[str, str, str]], ending: str) -> None:
    header = ("sourcedId", "name", "type")
    written = packages.text([dict(zip(header, row, strict=True)) for row in cells], header)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oneroster.zip"
        table = read(path, small() | {"orgs.csv": written.replace("\r\n", ending).encode()}).tables["orgs"]
    again = [tuple(cell.replace("\r\n", ending) for cell in row) for row in cells]
    assert [tuple(row) for row in table.rows] == again

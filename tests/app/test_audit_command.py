"""`provision audit`: what was altered, dropped, moved or cut off, and what the chain says."""

import sqlite3
from pathlib import Path

import pytest

from tests.app.journals import database
from tests.app.sites import Site


@pytest.fixture
def heads(site: Site, tmp_path: Path) -> Path:
    """A file elsewhere that has the chain's end after the first night and after the second."""
    path = tmp_path / "heads"
    site.append(".env", f'AUDIT_HEADS="{path}"')
    site.night(1)
    site.night(2)
    return path


def change(site: Site, statement: str) -> None:
    with sqlite3.connect(database(site.folder)) as connection:
        connection.execute(statement)
    connection.close()


def verified(site: Site, *more: str, code: int) -> str:
    said = site.cli("audit", "verify", "--json", *more, code=code).json
    assert said["whole"] == (code == 0)
    return str(said["broken"])


def test_a_chain_that_nobody_touched_is_whole_with_every_end_that_was_kept(site: Site, heads: Path) -> None:
    assert len(heads.read_text(encoding="utf-8").splitlines()) == 2
    verified(site, "--heads", str(heads), code=0)
    assert "2 ends that were kept elsewhere" in site.cli("audit", "verify", "--heads", str(heads), code=0).out


def test_each_line_is_the_end_that_a_run_left(site: Site, heads: Path) -> None:
    end = site.cli("audit", "verify", "--json").json["head"]
    assert heads.read_text(encoding="utf-8").splitlines()[-1].split()[1] == end
    assert heads.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET body = body || ' ' WHERE seq = 20", "20 is not as it was written"),
        ("DELETE FROM audit WHERE seq = 20", "20 is missing"),
        (
            "UPDATE audit SET body = (SELECT body FROM audit AS b WHERE b.seq = 41 - audit.seq) WHERE seq IN (20, 21)",
            "20 is not as it was written, or not where it was",
        ),
    ],
)
def test_what_is_altered_dropped_or_moved_is_found_without_any_end(site: Site, statement: str, told: str) -> None:
    change(site, statement)
    assert told in verified(site, code=1)


def test_what_is_cut_off_is_found_with_an_end_only(site: Site, heads: Path) -> None:
    change(site, "DELETE FROM audit WHERE seq > 20")
    verified(site, code=0)
    assert "were cut off" in verified(site, "--heads", str(heads), code=1)
    last = heads.read_text(encoding="utf-8").split()[-1]
    assert "were cut off" in verified(site, "--head", last, code=1)


def test_a_chain_that_was_written_anew_is_found_with_an_end(site: Site, heads: Path) -> None:
    number = heads.read_text(encoding="utf-8").split()[1].partition(":")[0]
    assert "kept elsewhere" in verified(site, "--head", f"{number}:{'0' * 64}", code=1)


def test_a_file_that_holds_no_ends_is_told_with_its_line(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "heads"
    path.write_text("2026-11-23 12:zz\n", encoding="utf-8")
    assert "line 1" in site.cli("audit", "verify", "--heads", str(path), code=2).err
    site.cli("audit", "verify", "--heads", str(tmp_path / "nowhere"), code=2)
    site.cli("audit", "verify", "--head", "12", code=2)


def test_a_folder_gets_a_file_for_each_realm(site: Site, tmp_path: Path) -> None:
    site.append(".env", f'AUDIT_HEADS="{tmp_path}"')
    site.night(1)
    assert (tmp_path / "hemne.kommune.no-audit-heads.txt").exists()


def test_where_the_end_cannot_be_kept_the_run_is_done_and_the_doctor_says_so(site: Site, tmp_path: Path) -> None:
    site.append(".env", f'AUDIT_HEADS="{tmp_path / "nowhere" / "heads"}"')
    assert "is not kept in" in site.night(1).err
    found = site.cli("doctor", "--json", code=3).json["findings"]
    assert [each["level"] for each in found if "AUDIT_HEADS" in each["text"]] == ["fail"]


def test_what_the_chain_says_of_a_person_is_found_by_id(site: Site) -> None:
    everything = site.cli("audit", "search", "--json").json["records"]
    keys = (each["said"].get("key", "") for each in everything)
    person = next(key.partition(":")[2] for key in keys if key.startswith("account:"))
    found = site.cli("audit", "search", "--person", person, "--json").json
    assert {each["event"] for each in found["records"]} >= {"intend", "settle"}
    assert len(found["records"]) < len(everything)
    assert found["erased"] == 0


def test_what_the_chain_says_of_a_run_and_since_a_day_is_found(site: Site) -> None:
    run = site.cli("status", "--json").json["runs"][0]["run"]
    found = site.cli("audit", "search", "--run", run, "--json").json["records"]
    assert {each["said"]["run"] for each in found} == {run}
    assert site.cli("audit", "search", "--since", "2126-01-01", "--json").json["records"] == []


def test_of_what_was_erased_only_its_number_is_said(site: Site) -> None:
    change(site, "UPDATE audit SET body = 'erased 00' WHERE seq = 3")
    assert site.cli("audit", "search", "--json").json["erased"] == 1
    assert "the content was erased" in site.cli("audit", "search").out

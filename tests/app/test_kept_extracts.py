"""What a run has accepted is kept for what must be done before the next export; what it has not is not."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tests.app.edits import named, without
from tests.app.sites import SOUTH, Site, day, number_of, pupils


def kept(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site.folder / "var" / "kept" / "nightly").iterdir()}


def test_every_source_of_a_run_is_kept_for_the_owner_only(site: Site) -> None:
    assert {"pifu_ims.jsonl.gz", "care_csv.jsonl.gz", "people_csv.jsonl.gz"} <= kept(site).keys()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (site.folder / "var" / "kept").rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_later_run_replaces_what_was_kept(site: Site) -> None:
    before = kept(site)
    site.night(1, named(pupils(site, SOUTH)[0], "Nytt", "Namn"))
    assert kept(site)["pifu_ims.jsonl.gz"] != before["pifu_ims.jsonl.gz"]


@pytest.mark.parametrize("how", ["a plan", "an odd list", "a cut export", "an older export"])
def test_what_was_not_accepted_is_not_kept(site: Site, how: str) -> None:
    before = kept(site)
    site.export(1, without(pupils(site, SOUTH)[:1]))
    if how == "a plan":
        site.plan(1)
    elif how == "an odd list":
        site.append("data/care.csv", *(f"{who},,1,,," for who in pupils(site, SOUTH)))
        site.run(1, code=4)
    elif how == "a cut export":
        site.sis.write_bytes(site.sis.read_bytes()[:-20])
        site.run(1, code=4)
    else:
        site.export(-1)
        site.run(1, code=4)
    assert kept(site) == before


def test_a_disk_that_takes_no_copy_keeps_no_night_waiting(site: Site) -> None:
    folder = site.folder / "var" / "kept" / "nightly"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("in the way", encoding="utf-8")
    said = site.night(1, named(pupils(site, SOUTH)[0], "Nytt", "Namn"))
    assert said.target["done"] == {"done": 1}
    assert "what was read cannot be kept (File exists)" in said.err


def test_it_is_gone_after_its_days_also_where_no_run_can_read_anything(site: Site) -> None:
    site.sis.unlink()
    now = datetime.now(UTC)
    for days, left in ((13, True), (15, False)):
        with time_machine.travel(now + timedelta(days=days)):
            site.run(1, code=4)
        assert ("pifu_ims.jsonl.gz" in kept(site)) is left


def test_each_job_keeps_its_own(site: Site) -> None:
    jobs = site.folder / "jobs"
    (jobs / "evening.toml").write_bytes((jobs / "nightly.toml").read_bytes())
    before = kept(site)
    site.export(1)
    site.cli("run", "evening", "--day", str(day(1)), code=0)
    assert kept(site) == before
    assert (site.folder / "var" / "kept" / "evening" / "pifu_ims.jsonl.gz").exists()


def test_no_identity_number_can_be_read_in_passing(site: Site) -> None:
    number = number_of(site, pupils(site, SOUTH)[0])
    assert number
    for path in _files(site.folder / "var"):
        assert number.encode() not in path.read_bytes(), path


def _files(folder: Path) -> list[Path]:
    return [Path(where) / name for where, _, names in os.walk(folder) for name in names]

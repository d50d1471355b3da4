"""What `provision doctor` says of tonight: no more than is true, and nothing that the next run would refuse."""

import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest

from provision import inputs
from provision.rest import Limits
from tests.app.sites import Said, Site, with_lms
from tests.servers.snipe_it import Manners, SnipeIt, asset
from tests.servers.web import Reply, Web

RIGHT = 'put back last night\'s, or delete it and then `provision approve {} --reason "…" --site {}`'


def found(said: Said, word: str) -> dict[str, str]:
    """The only finding that says this."""
    (only,) = [finding for finding in said.json["findings"] if word in finding["text"]]
    return only


@pytest.mark.parametrize(("target", "file"), [("feide", "feide.ldif"), ("lms", "oneroster.zip")])
def test_a_target_that_is_not_there_yet_is_fine_until_it_should_be(fresh: Site, target: str, file: str) -> None:
    with_lms(fresh)
    path = fresh.folder / "out" / file
    first = found(fresh.cli("doctor", "--json", code=0), f"{target}: ")
    assert (first["level"], first["text"]) == ("ok", f"{target}: {path} is not there yet; the first run makes it")
    fresh.night(0)
    assert found(fresh.cli("doctor", "--json", code=0), f"{target}: ")["text"] == f"{target}: kept in {path}"
    path.unlink()
    gone = found(fresh.cli("doctor", "--json", code=3), f"{target}: ")
    assert gone["level"] == "fail"
    assert f'provision approve {target} --reason "…"' in gone["text"]
    (refused,) = [each for each in fresh.run(1, code=7).json["targets"] if each["target"] == target]
    assert refused["failure"] in gone["text"], "which is what a run says too"
    fresh.cli("approve", target, "--reason", "so it is", "--json", code=0)
    assert found(fresh.cli("doctor", "--json", code=0), f"{target}: ")["level"] == "ok"


def test_the_advice_for_a_damaged_package_is_one_that_the_next_run_follows(fresh: Site) -> None:
    with_lms(fresh)
    fresh.night(0)
    path = fresh.folder / "out" / "oneroster.zip"
    path.write_bytes(path.read_bytes()[:-30])
    finding = found(fresh.cli("doctor", "--json", code=3), "lms: ")
    assert finding["remedy"] == RIGHT.format("lms", fresh.folder)
    assert RIGHT.format("lms", fresh.folder) in finding["text"]
    path.unlink()
    fresh.cli("approve", "lms", "--reason", "so it is", "--json", code=0)
    fresh.run(1, code=0)
    assert ZipFile(path).testzip() is None


def head_logged_last(site: Site) -> str:
    """The end of the audit chain, as whoever keeps the log elsewhere has it."""
    said = (site.folder / "var" / "log" / "provision.jsonl").read_text(encoding="utf-8")
    return re.findall(r"audit head ([0-9]+:[0-9a-f]{64})", said)[-1]


def test_an_audit_chain_that_was_cut_at_its_end_shows_against_a_head_that_a_run_logged(site: Site) -> None:
    head = head_logged_last(site)
    number = head.partition(":")[0]
    site.run(0)
    whole = found(site.cli("doctor", "--head", head, "--json", code=0), "audit chain")
    assert f"with the head {number} in it" in whole["text"]
    with closing(sqlite3.connect(site.folder / "var" / "journal.db")) as journal:
        journal.execute("DELETE FROM audit WHERE seq >= ?", (number,))
        journal.commit()
    assert found(site.cli("doctor", "--json", code=0), "audit chain")["level"] == "ok", "by itself it does not show"
    cut = found(site.cli("doctor", "--head", head, "--json", code=3), "audit chain")
    assert f"audit records {number} to {number} were cut off" in cut["text"]


@pytest.mark.parametrize("head", ["d26f", "12", "12:", "x:d26f", "12:d26f"])
def test_what_is_no_head_is_refused(site: Site, head: str) -> None:
    assert "--head is the end of the audit chain as a run logs it" in site.cli("doctor", "--head", head, code=2).err


def test_a_file_that_was_passed_over_in_the_inbox_is_a_warning(fresh: Site) -> None:
    inbox = fresh.folder / "inbox"
    inbox.mkdir()
    for name, content in (("good.xml", fresh.pristine), ("half.xml", fresh.pristine[:900])):
        (inbox / name).write_bytes(content)
        long_ago = time.time() - (7200 if name == "good.xml" else 3600)
        os.utime(inbox / name, (long_ago, long_ago))
    fresh.replace("jobs/nightly.toml", ("data/sis.xml", "inbox/*.xml"))
    said = fresh.cli("doctor", "--json", code=0)
    assert found(said, "half.xml")["level"] == "warn"
    assert "good.xml is read instead" in found(said, "half.xml")["text"]
    assert said.err == ""


def on_rest(site: Site, url: str) -> None:
    site.replace("jobs/nightly.toml", ('kind = "pifu_ims"', 'kind = "oneroster_rest"'), ('path = "data/sis.xml"', ""))
    site.replace("jobs/nightly.toml", ("[source]\n", '[source]\nrest = { version = "1.1", auth = "oauth1" }\n'))
    site.append(".env", f'ONEROSTER_URL="{url}"', 'ONEROSTER_CLIENT_ID="k"', 'ONEROSTER_CLIENT_SECRET="s"')


def test_a_sis_that_answers_is_told_by_its_address(fresh: Site) -> None:
    with Web(lambda _: Reply(b'{"orgs": []}')) as web:
        on_rest(fresh, web.url)
        assert found(fresh.cli("doctor", "--json", code=0), "the SIS answers")["text"].endswith(web.url)


def test_a_sis_that_does_not_answer_is_told_within_seconds_and_nothing_else(
    fresh: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inputs.IMPATIENT.patience <= 15 < Limits().patience
    monkeypatch.setattr(inputs, "IMPATIENT", Limits(patience=0.8))  # long enough to be asked twice
    with Web(lambda _: Reply()) as web:
        on_rest(fresh, web.url)
    said = fresh.cli("doctor", "--json", code=3)
    assert "nobody answers there; check the address and its port" in found(said, "the SIS: ")["text"]
    assert said.err == "", "and no log"


def test_settings_that_are_missing_are_told_by_the_doctor_as_by_a_run(fresh: Site, tmp_path: Path) -> None:
    on_rest(fresh, "https://sis.example/ims")
    fresh.append(".env", 'ONEROSTER_CLIENT_ID=""', f'ONEROSTER_CA_FILE="{tmp_path}/none"')
    said = fresh.cli("doctor", code=3)
    assert ".env: ONEROSTER_CLIENT_ID (or ONEROSTER_CLIENT_ID_FILE) is missing" in said.err
    assert ".env: ONEROSTER_CA_FILE: there is no file" in said.err
    assert said.err == fresh.cli("plan", code=3).err


# ── Inventories ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_table_of_machines_is_there_missing_or_older_than_any_machine_in_it_may_be(fresh: Site) -> None:
    path = fresh.folder / "data" / "devices.csv"
    assert found(fresh.cli("doctor", "--json", code=0), "devices.csv")["text"] == f"{path} is there, 0 days old"
    for days, level in ((60, "ok"), (61, "warn")):
        written = time.time() - days * 86400 - 60
        os.utime(path, (written, written))
        told = found(fresh.cli("doctor", "--json", code=0), "devices.csv")
        assert (told["level"], f"{days} days old" in told["text"]) == (level, True)
    path.unlink()
    told = found(fresh.cli("doctor", "--json", code=3), "devices.csv")
    assert told["text"] == f"{path} is missing"
    assert told["remedy"] == "have it delivered there, or change devices.inventories.devices_csv.path in the job"


def test_of_a_watched_folder_with_tables_is_told_which_is_read_and_what_was_passed_over(fresh: Site) -> None:
    inbox = fresh.folder / "inbox"
    inbox.mkdir()
    fresh.replace("jobs/nightly.toml", ("data/devices.csv", "inbox/*.csv"))
    told = found(fresh.cli("doctor", "--json", code=3), "*.csv")
    assert told["remedy"] == "have it delivered there, or change devices.inventories.devices_csv.path in the job"
    for name, content, ago in (("whole.csv", "serial,school\n", 7200), ("cut.csv", "serial,scho", 3600)):
        (inbox / name).write_text(content)
        os.utime(inbox / name, (time.time() - ago,) * 2)
    said = fresh.cli("doctor", "--json", code=0)
    assert found(said, "cut.csv")["level"] == "warn"
    assert found(said, "whole.csv is there")["level"] == "ok"


def on_snipe_it(site: Site, url: str, token: str) -> None:
    site.replace("jobs/nightly.toml", ('kind = "table" ', 'kind = "snipe_it" '), ('path = "data/devices.csv"', ""))
    site.append(".env", f'SNIPE_IT_URL="{url}"', f'SNIPE_IT_TOKEN="{token}"')


def test_a_system_with_machines_is_asked_for_one_of_them(fresh: Site) -> None:
    with SnipeIt([asset(1), asset(2)]) as server:
        on_snipe_it(fresh, server.web.url, server.token)
        told = found(fresh.cli("doctor", "--json", code=0), "devices_csv")
        assert (told["level"], told["text"]) == ("ok", "the inventory devices_csv answers")
        assert [each.query["limit"] for each in server.web.asked] == ["1"]


def test_a_system_that_refuses_us_is_told_with_what_would_be_right(fresh: Site) -> None:
    with SnipeIt([asset(1)], Manners(permitted=False)) as server:
        on_snipe_it(fresh, server.web.url, server.token)
        told = found(fresh.cli("doctor", "--json", code=3), "devices_csv: ")
    assert told["level"] == "fail"
    assert told["text"].endswith("the user of the token needs the permission to view assets, and no other")


def test_settings_of_an_inventory_that_are_missing_are_told_by_the_doctor_as_by_a_count_and_stop_no_night(
    fresh: Site,
) -> None:
    on_snipe_it(fresh, "", "")
    said = fresh.cli("doctor", code=3)
    assert ".env: SNIPE_IT_URL (or SNIPE_IT_URL_FILE) is missing; an inventory of kind snipe_it needs it" in said.err
    assert said.err == fresh.cli("ratios", code=3).err
    fresh.cli("plan", code=0)

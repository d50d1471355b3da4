"""What is deployed: a unit that systemd takes and that locks the service in, and a backup that can be put back."""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from provision.config import Settings
from tests.app.edits import joined, without
from tests.app.sites import DAY, NORTH, PEOPLE, SOUTH, Site, call, carries, pupils
from tests.shipped.machine import ROOT
from tests.shipped.test_docs import COMMANDS, options

UNIT = ROOT / "deploy" / "provision.service"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_PROGRAM = "/opt/provision/run"
# Of ten, by systemd's own count; what is left is that it has the network, and the host's files to read.
_EXPOSED_AT_MOST = "1.5"
_STOPPING_SECONDS = 60


def said(text: str) -> Mapping[str, list[str]]:
    """Every value of every key of the unit."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in re.findall(r"(?m)^(\w+)=(.*)$", text):
        found[key].append(value)
    return found


def analyze(folder: Path, *arguments: str, change: tuple[str, str] = ("", "")) -> subprocess.CompletedProcess[str]:
    """What systemd says of the unit where the program lies in this checkout."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (apt install systemd)")
    unit = folder / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace(*change).replace(_PROGRAM, str(ROOT / "run"))
    unit.write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "--no-pager", *arguments, str(unit)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = analyze(tmp_path, "--man=no", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    misspelt = analyze(tmp_path, "--man=no", "verify", change=("PrivateTmp", "PrivatTmp"))
    assert "PrivatTmp" in misspelt.stderr


def test_the_unit_gives_the_service_no_more_than_it_needs(tmp_path: Path) -> None:
    limit = ("security", "--offline=true", f"--threshold={_EXPOSED_AT_MOST.replace('.', '')}")
    done = analyze(tmp_path, *limit)
    if "unrecognized option" in done.stderr or "Unknown option" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not installed (it is older than 250)")
    assert done.returncode == 0, done.stdout
    assert analyze(tmp_path, *limit, change=("CapabilityBoundingSet=\n", "")).returncode != 0


def test_the_unit_starts_a_command_that_exists_with_secrets_that_are_settings() -> None:
    text = UNIT.read_text(encoding="utf-8")
    unit = said(text)
    (start,) = unit["ExecStart"]
    program, command, *given = start.split()
    assert program == _PROGRAM
    assert {each for each in given if each.startswith("--")} <= {name for name, _ in options(COMMANDS[command])}
    names = {f"{name.upper()}_FILE" for name in Settings.model_fields}
    loaded = dict(re.findall(r"(?m)^#?LoadCredential=(\w+):(\S+)$", text))
    used = dict(re.findall(r"(?m)^#?Environment=(\w+)=%d/(\w+)$", text))
    assert used.keys() <= names
    assert set(used.values()) == loaded.keys()
    assert all(path == f"/etc/provision/{name}" for name, path in loaded.items())


def test_the_service_has_time_to_leave_and_is_not_started_over_a_fault_in_its_settings() -> None:
    unit = said(UNIT.read_text(encoding="utf-8"))
    assert int(unit["TimeoutStopSec"][0]) > _STOPPING_SECONDS
    assert unit["KillMode"] == ["mixed"]
    assert unit["OOMPolicy"] == ["continue"]
    assert unit["RestartPreventExitStatus"] == ["2 3"]
    assert unit["ReadWritePaths"] == unit["WorkingDirectory"]


def test_the_page_starts_the_service_with_options_that_it_has() -> None:
    section = OPERATIONS.partition("\n## The service\n")[2].partition("\n## ")[0]
    starts = re.findall(r"(?m)^ExecStart=\S+ serve (.*)$", section)
    known = {name for name, _ in options(COMMANDS["serve"])}
    assert starts
    assert {each for line in starts for each in re.findall(r"--[a-z-]+", line)} <= known


def backup_of(site: Site, folder: Path) -> Path:
    """Made as the page says, of the journal and apart from it of the pepper."""
    (command,) = [text.strip() for text in re.findall(r"```sh\n(.*?)```", OPERATIONS, re.DOTALL) if "VACUUM" in text]
    copied = folder / "journal.db"
    subprocess.run(
        ["sh", "-c", command.replace("/backup/journal.db", str(copied))], cwd=site.folder, check=True, timeout=60
    )
    return copied


def put_back(site: Site, copied: Path) -> None:
    for name in ("journal.db-wal", "journal.db-shm"):
        (site.folder / "var" / name).unlink(missing_ok=True)
    shutil.copy(copied, site.folder / "var" / "journal.db")


def usernames(site: Site) -> dict[str, str]:
    """By the SIS's id, of everybody in the directory."""
    found = {}
    for dn, held in site.entries().items():
        if dn.endswith(f",{PEOPLE}") and dn != PEOPLE:
            (uid,) = held["uid"]
            (sourced_id,) = [each.rpartition(":")[2] for each in held["norEduPersonLIN"] if ":localnin:" in each]
            found[sourced_id] = uid
    return found


def test_after_the_drill_names_are_known_again_nobody_is_gone_and_no_name_is_given_twice(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert call("sample", str(folder), "--pupils", "60", "--schools", "2", "--day", str(DAY)).code == 0
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    site.night(0)
    copied = backup_of(site, tmp_path)
    leaver, model = pupils(site, NORTH)[0], pupils(site, SOUTH)[0]
    news = (joined(model, "p0090001"), without([leaver]))
    for number in range(1, 4):
        site.night(number, *news)
    before, held = usernames(site), site.entries()
    assert before["p0090001"] == "nykpro"
    put_back(site, copied)
    site.cli("doctor", "--json", code=0)
    planned = site.plan(3).json["targets"]
    assert [each["changes"] for each in planned] == [[] for _ in planned]
    site.night(4, *news, joined(model, "p0090000"))  # whose turn comes first
    after = usernames(site)
    assert {person: after.get(person) for person in before} == before
    assert len(set(after.values())) == len(after) == len(before) + 1
    assert after["p0090000"] != before["p0090001"]
    now = site.entries()
    for dn, entry in held.items():
        assert now[dn]["userPassword"] == entry["userPassword"] if "userPassword" in entry else dn in now
    gone = next(entry for entry in now.values() if carries(entry, leaver))
    assert "pwdAccountLockedTime" in gone

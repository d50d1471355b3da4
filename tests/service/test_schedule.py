"""What a job may say of when it is done, and what is wrong with the rest."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provision.config import load_job
from provision.config.schedule_job import ScheduleJob, in_the_changing_hour, schedule_faults
from provision.errors import ConfigurationError
from provision.wiring import open_journal_of, open_place
from tests.app.sites import call
from tests.service.benches import scheduled

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["15 1 * * *", "0 5 * * mon-fri", "*/20 * * * *", "0 3 1,15 * *", "0 3 29 feb *", "0 3 last * *"]
)
def test_an_expression_that_is_right_has_no_fault(text: str) -> None:
    assert list(schedule_faults(ScheduleJob(sync=text))) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", None),
        ("15 1 * *", "4 fields; write five"),
        ("0 15 1 * * *", "6 fields; write five"),
        ("every night", "2 fields"),
        ("61 1 * * *", "higher than the maximum value (59)"),
        ("0 25 * * *", "higher than the maximum value (23)"),
        ("x 1 * * *", "write five fields"),
        ("0 5 * * 1-5", "write mon, tue"),
        ("0 5 * * 0", "write mon, tue"),
        ("0 5 * * */2", "write mon, tue"),
        ("0 5 1 * mon", "leave one of them as *"),
        ("0 5 31 feb *", "there is no such day"),
    ],
)
def test_each_wrong_expression_is_one_fault_with_what_would_be_right(text: str, told: str | None) -> None:
    faults = list(schedule_faults(ScheduleJob(verify=text)))
    assert len(faults) == (told is not None)
    assert all(fault.startswith(f'verify: "{text}": ') and (told or "") in fault for fault in faults)


@pytest.mark.parametrize("zone", ["Oslo", "", "../etc/passwd", "Europe"])
def test_a_zone_that_does_not_exist_is_a_fault(zone: str) -> None:
    (fault,) = schedule_faults(ScheduleJob(timezone=zone, sync="15 1 * * *"))
    assert fault.startswith("timezone: ")


def test_every_fault_is_told_on_loading_with_file_and_key(site: Path) -> None:
    scheduled(site, 'sync = "0 1 * * 1"', 'verify = "nightly"')
    with pytest.raises(ConfigurationError) as told:
        load_job(site, "nightly")
    assert [fault.partition(': "')[0] for fault in told.value.faults] == [
        "jobs/nightly.toml: schedule.sync",
        "jobs/nightly.toml: schedule.verify",
    ]


@pytest.mark.parametrize(
    ("zone", "sync", "odd"),
    [
        ("Europe/Oslo", "30 2 * * *", True),
        ("Europe/Oslo", "0 2 * * sun", True),
        ("Europe/Oslo", "15 1 * * *", False),
        ("Europe/Oslo", "0 3 * * *", False),
        ("Europe/Oslo", "0 * * * *", False),  # the next hour makes up for it
        ("Europe/London", "30 1 * * *", True),
        ("UTC", "30 2 * * *", False),
    ],
)
def test_the_hour_that_a_change_of_the_clock_moves_is_warned_of(zone: str, sync: str, *, odd: bool) -> None:
    assert in_the_changing_hour(ScheduleJob(timezone=zone, sync=sync), SUMMER) == ["sync"] * odd


def test_the_doctor_warns_of_that_hour(site: Path) -> None:
    scheduled(site, 'sync = "30 2 * * *"', 'verify = "0 6 * * *"')
    findings = call("doctor", "--json", "--site", str(site)).json["findings"]
    (found,) = [each for each in findings if each["text"].startswith("schedule: ")]
    assert (found["level"], found["text"].split(":")[1]) == ("warn", " sync")


def test_verify_says_whether_a_target_holds_what_it_should_and_writes_nothing(site: Path) -> None:
    here = ("--json", "--site", str(site))
    assert call("verify", *here).code == 4  # nothing was read yet
    assert call("run", *here).code == 0
    before = _written(site)
    assert call("verify", *here).code == 0
    assert _written(site) == before
    ldif = site / "out" / "feide.ldif"
    lines = ldif.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = next(number for number, line in enumerate(lines) if line.startswith("givenName: "))
    lines[changed] = "givenName: Another\n"
    ldif.write_text("".join(lines), encoding="utf-8")
    said = call("verify", *here)
    assert said.code == 10
    assert {each["target"]: each["differences"] for each in said.json["targets"]} == {"feide": {"update": 1}, "lms": {}}
    assert "feide differs: 1 to update" in call("verify", "--site", str(site)).out
    ldif.unlink()
    assert call("verify", *here).code == 7


def _written(site: Path) -> tuple[object, ...]:
    with open_journal_of(open_place(site, "nightly")) as journal:
        runs, head = journal.runs(), journal.verify_audit()
    files = {path: path.read_bytes() for path in (site / "out").rglob("*") if path.is_file()}
    return [run.id for run in runs], head, files

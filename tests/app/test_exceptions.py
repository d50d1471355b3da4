"""Nights of a site whose people are kept by exception, end soon, or have numbers that do not belong there."""

import re
from datetime import UTC, datetime, time

import pytest
import time_machine

from provision.core.nin import is_synthetic
from tests.app.edits import numbered, without
from tests.app.sites import DAY, NORTH, SOUTH, Site, carries, pupils
from tests.core.test_number_policy import REAL_ONE

OWNER = "Rektor Kanarinstad"
REASON = "venter på klagebehandling"


def keep(site: Site, who: str, until: str) -> None:
    site.append("data/exceptions.csv", f"{who},{until},{OWNER},{REASON}")


def active(site: Site, who: str) -> bool:
    (entry,) = (held for held in site.entries().values() if carries(held, who))
    return "pwdAccountLockedTime" not in entry


@pytest.fixture
def gone(site: Site) -> str:
    return pupils(site, SOUTH)[0]


def test_an_account_is_kept_until_its_last_day_and_every_plan_says_by_whom_and_why(site: Site, gone: str) -> None:
    keep(site, gone, "2026-11-27")
    for number in (1, 2, 3, 4):
        said = site.night(number, without([gone]))
        (waiting,) = said.target["waiting"]
        assert waiting["reason"].endswith("kept, because an exception keeps the account until 2026-11-27")
        assert {"id": gone, "until": "2026-11-27", "known": True} in said.json["exceptions"]
        assert {"id": gone, "until": "2026-11-27", "orgs": [], "file": "exceptions.csv"} in said.json["ending"]
    shown = site.cli("plan", "--day", "2026-11-27", code=0).out
    assert f"kept by exception until 27.11.2026: {gone}, owner {OWNER}: {REASON}" in shown
    assert f"last day 27.11.2026: {gone}, says exceptions.csv" in shown
    assert active(site, gone)
    site.night(5, without([gone]))
    assert not active(site, gone)


def test_a_protected_account_goes_and_a_blocked_one_is_locked_exception_or_not(site: Site, gone: str) -> None:
    other = pupils(site, SOUTH)[1]
    for who in (gone, other):
        keep(site, who, "2026-11-27")
    site.append("data/care.csv", f"{gone},,1,,,")
    site.night(1, without([gone, other]))
    assert not [held for held in site.entries().values() if carries(held, gone)]
    assert active(site, other)
    site.cli("block", other, "--reason", "misused", "--day", "2026-11-24", code=0)
    assert not active(site, other)
    site.night(2, without([gone, other]))
    assert not active(site, other)


def test_who_is_locked_already_comes_back_by_a_line_in_people_csv(site: Site, gone: str) -> None:
    for number in (1, 2, 3):
        site.night(number, without([gone]))
    keep(site, gone, "2026-12-31")
    site.night(4, without([gone]))
    assert not active(site, gone)
    site.append("data/people.csv", f"{gone},Ny,Gjest,student,{SOUTH},,2026-12-31,,,")
    site.night(5, without([gone]))
    assert active(site, gone)


def test_owner_and_reason_stay_out_of_everything_but_the_plan(site: Site, gone: str) -> None:
    keep(site, gone, "2026-11-27")
    site.export(1, without([gone]))
    told = [
        site.cli("run", "--day", "2026-11-24", code=0),
        site.run(1),
        site.plan(1),
        site.cli("status", code=0),
        site.cli("status", "--json", code=0),
    ]
    assert all(gone in said.out for said in told)
    places = ("out/**/*", "var/journal*", "var/log/*")
    written = [path.read_bytes() for place in places for path in site.folder.glob(place) if path.is_file()]
    assert len(written) > len(places)
    for secret in (OWNER, REASON):
        assert not [said for said in told if secret in said.out + said.err]
        assert not [content for content in written if secret.encode() in content]


def test_status_tells_whose_last_day_is_near_until_it_is_over(site: Site, gone: str) -> None:
    keep(site, gone, "2026-11-27")
    site.replace("data/people.csv", ("2027-07-31,1988", "2026-12-07,1988"))
    site.night(0)
    expected = [
        {"id": gone, "until": "2026-11-27", "orgs": [], "file": "exceptions.csv"},
        {"id": "x0000001", "until": "2026-12-07", "orgs": [NORTH], "file": "people.csv"},
    ]
    with time_machine.travel(datetime.combine(DAY, time(12), UTC)):
        assert site.cli("status", "--json", code=0).json["ending"] == expected
    with time_machine.travel(datetime(2026, 12, 7, 12, tzinfo=UTC)):
        shown = site.cli("status", code=0).out
        assert f"last day 07.12.2026: x0000001 at {NORTH}, says people.csv" in shown
        assert gone not in shown
    with time_machine.travel(datetime(2026, 12, 8, 12, tzinfo=UTC)):
        assert site.cli("status", "--json", code=0).json["ending"] == []


def test_how_long_before_is_the_sites_own_choice(site: Site) -> None:
    site.replace("data/people.csv", ("2027-07-31,1988", "2026-12-07,1988"))
    assert len(site.plan(0).json["ending"]) == 1
    site.replace("jobs/nightly.toml", ("warn_days = 14 ", "warn_days = 13 "))
    assert site.plan(0).json["ending"] == []


def test_a_fault_in_the_exceptions_ends_the_night_before_anything_is_changed(site: Site, gone: str) -> None:
    site.append("data/exceptions.csv", f"{gone},,{OWNER},{REASON}", f"{gone},2026-11-27,,{REASON}")
    before = site.state()
    messages = site.run(1, code=4).json["error"]["messages"]
    assert [where for message in messages for where in re.findall(r"line \d, column \w+", message)] == [
        "line 3, column until",
        "line 4, column sourced_id",
        "line 4, column owner",
    ]
    assert site.state() == before


def test_an_exception_for_nobody_is_told_and_keeps_nothing_waiting(site: Site) -> None:
    keep(site, "p-misspelt", "2026-11-27")
    assert {"id": "p-misspelt", "until": "2026-11-27", "known": False} in site.plan(0).json["exceptions"]
    assert "p-misspelt (no account, and not in the SIS" in site.cli("run", "--day", str(DAY), code=0).out


def test_a_sample_run_for_real_holds_everybody_whose_number_was_made_up(fresh: Site) -> None:
    fresh.replace("jobs/nightly.toml", ('identity_numbers = "test"', 'identity_numbers = "production"'))
    said = fresh.night(0, code=6)
    held = {each["key"].removeprefix("account:") for each in said.target["held"]}
    assert {each["reason"].partition(";")[0] for each in said.target["held"]} == {
        "has an identity number that was made for tests"
    }
    assert pupils(fresh, SOUTH)[0] in held
    assert not [e for e in fresh.entries().values() if is_synthetic(next(iter(e.get("norEduPersonNIN", {""}))))]


def test_no_real_number_reaches_a_test(site: Site, gone: str) -> None:
    before = site.entries()
    said = site.night(1, numbered(gone, REAL_ONE), code=6)
    (held,) = said.target["held"]
    assert (held["key"], "may be a real person's" in held["reason"]) == (f"account:{gone}", True)
    assert site.entries() == before

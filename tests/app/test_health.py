"""`provision health`, the part of `status` that it shares, and what Prometheus is told: the truth."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from provision import metrics
from provision.alerts.texts import NEXT, SAID, WORDS
from provision.core.conditions import What
from provision.core.language import Language
from provision.standing import look
from provision.wiring import Asks, open_journal_of, open_place
from tests.app.journals import a_hold, database
from tests.app.sites import Site, call, copy

MORNING: Final = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def quiet(site: Site) -> None:
    """From now on it is no matter how long ago the sample was made."""
    site.append("jobs/nightly.toml", "[alerts]", "nothing_new_days = 60", "late_hours = 168")


def wrong(site: Site, code: int = 1) -> dict[str, Any]:
    """What is not well, by its kind."""
    said = site.cli("health", "--json", code=code).json
    (only,) = said["sites"]
    assert said["well"] == only["well"] == (code == 0)
    return {each["condition"]: each for each in only["conditions"]}


def metric(site: Site, now: datetime = MORNING) -> dict[tuple[str, ...], float]:
    """By name and labels, without those of the site."""
    place = open_place(site.folder, "nightly", Asks.NOTHING)
    with open_journal_of(place) as journal:
        told = metrics.text([look(place, journal, now)])
    return {
        (each.name, *(value for name, value in each.labels.items() if name not in ("site", "job"))): each.value
        for family in text_string_to_metric_families(told)
        for each in family.samples
    }


def test_where_all_is_well_it_says_so_and_when_each_target_was_last_reached(site: Site) -> None:
    quiet(site)
    assert wrong(site, 0) == {}
    said = site.cli("health", code=0).out
    assert "job nightly: well" in said
    assert "feide: last good run" in said


def test_what_is_held_is_not_well_and_the_next_step_is_told_for_this_site(site: Site) -> None:
    quiet(site)
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        journal.save_holds(journal.runs(1)[0].id, "feide", [a_hold()])
    assert wrong(site)["held"]["severity"] == "morning"
    assert f"provision plan nightly --site {site.folder}" in site.cli("health", code=1).out
    assert metric(site)["provision_holds",] == 1


def test_a_target_that_was_away_is_told_and_its_last_good_run_stays(site: Site) -> None:
    quiet(site)
    good = metric(site)["provision_last_good_run_timestamp_seconds", "feide"]
    site.ldif.write_text("no directory\n", encoding="utf-8")
    site.run(1, code=7)
    assert wrong(site)["target_down"]["subject"] == "feide"
    told = metric(site)
    assert told["provision_target_up", "feide"] == 0
    assert told["provision_last_good_run_timestamp_seconds", "feide"] == good
    assert told["provision_alerts_open", "target_down"] == 1


def test_a_run_that_failed_is_told_with_its_code_until_one_goes_well(site: Site) -> None:
    quiet(site)
    whole = site.sis.read_bytes()
    site.sis.write_bytes(whole[:-20])
    site.run(1, code=4)
    assert "exit code 4" in wrong(site)["failed"]["text"]
    site.sis.write_bytes(whole)
    site.run(1)
    assert wrong(site, 0) == {}


def test_a_promise_that_is_not_kept_is_told(site: Site) -> None:
    site.replace("jobs/nightly.toml", ('mapping = "feide" ', 'fresh_hours = 26\nmapping = "feide" '))
    place = open_place(site.folder, "nightly", Asks.NOTHING)
    with open_journal_of(place) as journal:
        ended = journal.runs(1)[0].ended
        assert ended is not None
        for hours, broken in ((25, False), (27, True)):
            found = look(place, journal, ended + timedelta(hours=hours)).conditions
            assert (What.PROMISE in [each.what for each in found]) == broken


def test_a_site_that_stood_still_for_two_days_is_not_well(site: Site) -> None:
    place = open_place(site.folder, "nightly", Asks.NOTHING)
    with open_journal_of(place) as journal:
        ended = journal.runs(1)[0].ended
        assert ended is not None
        found = [each.what for each in look(place, journal, ended + timedelta(hours=52)).conditions]
    assert What.LATE in found


def test_a_journal_that_cannot_be_read_is_not_well(site: Site) -> None:
    database(site.folder).write_bytes(b"no journal at all")
    found = wrong(site)
    assert found["journal"]["severity"] == "now"
    assert "not well" in site.cli("health", code=1).out


def test_one_site_of_several_that_cannot_be_opened_is_told_and_the_others_are_looked_at(
    site: Site, tmp_path: Path
) -> None:
    quiet(site)
    sites = tmp_path / "sites"
    broken, _ = copy(site, sites / "broken"), copy(site, sites / "well")
    (broken.folder / "jobs" / "nightly.toml").write_text("no toml", encoding="utf-8")
    said = call("health", "--sites", str(sites), "--json")
    assert (said.code, [each["well"] for each in said.json["sites"]]) == (1, [False, True])
    assert said.json["sites"][0]["conditions"][0]["condition"] == "site"
    assert call("health", "--sites", str(tmp_path / "nowhere")).code == 2


def test_status_shows_what_calls_for_somebody(site: Site) -> None:
    site.append("jobs/nightly.toml", "[alerts.expires]", "LDAP_PASSWORD = 2020-01-01")
    said = site.cli("status")
    assert "LDAP_PASSWORD expires on 2020-01-01" in said.out
    assert "expiring" in [each["condition"] for each in site.cli("status", "--json").json["conditions"]]


def test_what_is_scheduled_is_shown_with_its_next_time(site: Site) -> None:
    quiet(site)
    site.append("jobs/nightly.toml", "[schedule]", 'sync = "30 1 * * *"')
    (slot,) = site.cli("status", "--json").json["schedule"]
    assert slot["kind"] == "sync"
    assert slot["next"] is not None
    told = metric(site)
    assert told["provision_slot_next_timestamp_seconds", "sync"] > MORNING.timestamp()


def test_a_site_that_cannot_be_looked_at_is_down_for_prometheus() -> None:
    assert 'provision_up{job="",site="Hemne kommune"} 0.0' in metrics.text([], ["Hemne kommune"])


def test_every_alert_has_its_text_and_next_step_in_each_language() -> None:
    for texts in (SAID, NEXT):
        assert texts.keys() == set(What)
    for text in (*SAID.values(), *NEXT.values(), *WORDS.values()):
        assert text.keys() == set(Language)
        gaps = [sorted(part.split("}")[0] for part in each.split("{")[1:]) for each in text.values()]
        assert gaps[0] == gaps[1] == gaps[2]


@pytest.mark.parametrize("kind", What)
def test_every_alert_stands_in_the_table_of_what_to_do(kind: What) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"| `{kind}` |" in page


def test_a_schedule_that_has_just_begun_has_done_nothing_yet_and_says_in_its_own_time_what_is_next(site: Site) -> None:
    site.append("jobs/nightly.toml", "[schedule]", 'sync = "30 1 * * *"', 'timezone = "Europe/Oslo"')
    place = open_place(site.folder, "nightly", Asks.NOTHING)
    with open_journal_of(place) as journal:
        journal.slots().begin_after("nightly", "sync", "2026-11-23T01:30")
        (slot,) = look(place, journal, MORNING).picture.slots
    assert (slot.last, slot.due) == (None, None)
    assert f"{slot.next:%Y-%m-%d %H:%M}" == "2026-11-24 01:30"

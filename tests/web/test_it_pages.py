"""What IT sees of the nights: what calls for them, the runs, the schedule, the targets; all from a site in trouble."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from provision.core.slots import Turn
from provision.journal.alerts import Watch
from provision.journal.runs import RunRow
from provision.web.pages.schedule import is_alive
from provision.web.run_views import of_slot
from tests.app.journals import execute
from tests.app.sites import NORTH, Site
from tests.servers.chromium import chromium
from tests.web.served import Person, Served, served
from tests.web.test_browser import PHONE, opened, unfit
from tests.web.troubles import SCRIPT, journal_of, much_later, troubled

OSLO: Final = ZoneInfo("Europe/Oslo")
MIDNIGHT: Final = datetime(2026, 11, 23, 0, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(counted_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return troubled(counted_site, tmp_path_factory.mktemp("troubled") / "hemne")


@pytest.fixture(scope="module")
def pages(site: Site) -> Iterator[Served]:
    """Shared: no test here changes the site for the others."""
    with served([site.folder], now=much_later(site)) as running:
        yield running


@pytest.fixture(scope="module")
def it(pages: Served) -> Person:
    found = pages.named("it@hemne.kommune.no")
    found.cookies.set("language", "en")
    found.headers["Accept-Language"] = "en"
    return found


def read(person: Person, path: str) -> str:
    """What a page says, without its marks."""
    answer = person.open(path)
    assert answer.status_code == 200, answer.status_code
    assert SCRIPT not in answer.text
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def test_the_first_page_says_what_to_do_next_and_where(it: Person, site: Site) -> None:
    said = read(it, "/")
    with journal_of(site) as journal:
        (hold,) = {row.hold.id for row in journal.holds()}
    assert re.search(
        rf"{hold} waits for a yes: \d+ pupils would lose their account, .*? {re.escape(escape(SCRIPT))}, feide\.", said
    )
    assert "The target feide is unavailable" in said
    assert re.search(r"retention is \d+ hours late", said)
    assert "The target feide is promised to be fresh within 26 hours, and is not" in said
    text = it.open("/").text
    assert re.search(rf'{hold}.*?<a href="/holds">', text, re.DOTALL)
    assert re.search(r"feide is unavailable.*?<a href=\"/targets\">", text, re.DOTALL)
    assert "All is well" not in said


def test_the_first_page_of_a_site_where_all_is_well_says_so(own_site: Site) -> None:
    with journal_of(own_site) as journal:
        ended = journal.runs(1)[0].ended
        assert ended is not None
        journal.remember({}, {"pifu_ims": ended})
    with served([own_site.folder], now=ended + timedelta(hours=1)) as pages:
        found = pages.it()
        found.headers["Accept-Language"] = "en"
        assert "All is well. Nothing waits for anybody." in read(found, "/")


def test_an_admin_of_all_schools_sees_what_calls_for_somebody_but_no_way_to_pages_of_it(pages: Served) -> None:
    admin = pages.named("admin@hemne.kommune.no")
    text = admin.open("/").text
    assert "feide" in text
    assert 'href="/runs' not in text
    assert 'href="/targets' not in text


def test_an_admin_of_one_school_and_a_head_see_nothing_of_the_whole(pages: Served) -> None:
    for login in ("schooladmin@hemne.kommune.no", "nobody@hemne.kommune.no"):
        assert "feide" not in pages.named(login).open("/").text


def test_the_list_of_runs_says_how_each_ended_in_words_and_who_wanted_it(it: Person) -> None:
    said = read(it, "/runs")
    last, *before = said.split("whole run")[1:]
    assert last.split("Z")[0].count("a target was unavailable") == 1
    assert "the schedule, of 23 November 2026 01:15" in last
    assert "feide: unavailable" in last
    assert "done, something is held" in before[0]
    assert "1 hold" in before[0]
    assert "by hand" in before[0]


def test_older_runs_are_on_further_pages(own_site: Site) -> None:
    with journal_of(own_site) as journal, journal.lease("somebody@here") as lease:
        made = [journal.begin("nightly", "run", MIDNIGHT.date(), lease) for _ in range(30)]
        for run in made:
            journal.finish(run, 0, {})
    with served([own_site.folder], now=None) as pages:
        person = pages.it()
        first, second = (person.open(path).text for path in ("/runs", "/runs?page=2"))
        assert 'href="/runs?page=2"' in first
        assert 'href="/runs?page=3"' not in second
        assert 'href="/runs?page=1"' in second
        shown = [set(re.findall(r'href="/runs/([^"]+)"', text)) for text in (first, second)]
        assert [len(each) for each in shown] == [25, 6]
        assert not shown[0] & shown[1]
        assert set(made) < shown[0] | shown[1]
        for wrong in ("0", "-1", "x", "1e3", "9999999999", "²"):
            assert person.open(f"/runs?page={wrong}").status_code == 404


def test_a_run_says_what_it_did_by_kind_and_what_it_left(it: Person, site: Site) -> None:
    with journal_of(site) as journal:
        down, held, *_ = journal.runs(2)
        (hold,) = held.summary["targets"]["feide"]["holds"]
    said = read(it, f"/runs/{held.id}")
    assert "1 hold was left for somebody to decide" in said
    assert f"{hold} ( still held )" in said.replace("(still held)", "( still held )")
    assert "exit code 5" in said
    said = read(it, f"/runs/{down.id}")
    assert "It was unavailable. What was to be done there waits for the next run." in said
    assert f'href="/audit?run={down.id}"' in it.open(f"/runs/{down.id}").text
    assert it.open("/runs/20261123-0000-none").status_code == 404


def test_what_a_target_did_not_take_is_told_with_why(own_site: Site) -> None:
    with journal_of(own_site) as journal:
        run = journal.runs(1)[0].id
        tallies = journal.changes_of(run).tallies()
        assert {each.status for each in tallies} == {"done"}
    _mark_refused(own_site, run)
    with served([own_site.folder], now=None) as pages:
        person = pages.it()
        person.headers["Accept-Language"] = "en"
        said = read(person, f"/runs/{run}")
    assert "refused by the target the server wants another postal code" in said
    assert re.search(r"new (\d+) 1", said), "one of the new is not done"


def _mark_refused(site: Site, run: str) -> None:
    touched = execute(
        site.folder,
        "UPDATE change SET status = 'rejected', detail = 'the server wants another postal code' "
        "WHERE id = (SELECT max(id) FROM change WHERE run = :run AND verb = 'create')",
        run=run,
    )
    assert touched == 1


def test_a_run_that_died_is_called_so(own_site: Site) -> None:
    with journal_of(own_site) as journal:
        lease = journal.lease("somebody@here")
        run = journal.begin("nightly", "run", MIDNIGHT.date(), lease)
        lease.release()
    with served([own_site.folder], now=None) as pages:
        person = pages.it()
        person.headers["Accept-Language"] = "en"
        assert "died half-way" in read(person, "/runs")
        assert "Nobody knows how far it came" in read(person, f"/runs/{run}")


def test_what_is_at_work_is_shown_with_how_far_it_is_and_looked_at_again(own_site: Site) -> None:
    with journal_of(own_site) as journal, journal.lease("somebody@here") as lease:
        run = journal.begin("nightly", "run", MIDNIGHT.date(), lease)
        journal.progress().note("nightly/sync/2026-11-23T01:15", "writing feide", 40, 160)
        with served([own_site.folder], now=None) as pages:
            person = pages.it()
            person.headers["Accept-Language"] = "en"
            for path in ("/", "/runs", f"/runs/{run}", "/schedule"):
                text = person.open(path).text
                assert 'max="160" value="40"' in text, path
                assert f'hx-get="{path}"' in text
                assert f'<a href="{path}">Load anew</a>' in text, "without script"
                assert "whole run. writing feide 40 / 160" in read(person, path)
            journal.progress().forget("nightly/sync/2026-11-23T01:15")
            assert "hx-get" not in person.open("/runs").text


def test_progress_that_was_left_long_ago_is_none(own_site: Site) -> None:
    with journal_of(own_site) as journal:
        journal.progress().note("nightly/sync/2026-11-23T01:15", "writing feide", 40, 160)
    with served([own_site.folder], now=datetime.now(UTC) + timedelta(hours=1)) as pages:
        assert "<progress" not in pages.it().open("/runs").text


def test_the_schedule_says_when_what_was_and_will_be_and_warns_of_the_hour_that_moves(it: Person) -> None:
    said = read(it, "/schedule")
    assert "every day at 01:15 15 1 * * *" in said
    assert "Mondays to Fridays at 02:30 30 2 * * mon-fri hour that the clock moves" in said
    assert "*/20 4 * * sat" in said
    assert "23 November 2026 01:15 a target was unavailable" in said
    assert said.count("hour that the clock moves") == 1
    assert "No service has looked after it for some minutes." in said
    assert "One night in spring leaves out the hour" in said


def test_each_work_has_its_next_three_times(it: Person, pages: Served) -> None:
    text = it.open("/schedule").text
    coming = [re.findall(r"<li>([^<]+)</li>", row) for row in text.split("<tr>")[2:]]
    assert [len(each) for each in coming] == [3, 3, 3]
    now = pages.site.clock()
    assert all(datetime.strptime(at, "%d %B %Y %H:%M").replace(tzinfo=OSLO) > now for row in coming for at in row)


def test_a_service_that_told_a_moment_ago_is_seen(own_site: Site) -> None:
    own_site.append("jobs/nightly.toml", "[schedule]", 'sync = "15 1 * * *"')
    now = datetime.now(UTC)
    with journal_of(own_site) as journal:
        journal.telling("nightly").save([], Watch(until=now))
    with served([own_site.folder], now=now + timedelta(minutes=1)) as pages:
        person = pages.it()
        person.headers["Accept-Language"] = "en"
        assert "A service looks after it." in read(person, "/schedule")


@given(st.integers(-3600, 3600))
def test_a_service_is_alive_for_five_minutes_after_it_told(seconds: int) -> None:
    assert is_alive(MIDNIGHT, MIDNIGHT + timedelta(seconds=seconds)) == (seconds < 300)
    assert not is_alive(None, MIDNIGHT)


def test_a_job_that_cannot_be_read_is_told_and_the_others_are_shown(own_site: Site) -> None:
    (own_site.folder / "jobs" / "another.toml").write_text("nonsense", encoding="utf-8")
    with served([own_site.folder], now=None) as pages:
        person = pages.it()
        person.headers["Accept-Language"] = "en"
        said = read(person, "/schedule")
    assert "The job cannot be read" in said
    assert "jobs/another.toml" in said
    assert "nightly" in said


def test_the_targets_page_says_how_each_is_and_which_promise_is_broken(it: Person) -> None:
    said = read(it, "/targets")
    assert "feide unavailable" in said
    assert "fresh within 26 hours : broken" in said.replace("hours:", "hours :")
    assert "The last run could not reach it." in said
    assert re.search(r"Waits for a yes since \d", said)


def test_the_modes_of_each_school_and_the_days_of_standing_still_are_shown(it: Person, pages: Served) -> None:
    said = read(it, "/targets")
    north = pages.site.staff().schools[NORTH]
    assert f"{north} stands still adds only" in said
    assert re.search(rf"1 January 2020 . 31 December 2099: {north} now", said)
    assert escape(SCRIPT) in it.open("/targets").text


def test_what_was_begun_and_has_no_answer_is_told(own_site: Site) -> None:
    with journal_of(own_site) as journal, journal.lease("somebody@here") as lease:
        run = journal.begin("nightly", "run", MIDNIGHT.date(), lease)
        _intend_one(own_site, run)
        with served([own_site.folder], now=None) as pages:
            person = pages.it()
            person.headers["Accept-Language"] = "en"
            assert "1 change was begun and has no answer yet." in read(person, "/targets")


def _intend_one(site: Site, run: str) -> None:
    moved = "UPDATE change SET run = :run, status = 'intended' WHERE id = (SELECT max(id) FROM change)"
    assert execute(site.folder, moved, run=run) == 1


def test_no_page_for_it_has_a_name_of_a_person_in_an_address(it: Person, pages: Served) -> None:
    names = {part for person in pages.site.roll().people.values() for part in person.name.split() if len(part) > 3}
    assert len(names) > 20
    for path in ("/", "/runs", "/schedule", "/targets", "/audit"):
        addresses = " ".join(re.findall(r'(?:href|action|hx-get)="([^"]*)"', it.open(path).text))
        assert not {name for name in names if name in addresses}


def _turn(began: datetime, ended: datetime | None, attempts: int = 1, job: str = "nightly", owner: str = "x") -> Turn:
    return Turn(job, "sync", "2026-11-23T01:15", owner, attempts, began, began, ended)


def _run(began: datetime) -> RunRow:
    return RunRow("r", "nightly", "run", began.date(), "finished", began, None, 0, {})


@given(offset=st.integers(-7200, 7200), lasted=st.integers(0, 3600), attempts=st.integers(1, 3), over=st.booleans())
def test_a_run_is_of_the_slot_in_whose_time_it_began(offset: int, lasted: int, attempts: int, *, over: bool) -> None:
    turn = _turn(MIDNIGHT, MIDNIGHT + timedelta(seconds=lasted) if over else None, attempts)
    run = _run(MIDNIGHT + timedelta(seconds=offset))
    expected = offset >= 0 and (not over or offset <= lasted)
    assert (of_slot(run, [turn], OSLO) is turn) == expected, "01:15 in Oslo is 00:15 UTC"


def test_of_what_was_tried_again_the_first_run_is_of_the_slot_too() -> None:
    again = _turn(MIDNIGHT + timedelta(minutes=20), None, attempts=2)
    assert of_slot(_run(MIDNIGHT + timedelta(minutes=1)), [again], OSLO) is again
    assert of_slot(_run(MIDNIGHT - timedelta(minutes=1)), [again], OSLO) is None
    for other in (_turn(MIDNIGHT, None, job="another"), _turn(MIDNIGHT, None, owner="")):
        assert of_slot(_run(MIDNIGHT), [other], OSLO) is None


def test_a_site_in_trouble_has_pages_that_are_fit_and_runs_no_script_of_a_name(
    pages: Served, it: Person, site: Site, tmp_path: Path
) -> None:
    with journal_of(site) as journal:
        runs = [run.id for run in journal.runs(2)]
    with chromium(tmp_path) as browser:
        context = browser.new_context(viewport=PHONE)
        context.add_cookies([{"name": "provision", "value": it.cookies["provision"], "url": pages.url}])
        tab = context.new_page()
        for path in ("/", "/runs", *(f"/runs/{run}" for run in runs), "/schedule", "/targets"):
            opened(tab, f"{pages.url}{path}")
            assert unfit(tab) == [], path
            assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            assert tab.title() != "owned"
        tab.goto(f"{pages.url}/audit")
        tab.click("form[action='/audit/verify'] button")
        tab.wait_for_selector("#check .note.good")
        assert unfit(tab) == []
        context.close()

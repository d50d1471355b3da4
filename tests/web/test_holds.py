"""What waits for a person on the pages: who sees it, who says yes or no to it, and what becomes of it then."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from lxml import html

from provision.core.scope import Extent, Scope, Shown
from provision.journal.asked import Asked, Wish
from provision.wiring import open_journal_of, open_place
from tests.app.edits import new_ids, without
from tests.app.sites import NORTH, SOUTH, Site, copy, day, pupils
from tests.app.test_guarded_nights import held, locked
from tests.servers.chromium import chromium
from tests.web.looked import finished
from tests.web.served import Person, Served, served
from tests.web.test_access import head_of
from tests.web.test_browser import PHONE, SCRIPT, unfit

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
IT, ANOTHER = "it@hemne.kommune.no", "another@hemne.kommune.no"


@pytest.fixture(scope="module")
def leavers(untouched_site: Site) -> list[str]:
    return pupils(untouched_site, SOUTH)[4::7]


@pytest.fixture(scope="module")
def night(untouched_site: Site, leavers: list[str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose last night ended with a hold."""
    site = copy(untouched_site, tmp_path_factory.mktemp("held") / "hemne")
    held(site, without(leavers))
    return site


@pytest.fixture
def site(night: Site, tmp_path: Path) -> Site:
    return copy(night, tmp_path / "hemne")


@pytest.fixture
def pages(site: Site) -> Iterator[Served]:
    """At noon after the night that was held."""
    with time_machine.travel(NOON), served([site.folder], now=None) as running:
        yield running


def hold_of(pages: Served) -> str:
    (row,) = pages.site.journal.holds()
    return row.hold.id


def it(pages: Served) -> Person:
    return pages.named(IT)


def second(pages: Served) -> Person:
    return pages.named(ANOTHER, "school-it")


def approve(person: Person, hold: str, **fields: str) -> tuple[int, str]:
    """The status, and where it leads."""
    answer = person.send_form(f"/holds/{hold}/approve", **{"reason": "gone for good", **fields})
    return answer.status_code, answer.headers.get("Location", answer.text)


def reject(person: Person, hold: str, reason: str = "at camp") -> tuple[int, str]:
    answer = person.send_form(f"/holds/{hold}/reject", reason=reason)
    return answer.status_code, answer.headers.get("Location", answer.text)


def asked(pages: Served) -> list[Asked]:
    return pages.site.journal.asking().latest()


def requested(site: Site, request: Asked, code: int = 0) -> Any:
    """What the service does with a request."""
    return site.cli("resync", "--request", str(request.id), "--json", "--day", str(day(3)), code=code)


def two_above(site: Site, people: int) -> None:
    site.replace("jobs/nightly.toml", ("[policy]\n", f"[policy]\ntwo_people_above = {people}\n"))


def events(pages: Served, *kinds: str) -> list[dict[str, Any]]:
    records = (record.body for record in pages.site.journal.audit_records().records)
    return [dict(body) for body in records if body and body.get("event") in kinds]


def test_it_sees_what_is_held_where_who_goes_and_what_it_takes(pages: Served, leavers: list[str]) -> None:
    text = it(pages).open("/holds", headers={"Accept-Language": "en"}).text
    assert hold_of(pages) in text
    assert f"{len(leavers)} pupils would lose their account" in text
    assert pages.site.staff().schools[SOUTH] in text
    assert all(f"/people/{person}" in text for person in sorted(leavers)[:5])
    assert f"/holds/{hold_of(pages)}/approve" in text


def test_the_page_with_its_forms_open_is_fit_for_everybody_and_a_phone(
    site: Site, pages: Served, tmp_path: Path
) -> None:
    site.cli("reject", hold_of(pages), "--reason", SCRIPT, code=0)
    with chromium(tmp_path) as browser:
        context = browser.new_context(viewport=PHONE)
        context.add_cookies([{"name": "provision", "value": it(pages).cookies["provision"], "url": pages.url}])
        tab = context.new_page()
        for _ in range(2):  # rejected, then waiting
            tab.goto(f"{pages.url}/holds")
            for each in tab.locator("summary").all():
                each.press("Enter")
            assert tab.locator("input[name=reason]").first.is_visible()
            assert unfit(tab) == []
            assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            assert "owned" not in tab.title()
            pages.site.journal.approve(hold_of(pages), "somebody@host", "to see it waiting", datetime.now(UTC))


def test_of_whom_something_is_held_the_way_leads_to_it_for_those_who_may_see_it(
    pages: Served, leavers: list[str]
) -> None:
    address = f"/people/{leavers[0]}"
    links = html.fromstring(finished(it(pages), address).text).xpath("//section//a[@href='/holds']")
    assert len(links) == len(pages.site.place.mappings)
    head = finished(pages.named(head_of(pages, SOUTH)), address).text
    assert hold_of(pages) in head
    assert 'href="/holds"' not in head


def test_the_school_is_told_at_which_target_each_hold_is(pages: Served, leavers: list[str]) -> None:
    head = pages.named(head_of(pages, SOUTH))
    text = finished(head, f"/schools/{SOUTH}/mend").text
    assert f"{len(leavers)} personer ville miste kontoen sin (feide)" in text


def test_what_is_not_kept_any_more_cannot_tell_whose_the_new_ids_are(site: Site, pages: Served) -> None:
    for path in (site.folder / "var" / "kept" / "nightly").iterdir():
        path.unlink()
    assert approve(it(pages), "R-00000000")[0] == 409


def test_admins_read_and_school_admins_read_of_their_own_schools(pages: Served) -> None:
    everywhere = pages.named("admin@hemne.kommune.no").open("/holds").text
    assert hold_of(pages) in everywhere
    assert "/approve" not in everywhere
    assert "/reject" not in everywhere
    of_north = pages.named("schooladmin@hemne.kommune.no").open("/holds")
    assert of_north.status_code == 200
    assert hold_of(pages) not in of_north.text


def test_a_yes_is_carried_out_at_once_as_the_command_does(site: Site, pages: Served, leavers: list[str]) -> None:
    site.sis.unlink()
    status, where = approve(it(pages), hold_of(pages))
    (request,) = asked(pages)
    assert (status, where) == (303, f"/resync/{request.id}")
    assert (request.wish.scope, request.wish.shown, request.wish.fresh) == (Scope(Extent.ALL), None, False)
    requested(site, request)
    assert locked(site) == set(leavers)
    assert pages.site.journal.holds() == []
    assert "/approve" not in it(pages).open("/holds").text
    (said,) = events(pages, "approve")
    assert (said["approver"], said["reason"]) == (f"pages:{IT}", "gone for good")


def test_while_something_else_waits_the_yes_stands_and_the_next_run_carries_it_out(
    site: Site, pages: Served, leavers: list[str]
) -> None:
    pages.site.journal.asking().ask(Wish("nightly", Scope(Extent.PERSON, leavers[0]), "it", "", Shown(frozenset())))
    person = it(pages)
    assert approve(person, hold_of(pages)) == (303, "/holds?done=next")
    assert 'class="note good" role="status"' in person.open("/holds?done=next").text
    assert len(asked(pages)) == 1
    assert site.run(3).target["done"] == {"done": len(leavers)}
    assert locked(site) == set(leavers)


def test_a_yes_may_be_left_to_the_next_run(site: Site, pages: Served, leavers: list[str]) -> None:
    assert approve(it(pages), hold_of(pages), later="1") == (303, "/holds?done=next")
    assert asked(pages) == []
    assert site.run(3).target["done"] == {"done": len(leavers)}


def test_two_yes_of_the_same_login_are_one_and_a_second_login_makes_two(
    site: Site, pages: Served, leavers: list[str]
) -> None:
    two_above(site, 3)
    hold = hold_of(pages)
    assert approve(it(pages), hold) == (303, "/holds?done=waits")
    status, _ = approve(it(pages), hold)
    assert status == 409
    assert asked(pages) == []
    assert site.run(3, code=5).target["done"] == {}
    other = second(pages)
    assert IT in other.open("/holds").text
    assert approve(other, hold)[0] == 303
    requested(site, asked(pages)[0])
    assert locked(site) == set(leavers)


def test_who_said_yes_before_the_sis_knew_them_is_no_second_person_since(site: Site, pages: Served) -> None:
    two_above(site, 3)
    login = head_of(pages, NORTH)
    person, hold = pages.named(login, "school-it"), hold_of(pages)
    pages.site.journal.approve(hold, f"pages:{login.upper()}", "gone", datetime.now(UTC) + timedelta(hours=9))
    assert f"/holds/{hold}/approve" not in person.open("/holds").text
    assert approve(person, hold)[0] == 409
    assert approve(second(pages), hold)[0] == 303
    assert len(asked(pages)) == 1


def test_one_on_the_pages_and_one_at_the_command_line_may_be_the_same_and_are_not_two(
    site: Site, pages: Served
) -> None:
    two_above(site, 3)
    hold = hold_of(pages)
    site.cli("approve", hold, "--reason", "gone", "--later", code=5)
    assert approve(it(pages), hold) == (303, "/holds?done=waits")
    assert site.run(3, code=5).target["done"] == {}
    assert approve(second(pages), hold)[0] == 303
    assert len(asked(pages)) == 1


def test_a_no_stands_night_after_night_and_calls_for_nobody(site: Site, pages: Served, leavers: list[str]) -> None:
    person, hold = it(pages), hold_of(pages)
    assert reject(person, hold) == (303, "/holds?done=rejected")
    again = site.night(4, without(leavers))
    assert again.target["done"] == {}
    (told,) = again.target["holds"]
    assert (told["hold"], told["rejected"]["by"], told["rejected"]["reason"]) == (hold, f"pages:{IT}", "at camp")
    assert locked(site) == set()
    status = site.cli("status", "--json", code=0).json
    assert "held" not in {each["condition"] for each in status["conditions"]}
    assert (status["oldest_waiting"], status["holds"][0]["rejected"]["reason"]) == (None, "at camp")
    assert "at camp" in person.open("/holds").text
    (said,) = events(pages, "reject")
    assert (said["hold"], said["by"], said["reason"]) == (hold, f"pages:{IT}", "at camp")


def test_after_a_no_comes_a_yes(site: Site, pages: Served, leavers: list[str]) -> None:
    reject(it(pages), hold_of(pages))
    assert approve(it(pages), hold_of(pages))[0] == 303
    requested(site, asked(pages)[0])
    assert locked(site) == set(leavers)


def test_a_no_takes_back_a_yes_that_is_not_used(site: Site, pages: Served, leavers: list[str]) -> None:
    person, hold = it(pages), hold_of(pages)
    approve(person, hold, later="1")
    reject(second(pages), hold)
    assert site.run(3).target["done"] == {}
    assert locked(site) == set()
    assert events(pages, "reject")[0]["taken_back"] == 1
    assert approve(person, hold, later="1") == (303, "/holds?done=next"), "which is no second yes of the same"
    assert site.run(3).target["done"] == {"done": len(leavers)}


def test_what_is_not_the_same_any_more_is_asked_anew(site: Site, pages: Served, leavers: list[str]) -> None:
    person, first = it(pages), hold_of(pages)
    reject(person, first)
    more = [*leavers, *pupils(site, SOUTH)[:1]]
    for number in (4, 5):
        site.night(number, without(more))
    (hold,) = site.night(6, without(more), code=5).target["holds"]
    assert hold["hold"] != first
    assert hold["rejected"] is None
    assert site.cli("status", "--json", code=0).json["conditions"][0]["condition"] == "held"
    assert approve(person, first)[0] == 409
    assert reject(person, first)[0] == 409


def test_a_hold_that_was_never_there_is_told_with_words(pages: Served) -> None:
    for action in (approve, reject):
        status, text = action(it(pages), "H-00000000")
        assert status == 409
        assert "<h1>" in text
    assert reject(it(pages), "care.csv")[0] == 409


def test_a_form_without_a_reason_with_odd_hours_or_from_elsewhere_says_nothing(pages: Served) -> None:
    person, hold = it(pages), hold_of(pages)
    assert approve(person, hold, reason="  ")[0] == 400
    assert reject(person, hold, reason="")[0] == 400
    for hours in ("0", "169", "-1", "½", "many", "0000001689", "1" * 5000):
        assert approve(person, hold, hours=hours)[0] == 400, hours
    assert approve(person, hold, csrf="forged")[0] == 400
    assert person.send_form(f"/holds/{hold}/reject", origin="http://elsewhere.example", reason="x").status_code == 400
    now = datetime.now(UTC)
    assert (pages.site.journal.approvals(now), pages.site.journal.rejections(), asked(pages)) == ((), {}, [])


def test_a_yes_counts_as_many_hours_as_it_says(pages: Served) -> None:
    approve(it(pages), hold_of(pages), hours="3", later="1")
    (yes,) = pages.site.journal.approvals(datetime.now(UTC))
    assert timedelta(hours=2, minutes=59) < yes.expires - datetime.now(UTC) <= timedelta(hours=3)


def test_what_a_freeze_keeps_back_is_shown_and_cannot_be_approved(site: Site, pages: Served) -> None:
    site.append("jobs/nightly.toml", "[[freezes]]", f"begin = {day(2)}", f"end = {day(9)}", f'schools = ["{SOUTH}"]')
    person, hold = it(pages), hold_of(pages)
    assert f"/holds/{hold}/approve" not in person.open("/holds").text
    assert approve(person, hold)[0] == 409
    assert pages.site.journal.approvals(datetime.now(UTC)) == ()


def test_the_word_on_what_looks_odd_is_given_there_too(site: Site, pages: Served) -> None:
    file = site.folder / "data" / "people.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    site.run(3, code=4)
    person = it(pages)
    shown = as_shown(person, "people.csv")
    assert "people.csv" not in pages.named("schooladmin@hemne.kommune.no").open("/holds").text
    assert approve(person, "people.csv", shown=shown) == (303, "/holds?done=word")
    assert "/holds/people.csv/approve" not in person.open("/holds").text
    assert asked(pages) == []
    site.run(3, code=5)


def test_a_word_counts_for_what_was_looked_at_and_for_nothing_else(site: Site, pages: Served) -> None:
    person, file = it(pages), site.folder / "data" / "people.csv"
    everybody = file.read_text(encoding="utf-8")
    file.write_text(everybody.splitlines()[0] + "\n", encoding="utf-8")
    site.run(3, code=4)
    shown = as_shown(person, "people.csv")
    assert approve(person, "people.csv")[0] == 409
    assert approve(person, "people.csv", shown="0" * len(shown))[0] == 409
    assert approve(person, "schools", shown=shown)[0] == 409, "nothing is odd about the schools"
    file.write_text(everybody, encoding="utf-8")
    site.run(3, code=5)
    assert approve(person, "people.csv", shown=shown)[0] == 409, "it is not odd any more"
    assert [each for each in pages.site.journal.decisions() if each.startswith("word ")] == []


def as_shown(person: Person, subject: str) -> str:
    """What the form of a word carries, of what was said there."""
    form = html.fromstring(person.open("/holds").text).find(f".//form[@action='/holds/{subject}/approve']")
    (field,) = form.iterfind(".//input[@name='shown']")
    return str(field.get("value"))


def test_new_ids_for_everybody_are_approved_there_too(untouched_site: Site, tmp_path: Path) -> None:
    site = copy(untouched_site, tmp_path / "hemne")
    before = set(site.entries())
    site.night(1, new_ids("x-"), code=5)
    with time_machine.travel(NOON), served([site.folder], now=None) as pages:
        person = it(pages)
        text = person.open("/holds").text
        proposal = text.partition("/holds/R-")[2][:8]
        assert approve(person, "R-00000000")[0] == 409
        status, where = approve(person, f"R-{proposal}")
        (request,) = asked(pages)
        assert (status, where) == (303, f"/resync/{request.id}")
        site.cli("resync", "--request", str(request.id), "--json", "--day", str(day(1)), code=0)
        assert set(site.entries()) == before
        assert "/holds/R-" not in person.open("/holds").text
        with open_journal_of(open_place(site.folder, "nightly")) as journal:
            assert journal.holds() == []


def test_of_what_somebody_asked_for_no_hold_of_another_school_is_told(site: Site, pages: Served) -> None:
    asking = pages.site.journal.asking()
    asked = asking.ask(Wish("nightly", Scope(Extent.SCHOOL, NORTH), "somebody", "", Shown(frozenset())))
    target = {"target": "feide", "failure": None, "done": {}, "refused": [], "holds": [hold_of(pages)], "held": []}
    asking.finish(asked.id, None, 5, json.dumps({"targets": [target]}))
    english = {"Accept-Language": "en"}
    assert "would lose their account" in it(pages).open(f"/resync/{asked.id}", headers=english).text
    answer = pages.named("schooladmin@hemne.kommune.no").open(f"/resync/{asked.id}", headers=english)
    assert answer.status_code == 200
    assert "would lose" not in answer.text

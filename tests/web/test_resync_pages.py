"""Putting right by page: looked at, said yes to, queued once, and nothing but what was shown."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from provision.core.scope import Extent, Scope, Shown
from provision.journal.asked import Wish
from provision.web.told import read_scope, write_scope
from tests.app.edits import without
from tests.app.sites import NORTH, SOUTH, Site, day, pupils
from tests.app.test_resync import spoiled, wrong
from tests.web.looked import FEIDE, digest, finished, looked, said
from tests.web.served import NOON, Person, Served, served
from tests.web.test_access import somebody

Bench = tuple[Site, Served, Person, str]


@pytest.fixture
def bench(own_site: Site) -> Iterator[Bench]:
    """A site with a fault on the entry of a pupil, and an admin of the pupil's school."""
    pupil = pupils(own_site, NORTH)[0]
    spoiled(own_site, pupil)
    with served([own_site.folder]) as pages:
        yield own_site, pages, somebody(pages, "school admin"), pupil


def queue(pages: Served) -> list[str]:
    return [str(each.wish.scope) for each in pages.site.journal.asking().latest()]


def waits(pages: Served, scope: Scope | None = None, by: str = "another") -> int:
    wish = Wish("nightly", scope or Scope(Extent.ALL), by, "", Shown(frozenset({"x"})))
    return pages.site.journal.asking().ask(wish).id


def test_what_is_approved_waits_with_what_was_shown_by_whom_and_why(bench: Bench) -> None:
    site, pages, admin, pupil = bench
    path = looked(admin, f"person:{pupil}")
    text = said(admin.open(path))
    assert "1 endring" in text
    assert "endret: givenName" in text
    assert "23. november 2026 02:00" in text, "how old what is known is"
    answer = admin.send_form(path, digest=digest(admin, path))
    assert answer.status_code == 303
    (asked,) = pages.site.journal.asking().latest()
    assert answer.headers["Location"] == f"/resync/{asked.id}"
    assert (asked.wish.by, asked.wish.reason) == ("schooladmin@hemne.kommune.no", "mangler tilgang")
    assert asked.wish.scope == Scope(Extent.PERSON, pupil)
    assert "venter på tur" in admin.open(f"/resync/{asked.id}").text
    assert admin.send_form(path, digest=digest(admin, path)).headers["Location"] == f"/resync/{asked.id}", "once"
    site.cli("resync", "--request", str(asked.id), "--day", str(day(0)), "--json", code=0)
    assert wrong(site, pupil) == set()
    over = said(finished(admin, f"/resync/{asked.id}"))
    assert "Gjort." in over
    assert "1 endret" in over
    assert "Gjort." in said(admin.open("/resync"))


def test_another_digest_than_was_shown_is_refused(bench: Bench) -> None:
    _, pages, admin, pupil = bench
    path = looked(admin, f"person:{pupil}")
    for forged in ("", "0" * 24):
        assert admin.send_form(path, digest=forged).status_code == 409
    assert admin.send_form("/resync/preview/none", digest="0").status_code == 404
    assert queue(pages) == []


def test_a_preview_is_its_sessions_alone(bench: Bench) -> None:
    _, pages, admin, pupil = bench
    path = looked(admin, f"person:{pupil}")
    shown = digest(admin, path)
    for other in (somebody(pages, "it"), somebody(pages, "school admin")):
        assert other.open(path).status_code == 404
        assert other.send_form(path, digest=shown).status_code == 404
    assert queue(pages) == []


def test_where_more_is_to_be_done_by_then_nothing_is_and_the_page_leads_back(bench: Bench) -> None:
    site, _, admin, pupil = bench
    other = pupils(site, NORTH)[1]
    path = looked(admin, f"school:{NORTH}")
    asked = admin.send_form(path, digest=digest(admin, path)).headers["Location"]
    spoiled(site, other)
    site.cli("resync", "--request", asked.rpartition("/")[2], "--day", str(day(0)), "--json", code=2)
    assert wrong(site, pupil, other) == {pupil, other}
    page = finished(admin, asked)
    assert "Se på nytt, og si ja til det" in page.text
    (again,) = re.findall(r'href="(/resync\?what=[^"]+)"', page.text)
    assert admin.open(again).status_code == 200
    path = looked(admin, f"school:{NORTH}")
    assert "2 endringer" in said(admin.open(path))


def test_removals_stand_in_a_box_of_their_own_and_must_have_been_seen(own_site: Site) -> None:
    gone = pupils(own_site, NORTH)[0]
    for number in (1, 2):
        own_site.night(number, without([gone]))
    own_site.export(3, without([gone]))
    with served([own_site.folder], now=NOON + timedelta(days=3)) as pages:
        admin = somebody(pages, "school admin")
        path = looked(admin, f"person:{gone}", fresh="1")
        page = admin.open(path).text
        box = re.search(r'<div class="removals">.*?</div>', page, re.DOTALL)
        assert box
        assert gone in box[0]
        assert "stengt" in box[0]
        shown = digest(admin, path)
        assert admin.send_form(path, digest=shown).status_code == 400
        assert queue(pages) == []
        assert admin.send_form(path, digest=shown, seen="1").status_code == 303
        (asked,) = pages.site.journal.asking().latest()
        assert asked.wish.fresh


def test_other_schools_and_everybody_are_not_a_school_admins_to_put_right(bench: Bench) -> None:
    site, pages, admin, _ = bench
    roll = pages.site.roll()
    foreign = next(each.id for each in roll.classes.values() if each.orgs == {SOUTH})
    for what in ("all", f"school:{SOUTH}", f"class:{foreign}", f"person:{pupils(site, SOUTH)[0]}", "person:p999"):
        assert admin.open(f"/resync?what={what}").status_code == 404, what
        assert admin.send_form("/resync", what=what, reason="x", **FEIDE).status_code == 404, what
    number = waits(pages, Scope(Extent.SCHOOL, SOUTH))
    assert admin.open(f"/resync/{number}").status_code == 404
    assert pages.site.staff().schools[SOUTH] not in admin.open("/resync").text
    assert somebody(pages, "it").open(f"/resync/{number}").status_code == 200
    assert somebody(pages, "admin").open("/resync?what=all").status_code == 200
    for nonsense in ("x", "-1", "1" * 12, "٣"):
        assert admin.open(f"/resync/{nonsense}").status_code == 404


def test_a_class_of_ones_own_school_is_put_right(bench: Bench) -> None:
    site, pages, admin, pupil = bench
    home = pages.site.roll().people[pupil].homeroom
    assert f'value="class:{home}"' in admin.open("/resync").text, "the only school is chosen already"
    path = looked(admin, f"class:{home}")
    assert f"account:{pupil}" not in admin.open(path).text
    assert f"/people/{pupil}" in admin.open(path).text
    assert wrong(site, pupil) == {pupil}, "a look writes nothing"


def test_what_is_asked_without_a_target_or_a_reason_is_not_begun(bench: Bench) -> None:
    _, _, admin, pupil = bench
    assert admin.send_form("/resync", what=f"person:{pupil}", reason="x").status_code == 400
    assert admin.send_form("/resync", what=f"person:{pupil}", reason=" ", **FEIDE).status_code == 400
    assert admin.send_form("/resync", what="nonsense", reason="x", **FEIDE).status_code == 400


def test_while_another_waits_the_answer_says_so(bench: Bench) -> None:
    _, pages, admin, pupil = bench
    path = looked(admin, f"person:{pupil}")
    waits(pages)
    answer = admin.send_form(path, digest=digest(admin, path))
    assert answer.status_code == 409
    assert "bare én oppretting kan vente om gangen" in answer.text


def test_who_asks_too_often_is_told_from_when_on_again(bench: Bench) -> None:
    _, pages, admin, pupil = bench
    asking = pages.site.journal.asking()
    for _ in range(10):
        asking.finish(waits(pages, by="schooladmin@hemne.kommune.no"), None, 0)
    path = looked(admin, f"person:{pupil}")
    answer = admin.send_form(path, digest=digest(admin, path))
    assert answer.status_code == 429
    again = asking.again("schooladmin@hemne.kommune.no")
    assert again
    assert f"{again.astimezone():%M}." in said(answer)


def test_a_sis_that_is_away_is_said_where_it_is_to_be_read_anew(bench: Bench) -> None:
    site, pages, admin, pupil = bench
    site.sis.unlink()
    for reader, told in ((admin, False), (somebody(pages, "it"), True)):
        path = looked(reader, f"person:{pupil}", fresh="1")
        page = reader.open(path).text
        assert "Det kunne ikke regnes ut." in page
        assert "sis.xml" in page
        assert (str(site.folder) in page) == told
        assert reader.send_form(path, digest="").status_code == 409
    assert "1 endring" in said(admin.open(looked(admin, f"person:{pupil}"))), "by what was last accepted it can be"


def test_how_it_ended_and_what_is_held_is_told_with_what_it_takes(bench: Bench) -> None:
    _, pages, _, pupil = bench
    it, asking = somebody(pages, "it"), pages.site.journal.asking()
    ends = {
        4: ("Det skoleadministrative systemet kunne ikke leses", {"error": "/srv/x/sis.xml is not there"}),
        5: ("bortsett fra det som holdes tilbake", {"targets": [outcome(holds=["H-00000001"])]}),
        6: ("venter på å bli rettet", {"targets": [outcome(held=[{"key": f"account:{pupil}", "reason": "no name"}])]}),
        7: ("kunne ikke nås", {"targets": [outcome(failure="cannot be reached")]}),
        1: ("Det gikk galt", {"error": "died"}),
    }
    for code, (expected, document) in ends.items():
        number = waits(pages, Scope(Extent.SCHOOL, NORTH), by=str(code))
        asking.finish(number, None, code, json.dumps(document))
        text = said(it.open(f"/resync/{number}"))
        assert expected in text
        for part in ("no name", "cannot be reached", "er avsluttet nå"):
            assert (part in text) == (part in json.dumps(document) or (code == 5 and part == "er avsluttet nå"))


def outcome(**more: object) -> dict[str, object]:
    return {"target": "feide", "failure": None, "done": {}, "refused": [], "holds": [], "held": [], **more}


def test_what_is_at_work_shows_how_far_it_is(bench: Bench) -> None:
    _, pages, admin, pupil = bench
    number = waits(pages, Scope(Extent.PERSON, pupil))
    assert pages.site.journal.asking().next("a service", 60)
    pages.site.journal.progress().note(f"asked/{number}", "feide", 3, 8)
    page = admin.open(f"/resync/{number}").text
    assert 'max="8" value="3"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


@pytest.mark.parametrize("text", ["all", "person:p:1", "class:c 1", "school:974588145"])
def test_a_scope_is_read_as_it_is_written(text: str) -> None:
    scope = read_scope(text)
    assert scope is not None
    assert write_scope(scope) == text


@pytest.mark.parametrize("text", ["", "all:", "all:x", "person:", "person", "org:1", ":x"])
def test_what_is_no_scope_is_none(text: str) -> None:
    assert read_scope(text) is None

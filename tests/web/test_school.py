"""A school's pages: its figures and what they count, how fresh they are, and what the school should mend."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from lxml import etree, html

from provision.web.pages.school_rows import FIGURES
from tests.app.edits import Export, named, person, without
from tests.app.sites import NORTH, SOUTH, Site, copy, pupils
from tests.web.looked import finished, said
from tests.web.served import NOON, Person, Served, served
from tests.web.test_access import ADMIN, IT, PRINCIPAL, at_school, head_of, somebody

HOME: Final = f"/schools/{NORTH}"


@pytest.fixture(scope="module")
def site(larger_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A night on which NORTH has a pupil without a family name, and one with the number of somebody at SOUTH."""
    site = copy(larger_site, tmp_path_factory.mktemp("mend") / "hemne")
    nameless, twin, other = wrong(site)

    def same_number(root: Export) -> None:
        numbers(root, twin)[0].text = numbers(root, other)[0].text

    site.night(1, named(nameless, "Kari", ""), same_number, code=6)
    return site


def numbers(root: Export, sourced_id: str) -> list[Export]:
    """Where somebody's identity number stands, if it does."""
    return [e for e in person(root, sourced_id).iterfind("{*}userid") if e.get("useridtype") == "personNIN"]


def wrong(site: Site) -> tuple[str, str, str]:
    """Of NORTH who has no family name, and who the number of whom at SOUTH."""
    root = etree.fromstring(site.pristine)
    ours, theirs = ([p for p in pupils(site, school) if numbers(root, p)] for school in (NORTH, SOUTH))
    return ours[0], ours[1], theirs[0]


@pytest.fixture(scope="module")
def pages(site: Site) -> Iterator[Served]:
    with served([site.folder]) as running:
        yield running


@pytest.fixture(scope="module")
def head(pages: Served) -> Person:
    return somebody(pages, PRINCIPAL)


def behind(person: Person, figure: str) -> list[list[str]]:
    """The cells of each row behind a figure."""
    page = html.fromstring(finished(person, f"{HOME}/rows?figure={figure}").text)
    return [[cell.text_content() for cell in row.iterfind("td")] for row in page.iterfind(".//tbody/tr")]


def test_the_page_says_what_there_is_how_it_goes_and_of_when_it_is(head: Person, pages: Served) -> None:
    page = said(head.open(HOME))
    assert "Det finnes ingen tidligere tall" in page
    assert "Skolesystemet (pifu_ims) 24. november 2026 02:00" in page
    assert "devices_csv 23. november 2026" in page
    staff = pages.site.staff()
    (leader,) = (name for each, name in staff.names.items() if NORTH in staff.heads.get(each, ()))
    assert f"Ledes av {leader}" in page


def test_every_figure_that_is_told_has_as_many_rows_as_it_says(head: Person) -> None:
    page = html.fromstring(head.open(HOME).text)
    figures = {
        link.get("href").rpartition("=")[2]: link.text_content()
        for link in page.iterfind(".//dd/a[@href]")
        if "rows?figure=" in link.get("href")
    }
    assert {"pupils", "devices"} <= figures.keys()
    for figure, number in figures.items():
        if figure != "pupils":  # one of them has no name tonight
            assert len(behind(head, figure)) == int(number), figure


def test_pupils_are_named_to_whoever_leads_the_school_and_the_protected_are_not(head: Person, pages: Served) -> None:
    rows = [row[0] for row in behind(head, "pupils")]
    roll = pages.site.roll()
    assert f"{roll.people[at_school(pages, NORTH)].name} ({at_school(pages, NORTH)})" in rows
    hidden = [each for each in roll.people.values() if each.protected]
    assert hidden
    text = finished(head, f"{HOME}/rows?figure=pupils").text
    assert not [each for each in hidden if each.name in text or each.id in text]


@pytest.mark.parametrize("figure", ["x", "share_with_own", "<script>", "'"])
def test_there_are_no_rows_of_what_is_no_figure_that_counts(head: Person, figure: str) -> None:
    assert head.open(f"{HOME}/rows", params={"figure": figure}).status_code == 404


def test_of_a_masked_school_no_rows_are_shown(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        for figure in FIGURES:
            page = said(somebody(pages, PRINCIPAL).open(f"{HOME}/rows?figure={figure}"))
            assert "vises ikke hva det teller" in page
        assert pages.site.roll().people[at_school(pages, NORTH)].name not in page


def test_what_to_mend_names_whom_the_field_and_who_can_do_it(head: Person, site: Site) -> None:
    nameless, twin, _ = wrong(site)
    answer = finished(head, f"{HOME}/mend")
    page = said(answer)
    assert "Etternavn (name/n/family) mangler" in page
    assert "ikke blant personene" not in page, "that only follows"
    assert nameless in page
    assert f'href="/people/{twin}"' in answer.text
    assert "Har samme fødselsnummer" in page
    assert "Den som fører skolens opplysninger, i skolesystemet." in page
    number = re.search(r"(\d+) ting å rette", page)
    assert number
    assert number[0] in said(head.open(HOME))


def test_what_to_mend_says_nothing_of_another_school(head: Person, pages: Served, site: Site) -> None:
    """Though the reason is that somebody there has the same number; who sees both schools is told who."""
    _, twin, other = wrong(site)
    page = finished(head, f"{HOME}/mend").text
    assert "Har samme fødselsnummer som …; rett det i skolesystemet." in page
    assert other not in page
    wide = finished(somebody(pages, ADMIN), f"{HOME}/mend").text
    assert f"Har samme fødselsnummer som {other}" in wide
    assert twin in wide


def test_each_reads_of_it_in_their_own_language(pages: Served) -> None:
    person = somebody(pages, IT)
    person.headers["Accept-Language"] = "nn"
    assert "Den som fører opplysningane til skulen" in said(finished(person, f"{HOME}/mend"))


def test_it_is_looked_up_once_for_all_who_ask(pages: Served, head: Person) -> None:
    finished(head, f"{HOME}/mend")
    before = {*pages.site.looks._all}
    finished(pages.named(head_of(pages, SOUTH)), f"/schools/{SOUTH}/mend")
    assert {*pages.site.looks._all} == before


def test_what_cannot_be_looked_up_is_said_and_is_no_error(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        (own_site.folder / "jobs" / "nightly.toml").rename(own_site.folder / "jobs" / "away.toml")
        assert "kunne ikke slås opp" in said(finished(somebody(pages, IT), f"{HOME}/mend"))


def test_a_hold_of_the_school_is_told_where_its_people_can_see_whether_it_is_right(
    larger_site: Site, tmp_path: Path
) -> None:
    site = copy(larger_site, tmp_path / "hemne")
    gone = without(pupils(site, SOUTH)[4::7])
    for number in (1, 2):
        site.night(number, gone)
    site.night(3, gone, code=5)
    with served([site.folder], now=NOON + timedelta(days=3)) as pages:
        (hold,) = (row.hold for row in pages.site.journal.holds())
        head = pages.named(head_of(pages, SOUTH))
        assert "venter på skole-IT" in said(head.open(f"/schools/{SOUTH}"))
        page = said(finished(head, f"/schools/{SOUTH}/mend"))
        assert "Holdt tilbake til skole-IT sier ja eller nei" in page
        assert f"{hold.count} personer" in page
        assert all(each in page for each in hold.examples)
        assert "Holdt tilbake" not in said(finished(somebody(pages, PRINCIPAL), f"{HOME}/mend"))

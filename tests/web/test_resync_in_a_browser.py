"""From a search to what was put right, in a real Chromium, with a service that does it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provision.service.service import Service
from provision.service.watched import Watched
from tests.app.edits import named
from tests.app.sites import NORTH, SOUTH, Site, call, copy, finished, process, pupils, without_lms
from tests.app.test_resync import spoiled, wrong
from tests.servers.chromium import chromium
from tests.service.benches import scheduled, settled
from tests.web.conftest import WEB
from tests.web.served import Person, Served, served
from tests.web.test_access import somebody
from tests.web.test_browser import PHONE, SCRIPT, unfit


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="module")
def of_today(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that has had today's night, since a service knows no other day."""
    folder = tmp_path_factory.mktemp("today") / "hemne"
    assert call("sample", str(folder), "--pupils", "40", "--schools", "2").code == 0
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    without_lms(site)
    scheduled(folder)
    site.append("jobs/nightly.toml", *WEB.splitlines())
    site.cli("run", code=0)
    return site


@dataclass(frozen=True, slots=True)
class Bench:
    site: Site
    pages: Served
    service: Service
    pupil: str
    other: str


@pytest.fixture
def bench(of_today: Site, tmp_path: Path) -> Iterator[Bench]:
    """Two pupils of a school with a fault on the entry of each, pages, and a service that is idle."""
    site = copy(of_today, tmp_path / "hemne")
    one, other, *_ = pupils(site, NORTH)
    spoiled(site, one, other)
    service = Service([Watched(site.folder)], lambda _: None)
    service.tick()
    with served([site.folder], now=None) as pages:
        yield Bench(site, pages, service, one, other)
    service.stop()


def tab_of(browser: Any, pages: Served, person: Person, **options: Any) -> Any:
    context = browser.new_context(viewport=PHONE, locale="nb-NO", **options)
    context.add_cookies([{"name": "provision", "value": person.cookies["provision"], "url": pages.url}])
    return context.new_page()


def searched(tab: Any, bench: Bench) -> None:
    """The pupil's page, found by name."""
    tab.goto(f"{bench.pages.url}/people")
    tab.fill("#who", bench.pages.site.roll().people[bench.pupil].name)
    tab.click("main button.main")
    tab.click(f'a[href="/people/{bench.pupil}"]')


@pytest.mark.parametrize("script", [True, False])
def test_an_admin_finds_a_pupil_looks_says_yes_and_sees_it_done(browser: Any, bench: Bench, *, script: bool) -> None:
    """With script the pages come by themselves, without it they load anew; a service does the work."""
    tab = tab_of(browser, bench.pages, somebody(bench.pages, "school admin"), java_script_enabled=script)
    looks: list[Any] = []

    def fit() -> None:
        looks.extend(unfit(tab) if script else [])

    searched(tab, bench)
    tab.wait_for_selector("#places")
    tab.click("summary")
    assert tab.locator("dd", has_text="Feil").count() >= 1
    fit()
    tab.click("text=Rett opp nå")
    fit()
    tab.fill("#reason", "feil navn i Feide")
    tab.click("main button.main")
    tab.wait_for_selector("#yes")
    assert "endret: givenName" in tab.inner_text("main")
    fit()
    tab.click("text=Utfør 1 endring")
    tab.wait_for_selector("#request")
    assert "venter på tur" in tab.inner_text("main")
    fit()
    bench.service.tick()
    tab.wait_for_selector("#request .note.good")
    settled(bench.service)
    assert "1 endret" in tab.inner_text("main")
    fit()
    assert looks == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] if script else True
    assert wrong(bench.site, bench.pupil, bench.other) == {bench.other}
    tab.context.close()


def test_what_changed_before_the_service_came_to_it_is_not_done(browser: Any, bench: Bench) -> None:
    tab = tab_of(browser, bench.pages, somebody(bench.pages, "school admin"))
    third = pupils(bench.site, NORTH)[2]
    tab.goto(f"{bench.pages.url}/resync?what=school:{NORTH}")
    tab.fill("#reason", "feil navn i Feide")
    tab.click("main button.main")
    tab.click("text=Utfør 2 endringer")
    tab.wait_for_selector("#request")
    spoiled(bench.site, third)
    bench.service.tick()
    tab.wait_for_selector("#request .note.warn")
    settled(bench.service)
    tab.click("#request a.button")
    assert tab.url == f"{bench.pages.url}/resync?what=school%3A{NORTH}" or tab.url.endswith(f"what=school:{NORTH}")
    assert wrong(bench.site, bench.pupil, third) == {bench.pupil, third}
    tab.context.close()


def test_a_script_in_a_pupils_name_is_a_name_on_all_of_these_pages(browser: Any, bench: Bench) -> None:
    named_so = named(bench.pupil, SCRIPT, "Berg")
    bench.site.sis.write_bytes(_edited(bench.site, named_so))
    assert finished(process("run", "--site", str(bench.site.folder))).code == 0
    spoiled(bench.site, bench.pupil)
    assert SCRIPT in bench.pages.site.roll().people[bench.pupil].name
    tab = tab_of(browser, bench.pages, somebody(bench.pages, "school admin"))
    tab.goto(f"{bench.pages.url}/people")
    tab.fill("#who", "Berg")
    tab.click("main button.main")
    seen = [_innocent(tab)]
    tab.goto(f"{bench.pages.url}/people/{bench.pupil}")
    tab.wait_for_selector("#places")
    seen.append(_innocent(tab))
    tab.goto(f"{bench.pages.url}/resync?what=person:{bench.pupil}")
    seen.append(_innocent(tab))
    tab.fill("#reason", SCRIPT)
    tab.click("main button.main")
    tab.wait_for_selector("#yes")
    seen.append(_innocent(tab))
    tab.click("main button.main")
    tab.wait_for_selector("#request")
    seen.append(_innocent(tab))
    assert seen == [True] * 5
    tab.context.close()


def _edited(site: Site, edit: Any) -> bytes:
    from lxml import etree

    root = etree.fromstring(site.pristine)
    edit(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _innocent(tab: Any) -> bool:
    """Whether the name stands there as text, and no script but ours."""
    texts: str = tab.inner_text("main")
    return tab.title() != "owned" and tab.locator("script").count() == 1 and "<script>" in texts


def test_the_chooser_is_used_by_keyboard_alone(browser: Any, bench: Bench) -> None:
    tab = tab_of(browser, bench.pages, somebody(bench.pages, "it"))
    tab.goto(f"{bench.pages.url}/resync")
    assert unfit(tab) == []
    tab.focus("#school")
    tab.keyboard.type(bench.pages.site.staff().schools[SOUTH][:4])
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#what")
    assert unfit(tab) == []
    tab.focus("#what")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#reason")
    tab.focus("#reason")
    tab.keyboard.type("ny klasse")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#preview .note.good")
    assert "Det er ingenting å gjøre nå." in tab.inner_text("main")
    tab.context.close()

"""The pages in a real Chromium: accessible, whole on a phone, without script, by keyboard, deaf to what is stored."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

import pytest

from provision.web.app import links
from provision.web.routes import ROUTES
from tests.app.edits import one, texts
from tests.app.sites import NORTH, Site
from tests.servers.chromium import chromium
from tests.web.served import Served, served

PHONE: Final = {"width": 320, "height": 800}
SCRIPT: Final = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
# Pages to look at; files and what machines read are none.
NO_PAGES: Final = {"/health", "/metrics", "/schools/{school}/figures.csv", "/schools/{school}/figures.xlsx"}
PATHS: Final = [r.path for r in ROUTES if r.method == "GET" and r.path not in NO_PAGES] + ["/none"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser: Any, pages: Served) -> Iterator[Any]:
    """IT is logged in."""
    context = browser.new_context(viewport=PHONE)
    context.add_cookies([{"name": "provision", "value": pages.it().cookies["provision"], "url": pages.url}])
    yield context.new_page()
    context.close()


def unfit(tab: Any) -> list[tuple[str, list[str]]]:
    """What axe finds wrong; it is run past the page's own policy, which lets no script in that is not ours."""
    tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_and_a_phone_shows_it_whole(tab: Any, pages: Served, path: str) -> None:
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    tab.goto(f"{pages.url}{path.replace('{school}', NORTH)}")
    assert unfit(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints == []


def test_somebody_without_script_logs_in_by_the_link_and_out_again(browser: Any, own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        context = browser.new_context(java_script_enabled=False)
        tab = context.new_page()
        tab.goto(links(pages.app)[0])
        tab.click("button.main")
        assert tab.url == f"{pages.url}/"
        tab.click("text=Nynorsk")
        assert tab.locator("h2", has_text="Skular").count() == 1
        tab.click("text=Logg ut")
        assert tab.url == f"{pages.url}/login"
        tab.goto(pages.url)
        assert tab.url.startswith(f"{pages.url}/login")
        context.close()


def test_the_keyboard_alone_gets_to_a_school(tab: Any, pages: Served) -> None:
    tab.goto(pages.url)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    for _ in range(10):
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if (tab.evaluate("document.activeElement.getAttribute('href')") or "").startswith("/schools/"):
            break
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/schools/*")


def test_a_script_in_a_name_is_a_name(browser: Any, own_site: Site) -> None:
    """Of a school, and of whoever leads it."""

    def renamed(root: Any) -> None:
        schools = (
            group for group in root.iterfind("{*}group") if NORTH in texts(group, "extension/pifu_id/pifu_value")
        )
        one(next(schools), "description/short").text = SCRIPT
        for name in root.iterfind("{*}person/{*}name/{*}fn"):
            name.text = SCRIPT

    own_site.night(1, renamed)
    with served([own_site.folder]) as pages:
        staff = pages.site.staff()
        assert SCRIPT in staff.schools.values()
        login = next(n for n, person in staff.by_login.items() if NORTH in staff.heads.get(person, ()))
        assert staff.names[staff.by_login[login]] == SCRIPT
        head = pages.named(login)
        context = browser.new_context()
        context.add_cookies([{"name": "provision", "value": head.cookies["provision"], "url": pages.url}])
        tab = context.new_page()
        for path in ("/", f"/schools/{NORTH}"):
            tab.goto(f"{pages.url}{path}")
            assert tab.title() != "owned"
            assert tab.locator("script").count() == 1
            assert SCRIPT in tab.locator("body").inner_text()
        context.close()

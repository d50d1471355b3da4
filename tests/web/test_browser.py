"""The pages in a real Chromium: accessible, whole on a phone, without script, by keyboard, deaf to what is stored."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

import pytest

from provision.web.app import links
from provision.web.routes import ROUTES
from tests.app.edits import Export, one, texts
from tests.app.sites import NORTH, Site
from tests.servers.chromium import chromium
from tests.web.served import Person, Served, served
from tests.web.test_access import IT, PEOPLE, PRINCIPAL, filled, head_of, somebody

PHONE: Final = {"width": 320, "height": 800}
SCRIPT: Final = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
# Files, and what machines read; whatever else the route table has is a page.
NO_PAGES: Final = {"/health", "/metrics", "/schools/{school}/figures.csv", "/schools/{school}/figures.xlsx"}
PATHS: Final = [r.path for r in ROUTES if r.method == "GET" and r.path not in NO_PAGES] + ["/none"]
# All that a keyboard must get to; of a group of choices it gets to one.
STOPS: Final = """() => {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const seen = each => each.getClientRects().length > 0 && !each.disabled;
  const first = each => each.type !== 'radio' || each.checked || each.form.querySelector(
    `input[name="${each.name}"]:checked`) === null && each.form.querySelector(`input[name="${each.name}"]`) === each;
  window.stops = [...document.querySelectorAll(all)].filter(each => seen(each) && first(each));
  return window.stops.map(each => each.outerHTML.slice(0, 100));
}"""
HERE: Final = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && box.right > 0 && box.width > 0;
  return [window.stops.indexOf(here), shown];
}"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="module")
def people(pages: Served) -> dict[str, Person]:
    """Somebody of each role, logged in where the role is."""
    return {who: somebody(pages, who) for who in PEOPLE}


@pytest.fixture(scope="module")
def tabs(browser: Any, pages: Served, people: dict[str, Person]) -> Iterator[dict[str, Any]]:
    """By role, a tab on a phone."""
    contexts = {who: browser.new_context(viewport=PHONE) for who in people}
    for who, context in contexts.items():
        if token := people[who].cookies.get("provision"):
            context.add_cookies([{"name": "provision", "value": token, "url": pages.url}])
    yield {who: context.new_page() for who, context in contexts.items()}
    for context in contexts.values():
        context.close()


def opened(tab: Any, address: str) -> None:
    """The page, once it has what it waits for."""
    tab.goto(address)
    tab.locator("progress").first.wait_for(state="detached", timeout=60_000)


def unfit(tab: Any) -> list[tuple[str, list[str]]]:
    """What axe finds wrong; it is run past the page's own policy, which lets no script in that is not ours."""
    tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


def unreached(tab: Any) -> list[str]:
    """What the Tab key does not get to, and where it does not show where it is."""
    stops = tab.evaluate(STOPS)
    reached: set[int] = set()
    dark: set[int] = set()
    for _ in range(4 * len(stops) + 4):  # a field for a date has a stop for each of its parts
        tab.keyboard.press("Tab")
        stop, shown = tab.evaluate(HERE)
        reached.add(stop)
        if not shown and stop >= 0:
            dark.add(stop)
        if reached >= set(range(len(stops))):
            break
    return [text for number, text in enumerate(stops) if number not in reached or number in dark]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_fit_for_everybody_who_may_open_it(
    tabs: dict[str, Any], people: dict[str, Person], pages: Served, path: str, who: str
) -> None:
    """By axe (WCAG 2.1 AA), 320 pixels wide, and with the keyboard alone."""
    tab, address = tabs[who], filled(pages, path, people[who], NORTH)
    if people[who].open(address).status_code != 200 and path != "/none":
        return  # is not theirs, which is tried for every address elsewhere
    complaints: list[str] = []
    tab.once("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    opened(tab, f"{pages.url}{address}")
    assert unfit(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints == []
    opened(tab, tab.url)  # the focus is at its beginning
    assert unreached(tab) == []


def test_somebody_without_script_logs_in_by_the_link_and_out_again(browser: Any, own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        context = browser.new_context(java_script_enabled=False)
        tab = context.new_page()
        tab.goto(links(pages.app)[0])
        tab.click("text=English")
        tab.click("button.main")
        assert tab.url == f"{pages.url}/"
        tab.click("text=Nynorsk")
        assert tab.locator("h2", has_text="Skular").count() == 1
        tab.click("text=Logg ut")
        assert tab.url == f"{pages.url}/login"
        tab.goto(pages.url)
        assert tab.url.startswith(f"{pages.url}/login")
        context.close()


def test_the_keyboard_alone_gets_past_the_navigation_to_a_school(tabs: dict[str, Any], pages: Served) -> None:
    tab = tabs[IT]
    opened(tab, pages.url)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    for _ in range(30):
        tab.keyboard.press("Tab")
        if (tab.evaluate("document.activeElement.getAttribute('href')") or "").startswith("/schools/"):
            break
    assert tab.evaluate("document.activeElement.closest('nav')") is None
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/schools/*")


def renamed(root: Export) -> None:
    """A school, every class and everybody have a script for a name."""
    schools = (group for group in root.iterfind("{*}group") if NORTH in texts(group, "extension/pifu_id/pifu_value"))
    one(next(schools), "description/short").text = SCRIPT
    for group in root.iterfind("{*}group"):
        if one(group, "grouptype/scheme").text == "pifu-ims-go-grp":
            one(group, "description/short").text = SCRIPT
    for name in root.iterfind("{*}person/{*}name/{*}fn"):
        name.text = SCRIPT


@pytest.mark.parametrize("who", [PRINCIPAL, IT])
def test_a_script_in_a_name_is_a_name_on_every_page(browser: Any, own_site: Site, who: str) -> None:
    """Of a school, of its classes, of its pupils and of whoever leads it."""
    own_site.night(1, renamed)
    with served([own_site.folder]) as pages:
        staff, person = pages.site.staff(), somebody(pages, who)
        assert SCRIPT in staff.schools.values()
        assert staff.names[staff.by_login[head_of(pages, NORTH)]] == SCRIPT
        assert SCRIPT in {each.title for each in pages.site.roll().classes.values()}
        context = browser.new_context()
        context.add_cookies([{"name": "provision", "value": person.cookies["provision"], "url": pages.url}])
        tab = context.new_page()
        shown = 0
        for path in PATHS:
            opened(tab, pages.url + filled(pages, path, person, NORTH))
            assert tab.title() != "owned", path
            assert tab.locator("script:not([src^='/static/'])").count() == 0, path
            assert tab.locator("img").count() == 0, path
            shown += SCRIPT in tab.locator("body").inner_text()
        assert shown >= 4
        context.close()

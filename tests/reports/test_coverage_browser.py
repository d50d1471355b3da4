"""The pages in a real Chromium: accessible, whole on a phone, on one sheet of paper, and nothing on top of another."""

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

import pytest

from provision.core.figures import Coverage, Group, Level
from provision.core.language import Language
from provision.core.planning import Target
from provision.reports.coverage.page import page
from tests.reports.coverages import NOW, SODIN, a_large_school, a_town, cooperation, figures, hemne, report, shared
from tests.servers.chromium import chromium

PHONE: Final = (360, 800)
DESK: Final = (1280, 800)
OVERLAPS: Final = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    const outer = svg.getBoundingClientRect();
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    boxes.forEach(([name, box], at) => {
      if (box.left < outer.left - 1 || box.right > outer.right + 1) found.push(name + ' is cut');
      boxes.slice(at + 1).forEach(([other, its]) => { if (meet(box, its)) found.push(name + ' on ' + other); });
      const drawn = [...svg.querySelectorAll('rect, polyline, circle')];
      if (drawn.some(shape => meet(box, shape.getBoundingClientRect()))) found.push('a line or bar through ' + name);
    });
  }
  return found;
}"""


def none_of(pupils: int, devices: int) -> Coverage:
    return Coverage(NOW, 1, (figures(Group(Level.SCHOOL, SODIN, "Åsen"), pupils, devices),))


PAGES: Final[dict[str, tuple[Coverage, int, Language]]] = {
    "hemne": (hemne(), 0, Language.NB),
    "sodin": (hemne(), 1, Language.NN),
    "masked grades": (hemne(), 2, Language.EN),
    "a town of 60 schools": (a_town(60), 0, Language.NB),
    "a town of ten schools": (a_town(10), 0, Language.NN),
    "a school of 40 classes": (a_large_school(), 0, Language.NB),
    "a school of nobody": (none_of(0, 3), 0, Language.NN),
    "a school of few": (none_of(3, 3), 0, Language.EN),
    "no devices": (none_of(90, 0), 0, Language.NB),
    "nobody knows who has which": (shared(), 0, Language.NN),
    "a cooperation": (cooperation(), 0, Language.NB),
}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser.new_page()


@pytest.fixture(scope="module", params=PAGES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page."""
    coverage, at, language = PAGES[request.param]
    path = tmp_path_factory.mktemp("pages") / "page.html"
    told = replace(report(coverage, language, Target(1, "5")), failure="Intune: 503 after 3 attempts")
    path.write_text(page(told, coverage.figures[at]), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(tab: Any, written: str) -> Iterator[Any]:
    """A page in the tab, which asks for nothing else."""
    asked: list[str] = []

    def note(request: Any) -> None:
        asked.append(request.url)

    tab.on("request", note)
    tab.emulate_media(media="null")
    tab.goto(written)
    yield tab
    tab.remove_listener("request", note)
    assert asked == [written]


def test_axe_finds_nothing(opened: Any) -> None:
    opened.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    opened.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    result = opened.evaluate("axe.run({resultTypes: ['violations']})")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in result["violations"]] == []
    assert len(result["passes"]) > 10


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_page_is_as_wide_as_the_screen_and_nothing_lies_on_a_label(opened: Any, size: tuple[int, int]) -> None:
    opened.set_viewport_size({"width": size[0], "height": size[1]})
    assert opened.evaluate("document.documentElement.scrollWidth") == size[0]
    assert opened.evaluate(OVERLAPS) == []


def test_a_page_is_printed_on_one_sheet(opened: Any) -> None:
    printed = opened.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    opened.emulate_media(media="print")
    opened.set_viewport_size({"width": 726, "height": 1054})  # A4 less its margins
    assert opened.evaluate("document.documentElement.scrollWidth") == 726
    assert opened.evaluate(OVERLAPS) == []

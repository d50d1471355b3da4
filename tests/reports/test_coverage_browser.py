"""The pages in a real Chromium: accessible, whole on a phone, on one sheet of paper, and nothing on top of another."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from provision.core.figures import Coverage, Figures, Group, Level, Link
from provision.core.language import Language
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Target
from tests.reports.coverages import READ, SODIN, TOWN, figures, grade, hemne, report, school, school_class

CHROMIUM: Final = shutil.which("chromium") or ""
pytestmark = pytest.mark.skipif(
    not CHROMIUM or not find_spec("playwright") or not find_spec("axe_playwright_python"),
    reason="needs Chromium, playwright and axe-playwright-python",
)
# It neither updates itself nor looks for anybody outside.
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)  # fmt: skip - a command line
PHONE: Final = (360, 800)
DESK: Final = (1280, 800)
DAY: Final = date(2026, 10, 1)
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


def a_town(schools: int) -> Coverage:
    """With long names and every extreme: no device, no pupil, more devices than pupils, a thin line."""
    parts = [
        school(f"9{n:08}", f"Charlottenlund barne- og ungdomsskole {n}", n * 37 % 600, n * 53 % 620, Link(8000, 2000))
        for n in range(schools)
    ]
    grades = [grade(each.group.org, g, each.pupils // 10, each.devices // 12) for each in parts for g in range(1, 11)]
    pupils, devices = sum(p.pupils for p in parts), sum(p.devices for p in parts)
    whole = figures(TOWN, pupils, devices, unmatched=1214, stale=300, left=9)
    told = replace(whole, without=sum(p.without for p in parts), with_one=sum(p.with_one for p in parts))
    as_of = {"Intune": READ, "Snipe-IT": None}
    return Coverage(DAY, 1, (told, *parts, *grades), as_of, frozenset({"Intune"}))


def a_large_school() -> Coverage:
    counted = dict.fromkeys(("loan", "pool", "stale", "left", "broken", "stock", "staff", "unmatched", "private"), 7)
    whole = school(SODIN, "Sodin barne- og ungdomsskole", 900, 700, Link(128, 20), **counted)
    grades = [grade(SODIN, number, 90, 70) for number in range(1, 11)]
    classes = [school_class(SODIN, f"{n}{letter}", 22, 17) for n in range(1, 11) for letter in "ABCD"]
    return Coverage(DAY, 1, (whole, *grades, *classes), {"Intune": READ, "Snipe-IT": None})


def none_of(pupils: int, devices: int) -> Coverage:
    return Coverage(DAY, 1, (figures(Group(Level.SCHOOL, SODIN, "Åsen"), pupils, devices),))


PAGES: Final[dict[str, tuple[Coverage, int, Language]]] = {
    "hemne": (hemne(), 0, Language.NB),
    "sodin": (hemne(), 1, Language.NN),
    "masked grades": (hemne(), 2, Language.EN),
    "a town of 60 schools": (a_town(60), 0, Language.NB),
    "a school of 40 classes": (a_large_school(), 0, Language.NB),
    "a school of nobody": (none_of(0, 3), 0, Language.NN),
    "a school of few": (none_of(3, 3), 0, Language.EN),
    "no devices": (none_of(90, 0), 0, Language.NB),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(params=PAGES)
def opened(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    coverage, at, language = PAGES[request.param]
    found: Figures = coverage.figures[at]
    path = tmp_path / "page.html"
    path.write_text(page(report(coverage, language, Target(1, "5")), found), encoding="utf-8")
    tab = browser.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(path.as_uri())
    yield tab
    tab.close()
    assert asked == [path.as_uri()]


def test_axe_finds_nothing(opened: Any) -> None:
    opened.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    opened.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    result = opened.evaluate("axe.run()")
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

"""A night that was missed is caught up, held, approved in a browser and carried out, by the service itself."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from provision.wiring import open_journal_of, open_place
from tests.app.edits import one, without
from tests.app.sites import SOUTH, Site, call, pupils, without_lms
from tests.app.test_guarded_nights import locked
from tests.servers.chromium import chromium
from tests.service.benches import scheduled
from tests.service.test_serve import heard, serving


@pytest.fixture
def night(tmp_path: Path) -> Site:
    """A site that had a good night, whose next one, with too many gone, was missed."""
    folder = tmp_path / "hemne"
    yesterday = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011  the day of the site's clocks
    assert call("sample", str(folder), "--pupils", "60", "--schools", "2", "--day", yesterday).code == 0
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    without_lms(site)
    site.replace("jobs/nightly.toml", ("nights = 3 ", "nights = 1 "))
    scheduled(folder, 'sync = "0 1 * * *"')
    assert call("run", "--json", "--site", str(folder), "--day", yesterday).code == 0
    with open_journal_of(open_place(folder, "nightly")) as journal:
        journal.slots().begin_after("nightly", "sync", "2000-01-01T01:00")
    return site


@pytest.fixture
def leavers(night: Site) -> list[str]:
    """More of a school's pupils than may go unseen; gone from what the SIS says by now."""
    gone = pupils(night, SOUTH)[4::7]
    root = etree.fromstring(night.pristine)
    without(gone)(root)
    at = datetime.combine(date.today(), time(0, 1))  # noqa: DTZ011  as exports say it
    one(root, "properties/datetime").text = at.isoformat()
    night.sis.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    return gone


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Any]:
    with chromium(tmp_path) as browser:
        yield browser.new_context(locale="en").new_page()


def test_a_night_is_caught_up_held_approved_in_the_browser_and_carried_out(
    night: Site, leavers: list[str], tab: Any
) -> None:
    with serving(night.folder, "--port", "0") as process:
        assert process.stdout is not None
        link = process.stdout.readline().split()[-1]
        heard(process, "nightly/sync")
        assert "exit code 5" in heard(process, "ended with exit code")
        assert locked(night) == set()

        tab.goto(link)
        tab.click("button.main")
        tab.click("text=Holds")
        assert tab.locator(".removals li").count() == 5
        tab.click("summary:has-text('Approve')")
        tab.fill("input[name=reason] >> nth=0", "they have moved, the school says so")
        tab.click("text=Approve and carry out")
        tab.wait_for_url("**/resync/*")
        tab.locator(".note.good").wait_for(timeout=60_000)

        assert locked(night) == set(leavers)
        tab.click("nav >> text=Holds")
        assert tab.locator(".removals").count() == 0
        process.terminate()
        assert process.wait(30) == 0
    assert night.cli("status", "--json", code=0).json["holds"] == []
    assert night.cli("verify", "--json", code=0)

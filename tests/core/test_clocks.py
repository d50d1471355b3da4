"""Moments and days are told by the clocks of the schools, whatever the machine's say."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from provision.core.clocks import local, local_day
from tests.shipped.machine import ROOT


@pytest.fixture(params=["UTC", "Pacific/Auckland"])
def _elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_elsewhere")
def test_the_day_is_that_of_the_schools() -> None:
    moment = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert f"{local(moment):%d.%m.%Y %H:%M}" == "24.11.2026 00:30"
    assert local_day(moment) == date(2026, 11, 24)
    assert local_day(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)


def test_nothing_is_told_by_the_machines_own_clock() -> None:
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "provision").rglob("*.py")}
    assert [name for name, text in sources.items() if ".astimezone()" in text] == []

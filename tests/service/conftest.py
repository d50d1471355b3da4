"""A site with a schedule, and what looks after it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests.app.sites import call
from tests.service.benches import Bench, scheduled


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "site"
    assert call("sample", str(folder), "--pupils", "20", "--schools", "1", "--json").code == 0
    scheduled(folder)
    return folder


@pytest.fixture
def site(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample, tmp_path / "site"))


@pytest.fixture
def bench(site: Path) -> Iterator[Bench]:
    scheduled(site, 'sync = "30 2 * * *"')
    with time_machine.travel(datetime(2026, 11, 22, 18, tzinfo=UTC), tick=False) as traveller:
        made = Bench([site], traveller)
        yield made
        for service in made.services:
            service.stop()


@pytest.fixture
def cooperation(site: Path, tmp_path: Path) -> Callable[[int], list[Path]]:
    """More sites like this one."""
    return lambda count: [Path(shutil.copytree(site, tmp_path / f"site{number}")) for number in range(count)]

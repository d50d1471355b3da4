"""One small site that has had a night and whose devices are counted, with its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.counts import counted
from tests.app.sites import DAY, NORTH, Site, call, copy, without_lms
from tests.web.served import Served, served

WEB = f"""
[web]
it_people = ["it@hemne.kommune.no"]
it_groups = ["school-it"]
admin_people = ["admin@hemne.kommune.no"]
school_admins = {{ "{NORTH}" = ["schooladmin@hemne.kommune.no"] }}
"""


@pytest.fixture(scope="session")
def untouched_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """What all others are copies of."""
    return site_of(60, tmp_path_factory.mktemp("untouched") / "hemne")


@pytest.fixture(scope="session")
def counted_site(untouched_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return copy(untouched_site, tmp_path_factory.mktemp("web") / "hemne")


@pytest.fixture(scope="session")
def larger_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """So many pupils that nothing of its schools is masked."""
    return site_of(240, tmp_path_factory.mktemp("larger") / "hemne")


def site_of(pupils: int, folder: Path) -> Site:
    said = call("sample", str(folder), "--pupils", str(pupils), "--schools", "2", "--day", str(DAY))
    assert said.code == 0, said
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    without_lms(site)
    site.append("jobs/nightly.toml", *WEB.splitlines())
    site.night(0)
    counted(site)
    return site


@pytest.fixture(scope="session")
def pages(counted_site: Site) -> Iterator[Served]:
    """Shared by tests that leave the site as it is."""
    with served([counted_site.folder]) as running:
        yield running


@pytest.fixture
def own_site(untouched_site: Site, tmp_path: Path) -> Site:
    """A site that a test may change."""
    return copy(untouched_site, tmp_path / "hemne")

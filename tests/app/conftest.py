"""One small sample site, and one that has had its first night, made once and copied for each test."""

from pathlib import Path

import pytest

from tests.app.sites import DAY, Site, call, copy


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("sample") / "site"
    said = call("sample", str(folder), "--pupils", "60", "--schools", "2", "--day", str(DAY))
    assert said.code == 0, said
    return Site(folder, (folder / "data" / "sis.xml").read_bytes())


@pytest.fixture(scope="session")
def settled_site(sample_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = copy(sample_site, tmp_path_factory.mktemp("settled") / "site")
    site.night(0)
    return site


@pytest.fixture
def fresh(sample_site: Site, tmp_path: Path) -> Site:
    """A site before its first night."""
    return copy(sample_site, tmp_path / "site")


@pytest.fixture
def site(settled_site: Site, tmp_path: Path) -> Site:
    """A site after its first night, with everybody in the directory's file."""
    return copy(settled_site, tmp_path / "site")

"""One small sample site with a directory, and one that has had its first night, made once and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.journal import Journal, open_journal
from tests.app.exports import Export, load, sample
from tests.app.journals import SECRET, Clock, Served, on_a_server, opened
from tests.app.sites import DAY, Site, call, copy, on_ldap, with_lms, without_lms
from tests.servers.postgres import Postgres
from tests.servers.slapd import Slapd, SlapdOptions
from tests.servers.waits import Waits, impatient


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("sample") / "site"
    said = call("sample", str(folder), "--pupils", "60", "--schools", "2", "--day", str(DAY))
    assert said.code == 0, said
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    without_lms(site)
    return site


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


@pytest.fixture(scope="session")
def both_site(sample_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = copy(sample_site, tmp_path_factory.mktemp("both") / "site")
    with_lms(site)
    site.night(0)
    return site


@pytest.fixture
def both(both_site: Site, tmp_path: Path) -> Site:
    """A site with a directory and a package for the LMS, after its first night."""
    return copy(both_site, tmp_path / "site")


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Slapd]:
    """An empty server, which we may fill from its base on."""
    options = SlapdOptions(base_entry=False)
    with impatient(Waits(timeout=5.0, retry_for=0.3)), Slapd(tmp_path / "slapd", options) as server:
        yield server


@pytest.fixture
def served(fresh: Site, slapd: Slapd) -> Site:
    """A site before its first night, whose directory is the server."""
    on_ldap(fresh, slapd)
    return fresh


@pytest.fixture(scope="session")
def hemne_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as it is made without options. Only to be read: it is the same for all tests."""
    return sample(tmp_path_factory.mktemp("hemne"))


@pytest.fixture(scope="module")
def hemne(hemne_folder: Path) -> Export:
    return load(hemne_folder / "data/sis.xml")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    with opened(tmp_path, clock) as journal:
        yield journal


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def new_journal(postgres: Postgres) -> str:
    """A database with a new journal, to be copied."""
    name = postgres.new()
    open_journal(postgres.url(name), SECRET, Clock()).close()
    return name


@pytest.fixture
def served_journal(tmp_path: Path, postgres: Postgres, new_journal: str) -> Iterator[Served]:
    """The journal of this test's folder is on the server."""
    with on_a_server(tmp_path, postgres, new_journal) as served:
        yield served


@pytest.fixture(params=["file", "server"])
def either_kind(request: pytest.FixtureRequest) -> str:
    """Where this test's journals are."""
    if request.param == "server":
        request.getfixturevalue("served_journal")
    return str(request.param)

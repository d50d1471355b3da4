"""A directory as the targets that write one find it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.feide import a_server
from tests.servers.slapd import Slapd


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Slapd]:
    with a_server(tmp_path / "server") as server:
        yield server

"""Providers that have one file for an answer: its name stands in the address, and they live as long as the process."""

import atexit
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, unquote

from provision.inventories.intune import IntuneSettings
from provision.inventories.snipe_it import SnipeItSettings
from tests.servers import intune, oneroster, snipe_it
from tests.servers.web import Asked, Reply, Web

_END: Final = Reply(b"{}", headers={"Content-Type": "application/json"})
_Server = TypeVar("_Server", bound=AbstractContextManager[object])


def of_oneroster(path: Path) -> str:
    """The address of a OneRoster provider of which each collection's first page is the file as it is."""
    return _at(_oneroster().url, path)


def of_intune(path: Path) -> IntuneSettings:
    """A tenant of which every page of devices is the file."""
    tenant = _intune()
    return tenant.settings(graph_url=_at(tenant.graph.url, path))


def of_snipe_it(path: Path) -> SnipeItSettings:
    """A Snipe-IT of which the list is the file, and the archive is empty."""
    server = _snipe_it()
    return server.settings(url=_at(server.web.url, path))


@cache
def _oneroster() -> Web:
    return _started(Web(_answer_oneroster))


@cache
def _intune() -> intune.Tenant:
    return _started(intune.Tenant(manners=intune.Manners(before=_answer_intune)))


@cache
def _snipe_it() -> snipe_it.SnipeIt:
    return _started(snipe_it.SnipeIt(manners=snipe_it.Manners(before=_answer_snipe_it)))


def _answer_oneroster(asked: Asked) -> Reply:
    if (found := _file(asked)) is None:
        return oneroster.refusal(404, "unknownobject")
    return Reply(found) if asked.query.get("offset") == "0" else _END


def _answer_intune(asked: Asked) -> Reply:
    found = _file(asked)
    return intune.refusal(404, "ResourceNotFound") if found is None else Reply(found)


def _answer_snipe_it(asked: Asked) -> Reply:
    if (found := _file(asked)) is None:
        return snipe_it.refusal(404, "404 endpoint not found")
    return snipe_it.as_json({"total": 0, "rows": []}) if "status" in asked.query else Reply(found)


def _started(server: _Server) -> _Server:
    server.__enter__()
    atexit.register(server.__exit__, None, None, None)
    return server


def _at(url: str, path: Path) -> str:
    return f"{url}/{quote(str(path), safe='')}/{quote(path.name)}"


def _file(asked: Asked) -> bytes | None:
    path = Path(unquote(asked.path.split("/")[1]))
    return path.read_bytes() if path.is_file() else None

"""A provider of OneRoster REST that has one file for an answer: each collection's first page is the file as it is."""

import atexit
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from tests.servers.oneroster import refusal
from tests.servers.web import Asked, Reply, Web

_END: Final = Reply(b"{}", headers={"Content-Type": "application/json"})


def address(path: Path) -> str:
    """Where the file is served; its name stands in the address. The server lives as long as the process."""
    return f"{_web().url}/{quote(str(path), safe='')}/{quote(path.name)}"


@cache
def _web() -> Web:
    web = Web(_answer).__enter__()
    atexit.register(web.__exit__)
    return web


def _answer(asked: Asked) -> Reply:
    path = Path(unquote(asked.path.split("/")[1]))
    if not path.is_file():
        return refusal(404, "unknownobject")
    return Reply(path.read_bytes()) if asked.query.get("offset") == "0" else _END

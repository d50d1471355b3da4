"""The pages of a real site on a free port of this machine, and people who are logged in to them."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import requests
import uvicorn
from starlette.applications import Starlette

from provision.web.app import create
from provision.web.grants import Identity
from provision.web.limits import Limits
from provision.web.login import LOCAL, begin_session
from provision.web.route import Route
from provision.web.routes import ROUTES
from provision.web.sites import Site

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
ISSUER: Final = "https://login.example"
# Tests log in more often than people do.
PATIENT: Final = Limits(each=10**6, all=10**6)


class Person(requests.Session):
    """A browser without script: it says where its forms come from, and does not go where it is sent."""

    def __init__(self, url: str, token: str = "", csrf: str = "") -> None:
        super().__init__()
        self.trust_env = False
        self.url = url
        self.csrf = csrf
        if token:
            self.cookies.set("provision", token)

    def open(self, path: str, **more: Any) -> requests.Response:
        return self.get(f"{self.url}{path}", allow_redirects=False, timeout=20, **more)

    def send_form(self, path: str, origin: str | None = None, **fields: str) -> requests.Response:
        headers = {"Origin": self.url if origin is None else origin}
        form = {"csrf": self.csrf, **fields}
        return self.post(f"{self.url}{path}", form, headers=headers, allow_redirects=False, timeout=20)


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    app: Starlette

    @property
    def site(self) -> Site:
        only: Site = next(iter(self.app.state.sites.values()))
        return only

    def login(self, identity: Identity) -> Person:
        """As if the provider had proved who it is."""
        token = begin_session(self.site, identity)
        session = self.site.journal.web_sessions().find(token)
        assert session
        return Person(self.url, f"{self.site.name}~{token}", session.csrf)

    def named(self, login: str, *groups: str) -> Person:
        return self.login(Identity(ISSUER, f"subject of {login}", login, groups=frozenset(groups)))

    def it(self) -> Person:
        return self.login(Identity(LOCAL, LOCAL, local=True))

    def nobody(self) -> Person:
        return Person(self.url)


@contextmanager
def served(
    folders: Sequence[Path],
    routes: Sequence[Route] = ROUTES,
    origin: str = "",
    now: datetime | None = NOON,
    limits: Limits = PATIENT,
) -> Iterator[Served]:
    """The pages, until the context ends; with `origin` they are told to stand behind that address."""
    taken = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    clock = {} if now is None else {"clock": lambda: now}
    app = create(folders, origin=origin or url, routes=routes, limits=limits, **clock)  # type: ignore[arg-type]  # or none
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield Served(url, app)
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()

"""The web pages in a thread of the service: the socket is taken before anything else begins."""

import socket
from dataclasses import dataclass, field
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from provision.errors import UsageError


def take(host: str, port: int) -> socket.socket:
    """The address, ours from here on. Raises UsageError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"{host} port {port} cannot be had ({error.strerror}); name another with --port") from None


@dataclass(slots=True)
class Server:
    """Pages being served."""

    app: ASGIApp = field(repr=False)
    taken: socket.socket = field(repr=False)
    behind_proxy: bool = False
    _server: uvicorn.Server = field(init=False, repr=False)
    _thread: Thread = field(init=False, repr=False)

    def __post_init__(self) -> None:
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=self.behind_proxy,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self.taken]}, name="pages", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Answers what it was asked, and leaves."""
        self._server.should_exit = True
        self._thread.join(10)

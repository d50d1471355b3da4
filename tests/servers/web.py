"""A web server for tests that answers as it is told, also badly; over real sockets, and with TLS if wanted."""

import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from tests.servers.certificates import ServerCertificate

_PIECE: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. With `cut` the connection ends after so many bytes of the body, with `silent` before anything.

    `drip` is a pause in seconds after every piece of 64 bytes.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    silent: bool = False
    chunked: bool = False
    drip: float = 0.0


class Web:
    """Serves on a free port of this machine while the context lasts. `asked` is every request, in order."""

    def __init__(self, answer: Callable[[Asked], Reply], certificate: ServerCertificate | None = None) -> None:
        self.asked: list[Asked] = []
        self.errors: list[BaseException] = []
        self._server = _Server(self, answer)
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        assert self.errors == []


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, web: Web, answer: Callable[[Asked], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.web = web
        self.answer = answer

    def handle_error(self, *_: object) -> None:
        """A client that has gone is no fault of the server; anything else fails the test."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.web.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        self.server.web.asked.append(asked)
        reply = self.server.answer(asked)
        if reply.silent:
            self.close_connection = True
        else:
            self._send(reply)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 - as the library calls them

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        step = _PIECE if reply.drip or reply.chunked else max(1, len(body))
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if reply.chunked else piece)
            time.sleep(reply.drip)
        if reply.cut is not None:
            self.close_connection = True
        elif reply.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Nothing: a log is where secrets are looked for."""

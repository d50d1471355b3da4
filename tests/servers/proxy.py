"""A TCP proxy for tests that loses what a network loses: connections, replies, time."""

import contextlib
import socket
import threading
import time
from enum import Enum
from typing import Self


class Mode(Enum):
    PASS = "pass"  # everything goes through
    CUT = "cut"  # every connection ends, new ones at once
    SWALLOW = "swallow"  # one reply is lost: the request got there, then the connection ends
    CUT_AFTER_SWALLOW = "cut after swallow"  # the same, and nothing comes through afterwards
    DELAY = "delay"  # every reply comes `delay` seconds late


OPERATIONS = {
    "bind": 0x60,
    "unbind": 0x42,
    "search": 0x63,
    "modify": 0x66,
    "add": 0x68,
    "delete": 0x4A,
    "rename": 0x6C,
}
WRITES = ("add", "modify", "delete", "rename")


class Proxy:
    """Stands before the server at `port`; `mode` may be changed at any time."""

    def __init__(self, port: int, delay: float = 0.0) -> None:
        self.mode = Mode.PASS
        self.delay = delay
        self.swallowed = 0
        self.connections = 0
        self._server_port = port
        self._doomed = frozenset[int]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def swallow(self, operation: str, mode: Mode = Mode.SWALLOW) -> None:
        """Lose the reply to the next request of this kind, after the server has given it."""
        self._doomed = frozenset({OPERATIONS[operation]})
        self.mode = mode

    def swallow_write(self, mode: Mode = Mode.SWALLOW) -> None:
        """The same for the next request that changes something."""
        self._doomed = frozenset(OPERATIONS[operation] for operation in WRITES)
        self.mode = mode

    def cut(self) -> None:
        self.mode = Mode.CUT
        self._end_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.mode is Mode.CUT:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        doomed = threading.Event()
        threading.Thread(target=self._replies, args=(client, server, doomed), daemon=True).start()
        while chunk := _received(client):
            if self.mode in (Mode.SWALLOW, Mode.CUT_AFTER_SWALLOW) and self._doomed & set(operations(chunk)):
                doomed.set()
            if not _sent(server, chunk):
                break
        self._end(client, server)

    def _replies(self, client: socket.socket, server: socket.socket, doomed: threading.Event) -> None:
        while chunk := _received(server):
            if doomed.is_set():
                self.swallowed += 1
                self.mode = Mode.CUT if self.mode is Mode.CUT_AFTER_SWALLOW else Mode.PASS
                break
            if self.mode is Mode.DELAY:
                time.sleep(self.delay)
            if not _sent(client, chunk):
                break
        self._end(client, server)

    def _end_all(self) -> None:
        with self._lock:
            sockets = tuple(self._open)
        self._end(*sockets)

    def _end(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        with self._lock:
            self._open -= set(sockets)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


def _sent(sink: socket.socket, chunk: bytes) -> bool:
    try:
        sink.sendall(chunk)
    except OSError:
        return False
    return True


def operations(messages: bytes) -> list[int]:
    """The tag of the operation in each LDAP message (RFC 4511, 4.1.1): after the envelope and the message id.

    Of a message that was cut, as large ones are, what can be seen of it.
    """
    tags: list[int] = []
    while len(messages) > 2:
        start, length = _content(messages)
        at = start + 2 + sum(messages[start + 1 : start + 2])
        tags += messages[at : at + 1]
        messages = messages[start + length :]
    return tags


def _content(element: bytes) -> tuple[int, int]:
    """Where the content of a BER element begins, and how long it is (X.690, 8.1.3)."""
    if element[1] < 0x80:
        return 2, element[1]
    start = 2 + (element[1] & 0x7F)
    return start, int.from_bytes(element[2:start])

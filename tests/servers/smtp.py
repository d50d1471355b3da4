"""A mail server for tests: real SMTP over real sockets, with TLS and login, that takes, refuses or forgets."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.servers.certificates import ServerCertificate

USER: Final = "provision"
PASSWORD: Final = "a password of a mail server"


@dataclass(slots=True)
class Mailbox:
    """What the server took. While it has an `answer` it says that instead of taking anything."""

    scheme: str
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = ""
    refused: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        return f"{self.scheme}://{USER}@localhost:{self.port}"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  as the library calls it
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  as the library calls it
        if self.answer:
            return self.answer
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server(
    certificate: ServerCertificate, kind: Literal["smtps", "smtp"] = "smtps", port: int = 0
) -> Iterator[Mailbox]:
    """Takes mail on this machine from whoever logs in; `smtp` is encrypted by STARTTLS, `smtps` from the start."""
    mailbox = Mailbox(kind, port or _free_port())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    from_the_start = kind == "smtps"
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        ssl_context=context if from_the_start else None,
        tls_context=None if from_the_start else context,
        require_starttls=not from_the_start,
        auth_require_tls=not from_the_start,
        auth_required=True,
        authenticator=_authenticate,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
    return AuthResult(success=(told.login, told.password) == (USER.encode(), PASSWORD.encode()))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

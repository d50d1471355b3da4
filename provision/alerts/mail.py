"""A message by mail: plain text, over TLS that is verified, sent by a program and to be answered by none."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from provision.alerts.message import Message
from provision.core.hosts import is_loopback

_TIMEOUT: Final = 20.0
_PORTS: Final = {"smtps": 465, "smtp": 587}
_RIGHT: Final = "write smtps://USER@HOST or smtp://USER@HOST:587, and the password in SMTP_PASSWORD"

# The first that fits.
_LOSSES: Final[Sequence[tuple[type[Exception], str]]] = (
    (smtplib.SMTPAuthenticationError, "user or password is refused; check SMTP_URL and SMTP_PASSWORD"),
    (smtplib.SMTPRecipientsRefused, "it takes mail for none of the recipients; check [alerts] mail"),
    (smtplib.SMTPSenderRefused, "it does not take mail from this sender; check SMTP_FROM"),
    (smtplib.SMTPResponseException, "it does not take the mail"),
    (smtplib.SMTPNotSupportedError, "it offers no encryption or no login; check SMTP_URL"),
    (ssl.SSLCertVerificationError, "its certificate is for another host, has expired, or is signed by nobody we trust"),
    (socket.gaierror, "nobody knows a host of that name; check SMTP_URL"),
    (TimeoutError, "no answer in time; check SMTP_URL and the firewall"),
    (ConnectionRefusedError, "nobody answers there; check SMTP_URL and its port"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """Where mails are handed in."""

    url: str
    password: str = field(repr=False)
    ca_file: Path | None = None


def smtp_faults(url: str) -> list[str]:
    """What is wrong with the address of a mail server, none or one."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in _PORTS or parts.path.strip("/") or parts.query or parts.password:
        return [f"SMTP_URL: missing or no mail server; {_RIGHT}"]
    return []


def written(message: Message, recipients: Sequence[str], sender: str, now: datetime) -> EmailMessage:
    """The mail. The same events are the same Message-ID, so that one that comes twice is seen to be one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = message.title
    mail["Date"] = format_datetime(now)
    digest = blake2b(f"{message.title}\0{message.text}".encode(), digest_size=16).hexdigest()
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply
    mail["Content-Language"] = message.language.value
    if message.urgent:
        mail["Importance"] = "high"
    mail.set_content(message.text)
    return mail


def send(mail: EmailMessage, post: Post) -> str:
    """Hands the mail in. Why it was not taken, without secrets; "" where it was."""
    return _done(post, lambda server: server.send_message(mail))


def reached(post: Post) -> str:
    """Why no mail could be handed in now; "" where one could."""
    return _done(post, lambda server: server.noop() and {})


def _done(post: Post, ask: Callable[[smtplib.SMTP], Mapping[str, object]]) -> str:
    """Logged in, asks the server something that answers with the recipients that it refuses."""
    parts = urlsplit(post.url)
    host = parts.hostname or ""
    try:
        with _connected(parts.scheme, host, parts.port or _PORTS[parts.scheme], post.ca_file) as server:
            if parts.username:
                _log_in(server, unquote(parts.username), post.password)
            refused = ask(server)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return f"{host}: {_why(error)}"
    return f"{host}: {len(refused)} of the recipients are refused; check [alerts] mail" if refused else ""


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    try:
        server.login(user, password)
    except smtplib.SMTPServerDisconnected:  # as some do with whom they refuse
        raise smtplib.SMTPAuthenticationError(535, b"") from None


@contextmanager
def _connected(scheme: str, host: str, port: int, ca_file: Path | None) -> Iterator[smtplib.SMTP]:
    """The server, encrypted; only this machine itself is spoken to in the clear."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context) as server:
            yield server
        return
    with smtplib.SMTP(host, port, timeout=_TIMEOUT) as server:
        server.ehlo()
        if server.has_extn("starttls") or not is_loopback(host):
            server.starttls(context=context)
        yield server


def _why(error: Exception) -> str:
    """What went wrong, in our own words: the server's may repeat what it was given."""
    why = next((text for kind, text in _LOSSES if isinstance(error, kind)), f"the connection failed ({_kind(error)})")
    return f"{why} ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else why


def _kind(error: Exception) -> str:
    return type(error).__name__

"""TLS that is always verified: trusted authority, right host, in date, 1.2 or newer."""

import ssl
from typing import Final

import ldap3

from provision.directory.settings import Address, DirectorySettings
from provision.errors import ConfigurationError

# OpenSSL's X509_V_ERR_* numbers (x509_vfy.h)
_EXPIRED: Final = 10
_NOT_YET: Final = 9
_OTHER_HOST: Final = frozenset({62, 64})
_UNKNOWN_AUTHORITY: Final = frozenset({2, 7, 18, 19, 20, 21, 27})


class VerifiedTls(ldap3.Tls):
    """Replaces the library's way to wrap a socket: its host check is its own, and knows no addresses on new Pythons.

    `failure` is why the latest handshake failed, which the library only passes on as text.
    """

    def __init__(self, host: str, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.failure: ssl.SSLError | None = None
        self._host = host
        self._context = context

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        self.failure = None
        try:
            connection.socket = self._context.wrap_socket(
                connection.socket, do_handshake_on_connect=do_handshake, server_hostname=self._host
            )
        except ssl.SSLError as failure:
            self.failure = failure
            raise


def verified_tls(settings: DirectorySettings, address: Address) -> VerifiedTls | None:
    """How the server is verified; None where nothing is encrypted. Raises ConfigurationError for a bad CA file."""
    if not (address.tls or settings.start_tls):
        return None
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    except OSError as error:
        right = "it must be the authority's certificate in PEM"
        raise ConfigurationError(
            [f"LDAP_CA_FILE: {settings.ca_file} cannot be used ({error.strerror}); {right}"]
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return VerifiedTls(address.host, context)


def explained(failure: ssl.SSLError, host: str) -> str:
    """What was wrong and what to do about it."""
    if not isinstance(failure, ssl.SSLCertVerificationError):
        return f"no TLS 1.2 or newer could be agreed on ({failure.reason}); is this the port for it?"
    code = failure.verify_code
    if code == _EXPIRED:
        return "its certificate has expired; it must be renewed on the server"
    if code == _NOT_YET:
        return "its certificate is not valid yet; compare the clocks of both machines"
    if code in _OTHER_HOST:
        return f"its certificate is not for {host}; write a host name in LDAP_URL that the certificate names"
    if code in _UNKNOWN_AUTHORITY:
        return "its certificate is from an authority that is not trusted here; give that authority's in LDAP_CA_FILE"
    return f"its certificate is refused: {failure.verify_message}"

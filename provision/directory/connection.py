"""How a connection is made: one place, verified, bound, and deaf to referrals."""

import math
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPSocketOpenError

from provision.directory.refusals import LostReply, unreadable
from provision.directory.schema import PASSWORD_POLICY
from provision.directory.settings import Address, DirectorySettings
from provision.directory.tls import VerifiedTls, explained
from provision.errors import TargetUnavailable


def connect(settings: DirectorySettings, address: Address, tls: VerifiedTls | None) -> ldap3.Connection:
    """Connected and bound. Raises LostReply where nobody answers, TargetUnavailable where trying again is no use."""
    connection = _connection(settings, address, tls)
    try:
        connection.open()
        if settings.start_tls:
            connection.start_tls()
        connection.bind()
    except (LDAPException, OSError) as error:
        hang_up(connection)
        if tls is not None and tls.failure is not None:
            raise TargetUnavailable(f"{address}: {explained(tls.failure, address.host)}") from None
        if isinstance(error, LDAPException) and not isinstance(error, LDAPSocketOpenError):
            raise unreadable(error, str(address)) from None
        raise LostReply(f"{address}: nobody answers there; see LDAP_URL, the server and the firewall") from None
    if not connection.bound:
        raise TargetUnavailable(f"{address}: it does not let the service account in")
    return connection


def hang_up(connection: ldap3.Connection) -> None:
    """Nothing of the connection is left, whatever state it is in."""
    raw = connection.socket
    with suppress(LDAPException, OSError):  # it may be gone already
        connection.unbind()
    if raw is not None:
        raw.close()  # the library leaves it open where connecting failed


def asks_policy(settings: DirectorySettings, address: Address, tls: VerifiedTls | None, dn: str) -> bool:
    """Whether a password policy has a say when this entry logs in, tried with a password that is wrong.

    Only for an entry that is locked: at others the server would count a failure.
    """
    nobody = replace(settings, bind_dn=dn, password=token_hex(16))
    connection = _connection(nobody, address, tls)
    connection.raise_exceptions = False  # the refusal is expected, and the policy's word comes with it
    try:
        connection.open()
        if settings.start_tls:
            connection.start_tls()
        connection.bind(controls=[(PASSWORD_POLICY, False, None)])
        result: dict[str, Any] = connection.result
    except (LDAPException, OSError):
        return False
    finally:
        hang_up(connection)
    return PASSWORD_POLICY in result.get("controls", {})


def _connection(settings: DirectorySettings, address: Address, tls: VerifiedTls | None) -> ldap3.Connection:
    scheme = "ldaps" if address.tls else "ldap"
    server = ldap3.Server(
        f"{scheme}://{address}", tls=tls, get_info=ldap3.NONE, connect_timeout=settings.connect_timeout
    )
    return ldap3.Connection(
        server,
        settings.bind_dn,
        settings.password.encode(),  # type: ignore[arg-type]  # as octets: the library would alter some texts
        client_strategy=ldap3.SYNC,  # the safe one copies every answer, for threads that we do not have
        auto_referrals=False,  # it would take our password to any server it is pointed at
        raise_exceptions=True,
        receive_timeout=max(1, math.ceil(settings.timeout)),
        check_names=False,
        return_empty_attributes=False,
        auto_escape=False,  # filters come escaped, from core.dn
    )

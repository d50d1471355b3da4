"""What each error of the library below means for us: one table, in words that hold nothing of what was sent."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ldap3.core import exceptions as ldap

from provision.errors import ChangeRejected, ChangeStale, ProvisionError, TargetUnavailable


class NoSuchEntry(ChangeRejected):
    """There is no entry with this DN, or we may not see it."""


class EntryExists(ChangeRejected):
    """There is an entry with this DN already."""


class Unwilling(ChangeRejected):
    """The server would not do it, for reasons of its own: this change, or any."""


class TakesNoWrites(TargetUnavailable):
    """The server is read-only, or sends writers to another one."""


class LostReply(TargetUnavailable):
    """The connection ended before the answer: what was asked for is done or not done."""


Meaning = tuple[type[ProvisionError], str]

_DOWN: Final = "it cannot answer now"
_NEVER_ASKED: Final = "it answered something that we never asked for"
_CLIENT: Final = "our client could not make sense of it"

# Exact classes first; anything else is what its nearest ancestor is.
TABLE: Final[Mapping[type[ldap.LDAPException], Meaning]] = {
    # what the server makes of one change
    ldap.LDAPNoSuchAttributeResult: (ChangeStale, "a value that should go is gone already"),
    ldap.LDAPAttributeOrValueExistsResult: (ChangeStale, "a value that should come is there already"),
    ldap.LDAPAssertionFailedResult: (ChangeStale, "somebody changed the entry since it was read"),
    ldap.LDAPNoSuchObjectResult: (NoSuchEntry, "there is no such entry"),
    ldap.LDAPEntryAlreadyExistsResult: (EntryExists, "there is an entry with this DN already"),
    ldap.LDAPUndefinedAttributeTypeResult: (ChangeRejected, "its schema does not know an attribute"),
    ldap.LDAPInappropriateMatchingResult: (ChangeRejected, "an attribute cannot be compared like this"),
    ldap.LDAPConstraintViolationResult: (ChangeRejected, "a value is not allowed"),
    ldap.LDAPInvalidAttributeSyntaxResult: (ChangeRejected, "a value has the wrong form for its attribute"),
    ldap.LDAPInvalidDNSyntaxResult: (ChangeRejected, "a DN is not well formed"),
    ldap.LDAPNamingViolationResult: (ChangeRejected, "the entry cannot have this name at this place"),
    ldap.LDAPObjectClassViolationResult: (ChangeRejected, "attributes and object classes do not fit together"),
    ldap.LDAPObjectClassModsProhibitedResult: (ChangeRejected, "the entry's object classes cannot change like this"),
    ldap.LDAPNotAllowedOnNotLeafResult: (ChangeRejected, "the entry has others below it"),
    ldap.LDAPNotAllowedOnRDNResult: (ChangeRejected, "it would change the attribute that names the entry"),
    ldap.LDAPAffectMultipleDSASResult: (ChangeRejected, "it would reach into another server"),
    ldap.LDAPAliasProblemResult: (ChangeRejected, "an alias stands in the way"),
    ldap.LDAPAliasDereferencingProblemResult: (ChangeRejected, "an alias stands in the way"),
    ldap.LDAPInsufficientAccessRightsResult: (Unwilling, "the service account has no right to it (access rules)"),
    ldap.LDAPProtocolErrorResult: (ChangeRejected, "it does not understand the request"),
    ldap.LDAPUnwillingToPerformResult: (Unwilling, "it is unwilling to do this"),
    ldap.LDAPOtherResult: (Unwilling, "it failed while doing this"),
    # what concerns the server as a whole
    ldap.LDAPReferralResult: (TakesNoWrites, "it sends us to another server; LDAP_URL must name the one that writes"),
    ldap.LDAPOperationsErrorResult: (TargetUnavailable, "it failed inside"),
    ldap.LDAPTimeLimitExceededResult: (TargetUnavailable, "its time limit ended the search; raise it for the account"),
    ldap.LDAPSizeLimitExceededResult: (
        TargetUnavailable,
        "its size limit ended the search; raise it for the account (OpenLDAP: olcLimits, size.prtotal=unlimited)",
    ),
    ldap.LDAPAdminLimitExceededResult: (TargetUnavailable, "its limits ended the search; raise them for the account"),
    ldap.LDAPUnavailableCriticalExtensionResult: (TargetUnavailable, "it refuses a control that it says it knows"),
    ldap.LDAPAuthMethodNotSupportedResult: (TargetUnavailable, "it takes no login by name and password"),
    ldap.LDAPStrongerAuthRequiredResult: (TargetUnavailable, "it asks for an encrypted connection; use ldaps://"),
    ldap.LDAPConfidentialityRequiredResult: (TargetUnavailable, "it asks for an encrypted connection; use ldaps://"),
    ldap.LDAPSASLBindInProgressResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPInappropriateAuthenticationResult: (TargetUnavailable, "the service account has no password there"),
    ldap.LDAPInvalidCredentialsResult: (
        TargetUnavailable,
        "it refuses the service account's name or password; see LDAP_BIND_DN and LDAP_PASSWORD",
    ),
    ldap.LDAPAuthorizationDeniedResult: (TargetUnavailable, "it refuses the service account"),
    ldap.LDAPBusyResult: (TargetUnavailable, "it is too busy"),
    ldap.LDAPUnavailableResult: (TargetUnavailable, _DOWN),
    ldap.LDAPLoopDetectedResult: (TargetUnavailable, "it found a loop in its own set-up"),
    ldap.LDAPLCUPResourcesExhaustedResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPLCUPSecurityViolationResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPLCUPInvalidDataResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPLCUPUnsupportedSchemeResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPLCUPReloadRequiredResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPESyncRefreshRequiredResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPCanceledResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPNoSuchOperationResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPTooLateResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPCannotCancelResult: (TargetUnavailable, _NEVER_ASKED),
    ldap.LDAPOperationResult: (TargetUnavailable, "it answered with a result that the standard does not know"),
    # the connection
    ldap.LDAPCommunicationError: (LostReply, "the connection was lost"),
    ldap.LDAPSessionTerminatedByServerError: (LostReply, "it ended the connection"),
    ldap.LDAPResponseTimeoutError: (LostReply, "it gave no answer"),
    ldap.LDAPStartTLSError: (TargetUnavailable, "it does not start TLS"),
    ldap.LDAPCertificateError: (TargetUnavailable, "its certificate is refused"),
    # the client's own objections, before anything is sent
    ldap.LDAPExceptionError: (TargetUnavailable, _CLIENT),
    ldap.LDAPAttributeError: (ChangeRejected, "an attribute cannot be sent"),
    ldap.LDAPInvalidValueError: (ChangeRejected, "a value cannot be sent"),
    ldap.LDAPObjectClassError: (ChangeRejected, "an object class cannot be sent"),
    ldap.LDAPChangeError: (ChangeRejected, "a change cannot be sent"),
    ldap.LDAPInvalidDnError: (ChangeRejected, "a DN is not well formed"),
}

_READ_ONLY: Final = re.compile(r"operation restricted|read.?only", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?:attribute|class) '([A-Za-z][A-Za-z0-9;-]*)'|^([A-Za-z][A-Za-z0-9;-]*): ")


def meaning(error: type[BaseException]) -> Meaning:
    """What the table says of this class or, failing that, of its nearest ancestor."""
    return next(TABLE[kind] for kind in error.__mro__ if kind in TABLE)


def refusal(error: ldap.LDAPException, server: str, sent: Iterable[str] = ()) -> ProvisionError:
    """Our error for theirs, while writing. `sent` are the names of attributes and classes in the request."""
    kind, words = meaning(type(error))
    diagnostic = str(getattr(error, "message", "") or "")
    if kind is Unwilling and _READ_ONLY.search(diagnostic):
        return TakesNoWrites(f"{server}: it takes no writes now")
    if kind is LostReply and isinstance(error, TimeoutError):
        return TargetUnavailable(f"{server}: no answer in time")
    about = complaint(diagnostic, sent)
    return kind(f"{server}: {words}{f' ({about})' if about else ''}")


def unreadable(error: ldap.LDAPException, server: str) -> ProvisionError:
    """Our error for theirs, while reading: whatever it is but a missing entry, nothing may be concluded."""
    ours = refusal(error, server)
    return ours if isinstance(ours, NoSuchEntry | TargetUnavailable) else TargetUnavailable(str(ours))


def complaint(diagnostic: str, sent: Iterable[str]) -> str:
    """The attributes and classes that a server complains of: only names that we sent, or that it marks as names."""
    words = set(re.findall(r"[A-Za-z][A-Za-z0-9-]*", diagnostic.lower()))
    marked = {name for pair in _NAMED.findall(diagnostic) for name in pair if name}
    return ", ".join(sorted({name for name in sent if name.lower() in words} | marked, key=str.lower))

"""Whose identity numbers a site may use: a real person's never in a test, a made-up one never in production."""

from datetime import date
from typing import Final

from provision.core.nin import SYNTHETIC, NinKind, check, kind
from provision.core.policy import IdentityNumbers, Policy

# Hospitals' own numbers name nobody outside the health service, whatever the policy.
_HOSPITALS: Final = frozenset({NinKind.H, NinKind.FH})
_FROM_2032: Final = date(2032, 1, 1)
_MADE_UP: Final = (
    "has an identity number that was made for tests; correct fødselsnummer in the SIS, or, where this is a test, "
    "set policy.identity_numbers in the job"
)
_REAL: Final = (
    "has an identity number that may be a real person's, and this is a test (policy.identity_numbers); "
    "replace fødselsnummer by one made for tests"
)


def may_be_used(number: str, policy: Policy, day: date) -> bool:
    """Whether a target may be told this number: a fødselsnummer, D-number or DUF number that the policy lets through.

    What has wrong control digits, or stands for nobody outside a hospital, is left out as if there were none.
    """
    found = _kind(number, policy, day)
    return found is not NinKind.INVALID and found not in _HOSPITALS and not _refused(found, policy)


def refusal(number: str, policy: Policy, day: date) -> str:
    """Why the record of whoever has this number must wait, "" where it need not."""
    found = _kind(number, policy, day)
    if not _refused(found, policy):
        return ""
    return _MADE_UP if found in SYNTHETIC else _REAL


def _refused(found: NinKind, policy: Policy) -> bool:
    """A hospital's H-number looks like a synthetic one of NAV's: a test refuses it, and production leaves it out."""
    match policy.identity_numbers:
        case IdentityNumbers.PRODUCTION:
            return found in SYNTHETIC
        case IdentityNumbers.TEST:
            return found is not NinKind.INVALID and found not in SYNTHETIC
        case IdentityNumbers.ANY:
            return False


def _kind(number: str, policy: Policy, day: date) -> NinKind:
    """What the number is. One made for tests may have the control digits of 2032 at any time."""
    if not number:
        return NinKind.INVALID
    found = kind(number)
    if found in SYNTHETIC or found is NinKind.DUF or check(number, rule_2032=False):
        return found
    accepted = day >= _FROM_2032 if policy.rule_2032 is None else policy.rule_2032
    return found if accepted else NinKind.INVALID

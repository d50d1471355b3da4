"""The one HTTP client: encrypted, bounded in time and size, patient with a busy server, silent about secrets."""

from provision.rest.address import address_faults
from provision.rest.answer import Answer, RestError
from provision.rest.auth import ClientCredentials, OAuth2Client, oauth1
from provision.rest.client import Rest
from provision.rest.pauses import LIMITS, TIMING, Limits, Timing

__all__ = [
    "LIMITS",
    "TIMING",
    "Answer",
    "ClientCredentials",
    "Limits",
    "OAuth2Client",
    "Rest",
    "RestError",
    "Timing",
    "address_faults",
    "oauth1",
]

"""Where the site's Snipe-IT is, and who we are to it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from requests.auth import AuthBase

from provision.errors import ConfigurationError
from provision.rest import LIMITS, Limits, Rest, Timing, address_faults

if TYPE_CHECKING:
    from requests import PreparedRequest

_API: Final = "/api/v1"

Assignee = Literal["username", "email", "employee_number"]


@dataclass(frozen=True, slots=True)
class SnipeItSettings:
    """`url` is what a browser is given, with or without /api/v1. `assignee` is which of a user's names is read."""

    url: str
    token: str = field(repr=False)
    assignee: Assignee = "username"
    page_size: int = 500
    ca_file: Path | None = None
    limits: Limits = LIMITS


def connect(settings: SnipeItSettings, timing: Timing) -> Rest:
    """A client of Snipe-IT. Raises ConfigurationError with every fault in the settings; nothing is sent yet."""
    if faults := snipe_it_faults(settings):
        raise ConfigurationError(faults)
    base = settings.url.rstrip("/").removesuffix(_API) + _API
    return Rest(base, _Bearer(settings.token), limits=settings.limits, timing=timing, ca_file=settings.ca_file)


def snipe_it_faults(settings: SnipeItSettings) -> list[str]:
    """What is missing in the settings of a site, or cannot be, by the names that the site calls it."""
    faults = [
        f"{name} (or {name}_FILE) is missing; an inventory of kind snipe_it needs it"
        for name, value in {"SNIPE_IT_URL": settings.url, "SNIPE_IT_TOKEN": settings.token}.items()
        if not value
    ]
    faults += address_faults(settings.url, "SNIPE_IT_URL") if settings.url else []
    if settings.token and not re.fullmatch(r"[!-~]+", settings.token):
        faults.append("SNIPE_IT_TOKEN: a token has no spaces, lines or letters such as æ; was all of it copied?")
    if settings.ca_file is not None and not settings.ca_file.is_file():
        faults.append(f"SNIPE_IT_CA_FILE: there is no file {settings.ca_file}")
    return faults


@dataclass(frozen=True, slots=True)
class _Bearer(AuthBase):
    """The token that a user of Snipe-IT made; whoever does not ask for JSON is sent to a page to log in instead."""

    token: str = field(repr=False)

    def __call__(self, request: "PreparedRequest") -> "PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self.token}"
        request.headers["Accept"] = "application/json"
        return request

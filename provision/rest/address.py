"""Where requests may go: never in the clear, never to another server than the one that the credentials are for."""

from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from provision.core.hosts import is_loopback

_PORTS: Final = {"https": 443, "http": 80}


def address_faults(url: str, setting: str) -> list[str]:
    """What is wrong with an address that a site gives, none or one; `setting` is what the site calls it."""
    right = "write https://HOST/PATH"
    parts = _split(url)
    if parts is None or parts.scheme not in _PORTS:
        return [f"{setting}: missing or no web address; {right}"]
    if parts.username or parts.password or parts.query or parts.fragment:
        return [f"{setting}: only host, port and path belong here; {right}"]
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return [f"{setting}: http:// sends the credentials in the clear; {right}"]
    return []


def resolved(base: str, url: str) -> str | None:
    """The absolute address of `url`, a path below `base` or a whole address; None where that is another server."""
    absolute = joined(f"{base.rstrip('/')}/", url) or ""
    parts = _split(absolute)
    return absolute if parts and _origin(parts) == _origin(urlsplit(base)) else None


def joined(base: str, url: str) -> str | None:
    """The address that `url` is when it stands at `base` (RFC 3986, 5); None where it is none."""
    try:
        return urljoin(base, url)
    except ValueError:
        return None


def shown(url: str) -> str:
    """The address as a message may show it: a query may hold ids, and user information a password."""
    parts = _split(url)
    if parts is None:
        return "(no web address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts if host else None


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)

"""Whether a form came from a page of ours: by what the browser says of its origin, and by the session's own token."""

import hmac
from collections.abc import Mapping
from typing import Final

FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD"})


def forged(headers: Mapping[str, str], form: Mapping[str, str], origin: str, token: str | None) -> bool:
    """Whether a form may not be believed. `token` is the session's, None for a form of somebody not logged in.

    A browser that says neither where a form comes from nor that it is the same site is not believed either.
    """
    said, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site not in (None, "same-origin") or said not in (None, origin) or (said is None and site is None):
        return True
    return token is not None and not hmac.compare_digest(form.get(FIELD, "").encode(), token.encode())

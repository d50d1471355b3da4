"""What somebody asked for: waiting, at work, or over, and what came of it."""

from starlette.responses import Response

from provision.errors import UsageError
from provision.web.ask import Ask, Refused
from provision.web.requests import view
from provision.web.told import RESYNC, told


def show(ask: Ask) -> Response:
    """One request, for whoever may ask for the same."""
    identity = ask.path("request")
    if not identity.isascii() or not identity.isdecimal() or len(identity) > 9:  # noqa: PLR2004  fits every journal
        raise Refused(404)
    try:
        asked = ask.at.journal.asking().row(int(identity))
    except UsageError:
        raise Refused(404) from None
    found = view(told(ask, RESYNC), asked, whole=True)
    if found is None or asked.wish.job != ask.at.job:
        raise Refused(404)
    return ask.page("resync_request.html.j2", found=found)

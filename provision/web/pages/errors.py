"""The pages that say that something is not so, without saying more."""

from typing import Final

from starlette.responses import Response

from provision.web.ask import Ask
from provision.web.texts import N_

_SAID: Final = {
    400: (
        N_("That could not be done"),
        N_("What was sent is not right, or too old. Go back, load the page anew and try again."),
    ),
    401: (N_("You are not logged in"), N_("Log in and do it once more.")),
    404: (N_("There is no such page"), N_("It may have moved, or it may be a page for others than you.")),
    405: (N_("That could not be done"), N_("This address is not used that way.")),
    409: (N_("That could not be done now"), N_("Something else is at work. Try again in a while.")),
    429: (N_("That was too often"), N_("Wait some minutes and try again.")),
    500: (N_("Something failed here"), N_("It has been noted. Try again in a while, or tell whoever runs this.")),
}


def failure(ask: Ask, status: int, text: str = "") -> Response:
    """`text` is already in the reader's language; "" for the usual words."""
    heading, usual = _SAID.get(status, _SAID[500])
    return ask.page("error.html.j2", status, heading=ask.gettext(heading), text=text or ask.gettext(usual))

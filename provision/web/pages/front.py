"""The first page: what is going on, for whoever opens it."""

from starlette.responses import Response

from provision.web.access import Role
from provision.web.ask import Ask


def show(ask: Ask) -> Response:
    """The schools that somebody may see, and for admins and IT how the last nights went and what is held."""
    schools = ask.at.staff().schools
    mine = ask.me.reach({Role.PRINCIPAL, Role.ADMIN, Role.IT}, schools.keys())
    wide = ask.me.has({Role.IT}) or ask.me.reach({Role.ADMIN}, schools.keys()) == schools.keys() != frozenset()
    journal = ask.at.journal
    return ask.page(
        "front.html.j2",
        schools=sorted((schools[org], org) for org in mine),
        site_name=ask.at.place.settings.site_name,
        runs=journal.runs(5) if wide else [],
        holds=len(journal.holds()) if wide else 0,
        wide=wide,
    )

"""Who is logged in, and the end of it."""

from starlette.responses import Response

from provision.web.ask import Ask, Refused


def show(ask: Ask) -> Response:
    names = ask.at.staff().names
    mine = ask.session.id if ask.session else ""
    living = ask.at.journal.web_sessions().living()
    rows = [
        (each, _called(ask, each.person, each.claims, names.get(each.person, "")), each.id == mine) for each in living
    ]
    return ask.page("sessions.html.j2", rows=rows)


def revoke(ask: Ask) -> Response:
    """From now on the session opens nothing."""
    if not ask.at.journal.web_sessions().end(ask.path("session"), ask.me.by):
        raise Refused(404)
    return ask.go("/sessions")


def _called(ask: Ask, person: str, claims: object, name: str) -> str:
    if isinstance(claims, dict) and claims.get("local"):
        return ask.gettext("one-time link")
    login = claims.get("login") if isinstance(claims, dict) else ""
    return name or str(login or "") or person or ask.gettext("unknown")

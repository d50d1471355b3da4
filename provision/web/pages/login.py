"""Logging in and out."""

from loguru import logger
from starlette.responses import Response

from provision.errors import ProvisionError
from provision.web import cookies
from provision.web.ask import Ask, Refused
from provision.web.grants import Identity
from provision.web.login import LOCAL, LOGIN_LIVES, begin_session, identity_from, provider_of
from provision.web.oidc import LoginRefused, begin, complete
from provision.web.sites import Site
from provision.web.texts import spoken


def show(ask: Ask) -> Response:
    """One button for each site, or what to do where there is nowhere to log in."""
    sites = [ask.site] if ask.site else list(ask.sites.values())
    ways = [(site.name, site.place.settings.site_name) for site in sites if site.place.settings.oidc_issuer]
    return ask.page("login.html.j2", ways=ways, onward=_ours(ask.query("next")), local=ask.request.app.state.local)


def start(ask: Ask) -> Response:
    """On to the provider. Not by a redirect: a form may send people to our own pages only."""
    site = ask.sites.get(ask.form.get("site", ""))
    provider = provider_of(site.place, ask.request.app.state.origin) if site else None
    if site is None or provider is None:
        raise Refused(400)
    try:
        begun = begin(provider)
    except LoginRefused as error:
        raise _refused(ask, site, error) from None
    kept = {"kind": "login", "next": _ours(ask.form.get("next", "")), **begun.kept}
    answer = ask.page("onward.html.j2", address=begun.address)
    answer.headers["Refresh"] = f"0; url={begun.address}"
    cookies.put(ask.request, answer, "login", site, site.journal.web_sessions().begin_login(kept, LOGIN_LIVES))
    return answer


def callback(ask: Ask) -> Response:
    """Back from the provider: a new session, or a page that says that it did not work."""
    site, token = cookies.held(ask.request, ask.sites, "login")
    kept = site.journal.web_sessions().take_login(token) if site and token else None
    provider = provider_of(site.place, ask.request.app.state.origin) if site else None
    if site is None or kept is None or provider is None or kept.get("kind") != "login":
        raise Refused(400, ask.gettext("The login took too long, or was begun in another browser. Begin it again."))
    try:
        claims = complete(provider, kept, dict(ask.request.query_params), site.clock())
    except LoginRefused as error:
        raise _refused(ask, site, error) from None
    return _logged_in(ask, site, identity_from(site, claims), str(kept["next"]))


def once(ask: Ask) -> Response:
    """The page of a one-time link; opening it uses nothing up."""
    return ask.page("once.html.j2", once=ask.query("token"), site=ask.query("site"))


def use_once(ask: Ask) -> Response:
    site = ask.sites.get(ask.form.get("site", ""))
    usable = site is not None and ask.request.app.state.local and not site.place.settings.oidc_issuer
    kept = site.journal.web_sessions().take_login(ask.form.get("token", "")) if site and usable else None
    if site is None or kept is None or kept.get("kind") != "link":
        raise Refused(400, ask.gettext("The link was used or is too old. Start the service again for a new one."))
    return _logged_in(ask, site, Identity(LOCAL, LOCAL, local=True), "/")


def out(ask: Ask) -> Response:
    if ask.session:
        ask.at.journal.web_sessions().end(ask.session.id, ask.me.by)
    answer = ask.go("/login")
    cookies.drop(ask.request, answer, "session")
    return answer


def speak(ask: Ask) -> Response:
    """The reader's language from now on."""
    wanted = ask.form.get("language", "")
    if wanted not in spoken():
        raise Refused(400)
    answer = ask.go(_ours(ask.form.get("next", "")))
    cookies.put_language(ask.request, answer, wanted)
    return answer


def _logged_in(ask: Ask, site: Site, identity: Identity, onward: str) -> Response:
    if ask.session and ask.site:  # what was open in this browser before is over
        ask.site.journal.web_sessions().end(ask.session.id, ask.me.by)
    answer = ask.go(_ours(onward))
    cookies.drop(ask.request, answer, "login")
    cookies.put(ask.request, answer, "session", site, begin_session(site, identity))
    return answer


def _refused(ask: Ask, site: Site, error: ProvisionError) -> Refused:
    logger.warning("{}: a login was refused: {}", site.name, error)
    return Refused(400, ask.gettext("The login did not work. Try again, or tell whoever runs this."))


def _ours(path: str) -> str:
    """A page of ours to go on to, and no other server."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"

"""Between the address and its page: who asks, whether they may, whether a form is theirs, and what failed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from loguru import logger
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from provision.core.language import Language
from provision.web import cookies, csrf
from provision.web.access import Role, Verdict, Who, decide
from provision.web.ask import Ask, Entry, Refused
from provision.web.grants import Identity
from provision.web.limits import Limits
from provision.web.login import identity_of
from provision.web.pages.errors import failure
from provision.web.route import Route
from provision.web.sites import Sites
from provision.web.texts import chosen

# A form of ours is small; more is not read.
_FORM_BYTES: Final = 64 * 1024
_FIELDS: Final = 200


@dataclass(frozen=True, slots=True)
class Pages:
    """What all pages share. `origin` is where browsers find us, as they write it themselves."""

    sites: Sites
    routes: Sequence[Route]
    origin: str
    clock: Callable[[], datetime]
    local: bool = False
    limits: Limits = field(default_factory=Limits)

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            form: Mapping[str, str] = {}
            if request.method not in csrf.SAFE:
                form = await _form(request)
            return await run_in_threadpool(self._answer, route, request, form)

        return answer

    def refuse(self, request: Request, status: int) -> Response:
        """The page of an error, for whoever asks."""
        try:
            return failure(self.ask(request), status)
        except Exception as error:  # noqa: BLE001 - as in _answer
            logger.error("the page of an error failed: {}", type(error).__name__)
            return Response(str(status), status, media_type="text/plain")

    def _answer(self, route: Route, request: Request, form: Mapping[str, str]) -> Response:
        ask = Ask(request, self.sites, None, None, None, Language.EN)
        try:
            ask = replace(self.ask(request), form=form)
            return self._decided(route, ask)
        except Refused as refused:
            return failure(ask, refused.status, refused.text)
        except Exception as error:  # noqa: BLE001 - whatever failed, nobody is shown more than that it did
            logger.error("{} of {} failed: {}", request.method, route.path, type(error).__name__)
            return self._failed(ask)

    def _failed(self, ask: Ask) -> Response:
        """The page that says so; where even that cannot be made, its number."""
        try:
            return failure(replace(ask, site=None, who=None, session=None, menu=()), 500)
        except Exception:  # noqa: BLE001 - the reason was logged, and this one is the same
            return Response("500", 500, media_type="text/plain")

    def _decided(self, route: Route, ask: Ask) -> Response:
        school = ask.path("school") if route.of_school else None
        schools = ask.site.staff().schools.keys() if ask.site and route.of_school else frozenset[str]()
        if route.limited and (wait := self.limits.wait(ask.request.client.host if ask.request.client else "")):
            answer = failure(ask, 429)
            answer.headers["Retry-After"] = str(wait)
            return answer
        match decide(route.roles, ask.who, school, schools):
            case Verdict.LOGIN if ask.request.method in csrf.SAFE:
                return RedirectResponse(f"/login?next={quote(ask.here)}", 303)
            case Verdict.LOGIN:
                return failure(ask, 401)
            case Verdict.ABSENT:
                return failure(ask, 404)
        token = ask.session.csrf if ask.session else None
        unsafe = ask.request.method not in csrf.SAFE
        if unsafe and csrf.forged(ask.request.headers, ask.form, self.origin, token):
            return failure(ask, 400)
        return route.handler(ask)

    def ask(self, request: Request) -> Ask:
        """Who asks for what, worked out anew for each request."""
        site, session = cookies.session(request, self.sites)
        if site is None:
            named = request.query_params.get("site", "")
            site = self.sites.get(named) or (next(iter(self.sites.values())) if len(self.sites) == 1 else None)
        who: Who | None = None
        if site and session:
            who = self._who(identity_of(session), site)
            session = session if who else None
        language = chosen(
            request.cookies.get(cookies.LANGUAGE, ""),
            request.headers.get("accept-language", ""),
            site.place.job.policy.language if site else Language.NB,
        )
        ask = Ask(request, self.sites, site, who, session, language)
        return replace(ask, menu=self._menu(ask))

    def _who(self, identity: Identity, site: Any) -> Who | None:
        """Nobody, where the session is of the one-time link and the site has a provider by now."""
        if identity.local and (not self.local or site.place.settings.oidc_issuer):
            return None
        found: Who = site.who(identity)
        return found

    def _menu(self, ask: Ask) -> Sequence[Entry]:
        here = ask.request.url.path
        shown = (route for route in self.routes if route.menu and ask.who)
        return tuple(
            Entry(route.path, ask.gettext(route.menu), here == route.path)
            for route in shown
            if decide(route.roles - {Role.ANYONE}, ask.who, None, frozenset()) is Verdict.ALLOWED
        )


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form; nothing of one that is none of ours."""
    try:
        length = int(request.headers.get("content-length", "0"))
    except ValueError:
        return {}
    if length > _FORM_BYTES or "transfer-encoding" in request.headers:
        return {}
    form = await request.form(max_files=0, max_fields=_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}

"""The web application of one site or several."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from provision.core.hosts import is_loopback
from provision.web.endpoint import Pages
from provision.web.headers import Headers
from provision.web.limits import Limits
from provision.web.login import one_time_link
from provision.web.route import Route as Line
from provision.web.routes import ROUTES
from provision.web.sites import open_sites
from provision.wiring import clock as the_clock

_HERE: Final = Path(__file__).parent
# Whoever asks this machine itself, such as a watcher that runs on it.
_NEAR: Final = ("127.0.0.1", "localhost", "[::1]")


def create(
    folders: Sequence[Path],
    *,
    job: str = "nightly",
    origin: str,
    clock: Callable[[], datetime] = the_clock,
    routes: Sequence[Line] = ROUTES,
    limits: Limits | None = None,
) -> Starlette:
    """`origin` is where browsers find the pages, such as "http://127.0.0.1:8080" or "https://provision.kommune.no".

    Raises ConfigurationError and JournalError where a site cannot be opened. The application closes the journals.
    """
    sites = open_sites(folders, job, clock)
    address = urlsplit(origin)
    origin = f"{address.scheme}://{address.netloc}"
    local = is_loopback(address.hostname or "")
    pages = Pages(sites, routes, origin, clock, local, limits or Limits())

    async def refused(request: Request, error: Exception) -> Response:
        return pages.refuse(request, error.status_code if isinstance(error, HTTPException) else 500)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        for site in sites.values():
            site.close()

    app = Starlette(
        routes=[
            *(Route(line.path, pages.endpoint(line), methods=[line.method]) for line in routes),
            Mount("/static", StaticFiles(directory=_HERE / "static"), name="static"),
        ],
        middleware=[
            Middleware(Headers, https=address.scheme == "https"),
            Middleware(TrustedHostMiddleware, allowed_hosts=[address.hostname or "", *_NEAR], www_redirect=False),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    app.state.https, app.state.origin, app.state.local = address.scheme == "https", origin, local
    app.state.sites = sites
    return app


def links(app: Starlette) -> list[str]:
    """One-time links to the sites that have no provider, where nobody but this machine reaches the pages."""
    if not app.state.local:
        return []
    unprovided = (site for site in app.state.sites.values() if not site.place.settings.oidc_issuer)
    return [one_time_link(site, app.state.origin) for site in unprovided]

"""`serve`: does what the jobs say when they say it, and shows the pages, until it is told to stop."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provision.cli.options import HERE, SiteOption
from provision.cli.signals import LEAVING, listen, unlisten
from provision.errors import UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from provision.service.pages import Server
    from provision.service.service import Service

_BEAT_SECONDS: Final = 5
_NEXT: Final = 3
_FORMAT: Final = "{time:YYYY-MM-DD HH:mm:ss} {message}"


def serve(  # noqa: PLR0913 - the options of one command, each given by its name
    *,
    host: Annotated[str, typer.Option("--host", help="Where the pages are.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Their port; 0 for any that is free.", min=0, max=65535)] = 8080,
    site: SiteOption = HERE,
    sites: Annotated[Path | None, typer.Option("--sites", help="A folder of sites instead.", metavar="DIR")] = None,
    job: Annotated[str, typer.Option("--job", help="The job that the pages are of.")] = "nightly",
    at_once: Annotated[int, typer.Option("--at-once", help="How many sites are worked on at once.", min=1)] = 2,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Something in front of it speaks TLS, at PUBLIC_URL.")
    ] = False,
    no_web: Annotated[bool, typer.Option("--no-web", help="Only the schedule, no pages.")] = False,
) -> None:
    """Do what the jobs say at the times of their [schedule], and show the web pages. Ends with Ctrl-C or SIGTERM."""
    from provision.service.watched import Watched, sites_in

    _check_host(host, behind_proxy=behind_proxy)
    watched = [Watched(folder) for folder in (sites_in(sites) if sites else [site])]
    log = _log()
    from provision.service.pages import Server, take
    from provision.service.service import Service

    service = Service(watched, log, at_once)
    if no_web:
        _serve(service, None, log)
        return
    with take(host, port) as taken:
        address = f"http://{f'[{host}]' if ':' in host else host}:{taken.getsockname()[1]}"
        app = _pages(service, job, address, log, behind_proxy=behind_proxy)
        _serve(service, Server(app, taken, behind_proxy), log)


def _check_host(host: str, *, behind_proxy: bool) -> None:
    if host not in {"127.0.0.1", "::1", "localhost"} and not behind_proxy:
        raise UsageError(
            f"{host} can be reached by others, and the pages speak no TLS themselves: put a web server in front "
            "of them that does, and say --behind-proxy; or leave out --host"
        )


def _log() -> Callable[[str], None]:
    """Lines on standard error, with ids only."""
    from loguru import logger

    logger.remove()
    logger.configure(extra={"run": "-"})
    logger.add(sys.stderr, format=_FORMAT, diagnose=False, backtrace=False, colorize=False)
    return lambda line: logger.info("{}", line)


def _pages(
    service: "Service", job: str, address: str, log: Callable[[str], None], *, behind_proxy: bool
) -> "Starlette":
    """The pages; where they are is said. Raises ProvisionError where a site cannot be opened."""
    from provision.web.app import create, links
    from provision.wiring import Asks, open_place

    folders = [site.folder for site in service.sites]
    public = open_place(folders[0], job, Asks.NOTHING).settings.public_url
    if behind_proxy and not public.startswith("https://"):
        raise UsageError(".env: PUBLIC_URL: write the address in front of the pages, such as https://provision.x.no")
    app = create(folders, job=job, origin=public if behind_proxy else address)
    log(f"pages: {public if behind_proxy else address}")
    for link in links(app):
        sys.stdout.write(f"open within ten minutes, once: {link}\n")
        sys.stdout.flush()
    return app


def _serve(service: "Service", pages: "Server | None", log: Callable[[str], None]) -> None:
    from provision.service.alerting import keep_telling

    over = Event()
    with _asked_to_stop(service) as asked:
        if asked(0):
            log("stopped before anything was begun")
            service.stop()
            return
        service.tick()
        _announce(service, log)
        service.scheduler.start()
        keep_telling(service.sites, service.clock, log, over)
        if pages:
            pages.start()
        while not asked(_BEAT_SECONDS):
            service.tick()
            if pages and not pages.is_alive():
                log("the pages are gone; the service leaves, to be started anew")
                break
        log("asked to stop: nothing more is begun, and what is at work is left in order")
        over.set()
        if pages:
            pages.stop()
        service.stop()
    log("stopped")


def _announce(service: "Service", log: Callable[[str], None]) -> None:
    """What is done when, from now on."""
    from provision.config.schedule_job import CHANGING_HOUR, following, in_the_changing_hour
    from provision.core.slots import upcoming

    now, some = service.clock(), False
    for site in service.sites:
        for task in site.tasks():
            some = True
            slots = upcoming(following(task.cron, task.timezone), now, _NEXT)
            log(f"{site.name} {task.job}/{task.kind}: next {', '.join(slot.slot for slot in slots)}")
        for name, place in site.places.items():
            if place.job.schedule and (kinds := in_the_changing_hour(place.job.schedule, now)):
                log(f"{site.name} {name}: {', '.join(kinds)}: {CHANGING_HOUR}")
    if not some:
        log("no job has a [schedule]: nothing is begun, until one has")


@contextmanager
def _asked_to_stop(service: "Service") -> Iterator[Callable[[float], bool]]:
    """Whether somebody asks within so many seconds that we stop. Who asks twice is obeyed at once."""
    reading, writing = os.pipe()
    asked: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        if asked:
            service.kill()
            os._exit(128 + number)
        asked.append(number)
        with suppress(OSError):
            os.write(writing, b"!")

    before = listen(on_signal)
    if LEAVING.number:
        asked.append(LEAVING.number)  # while the service was being made
    try:
        yield lambda seconds: bool(asked or select.select([reading], [], [], seconds)[0])
    finally:
        unlisten(before)
        os.close(reading)
        os.close(writing)

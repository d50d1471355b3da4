"""Has it told, minute by minute, what began and what is over at each site; apart, since a mail server may be slow."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event, Thread
from typing import Final

from provision.alerts.tell import tell, tell_unusable
from provision.errors import ProvisionError
from provision.service.children import Log
from provision.service.watched import Watched
from provision.wiring import Place

_EVERY_SECONDS: Final = 60


def keep_telling(sites: Sequence[Watched], clock: Callable[[], datetime], log: Log, over: Event) -> Thread:
    """In a thread that does not keep the service from leaving."""

    def each_minute() -> None:
        while not over.wait(_EVERY_SECONDS):
            tell_all(sites, clock(), log)

    thread = Thread(target=each_minute, name="alerts", daemon=True)
    thread.start()
    return thread


def tell_all(sites: Sequence[Watched], now: datetime, log: Log) -> None:
    """One look at each job of each site; one that cannot be looked at keeps the others from nothing."""
    for site in sites:
        for place in site.places.values():
            try:
                _tell(site, place, now)
            except Exception as error:  # noqa: BLE001  whatever is wrong with telling, the work goes on
                log(f"{site.name}: nobody could be told: unexpected {type(error).__name__}")


def _tell(site: Watched, place: Place, now: datetime) -> None:
    try:
        tell(place, site.journal(), now)
    except ProvisionError as error:
        tell_unusable(place, error, now)

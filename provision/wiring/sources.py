"""Every kind of source, made as the job says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from provision.config import SourceJob
from provision.core.ports import Source
from provision.wiring.place import Place, clock

ReadProgress = Callable[[int, int], None]


def _pifu_ims(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.pifu_ims import PifuImsSource

    return _dropped(job, place, lambda path: PifuImsSource(path, clock=clock, encoding=job.encoding, progress=progress))


def _oneroster_csv(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.oneroster import OneRosterCsvSource

    return _dropped(job, place, lambda path: OneRosterCsvSource(path, clock=clock, progress=progress))


def _dropped(job: SourceJob, place: Place, source: Callable[[Path], Source]) -> Source:
    from provision.sources.drop import Dropped

    return Dropped(place.path(job.path), source, clock=clock, settled=timedelta(seconds=job.settled))


def _oneroster_rest(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.oneroster.rest import OneRosterRestSource
    from provision.wiring.provider import rest_settings

    return OneRosterRestSource(rest_settings(job, place.settings, place.folder), clock=clock, progress=progress)


SOURCES: Final[Mapping[str, Callable[[SourceJob, Place, ReadProgress | None], Source]]] = {
    "pifu_ims": _pifu_ims,
    "oneroster_csv": _oneroster_csv,
    "oneroster_rest": _oneroster_rest,
}


def sources(place: Place, progress: ReadProgress | None = None) -> list[Source]:
    """The SIS and the supplements that the job names."""
    from provision.sources.care_csv import CareCsvSource
    from provision.sources.people_csv import PeopleCsvSource

    job = place.job.source
    found: list[Source] = [SOURCES[job.kind](job, place, progress)]
    if job.care:
        found.append(CareCsvSource(place.path(job.care), clock=clock))
    if job.people:
        found.append(PeopleCsvSource(place.path(job.people), clock=clock))
    return found

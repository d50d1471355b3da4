"""Every kind of source, made as the job says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from provision.config import SourceJob
from provision.core.ports import Source
from provision.errors import ConfigurationError
from provision.wiring.place import Place, clock

ReadProgress = Callable[[int, int], None]


def _pifu_ims(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.pifu_ims import PifuImsSource

    return PifuImsSource(_file(job, place), clock=clock, encoding=job.encoding, progress=progress)


def _file(job: SourceJob, place: Place) -> Path:
    if job.path is None:
        raise ConfigurationError([f"source.path: a source of kind {job.kind} needs the path of its file"])
    return place.path(job.path)


SOURCES: Final[Mapping[str, Callable[[SourceJob, Place, ReadProgress | None], Source]]] = {"pifu_ims": _pifu_ims}


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

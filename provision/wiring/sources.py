"""Every kind of source, made as the job says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provision.config import SourceJob
from provision.core.ports import Source
from provision.wiring.place import Place, clock

if TYPE_CHECKING:
    from provision.sources.kept import Kept

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
    from provision.sources.exceptions_csv import ExceptionsCsvSource
    from provision.sources.people_csv import PeopleCsvSource

    job = place.job.source
    found: list[Source] = [SOURCES[job.kind](job, place, progress)]
    if job.care:
        found.append(CareCsvSource(place.path(job.care), clock=clock))
    if job.people:
        found.append(PeopleCsvSource(place.path(job.people), clock=clock))
    if job.exceptions:
        found.append(ExceptionsCsvSource(place.path(job.exceptions), clock=clock))
    return found


def kept(place: Place) -> "Kept":
    """Where what was last accepted from the job's sources is kept."""
    from provision.sources.kept import Kept

    return Kept(place.folder / "var" / "kept" / place.job_name, place.job.terms().kept_days)


def kept_sources(place: Place) -> list[Source]:
    """The job's sources as they were last accepted, save what is too old. Raises OSError."""
    last = kept(place)
    last.forget(clock())
    return [last.source(source.name) for source in sources(place)]

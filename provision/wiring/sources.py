"""Every kind of source, made as the job says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provision.config import SourceJob
from provision.core.ports import Source
from provision.errors import ConfigurationError
from provision.wiring.place import Place, clock

if TYPE_CHECKING:
    from provision.sources.oneroster.rest_settings import OneRosterRestSettings

ReadProgress = Callable[[int, int], None]


def _pifu_ims(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.pifu_ims import PifuImsSource

    return _dropped(job, place, lambda path: PifuImsSource(path, clock=clock, encoding=job.encoding, progress=progress))


def _oneroster_csv(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.oneroster import OneRosterCsvSource

    return _dropped(job, place, lambda path: OneRosterCsvSource(path, clock=clock, progress=progress))


def _dropped(job: SourceJob, place: Place, source: Callable[[Path], Source]) -> Source:
    from provision.sources.drop import Dropped

    if job.path is None:
        raise ConfigurationError([f"source.path: a source of kind {job.kind} needs the path of its file"])
    return Dropped(place.path(job.path), source, clock=clock, settled=timedelta(seconds=job.settled))


def rest_settings(job: SourceJob, place: Place) -> "OneRosterRestSettings":
    """How the SIS is asked: what the preset knows, where `.env` does not say otherwise. Raises ConfigurationError."""
    from provision.sources.oneroster.rest_settings import OneRosterRestSettings, preset

    said, rest = place.settings, job.rest
    secret = said.oneroster_client_secret.get_secret_value() if said.oneroster_client_secret else ""
    if rest.preset:
        settings = preset(rest.preset, said.oneroster_client_id, secret, said.oneroster_org)
    else:
        settings = OneRosterRestSettings(
            said.oneroster_url, said.oneroster_client_id, secret,
            version=rest.version, auth=rest.auth, client_auth=rest.client_auth, signature=rest.signature,
            page_size=rest.page_size,
        )  # fmt: skip
    return replace(
        settings,
        base_url=said.oneroster_url or settings.base_url,
        token_url=said.oneroster_token_url or settings.token_url,
        scope=said.oneroster_scope or settings.scope,
        token_parameters={"tenant_id": said.oneroster_tenant_id} if said.oneroster_tenant_id else {},
        ca_file=place.path(said.oneroster_ca_file) if said.oneroster_ca_file else None,
    )


def _oneroster_rest(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.oneroster.rest import OneRosterRestSource

    return OneRosterRestSource(rest_settings(job, place), clock=clock, progress=progress)


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

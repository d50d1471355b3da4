"""The composition root: from a site's folder to sources, routes and journal. The only place that knows every kind."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provision.config import Job, Settings, SourceJob, TargetJob, load_job, load_mapping, load_settings
from provision.core.dn import parse_dn
from provision.core.mapping import Entry, TargetMapping
from provision.core.ports import Source, Target
from provision.core.rules.context import Site
from provision.errors import ConfigurationError
from provision.files import replace_file
from provision.formats.entry import Layout, Shape
from provision.handover import Handover

if TYPE_CHECKING:
    from provision.directory import Directory
    from provision.journal.journal import Journal
    from provision.night import Route


@dataclass(frozen=True, slots=True)
class Place:
    """A site as it is set up: its folder, settings, the job and its mappings. Making one reads files only."""

    folder: Path
    settings: Settings
    job_name: str
    job: Job
    mappings: Mapping[str, TargetMapping]

    @property
    def site(self) -> Site:
        return Site(self.settings.realm, self.job.terms())

    @property
    def journal_url(self) -> str:
        return self.settings.journal_url or f"sqlite:///{(self.folder / 'var' / 'journal.db').absolute()}"

    def path(self, relative: Path) -> Path:
        return self.folder / relative


def open_place(folder: Path, job_name: str, *, connect: bool = True) -> Place:
    """The site and job, checked. Raises ConfigurationError with every fault of settings, job and mappings at once.

    Where nothing will `connect` to a target, what only a connection needs may be missing.
    """
    if not folder.is_dir():
        raise ConfigurationError([f"there is no folder {folder}; `provision sample DIR` makes a site to start from"])
    job = load_job(folder, job_name)
    wrong: list[str] = []
    settings: Settings | None = None
    try:
        settings = load_settings(folder)
    except ConfigurationError as error:
        wrong += error.faults
    mappings: dict[str, TargetMapping] = {}
    for target in job.targets:
        try:
            mappings[target.name] = load_mapping(folder, target.mapping, settings.realm if settings else "")
        except ConfigurationError as error:
            wrong += [fault for fault in error.faults if fault not in wrong]
    if settings:
        wrong += _missing_for(job, settings, connect=connect)
    if wrong or settings is None:
        raise ConfigurationError(wrong)
    return Place(folder, settings, job_name, job, mappings)


def _missing_for(job: Job, settings: Settings, *, connect: bool) -> list[str]:
    try:
        parse_dn(settings.base_dn)
    except ValueError as error:
        return [f".env: BASE_DN: {error}"]
    if not connect or not any(target.kind == "ldap" for target in job.targets):
        return []
    wanted = {
        "LDAP_URL": settings.ldap_url,
        "LDAP_BIND_DN": settings.ldap_bind_dn,
        "LDAP_PASSWORD": settings.ldap_password,
    }
    missing = [name for name, value in wanted.items() if not value]
    return [f".env: {name} (or {name}_FILE) is missing; a target of kind ldap needs it" for name in missing]


def clock() -> datetime:
    return datetime.now(UTC)


def open_journal_of(place: Place) -> "Journal":
    """The site's journal, made where there is none."""
    from provision.journal.journal import open_journal

    secret_fields = frozenset[str]().union(*(m.traits().secret for m in place.mappings.values()))
    return open_journal(place.journal_url, pepper(place), clock, secret_fields)


def pepper(place: Place) -> bytes:
    """The key for keyed hashes: the setting, else a file that is made on first use and must then be kept."""
    if place.settings.pepper:
        return place.settings.pepper.get_secret_value().encode()
    path = place.folder / "var" / "pepper"
    try:
        if not path.exists():
            _make_pepper(path)
        return path.read_bytes()
    except OSError as error:
        right = "it is made here on first use, unless PEPPER_FILE names one"
        raise ConfigurationError([f"{path}: {error.strerror}; {right}"]) from None


def _make_pepper(path: Path) -> None:
    """A whole one or none; where two runs make one at the same time, the first counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"pepper-{os.getpid()}")
    try:
        replace_file(made, lambda fh: fh.write(secrets.token_urlsafe(32).encode()))
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)


def owner() -> str:
    """Who runs, for the lease and the audit chain."""
    return f"{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}@{socket.gethostname()}"


# ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────────
ReadProgress = Callable[[int, int], None]


def _pifu_ims(job: SourceJob, place: Place, progress: ReadProgress | None) -> Source:
    from provision.sources.pifu_ims import PifuImsSource

    return PifuImsSource(place.path(job.path), clock=clock, encoding=job.encoding, progress=progress)


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


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────
_MakeTarget = Callable[[TargetJob, Place, Layout, Handover | None, ExitStack], Target]


def _ldif(job: TargetJob, place: Place, layout: Layout, passwords: Handover | None, _: ExitStack) -> Target:
    from provision.targets.ldif import LdifTarget

    return LdifTarget(job.name, place.path(job.path or Path("feide.ldif")), layout, passwords, pepper(place))


def _ldap(job: TargetJob, place: Place, layout: Layout, passwords: Handover | None, opened: ExitStack) -> Target:
    from provision.targets.ldap import LdapTarget

    return LdapTarget(job.name, opened.enter_context(directory(place)), layout, passwords, pepper(place))


TARGETS: Final[Mapping[str, _MakeTarget]] = {
    "ldif": _ldif,
    "ldap": _ldap,
}


def directory(place: Place) -> "Directory":
    """The one LDAP client, as the site's settings say."""
    from provision.directory import Directory, DirectorySettings

    said = place.settings
    password = said.ldap_password.get_secret_value() if said.ldap_password else ""
    ca_file = place.path(said.ldap_ca_file) if said.ldap_ca_file else None
    return Directory(
        DirectorySettings(said.ldap_url, said.ldap_bind_dn, password, ca_file=ca_file, start_tls=said.ldap_start_tls)
    )


@contextmanager
def open_routes(place: Place) -> "Iterator[list[Route]]":
    """Every target of the job with what goes there; connections end with the context."""
    from provision.night import Route

    found = []
    with ExitStack() as opened:
        for job in place.job.targets:
            mapping = place.mappings[job.name]
            passwords = _handover(job, place)
            target = TARGETS[job.kind](job, place, layout_of(mapping, place.settings.base_dn), passwords, opened)
            found.append(Route(target, mapping, passwords, place.settings.base_dn))
        yield found


def _handover(job: TargetJob, place: Place) -> Handover | None:
    if job.passwords.policy == "none":
        return None
    certificates = place.path(job.passwords.certificates) if job.passwords.certificates else None
    return Handover(place.path(job.passwords.folder), certificates, place.settings.site_name, job.name, clock)


def layout_of(mapping: TargetMapping, base: str) -> Layout:
    """The mapping as the directory targets see it."""
    return Layout(base, tuple(_shape(entry, base) for entry in mapping.entries), mapping.lock)


def _shape(entry: Entry, base: str) -> Shape:
    return Shape(
        kind=entry.kind,
        object_classes=entry.object_classes,
        id_attribute=entry.id_attribute,
        id_prefix=entry.id_prefix,
        rdn=entry.rdn,
        parent=f"{entry.parent},{base}" if entry.parent else base,
        fields=frozenset(field.name for field in entry.fields),
        once=frozenset(field.name for field in entry.fields if field.once),
        dn_fields=frozenset(field.name for field in entry.fields if field.refers),
        prefixes=tuple((field.name, field.prefix) for field in entry.fields if field.prefix),
    )

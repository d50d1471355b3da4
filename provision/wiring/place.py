"""A site as it is set up: its folder, settings, job and mappings, its journal and its key."""

import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provision.config import Job, Settings, TargetJob, load_job, load_mapping, load_settings
from provision.core.dn import parse_dn
from provision.core.mapping import TargetMapping
from provision.core.rules.context import Site
from provision.errors import ConfigurationError
from provision.files import replace_file

if TYPE_CHECKING:
    from provision.journal.journal import Journal


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
    wrong += _misfits(job, mappings)
    if settings:
        wrong += _missing_for(job, settings, connect=connect)
    if wrong or settings is None:
        raise ConfigurationError(wrong)
    return Place(folder, settings, job_name, job, mappings)


# What each kind of target needs its mapping to be of.
FAMILIES: Final = {"ldif": "feide", "ldap": "feide", "oneroster_csv": "oneroster"}


def _misfits(job: Job, mappings: Mapping[str, TargetMapping]) -> Iterator[str]:
    """Targets whose mapping is of another family, or names what such a target does not have."""
    for target in job.targets:
        if mapping := mappings.get(target.name):
            wanted = FAMILIES[target.kind]
            if mapping.family != wanted:
                yield (
                    f"jobs: targets.{target.name}.mapping: {target.mapping} is of family {mapping.family}; "
                    f"a target of kind {target.kind} needs one of family {wanted}"
                )
            elif target.kind == "oneroster_csv":
                yield from _unknown_columns(target, mapping)


def _unknown_columns(target: TargetJob, mapping: TargetMapping) -> Iterator[str]:
    from provision.targets.oneroster_csv.columns import is_known

    for entry in mapping.entries:
        for field in entry.fields:
            if not is_known(field.name, entry.kind):
                where = f"mappings/{target.mapping}.toml: entry.{entry.name}.fields.{field.name}"
                yield f"{where}: OneRoster has no such column"


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

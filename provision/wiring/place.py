"""A site as it is set up: its folder, settings, job and mappings, its journal and its key."""

import os
import pwd
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provision.config import Job, Settings, load_job, load_mapping, load_settings
from provision.core.mapping import TargetMapping
from provision.core.rules.context import Site
from provision.errors import ConfigurationError
from provision.files import replace_file
from provision.wiring.faults import misfits, misnumbered, unset

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

    def path(self, relative: Path | None) -> Path:
        """Where it is; the site's folder for what is None."""
        return self.folder / (relative or "")


def open_place(folder: Path, job_name: str, *, connect: bool = True) -> Place:
    """The site and job, checked. Raises ConfigurationError with every fault of settings, job and mappings at once.

    Where nothing will `connect` to source or target, what only a connection needs may be missing.
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
    wrong += [*misfits(job_name, job, mappings), *misnumbered(job_name, job)]
    if settings:
        wrong += unset(folder, job, settings, connect=connect)
    if wrong or settings is None:
        raise ConfigurationError(wrong)
    return Place(folder, settings, job_name, job, mappings)


def clock() -> datetime:
    return datetime.now(UTC)


def open_journal_of(place: Place) -> "Journal":
    """The site's journal, made where there is none."""
    from provision.journal.opening import open_journal

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
    """Who runs, for the lease, the audit chain and the yes of two: as the system knows them, and not as they say."""
    return f"{_behind_sudo() or _name_of(os.getuid()) or os.getuid()}@{socket.gethostname()}"


def _behind_sudo() -> str:
    """Whoever called sudo, where what it left behind agrees with the system; "" else."""
    said, number = os.environ.get("SUDO_USER", ""), os.environ.get("SUDO_UID", "")
    return said if said and number.isdecimal() and _name_of(int(number)) == said else ""


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return ""

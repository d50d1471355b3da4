"""A site as it is set up: its folder, settings, job and mappings, its journal and its key."""

import os
import pwd
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from provision.config import Job, Settings, load_job, load_mapping, load_settings
from provision.config.inventory import DevicesMapping, load_devices_mapping
from provision.core.mapping import TargetMapping
from provision.core.rules.context import Site
from provision.errors import ConfigurationError
from provision.files import replace_file
from provision.wiring.asks import Asks
from provision.wiring.faults import misfits, misnumbered, unset

if TYPE_CHECKING:
    from provision.journal.journal import Journal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A site as it is set up: its folder, settings, the job and its mappings. Making one reads files only.

    `mappings` are by the name of the target, `device_mappings` by that of the inventory that has one.
    """

    folder: Path
    settings: Settings
    job_name: str
    job: Job
    mappings: Mapping[str, TargetMapping]
    device_mappings: Mapping[str, DevicesMapping] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return Site(self.settings.realm, self.job.terms())

    @property
    def journal_url(self) -> str:
        return self.settings.journal_url or f"sqlite:///{(self.folder / 'var' / 'journal.db').absolute()}"

    def path(self, relative: Path | None) -> Path:
        """Where it is; the site's folder for what is None."""
        return self.folder / (relative or "")


def open_place(folder: Path, job_name: str, asks: Asks = Asks.NIGHT) -> Place:
    """The site and job, checked. Raises ConfigurationError with every fault of settings, job and mappings at once.

    What only those need who ask something else may be missing.
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
    realm = settings.realm if settings else ""
    mapped = {target.name: target.mapping for target in job.targets}
    mappings = _each(mapped, lambda name: load_mapping(folder, name, realm), wrong)
    counted = job.devices.inventories if job.devices and Asks.INVENTORIES in asks else ()
    listed = {each.name: each.mapping for each in counted if each.mapping}
    device_mappings = _each(listed, lambda name: load_devices_mapping(folder, name), wrong)
    wrong += [*misfits(job_name, job, mappings), *misnumbered(job_name, job)]
    if settings:
        wrong += unset(folder, job, settings, asks)
    if wrong or settings is None:
        raise ConfigurationError(wrong)
    return Place(folder, settings, job_name, job, mappings, device_mappings)


def _each(names: Mapping[str, str], load: Callable[[str], T], wrong: list[str]) -> dict[str, T]:
    """What each name leads to, by whose it is; the faults of all, each once, go to `wrong`."""
    found: dict[str, T] = {}
    for whose, name in names.items():
        try:
            found[whose] = load(name)
        except ConfigurationError as error:
            wrong += [fault for fault in error.faults if fault not in wrong]
    return found


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

"""What a site says: settings from `.env`, jobs and mappings from TOML, every fault at once with file and key."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from provision.core.guard import Budget
from provision.core.mapping import TargetMapping, compile_mapping
from provision.core.mapping_file import MappingFile, faults, suggestion
from provision.core.policy import DEFAULT_BUDGETS, DEFAULT_GROUPS, Policy
from provision.core.roster import ClassType
from provision.errors import ConfigurationError

_REALM: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


# What a text that has the wrong form should have been.
_FORMS: Final = {
    "realm": "write a domain in lower case, such as hemne.kommune.no",
    "name": "write a name of lower-case letters, digits, - and _, such as feide",
}


class Settings(BaseModel):
    """Where things are, and the names of secrets. A setting X may be given as X_FILE, the path of a file holding it."""

    model_config = ConfigDict(frozen=True)

    site_name: str = Field(description="The municipality's name.")
    realm: str = Field(pattern=_REALM, description="The Feide realm, such as hemne.kommune.no.")
    base_dn: str = Field(description="The directory's base, such as dc=hemne,dc=kommune,dc=no.")
    pepper: SecretStr | None = Field(default=None, description="Key for keyed hashes; made on first use if absent.")
    journal_url: str = Field(default="", description="Database URL; empty for SQLite in var/.")
    ldap_url: str = Field(default="", description="ldaps://host, or ldap://host with LDAP_START_TLS=true.")
    ldap_start_tls: bool = Field(default=False, description="Ask an ldap:// server for TLS before binding.")
    ldap_bind_dn: str = Field(default="", description="The service account.")
    ldap_password: SecretStr | None = Field(default=None, description="Its password.")
    ldap_ca_file: Path | None = Field(default=None, description="The CA that signed the server's certificate.")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceJob(_Part):
    """The SIS export and the two supplements; paths are relative to the site's folder."""

    kind: Literal["pifu_ims"] = "pifu_ims"
    path: Path
    encoding: str | None = None
    care: Path | None = None
    people: Path | None = None


class PasswordJob(_Part):
    """First passwords: who gets one, and how it is handed over."""

    policy: Literal["random", "none"] = "random"
    folder: Path = Path("out/passwords")
    certificates: Path | None = None


class TargetJob(_Part):
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    kind: Literal["ldif", "ldap"]
    mapping: str
    path: Path | None = None
    passwords: PasswordJob = PasswordJob()


class BudgetJob(_Part):
    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)


class PolicyJob(_Part):
    nights: Annotated[int, Field(ge=1, le=30)] = 3
    retention_days: Annotated[int, Field(ge=1)] = 180
    unreadable_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    guardian_numbers: bool = False
    protected_targets: list[str] = Field(default_factory=list)
    closed_schools: list[str] = Field(default_factory=list)


class GroupsJob(_Part):
    allow: list[ClassType] = Field(default_factory=lambda: sorted(DEFAULT_GROUPS))
    schools: dict[str, list[ClassType]] = Field(default_factory=dict)


class Job(_Part):
    """One job: what is read, what is written, and on what terms."""

    source: SourceJob
    targets: list[TargetJob] = Field(min_length=1)
    devices: Path | None = None
    policy: PolicyJob = PolicyJob()
    groups: GroupsJob = GroupsJob()
    guard: dict[Literal["disable", "delete", "memberships", "fields", "id"], BudgetJob] = Field(default_factory=dict)

    def terms(self) -> Policy:
        """The policy that the core works by."""
        given = {str(name): Budget(b.share, b.least) for name, b in self.guard.items()}
        return Policy(
            nights=self.policy.nights,
            retention_days=self.policy.retention_days,
            groups=frozenset(self.groups.allow),
            school_groups={org: frozenset(each) for org, each in self.groups.schools.items()},
            guardian_numbers=self.policy.guardian_numbers,
            protected_targets=frozenset(self.policy.protected_targets),
            closed_schools=frozenset(self.policy.closed_schools),
            unreadable_share=self.policy.unreadable_share,
            budgets={**DEFAULT_BUDGETS, **given},
        )


def load_settings(site: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The site's settings: the environment wins over `.env`. Raises ConfigurationError with every fault."""
    given = _variables(site / ".env") | dict(os.environ if environment is None else environment)
    names = {name.upper(): name for name in Settings.model_fields}
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for variable, name in names.items():
        if path := given.get(f"{variable}_FILE"):
            try:
                found[name] = (site / path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                wrong.append(f".env: {variable}_FILE: cannot read {path} ({_why(error)})")
        elif given.get(variable):
            found[name] = given[variable]
    try:
        settings = Settings.model_validate(found)
    except ValidationError as error:
        wrong += [f".env: {str(e['loc'][0]).upper()}: {_meant(e)}" for e in error.errors(include_input=False)]
    if wrong:
        raise ConfigurationError(sorted(wrong))
    return settings


def load_job(site: Path, name: str) -> Job:
    """The job of jobs/NAME.toml. Raises ConfigurationError with every fault, file and key."""
    path = site / "jobs" / f"{name}.toml"
    known = sorted(p.stem for p in (site / "jobs").glob("*.toml"))
    if name not in known:
        if not known:
            raise ConfigurationError(
                [f"{site} is no site: there is no jobs folder with a job in it; `provision sample DIR` makes one"]
            )
        raise ConfigurationError([f'no job "{name}" in {site / "jobs"}{suggestion(name, set(known))}'])
    raw = _toml(path, site)
    shown = f"jobs/{name}.toml"
    try:
        job = Job.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError(
            sorted(f"{shown}: {_place(e['loc'])}: {_meant(e)}" for e in error.errors(include_input=False))
        ) from None
    wrong = [f"{shown}: targets: {n} is named twice" for n in _twice([t.name for t in job.targets])]
    wrong += [
        f"{shown}: targets.{t.name}.path: a target of kind ldif needs the path of its file"
        for t in job.targets
        if t.kind == "ldif" and t.path is None
    ]
    if wrong:
        raise ConfigurationError(wrong)
    return job


def load_mapping(site: Path, name: str, realm: str) -> TargetMapping:
    """The mapping of mappings/NAME.toml, compiled. Raises ConfigurationError with every fault, file and key."""
    path = site / "mappings" / f"{name}.toml"
    if not path.is_file():
        known = {p.stem for p in (site / "mappings").glob("*.toml")}
        raise ConfigurationError([f'no mapping "{name}" in {site / "mappings"}{suggestion(name, known)}'])
    raw = _toml(path, site)
    if wrong := faults(raw):
        raise ConfigurationError([f"mappings/{name}.toml: {fault}" for fault in wrong])
    return compile_mapping(MappingFile.model_validate(raw), realm)


def _toml(path: Path, site: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path.relative_to(site)}: {_why(error)}"]) from None


def _variables(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        read = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f".env: {_why(error)}"]) from None
    if unset := sorted(name for name, value in read.items() if value is None):
        raise ConfigurationError([f".env: {name}: write {name}=value" for name in unset])
    return {name: value for name, value in read.items() if value is not None}


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))


def _meant(error: Mapping[str, Any]) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "unknown key" + suggestion(str(error["loc"][-1]), _job_keys())
    if error["type"] == "string_pattern_mismatch":
        return _FORMS.get(str(error["loc"][-1]), str(error["msg"]))
    return str(error["msg"])


def _job_keys() -> set[str]:
    parts = (SourceJob, PasswordJob, TargetJob, BudgetJob, PolicyJob, GroupsJob, Job)
    return {name for part in parts for name in part.model_fields}


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8; save it as UTF-8"
    if isinstance(error, OSError):
        return error.strerror or "cannot be read"
    return str(error)

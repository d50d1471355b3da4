"""Jobs and mappings from TOML, every fault at once with file and key."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from provision.config.faults import meant, why
from provision.config.job_file import BudgetJob, GroupsJob, Job, PasswordJob, PolicyJob, RestJob, SourceJob, TargetJob
from provision.core.mapping import TargetMapping, compile_mapping
from provision.core.mapping_file import MappingFile, faults, suggestion
from provision.errors import ConfigurationError

_FILES: Final = ("ldif", "oneroster_csv")
_WITHOUT_PASSWORDS: Final = ("oneroster_csv",)


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
            sorted(f"{shown}: {_place(e['loc'])}: {meant(e, _job_keys())}" for e in error.errors(include_input=False))
        ) from None
    if wrong := [f"{shown}: {fault}" for fault in _job_faults(job)]:
        raise ConfigurationError(wrong)
    return job


def _job_faults(job: Job) -> Iterator[str]:
    for name in _twice([target.name for target in job.targets]):
        yield f"targets: {name} is named twice"
    for target in job.targets:
        if target.kind in _FILES and target.path is None:
            yield f"targets.{target.name}.path: a target of kind {target.kind} needs the path of its file"
        if target.kind in _WITHOUT_PASSWORDS and "passwords" in target.model_fields_set:
            yield f"targets.{target.name}.passwords: a target of kind {target.kind} gives nobody a password"
    for path in _twice([str(target.path) for target in job.targets if target.path]):
        yield f"targets: {path} is the file of two targets; give each its own"
    rest = job.source.rest
    if rest.preset and (more := sorted(rest.model_fields_set - {"preset"})):
        yield f"source.rest: {', '.join(more)}: the preset says it; leave it out, or leave out the preset"
    if job.source.kind != "oneroster_rest" and job.source.path is None:
        yield f"source.path: a source of kind {job.source.kind} needs the path of its file"


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
        raise ConfigurationError([f"{path.relative_to(site)}: {why(error)}"]) from None


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))


def _job_keys() -> frozenset[str]:
    parts = (RestJob, SourceJob, PasswordJob, TargetJob, BudgetJob, PolicyJob, GroupsJob, Job)
    return frozenset(name for part in parts for name in part.model_fields)


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})

"""Jobs and mappings from TOML, every fault at once with file and key."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from provision.config.devices_job import DevicesJob, InventoryJob, WordsJob
from provision.config.faults import meant, why
from provision.config.job_file import (
    BudgetJob,
    GroupsJob,
    Job,
    PasswordJob,
    PolicyJob,
    RestJob,
    RetentionJob,
    SourceJob,
    TargetJob,
)
from provision.config.kinds import (
    INVENTORY_KEYS,
    INVENTORY_KINDS,
    SOURCE_KEYS,
    SOURCE_KINDS,
    TARGET_KEYS,
    TARGET_KINDS,
)
from provision.config.schedule_job import ScheduleJob, schedule_faults
from provision.config.web_job import ActingJob, WebJob
from provision.core.mapping import TargetMapping, compile_mapping
from provision.core.mapping_file import MappingFile, faults, suggestion
from provision.errors import ConfigurationError


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
        found = error.errors(include_input=False)
        faults_of_shape = sorted(f"{shown}: {_place(e['loc'], raw)}: {meant(e, _job_keys())}" for e in found)
        raise ConfigurationError(faults_of_shape) from None
    if wrong := [f"{shown}: {fault}" for fault in _job_faults(job, site)]:
        raise ConfigurationError(wrong)
    return job


def _job_faults(job: Job, site: Path) -> Iterator[str]:
    source, rest = job.source, job.source.rest
    kind = SOURCE_KINDS[source.kind].keys
    yield from _key_faults("source", source, f"a source of kind {source.kind}", SOURCE_KEYS, kind)
    if rest.preset and (more := sorted(rest.model_fields_set - {"preset"})):
        yield f"source.rest: {', '.join(more)}: the preset says it; leave it out, or leave out the preset"
    for name in _twice([target.name for target in job.targets]):
        yield f"targets: {name} is named twice"
    for target in job.targets:
        kind = TARGET_KINDS[target.kind].keys
        yield from _key_faults(f"targets.{target.name}", target, f"a target of kind {target.kind}", TARGET_KEYS, kind)
    yield from _shared_files(job, site)
    yield from _unknown_targets(job)
    for number, freeze in enumerate(job.freezes):
        if freeze.end < freeze.begin:
            yield f"freezes.{number}: ends on {freeze.end}, before it begins on {freeze.begin}"
    yield from _inventory_faults(job)
    if job.schedule:
        yield from (f"schedule.{fault}" for fault in schedule_faults(job.schedule))
    kept = job.retention
    if not kept.before_images_days <= kept.runs_days <= kept.people_days:
        yield ("retention: nothing may outlast whom it is about; write before_images_days <= runs_days <= people_days")


def _inventory_faults(job: Job) -> Iterator[str]:
    inventories = job.devices.inventories if job.devices else []
    for name in _twice([each.name for each in inventories]):
        yield f"devices.inventories: {name} is named twice"
    for each in inventories:
        kind = INVENTORY_KINDS[each.kind].keys
        where, what = f"devices.inventories.{each.name}", f"an inventory of kind {each.kind}"
        yield from _key_faults(where, each, what, INVENTORY_KEYS, kind)


def _key_faults(
    where: str, part: SourceJob | TargetJob | InventoryJob, what: str, of_some: Sequence[str], of_this: Collection[str]
) -> Iterator[str]:
    """What this kind needs and is not there, and what is there and means nothing for it."""
    for key in of_some:
        if key in part.model_fields_set and key not in of_this:
            yield f"{where}.{key}: means nothing for {what}; leave it out"
    if "path" in of_this and part.path is None:
        yield f"{where}.path: {what} needs the path of its file"


def _unknown_targets(job: Job) -> Iterator[str]:
    """What is said of targets that the job does not have."""
    known = {target.name for target in job.targets}
    named = [(f"stages.targets.{name}", name) for name in job.stages.targets]
    named += [("policy.protected_targets", name) for name in job.policy.protected_targets]
    for key, name in named:
        if name not in known:
            yield f'{key}: the job has no target "{name}"{suggestion(name, known)}'


def _shared_files(job: Job, site: Path) -> Iterator[str]:
    """Files of targets that are also another target's, or are read."""
    source = job.source
    supplements = {f"source.{name}": path for name, path in source.supplements.items()}
    inventories = job.devices.inventories if job.devices else []
    listed = {f"devices.inventories.{each.name}.path": each.path for each in inventories}
    read = {"source.path": source.path, **supplements, **listed}
    used = [(key, (site / path).resolve()) for key, path in read.items() if path]
    for target in job.targets:
        if target.path is None:
            continue
        key, file = f"targets.{target.name}.path", (site / target.path).resolve()
        for other, path in used:
            if file == path or (file.parent == path.parent and fnmatchcase(file.name, path.name)):
                yield f"{key}: {target.path} is that of {other} too; give each its own file"
        used.append((key, file))


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


def _place(loc: Sequence[int | str], raw: Mapping[str, Any]) -> str:
    """The key as people look for it: a target or an inventory goes by its name, where it has one."""
    match loc, raw:
        case ("targets", int(number), *_), {"targets": list(given)}:
            place = 1
        case ("devices", "inventories", int(number), *_), {"devices": {"inventories": list(given)}}:
            place = 2
        case _:
            return ".".join(map(str, loc))
    name = given[number].get("name") if isinstance(given[number], dict) else None
    called = name if isinstance(name, str) else number
    return ".".join(map(str, (*loc[:place], called, *loc[place + 1 :])))


def _job_keys() -> frozenset[str]:
    parts = (RestJob, SourceJob, PasswordJob, TargetJob, BudgetJob, PolicyJob, GroupsJob, RetentionJob, Job)
    of_devices = (WordsJob, InventoryJob, DevicesJob)
    return frozenset(
        name for part in (*parts, *of_devices, ScheduleJob, WebJob, ActingJob) for name in part.model_fields
    )


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})

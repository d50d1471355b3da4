"""`provision doctor`: is everything in place for tonight, and if not, what to do."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from provision import audit_heads
from provision.alerts.channels import unreachable
from provision.caution import REASON, check_target
from provision.config import TARGET_KINDS, TargetJob
from provision.config.schedule_job import CHANGING_HOUR, in_the_changing_hour
from provision.core.conditions import ENOUGH_BYTES
from provision.core.ports import Target
from provision.core.stages import Stage
from provision.core.state import Kind
from provision.errors import ConfigurationError, ProvisionError, TargetUnavailable
from provision.finding import Finding, Level
from provision.inputs import inputs
from provision.wiring import TARGETS, Place, clock, directory, layout_of, open_journal_of

__all__ = ["Finding", "Level", "examine", "exit_code"]

# What a target calls them.
_LEVELS: Final = {"ok": Level.OK, "warning": Level.WARN, "error": Level.FAIL}


def examine(place: Place, head: str = "") -> list[Finding]:
    """Every check, each ok, a warning or a failure with its remedy. Writes nothing but the journal's own file.

    `head` is an end of the audit chain that was kept elsewhere.
    """
    found = [Finding(Level.OK, f"settings, job {place.job_name} and mappings are without fault")]
    found += inputs(place)
    found += _secrets(place)
    found += _journal(place, head)
    found += _schedule(place)
    found += _schools(place)
    found += _disk(place)
    found += _alerts(place)
    found += _heads(place)
    for target in place.job.targets:
        found += _target(place, target)
    return found


def exit_code(findings: list[Finding]) -> int:
    """3 where anything fails, else 0."""
    return 3 if any(f.level is Level.FAIL for f in findings) else 0


def _secrets(place: Place) -> Iterator[Finding]:
    for path in (place.folder / ".env", place.folder / "var" / "pepper"):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding(Level.WARN, f"{path} can be read by others", f"chmod 600 {path}")
    if place.settings.pepper is None:
        yield Finding(
            Level.OK,
            f"the key for keyed hashes is kept in {place.folder / 'var' / 'pepper'}",
            "back it up, apart from the journal",
        )


def _journal(place: Place, head: str) -> Iterator[Finding]:
    try:
        with open_journal_of(place) as journal:
            broken = journal.verify_audit(head)
    except ProvisionError as error:
        yield Finding(Level.FAIL, f"the journal cannot be opened: {error}", "see docs/operations.md, The journal")
        return
    if broken:
        yield Finding(
            Level.FAIL, f"the audit chain is broken: {broken}", "somebody changed the journal; ask who and why"
        )
    else:
        with_head = f", with the head {head.partition(':')[0]} in it" if head else ""
        yield Finding(Level.OK, f"the journal opens and its audit chain is whole{with_head}")


def _schedule(place: Place) -> Iterator[Finding]:
    """Times within the hour that a spring night leaves out and an autumn night has twice."""
    schedule = place.job.schedule
    if schedule and (kinds := in_the_changing_hour(schedule, clock())):
        text = f"schedule: {', '.join(kinds)}: {CHANGING_HOUR}"
        yield Finding(Level.WARN, text, f"write another hour in jobs/{place.job_name}.toml")


def _schools(place: Place) -> Iterator[Finding]:
    """Schools of which the job says something and that no run has ever read."""
    try:
        with open_journal_of(place) as journal:
            read = {key.sourced_id for key in journal.history().sightings if key.kind is Kind.ORG}
    except ProvisionError:
        return  # which is a finding of its own
    for key, schools in place.job.named_schools().items():
        for school in sorted(schools - read if read else ()):
            text = f"{key} names {school}, which no run has found in the SIS"
            yield Finding(Level.WARN, text, f"correct it in jobs/{place.job_name}.toml; it changes nothing as it is")


def _disk(place: Place) -> Iterator[Finding]:
    free = shutil.disk_usage(place.folder).free
    text = f"{free / 1e9:.1f} GB free where the site is"
    if free < ENOUGH_BYTES:
        yield Finding(Level.FAIL, text, "make room: a run stops where it cannot record what it does")
    else:
        yield Finding(Level.OK, text)


def _alerts(place: Place) -> Iterator[Finding]:
    """Whether each channel could be told something; nothing is sent."""
    for channel, why in unreachable(place).items():
        if why:
            yield Finding(Level.FAIL, f"alerts by {channel}: {why}", "correct it in .env and [alerts]")
        else:
            yield Finding(Level.OK, f"alerts by {channel} can be sent")


def _heads(place: Place) -> Iterator[Finding]:
    path = audit_heads.file_of(place)
    if path is None:
        return
    try:
        audit_heads.check_writable(path)
    except OSError as error:
        yield Finding(Level.FAIL, f"AUDIT_HEADS: {path}: {error.strerror}", "let the account that runs this add to it")
    else:
        yield Finding(Level.OK, f"the audit chain's end is kept in {path}")


def _file_target(place: Place, job: TargetJob) -> Iterator[Finding]:
    path = place.path(job.path)
    with ExitStack() as opened:
        try:
            target = TARGETS[job.kind](job, place, place.mappings[job.name], None, opened)
            _check_held(place, target)
        except TargetUnavailable as error:
            right = f"put back last night's, or delete it and then `provision approve {job.name} {REASON}`"
            yield Finding(Level.FAIL, f"{job.name}: {error}", right)
        else:
            there = f"kept in {path}" if path.exists() else f"{path} is not there yet; the first run makes it"
            yield Finding(Level.OK, f"{job.name}: {there}")
    if path.parent.exists() and path.parent.stat().st_mode & 0o002:
        yield Finding(Level.WARN, f"{path.parent} can be written by everybody", f"chmod o-w {path.parent}")


def _check_held(place: Place, target: Target) -> None:
    """Raises TargetUnavailable where the next run would refuse what it holds."""
    held = target.read({})
    try:
        journal = open_journal_of(place)
    except ProvisionError:
        return  # which is a finding of its own
    with journal:
        check_target(target.name, held, journal, clock())


def _target_off(place: Place, job: TargetJob) -> Finding:
    """Of one that is off matters only whether it says which usernames are taken there, where others may take any."""
    with ExitStack() as opened:
        try:
            target = TARGETS[job.kind](job, place, place.mappings[job.name], None, opened)
            if target.ours_alone:
                return Finding(Level.OK, f"{job.name}: off ([stages]), hence not looked at")
            target.names()
        except ProvisionError as error:
            right = "until it can be asked nobody new gets a username; is it gone for good, take it out of the job"
            return Finding(
                Level.WARN, f"{job.name}: off ([stages]), and does not say which names it has: {error}", right
            )
    return Finding(Level.OK, f"{job.name}: off ([stages]), and only asked which usernames are taken there")


def _target(place: Place, job: TargetJob) -> Iterator[Finding]:
    if place.site.policy.stages.of(job.name) is Stage.OFF:
        yield _target_off(place, job)
        return
    if "path" in TARGET_KINDS[job.kind].keys:
        yield from _file_target(place, job)
        return
    from provision.targets.ldap import LdapTarget

    try:
        with directory(place) as opened:
            target = LdapTarget(job.name, opened, layout_of(place.mappings[job.name], place.settings.base_dn))
            for level, text, remedy in target.findings():
                yield Finding(_LEVELS[level], f"{job.name}: {text}", remedy)
    except ConfigurationError as error:
        for fault in error.faults:
            yield Finding(Level.FAIL, f"{job.name}: {fault}", "correct it in .env")
    except ProvisionError as error:
        yield Finding(Level.FAIL, f"{job.name}: {error}", "see docs/operations.md, The directory")

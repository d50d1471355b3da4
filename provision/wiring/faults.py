"""What is wrong between job, mappings and settings that are each in order by themselves."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from provision.config import TARGET_KINDS, Job, Settings, TargetJob
from provision.core.dn import parse_dn
from provision.core.mapping import TargetMapping
from provision.formats.organisation_number import organisation_number
from provision.wiring.asks import Asks


def misfits(job_name: str, job: Job, mappings: Mapping[str, TargetMapping]) -> Iterator[str]:
    """Targets whose mapping is of another family, or names what such a target does not have."""
    for target in job.targets:
        if mapping := mappings.get(target.name):
            wanted = TARGET_KINDS[target.kind].family
            if mapping.family != wanted:
                yield (
                    f"jobs/{job_name}.toml: targets.{target.name}.mapping: {target.mapping} is of family "
                    f"{mapping.family}; a target of kind {target.kind} needs one of family {wanted}"
                )
            elif target.kind == "oneroster_csv":
                yield from _in_no_package(target, mapping)


def misnumbered(job_name: str, job: Job) -> Iterator[str]:
    """What is said of schools whose number cannot be one."""
    for key, schools in {"policy.closed_schools": set(job.policy.closed_schools), **job.named_schools()}.items():
        for school in sorted(schools):
            if organisation_number(school) != school:
                right = "write its nine digits, such as 974588145, as the SIS has them"
                yield f'jobs/{job_name}.toml: {key}: "{school}" is no organisation number; {right}'


def _in_no_package(target: TargetJob, mapping: TargetMapping) -> Iterator[str]:
    from provision.targets.oneroster_csv.columns import enrolment_fault, is_known

    for entry in mapping.entries:
        where = f"mappings/{target.mapping}.toml: entry.{entry.name}"
        for field in entry.fields:
            if not is_known(field.name, entry.kind):
                yield f"{where}.fields.{field.name}: OneRoster has no such column or role"
        for role, word in entry.members.items():
            if fault := enrolment_fault(word):
                yield f"{where}.members.{role}: {fault}"


def unset(folder: Path, job: Job, settings: Settings, asks: Asks) -> Iterator[str]:
    """Settings that are wrong or missing; what only a connection needs, where that is asked."""
    try:
        parse_dn(settings.base_dn)
    except ValueError as error:
        yield f".env: BASE_DN: {error}"
    yield from (f".env: {fault}" for fault in _unset_alerts(job, settings))
    if Asks.TARGETS in asks and any(target.kind == "ldap" for target in job.targets):
        yield from _unset_ldap(settings)
    if Asks.SIS in asks and job.source.kind == "oneroster_rest":
        from provision.sources.oneroster.rest_settings import provider_faults
        from provision.wiring.provider import rest_settings

        yield from (f".env: {fault}" for fault in provider_faults(rest_settings(job.source, settings, folder)))
    if Asks.INVENTORIES in asks and job.devices:
        for kind in dict.fromkeys(each.kind for each in job.devices.inventories):
            yield from (f".env: {fault}" for fault in _unset_inventory(kind, folder, settings))


def _unset_inventory(kind: str, folder: Path, settings: Settings) -> list[str]:
    """Said once of a kind, however many inventories are of it: they all use the same settings."""
    from provision.wiring.inventory_settings import intune_settings, snipe_it_settings

    if kind == "intune":
        from provision.inventories.intune import intune_faults

        return intune_faults(intune_settings(settings, folder))
    if kind == "snipe_it":
        from provision.inventories.snipe_it import snipe_it_faults

        return snipe_it_faults(snipe_it_settings(settings, folder))
    return []


def _unset_alerts(job: Job, settings: Settings) -> list[str]:
    """Where alerts are wanted and nobody said where they go."""
    found: list[str] = []
    if job.alerts.mail and not settings.smtp_url:
        found.append("SMTP_URL is missing; [alerts] mail needs it")
    if job.alerts.webhook and not settings.alert_webhook_url:
        found.append("ALERT_WEBHOOK_URL (or ALERT_WEBHOOK_URL_FILE) is missing; [alerts] webhook needs it")
    return found


def _unset_ldap(settings: Settings) -> Iterator[str]:
    wanted = {
        "LDAP_URL": settings.ldap_url,
        "LDAP_BIND_DN": settings.ldap_bind_dn,
        "LDAP_PASSWORD": settings.ldap_password,
    }
    for name, value in wanted.items():
        if not value:
            yield f".env: {name} (or {name}_FILE) is missing; a target of kind ldap needs it"

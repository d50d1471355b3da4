"""Every kind of target, made as the job says, with what goes there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from provision.config import TARGET_KINDS, TargetJob
from provision.core.mapping import Entry, TargetMapping
from provision.core.ports import Target
from provision.core.state import Kind
from provision.formats.entry import Layout, Shape
from provision.handover import Handover
from provision.wiring.place import Place, clock, pepper

if TYPE_CHECKING:
    from provision.directory import Directory
    from provision.night import Route

_MakeTarget = Callable[[TargetJob, Place, TargetMapping, Handover | None, ExitStack], Target]


def _ldif(job: TargetJob, place: Place, mapping: TargetMapping, passwords: Handover | None, _: ExitStack) -> Target:
    from provision.targets.ldif import LdifTarget

    layout = layout_of(mapping, place.settings.base_dn)
    return LdifTarget(job.name, place.path(job.path), layout, passwords, pepper(place))


def _ldap(
    job: TargetJob, place: Place, mapping: TargetMapping, passwords: Handover | None, opened: ExitStack
) -> Target:
    from provision.targets.ldap import LdapTarget

    layout = layout_of(mapping, place.settings.base_dn)
    return LdapTarget(job.name, opened.enter_context(directory(place)), layout, passwords, pepper(place))


def _oneroster_csv(job: TargetJob, place: Place, mapping: TargetMapping, _: Handover | None, __: ExitStack) -> Target:
    from provision.targets.oneroster_csv import OneRosterCsvTarget

    return OneRosterCsvTarget(
        job.name,
        place.path(job.path),
        fields_of(mapping),
        mapping.traits().once,
        site_name=place.settings.site_name,
        secret=pepper(place),
        clock=clock,
    )


TARGETS: Final[Mapping[str, _MakeTarget]] = {
    "ldif": _ldif,
    "ldap": _ldap,
    "oneroster_csv": _oneroster_csv,
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
            target = TARGETS[job.kind](job, place, mapping, passwords, opened)
            found.append(Route(target, mapping, passwords, place.settings.base_dn))
        yield found


def _handover(job: TargetJob, place: Place) -> Handover | None:
    if job.passwords.policy == "none" or "passwords" not in TARGET_KINDS[job.kind].keys:
        return None
    certificates = place.path(job.passwords.certificates) if job.passwords.certificates else None
    return Handover(place.path(job.passwords.folder), certificates, place.settings.site_name, job.name, clock)


def fields_of(mapping: TargetMapping) -> Mapping[Kind, frozenset[str]]:
    """The names of the fields that the mapping gives each kind of record."""
    fields: dict[Kind, frozenset[str]] = {}
    for entry in mapping.entries:
        fields[entry.kind] = fields.get(entry.kind, frozenset()) | {field.name for field in entry.fields}
    return fields


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

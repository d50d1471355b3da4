"""A Feide directory on a test server, and the shortest way to fill and change it."""

from dataclasses import replace
from pathlib import Path

from provision.core.outcome import Status
from provision.core.plan import Change
from provision.core.state import Key, Record
from provision.directory import Directory
from provision.formats.operations import add
from provision.targets.ldap import LdapTarget
from tests.builders import BASE, LAYOUT, OTHER_SCHOOL, PEOPLE, OnePassword, a_district, a_school, create
from tests.canaries import PASSWORD
from tests.servers.slapd import Slapd, SlapdOptions

SECRET = b"the key of the fingerprints"
KARI = f"uid=pup00001,{PEOPLE}"


def a_server(folder: Path, **options: object) -> Slapd:
    return Slapd(folder, replace(SlapdOptions(suffix=BASE), **options))


def a_target(directory: Directory) -> LdapTarget:
    return LdapTarget("feide", directory, LAYOUT, OnePassword(PASSWORD), SECRET)


def with_district(slapd: Slapd) -> None:
    """The base becomes the district's entry, by hands that may do so."""
    entry = add(a_district(), LAYOUT, {})
    classes = sorted(entry.attributes["objectClass"])
    fields = {n: ("MODIFY_REPLACE", sorted(v)) for n, v in entry.attributes.items() if n not in ("objectClass", "dc")}
    slapd.modify(BASE, {"objectClass": ("MODIFY_REPLACE", classes), **fields})


def filled(slapd: Slapd, target: LdapTarget, *people: Record) -> dict[Key, Record]:
    """The district, two schools and these people are there and have been read."""
    with_district(slapd)
    done(target, create(a_school()), create(a_school(OTHER_SCHOOL)), *map(create, people))
    return dict(target.read({}).records)


def statuses(target: LdapTarget, *changes: Change) -> list[Status]:
    return [result.status for result in target.apply(changes)]


def done(target: LdapTarget, *changes: Change) -> None:
    results = list(target.apply(changes))
    assert [result.status for result in results] == [Status.DONE] * len(changes), [r.detail for r in results]

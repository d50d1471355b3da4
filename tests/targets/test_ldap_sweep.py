"""The directory is read once for all that a run asks of it, and nothing that others do meanwhile is lost by that."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provision.core.dn import normal
from provision.core.outcome import Status
from provision.core.state import Record, fingerprint
from provision.directory import Attributes, Directory, Scope, ServerSchema
from provision.directory.schema import ASSERTION
from provision.errors import TargetUnavailable
from provision.formats.operations import add
from provision.targets.ldap import LdapTarget
from provision.targets.ldap.known import Known
from tests.builders import BASE, DISTRICT, LAYOUT, ORGS, PEOPLE, SCHOOL, a_pupil, create, update
from tests.servers.feide import KARI, SECRET, a_server, a_target, done, filled, statuses
from tests.servers.proxy import Mode, Proxy
from tests.servers.slapd import Slapd

DNS = {DISTRICT: BASE, SCHOOL: f"ou=a school,{ORGS}"}
THEIRS = f"uid=theirs,{BASE}"


class Noting(Directory):
    """The client itself, which also notes the DN of everything that a search brought."""

    brought: Counter[str]

    def search(
        self, base: str, wanted: str, attributes: Iterable[str], scope: Scope = Scope.SUBTREE
    ) -> Iterator[tuple[str, Attributes]]:
        for dn, held in super().search(base, wanted, attributes, scope):
            self.brought[dn] += 1
            yield dn, held


class Untold(Directory):
    """The client of a server that does not say that it can tell whether an entry changed."""

    def schema(self) -> ServerSchema:
        told = super().schema()
        return replace(told, controls=told.controls - {ASSERTION})


@pytest.fixture
def directory(slapd: Slapd) -> Iterator[Noting]:
    with Noting(slapd.settings(page_size=3)) as client:
        client.brought = Counter()
        yield client


@pytest.fixture
def target(directory: Noting) -> LdapTarget:
    return a_target(directory)


def put_theirs(slapd: Slapd) -> None:
    slapd.add(THEIRS, {"objectClass": ["inetOrgPerson"], "uid": ["theirs", "pup00001"], "cn": "x", "sn": "x"})


def test_a_quiet_night_reads_everybody_once_and_only_our_orgs_twice(
    slapd: Slapd, directory: Noting, target: LdapTarget
) -> None:
    held = filled(slapd, target, *map(a_pupil, range(1, 10)))
    put_theirs(slapd)
    directory.brought.clear()
    names, strangers = target.names(), target.strangers()
    actual = target.read({key: fingerprint(record, SECRET) for key, record in held.items()})
    assert (len(names), [each.handle for each in strangers]) == (10, [THEIRS])
    assert names["pup00001"] == a_pupil().key
    assert (actual.unchanged, actual.records, actual.ambiguous) == (held.keys(), {}, {})
    once = {dn for dn in directory.brought if dn in (THEIRS, ORGS) or dn.endswith(PEOPLE)}
    assert len(once) == 12
    assert {dn: directory.brought[dn] for dn in once} == dict.fromkeys(once, 1)
    assert directory.brought.keys() - once == {BASE, *(dn for dn in slapd.entries(ORGS) if dn != ORGS)}


def _is_not_overwritten(slapd: Slapd, target: LdapTarget) -> None:
    """What somebody changes between the names and the reading."""
    filled(slapd, target, a_pupil())
    target.names()
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Theirs"])})
    before = target.read({}).records[a_pupil().key]
    assert statuses(target, update(before, a_pupil(displayName="Ours"))) == [Status.STALE]
    assert slapd.entries(KARI)[KARI]["displayName"] == {"Theirs"}


def test_what_somebody_changes_between_the_names_and_the_reading_is_not_overwritten(
    slapd: Slapd, target: LdapTarget
) -> None:
    _is_not_overwritten(slapd, target)


def test_a_server_without_assertions_is_asked_again_before_such_a_write(tmp_path: Path) -> None:
    with a_server(tmp_path / "server") as slapd, Untold(slapd.settings()) as directory:
        _is_not_overwritten(slapd, a_target(directory))


def test_what_was_found_is_used_for_one_reading_only(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    target.names()
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Later"])})
    assert target.read({}).records[a_pupil().key] == a_pupil()
    assert target.read({}).records[a_pupil().key] == a_pupil(displayName="Later")


def test_names_are_always_asked_anew(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    assert "theirs" not in target.names()
    put_theirs(slapd)
    assert [each.handle for each in target.strangers()] == []
    assert "theirs" in target.names()
    assert [each.handle for each in target.strangers()] == [THEIRS]


def test_after_writing_nothing_that_was_found_before_is_believed(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    target.names()
    done(target, create(a_pupil()))
    assert target.read({}).records[a_pupil().key] == a_pupil()


def test_a_sweep_that_breaks_off_leaves_nothing_to_build_on(slapd: Slapd) -> None:
    with Proxy(slapd.port) as proxy, Directory(slapd.settings(url=proxy.url, page_size=1, retry_for=0.2)) as directory:
        target = a_target(directory)
        held = filled(slapd, target, a_pupil())
        target.names()
        proxy.cut()
        for look in (target.names, target.strangers, lambda: target.read({})):
            with pytest.raises(TargetUnavailable):
                look()
        proxy.mode = Mode.PASS
        assert target.read({}).records == held


def test_an_attribute_that_we_do_not_manage_may_hold_anything(slapd: Slapd) -> None:
    known = Known(Directory(slapd.settings()), LAYOUT, SECRET)
    assert _noted(known, a_pupil(1), mobile="\udcff") == a_pupil(1)
    assert known.ambiguous == {}
    _noted(known, a_pupil(2, sn=None), SN="\udcff", mobile="\udcff")
    assert known.ambiguous == {a_pupil(2).key: "SN holds something that is not UTF-8; mend it in the directory"}


def _noted(known: Known, record: Record, **more: str) -> Record | None:
    entry = add(record, LAYOUT, DNS)
    known.orgs.update({normal(dn): key for key, dn in DNS.items()})
    return known.note(entry.dn, {**entry.attributes, **{name: frozenset({value}) for name, value in more.items()}})

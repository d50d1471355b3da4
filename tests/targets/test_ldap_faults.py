"""The `ldap` target when the network or the server fails: every change lands once, or is known not to have landed."""

import threading
import time
from collections.abc import Iterator

import pytest

from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.state import Record
from provision.directory import Directory
from provision.errors import TargetUnavailable
from provision.targets.ldap import LdapTarget
from tests.builders import (
    LAYOUT,
    PEOPLE,
    OnePassword,
    a_pupil,
    create,
    delete,
    disable,
    rekey,
    update,
    withdraw,
)
from tests.canaries import PASSWORD
from tests.servers.feide import KARI, a_target, done, filled
from tests.servers.proxy import Mode, Proxy
from tests.servers.slapd import Slapd


@pytest.fixture
def proxy(slapd: Slapd) -> Iterator[Proxy]:
    with Proxy(slapd.port) as between:
        yield between


@pytest.fixture
def target(slapd: Slapd, proxy: Proxy) -> Iterator[LdapTarget]:
    with Directory(slapd.settings(url=proxy.url, timeout=2.0, retry_for=0.5)) as directory:
        yield a_target(directory)


CHANGES = {
    "add": create(a_pupil(2)),
    "modify": update(a_pupil(1), a_pupil(1, displayName="New")),
    "delete": delete(a_pupil(1)),
}


@pytest.mark.parametrize("operation", CHANGES)
def test_a_lost_reply_is_settled_by_reading_back(
    slapd: Slapd, proxy: Proxy, target: LdapTarget, operation: str
) -> None:
    filled(slapd, target, a_pupil(1))
    version = _versions(slapd)
    proxy.swallow(operation)
    done(target, CHANGES[operation])
    assert proxy.swallowed == 1
    assert len(_versions(slapd).items() ^ version.items()) <= 2, "one entry changed, once"
    assert _shown(target) == _after(operation)


def test_a_lost_reply_about_a_container_is_settled_too(slapd: Slapd, proxy: Proxy, target: LdapTarget) -> None:
    filled(slapd, target)
    assert PEOPLE not in slapd.entries()
    proxy.swallow("add")
    done(target, create(a_pupil(1)))
    proxy.swallow("add")
    done(target, create(a_pupil(2)))
    assert proxy.swallowed == 2
    assert slapd.can_log_in(KARI, PASSWORD)


def test_a_lost_reply_to_an_adoption_is_settled_too(slapd: Slapd, proxy: Proxy, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1))
    proxy.swallow("modify")
    new = a_pupil(7).key
    done(target, rekey(new, previous=a_pupil(1).key))
    assert new in target.read({}).records


def test_a_lost_reply_to_a_withdrawal_leaves_no_entry_behind(slapd: Slapd, proxy: Proxy, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1))
    twin = f"uid=twin,{PEOPLE}"
    slapd.add(twin, {n: sorted(v) for n, v in slapd.entries(KARI)[KARI].items()} | {"uid": ["twin"]})
    proxy.swallow("delete")
    done(target, withdraw(a_pupil(1)))
    assert proxy.swallowed == 1
    assert not {KARI, twin} & slapd.entries().keys()


@pytest.mark.parametrize("operation", CHANGES)
def test_a_lost_reply_that_cannot_be_read_back_is_unknown_and_the_next_run_settles_it(
    slapd: Slapd, proxy: Proxy, target: LdapTarget, operation: str
) -> None:
    filled(slapd, target, a_pupil(1))
    proxy.swallow(operation, Mode.CUT_AFTER_SWALLOW)
    with pytest.raises(TargetUnavailable):
        list(target.apply([CHANGES[operation]]))
    assert proxy.swallowed == 1
    proxy.mode = Mode.PASS
    done(target, CHANGES[operation])
    assert _shown(target) == _after(operation)


def test_a_server_that_dies_in_between_and_comes_back_needs_nobody(slapd: Slapd) -> None:
    again = threading.Thread(target=slapd.start)
    with Directory(slapd.settings(retry_for=20.0)) as directory:
        target = a_target(directory)
        filled(slapd, target)
        results = target.apply(create(a_pupil(number)) for number in range(20))
        applied = [next(results) for _ in range(10)]
        slapd.kill()
        again.start()
        applied.extend(results)
    again.join()
    assert [result.status for result in applied] == [Status.DONE] * 20
    assert len(slapd.entries(PEOPLE)) == 21


def test_a_server_that_stays_down_is_unavailable_and_the_next_run_finishes(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    changes = [create(a_pupil(number)) for number in range(20)]
    results = target.apply(changes)
    applied = [next(results) for _ in range(10)]
    slapd.kill()
    with pytest.raises(TargetUnavailable):
        next(results)
    slapd.start()
    held = target.read({}).records
    assert {result.change.key for result in applied} <= held.keys(), "what was reported as done is there"
    done(target, *changes)
    assert len(slapd.entries(PEOPLE)) == 21


def test_a_server_that_hangs_is_unavailable_within_the_time(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    slapd.pause()
    began = time.monotonic()
    with pytest.raises(TargetUnavailable):
        list(target.apply([create(a_pupil(1))]))
    with pytest.raises(TargetUnavailable):
        target.read({})
    assert time.monotonic() - began < 10
    slapd.resume()
    done(target, create(a_pupil(1)))


def test_a_slow_network_only_costs_time(slapd: Slapd, proxy: Proxy, target: LdapTarget) -> None:
    filled(slapd, target)
    proxy.delay, proxy.mode = 0.05, Mode.DELAY
    done(target, create(a_pupil(1)), update(a_pupil(1), a_pupil(1, cn="New")), withdraw(a_pupil(1, cn="New")))


def test_a_read_only_server_is_unavailable_at_the_first_write(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1))
    slapd.read_only(on=True)
    for change in (create(a_pupil(2)), disable(a_pupil(1)), withdraw(a_pupil(1))):
        with pytest.raises(TargetUnavailable, match="takes no writes"):
            list(target.apply([change]))
    assert target.read({}).records[a_pupil(1).key] == a_pupil(1)
    slapd.read_only(on=False)
    done(target, disable(a_pupil(1)))


def test_a_server_that_refuses_everything_is_unavailable_after_a_while(slapd: Slapd) -> None:
    """An account without rights: one refusal is about one change, twenty in a row are about the server."""
    nobody = f"cn=nobody,{slapd.suffix}"
    slapd.add(nobody, {"objectClass": ["device", "simpleSecurityObject"], "cn": "nobody", "userPassword": PASSWORD})
    slapd.allow_reading(nobody)
    with Directory(slapd.settings()) as directory:
        filled(slapd, a_target(directory), a_pupil(1))
    with Directory(slapd.settings(bind_dn=nobody, password=PASSWORD)) as directory:
        target = LdapTarget("feide", directory, LAYOUT, OnePassword())
        taken: list[Change] = []
        results: list[Result] = []
        with pytest.raises(TargetUnavailable, match="20 refusals in a row"):
            results.extend(target.apply(_noted(taken, 50)))
        assert len(taken) == 20
        assert {change.key for change in taken} & target.read({}).records.keys() == set()


def _noted(taken: list[Change], count: int) -> Iterator[Change]:
    for number in range(100, 100 + count):
        change = create(a_pupil(number))
        taken.append(change)
        yield change


def _versions(slapd: Slapd) -> dict[str, frozenset[str]]:
    return {dn: entry["entryCSN"] for dn, entry in slapd.entries("", ["entryCSN"]).items()}


def _shown(target: LdapTarget) -> dict[str, Record]:
    return {key.sourced_id: record for key, record in target.read({}).records.items() if key.kind == "account"}


def _after(operation: str) -> dict[str, Record]:
    pupils = {
        "add": [a_pupil(1), a_pupil(2)],
        "modify": [a_pupil(1, displayName="New")],
        "delete": [],
    }[operation]
    return {pupil.key.sourced_id: pupil for pupil in pupils}

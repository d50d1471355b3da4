"""The file and the server, side by side: the same runs leave the same entries."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provision.core.outcome import Status
from provision.core.plan import Change
from provision.core.state import Key, Kind, Record
from tests.builders import (
    BASE,
    DISTRICT,
    OTHER_SCHOOL,
    a_district,
    a_pupil,
    a_school,
    create,
    delete,
    disable,
    rekey,
    update,
    with_fields,
    withdraw,
)
from tests.contract.duties import AWKWARD, NAME_LENGTH
from tests.contract.factories import Bench, LdapBench, LdifBench, ldap, ldif

ORGS: dict[Key, Record] = {record.key: record for record in (a_district(), a_school(), a_school(OTHER_SCHOOL))}
DNS = {DISTRICT: BASE}


def _story() -> Iterator[Iterable[Change]]:
    """Runs in which everything happens that can happen to a directory."""
    named = [
        a_pupil(20 + at, uid=text[:NAME_LENGTH], cn=text, displayName=text) for at, text in enumerate(AWKWARD.values())
    ]
    moved = a_pupil(1, OTHER_SCHOOL, sn="Ny", norEduPersonBirthDate=None, eduPersonAffiliation=frozenset({"affiliate"}))
    yield [rekey(DISTRICT, handle=BASE)]
    yield [
        update(
            with_fields(Record(DISTRICT, {"o": "nordlys", "norEduOrgNIN": f"NO{DISTRICT.sourced_id}"})), a_district()
        )
    ]
    yield [create(a_school()), create(a_school(OTHER_SCHOOL))]
    yield [*map(create, (a_pupil(1), a_pupil(2), a_pupil(3), replace(a_pupil(4), active=False), *named))]
    yield [update(a_pupil(1), moved), disable(a_pupil(2)), delete(a_pupil(3)), withdraw(named[0])]
    yield [rekey(Key(Kind.ACCOUNT, "p99"), previous=moved.key), update(disable(a_pupil(2)).after, a_pupil(2))]
    yield [update(a_school(), a_school(ou="Nye skole, Ø+B", mail=None))]
    yield []


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[LdifBench, LdapBench]]:
    with ldif(tmp_path) as file, ldap(tmp_path) as server:
        yield file, server


def _content(bench: Bench) -> dict[str, dict[str, frozenset[str]]]:
    """All entries; of a password, whose salt is random, only that there is one."""
    return {
        dn: {name: frozenset({"one"}) if name == "userpassword" else values for name, values in attributes.items()}
        for dn, attributes in bench.entries().items()
    }


def test_a_file_and_a_server_hold_the_same_after_the_same_runs(both: tuple[LdifBench, LdapBench]) -> None:
    assert _content(both[0]) == _content(both[1])
    for number, changes in enumerate(map(list, _story()), 1):
        for bench in both:
            results = list(bench.target().apply(changes))
            assert [each.status for each in results] == [Status.DONE] * len(changes), [r.detail for r in results]
        assert _content(both[0]) == _content(both[1]), f"run {number}"
    assert both[0].target().read({}).records == both[1].target().read({}).records
    assert len(_content(both[0])) > 10


def test_ldapmodify_makes_of_the_change_records_what_the_file_holds(both: tuple[LdifBench, LdapBench]) -> None:
    file, server = both
    for number, changes in enumerate(map(list, _story()), 1):
        assert len(list(file.target().apply(changes))) == len(changes)
        server.slapd.ldapmodify(file.path.with_suffix(".changes.ldif"))
        assert file.entries() == server.entries(), f"run {number}"
    assert file.target().read({}).records == server.target().read({}).records

"""The `ldap` target on a real slapd: what is its own beside the contract of every target."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provision.core.outcome import Status
from provision.core.state import Key, Kind, fingerprint
from provision.directory import Directory
from provision.errors import TargetUnavailable
from provision.formats.entry import Shape
from provision.targets.ldap import LdapTarget
from tests.builders import (
    BASE,
    DISTRICT,
    LAYOUT,
    ORGS,
    OTHER_SCHOOL,
    PEOPLE,
    PERSON_SHAPE,
    REALM,
    SCHOOL,
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
from tests.canaries import NAME, NIN, PASSWORD
from tests.servers.feide import KARI, SECRET, a_server, a_target, done, filled, statuses
from tests.servers.slapd import Slapd, SlapdOptions


@pytest.fixture
def target(slapd: Slapd) -> Iterator[LdapTarget]:
    with Directory(slapd.settings()) as directory:
        yield a_target(directory)


def test_everything_written_is_read_back(slapd: Slapd, target: LdapTarget) -> None:
    held = filled(slapd, target, a_pupil(1), a_pupil(2, norEduPersonNIN=NIN))
    wanted = [a_district(), a_school(), a_school(OTHER_SCHOOL), a_pupil(1), a_pupil(2, norEduPersonNIN=NIN)]
    assert held == {record.key: record for record in wanted}


def test_only_what_is_not_as_expected_comes_with_content(slapd: Slapd, target: LdapTarget) -> None:
    held = filled(slapd, target, a_pupil(1), a_pupil(2))
    expected = {key: fingerprint(record, SECRET) for key, record in held.items()}
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Another"])})
    actual = target.read(expected)
    assert actual.records.keys() == {a_pupil(1).key}
    assert actual.unchanged == held.keys() - actual.records.keys()


def test_a_server_whose_schema_lacks_a_name_is_refused_before_anything_is_concluded(tmp_path: Path) -> None:
    lacking = frozenset({"norEduPersonLIN", "eduPersonEntitlement"})
    with a_server(tmp_path / "server", without=lacking) as server, Directory(server.settings()) as directory:
        target = a_target(directory)
        complaint = r"lacks attribute eduPersonEntitlement, attribute norEduPersonLIN; load the schemas"
        with pytest.raises(TargetUnavailable, match=complaint):
            target.read({})
        with pytest.raises(TargetUnavailable, match=complaint):
            target.names()
        with pytest.raises(TargetUnavailable, match=complaint):
            target.strangers()


def test_a_server_that_holds_another_base_is_refused(tmp_path: Path) -> None:
    with (
        Slapd(tmp_path / "server", SlapdOptions(suffix="dc=elsewhere")) as server,
        Directory(server.settings()) as directory,
        pytest.raises(TargetUnavailable, match=f"holds nothing at {BASE}"),
    ):
        a_target(directory).read({})


def test_a_base_without_an_entry_is_made_with_everything_above_the_people(tmp_path: Path) -> None:
    with a_server(tmp_path / "server", base_entry=False) as server:
        settings = server.settings(bind_dn=server.root_dn)
        with Directory(settings) as directory:
            target = a_target(directory)
            assert target.read({}).records == {}
            done(target, create(a_district()), create(a_school()), create(a_pupil()))
            assert target.read({}).records.keys() == {DISTRICT, SCHOOL, a_pupil().key}
        assert {ORGS, PEOPLE} <= server.entries().keys()


def test_a_new_account_gets_its_first_password_and_keeps_whatever_it_has_later(
    slapd: Slapd, target: LdapTarget
) -> None:
    held = filled(slapd, target, a_pupil())
    assert slapd.can_log_in(KARI, PASSWORD)
    assert all(value.startswith("{SSHA}") for value in slapd.entries(KARI)[KARI]["userPassword"])
    slapd.modify(KARI, {"userPassword": ("MODIFY_REPLACE", ["chosen by Kari"])})
    done(target, create(a_pupil()), update(held[a_pupil().key], a_pupil(displayName="Other")))
    assert slapd.can_log_in(KARI, "chosen by Kari")


def test_a_disabled_person_cannot_log_in_and_the_old_password_is_back_with_the_person(
    slapd: Slapd, target: LdapTarget
) -> None:
    filled(slapd, target, a_pupil())
    change = disable(a_pupil())
    done(target, change)
    assert not slapd.can_log_in(KARI, PASSWORD)
    assert target.read({}).records[change.key] == change.after
    done(target, update(change.after, a_pupil()))
    assert slapd.can_log_in(KARI, PASSWORD)


def test_a_lock_of_the_servers_own_is_not_taken_for_ours_and_ours_replaces_it(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    slapd.modify(KARI, {"pwdAccountLockedTime": ("MODIFY_REPLACE", ["20260817120000Z"])})
    assert target.read({}).records[a_pupil().key].active
    done(target, disable(a_pupil()))
    assert not target.read({}).records[a_pupil().key].active


def test_an_account_made_inactive_cannot_log_in(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, replace(a_pupil(), active=False))
    assert not slapd.can_log_in(KARI, PASSWORD)


def test_what_somebody_else_changed_since_it_was_read_is_not_overwritten(slapd: Slapd, target: LdapTarget) -> None:
    before = filled(slapd, target, a_pupil())[a_pupil().key]
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Theirs"])})
    [result] = target.apply([update(before, a_pupil(displayName="Ours", cn="Ours"))])
    assert result.status is Status.STALE
    assert "changed" in result.detail
    assert slapd.entries(KARI)[KARI]["displayName"] == {"Theirs"}
    assert slapd.entries(KARI)[KARI]["cn"] == {before.fields["cn"]}


def test_what_we_do_not_manage_may_change_meanwhile(slapd: Slapd, target: LdapTarget) -> None:
    before = filled(slapd, target, a_pupil())[a_pupil().key]
    slapd.modify(KARI, {"telephoneNumber": ("MODIFY_ADD", ["12345678"]), "norEduPersonLIN": ("MODIFY_ADD", ["x:1"])})
    done(target, update(before, a_pupil(displayName="Ours")))
    entry = slapd.entries(KARI)[KARI]
    assert entry["displayName"] == {"Ours"}
    assert entry["telephoneNumber"] == {"12345678"}
    assert entry["norEduPersonLIN"] == {f"{REALM}:localnin:p1", "x:1"}


def test_an_account_that_somebody_enabled_again_is_not_deleted(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, replace(a_pupil(), active=False))
    slapd.modify(KARI, {"pwdAccountLockedTime": ("MODIFY_DELETE", [])})
    assert statuses(target, delete(replace(a_pupil(), active=False))) == [Status.STALE]
    assert KARI in slapd.entries()


def test_a_change_planned_from_an_older_look_is_checked_against_the_directory(slapd: Slapd, target: LdapTarget) -> None:
    before = filled(slapd, target, a_pupil())[a_pupil().key]
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Theirs"])})
    target.read({})
    assert statuses(target, update(before, a_pupil(displayName="Ours"))) == [Status.STALE]


def test_every_change_can_be_carried_out_by_a_target_that_has_read_nothing(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1), a_pupil(2), a_pupil(3))
    with Directory(slapd.settings()) as directory:
        fresh = a_target(directory)
        done(fresh, create(a_school()), update(a_pupil(1), a_pupil(1, cn="New")), withdraw(a_pupil(2)))
        done(fresh, disable(a_pupil(3)))
    held = target.read({}).records
    assert held[a_pupil(1).key] == a_pupil(1, cn="New")
    assert a_pupil(2).key not in held
    assert not held[a_pupil(3).key].active


def test_whoever_is_gone_already_is_gone_and_cannot_be_updated(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1), a_pupil(2), a_pupil(3))
    for number in (1, 2, 3):
        slapd.delete(f"uid=pup0000{number},{PEOPLE}")
    changes = withdraw(a_pupil(1)), delete(a_pupil(2)), update(a_pupil(3), a_pupil(3, cn="x"))
    assert statuses(target, *changes) == [Status.DONE, Status.DONE, Status.STALE]


def test_a_protected_person_is_taken_out_whatever_happened_to_the_entry(slapd: Slapd, target: LdapTarget) -> None:
    before = filled(slapd, target, a_pupil())[a_pupil().key]
    slapd.modify(KARI, {"displayName": ("MODIFY_REPLACE", ["Theirs"])})
    done(target, withdraw(before))
    assert KARI not in slapd.entries()


def test_an_entry_that_was_moved_is_found_by_its_id(slapd: Slapd, target: LdapTarget) -> None:
    before = filled(slapd, target, a_pupil())[a_pupil().key]
    slapd.add(f"ou=moved,{BASE}", {"objectClass": ["organizationalUnit"], "ou": "moved"})
    with slapd.admin() as connection:
        connection.modify_dn(KARI, "uid=pup00001", new_superior=f"ou=moved,{BASE}")
    done(target, update(before, a_pupil(displayName="Ours")))
    moved = f"uid=pup00001,ou=moved,{BASE}"
    assert slapd.entries(moved)[moved]["displayName"] == {"Ours"}


def test_an_entry_made_by_others_is_never_taken_for_ours(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    slapd.add(PEOPLE, {"objectClass": ["organizationalUnit"], "ou": "people"})
    theirs = {"objectClass": ["inetOrgPerson"], "uid": "pup00001", "cn": "Theirs", "sn": "Theirs"}
    slapd.add(KARI, theirs | {"userPassword": "theirs"})
    [result] = target.apply([create(a_pupil())])
    assert (result.status, "provision adopt" in result.detail) == (Status.REJECTED, True)
    assert slapd.can_log_in(KARI, "theirs")
    assert slapd.entries(KARI)[KARI]["cn"] == {"Theirs"}


def test_a_second_entry_for_one_person_is_not_made(slapd: Slapd, target: LdapTarget) -> None:
    """Whoever plans without having looked: the id decides, not the username."""
    filled(slapd, target, a_pupil())
    other_name = a_pupil(uid="another", eduPersonPrincipalName=f"another@{REALM}")
    with Directory(slapd.settings()) as directory:
        done(a_target(directory), create(other_name))
    assert [dn for dn in slapd.entries(PEOPLE) if dn != PEOPLE] == [KARI]


def test_adoption_writes_the_id_and_nothing_else(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    dn = f"uid=kari,{PEOPLE}"
    slapd.add(PEOPLE, {"objectClass": ["organizationalUnit"], "ou": "people"})
    theirs = {"objectClass": ["inetOrgPerson", "norEduPerson"], "uid": "kari", "cn": "Kari", "sn": "P"}
    slapd.add(dn, theirs | {"userPassword": "theirs", "norEduPersonLIN": "other.no:x:1"})
    before = slapd.entries(dn, ["*", "entryUUID"])[dn]
    [stranger] = [s for s in target.strangers() if s.kind is Kind.ACCOUNT]
    change = rekey(a_pupil().key, handle=stranger.handle)
    done(target, change, change)
    after = slapd.entries(dn, ["*", "entryUUID"])[dn]
    ours = {"norEduPersonLIN": before["norEduPersonLIN"] | {f"{REALM}:localnin:p1"}}
    assert after == before | ours | {"objectClass": before["objectClass"] | PERSON_SHAPE.object_classes}
    assert slapd.can_log_in(dn, "theirs")
    assert a_pupil().key in target.read({}).records


def test_a_changed_id_stays_with_its_entry(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil(1), a_pupil(2))
    new = Key(Kind.ACCOUNT, "p1-new")
    change = rekey(new, previous=a_pupil(1).key)
    done(target, change, change)
    held = target.read({}).records
    assert held[new].fields["uid"] == "pup00001"
    assert a_pupil(1).key not in held
    [result] = target.apply([rekey(new, previous=a_pupil(2).key)])
    assert (result.status, "another entry" in result.detail) == (Status.REJECTED, True)


def test_two_entries_with_one_id_are_shown_and_neither_is_touched(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    entry = {name: sorted(values) for name, values in slapd.entries(KARI)[KARI].items()}
    twin = f"uid=twin,{PEOPLE}"
    slapd.add(twin, entry | {"uid": ["twin"], "eduPersonPrincipalName": [f"twin@{REALM}"]})
    record = target.read({}).records[a_pupil().key]
    untouched = slapd.entries()
    assert target.ambiguous.keys() == {a_pupil().key}
    changes = update(record, with_fields(record, cn="x")), disable(record), delete(record), create(a_pupil())
    results = list(target.apply(changes))
    assert [result.status for result in results] == [Status.REJECTED] * 4
    assert "several entries" in results[0].detail
    with Directory(slapd.settings()) as directory:
        assert statuses(a_target(directory), disable(record)) == [Status.REJECTED]
    assert slapd.entries() == untouched
    done(target, withdraw(record))
    assert not {KARI, twin} & slapd.entries().keys()
    done(target, create(a_pupil()))


def test_a_value_that_is_no_text_stops_its_record_only_until_it_is_withdrawn(tmp_path: Path) -> None:
    photographed: Shape = replace(PERSON_SHAPE, fields=PERSON_SHAPE.fields | {"jpegPhoto"})
    layout = replace(LAYOUT, shapes=(*LAYOUT.shapes[:2], photographed))
    with a_server(tmp_path / "server") as server, Directory(server.settings()) as directory:
        filled(server, a_target(directory), a_pupil(1), a_pupil(2))
        with server.admin() as connection:
            connection.modify(KARI, {"jpegPhoto": [("MODIFY_ADD", [b"\xff\xd8\xff"])]})
        target = LdapTarget("feide", directory, layout, secret=SECRET)
        held = target.read({}).records
        assert held[a_pupil(2).key] == a_pupil(2)
        assert target.ambiguous == {
            a_pupil(1).key: "jpegPhoto holds something that is not UTF-8; mend it in the directory"
        }
        assert statuses(target, update(held[a_pupil(1).key], a_pupil(1))) == [Status.REJECTED]
        done(target, withdraw(held[a_pupil(1).key]))
        assert KARI not in server.entries()
        assert target.read({}).records.keys() == held.keys() - {a_pupil(1).key}


def test_a_refused_change_stops_itself_only_and_says_nothing_about_the_person(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target)
    refused = create(a_pupil(1, norEduPersonBirthDate=NAME, sn=NAME, norEduPersonNIN=NIN))
    dangling = create(a_pupil(2, school=Key(Kind.ORG, "never made")))
    results = list(target.apply([refused, dangling, create(a_pupil(3))]))
    assert [result.status for result in results] == [Status.REJECTED, Status.REJECTED, Status.DONE]
    assert "norEduPersonBirthDate" in results[0].detail
    said = " ".join(result.detail for result in results)
    assert not any(secret in said for secret in (NAME, NIN, PASSWORD, "pup0000"))


def test_a_reference_outside_is_left_as_it_is(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    outside = f"ou=outside,{BASE}"
    slapd.modify(KARI, {"eduPersonOrgUnitDN": ("MODIFY_ADD", [outside])})
    before = target.read({}).records[a_pupil().key]
    assert before.fields["eduPersonOrgUnitDN"] == {SCHOOL, outside}
    done(target, update(before, with_fields(before, eduPersonOrgUnitDN=frozenset({OTHER_SCHOOL, outside}))))
    held = slapd.entries(KARI)[KARI]["eduPersonOrgUnitDN"]
    assert held == {f"norEduOrgUnitUniqueIdentifier=NO{OTHER_SCHOOL.sourced_id},{ORGS}", outside}


def test_names_are_everybodys(slapd: Slapd, target: LdapTarget) -> None:
    filled(slapd, target, a_pupil())
    theirs = {"objectClass": ["inetOrgPerson", "eduPerson"], "uid": ["Theirs", "alias"], "cn": "x", "sn": "x"}
    slapd.add(f"uid=Theirs,{BASE}", theirs | {"eduPersonPrincipalName": f"Principal@{REALM}"})
    assert target.names() == {"pup00001": a_pupil().key, "theirs": None, "alias": None, "principal": None}

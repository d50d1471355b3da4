"""What only the LDIF target does; what every target does is in tests/contract."""

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.state import Key, Kind, fingerprint
from provision.errors import TargetUnavailable
from provision.formats.ldif import read_entries
from provision.targets.ldif import LdifTarget
from tests.builders import (
    BASE,
    DISTRICT,
    LAYOUT,
    ORGS,
    PEOPLE,
    REALM,
    SCHOOL,
    OnePassword,
    a_district,
    a_pupil,
    a_school,
    create,
    delete,
    disable,
    rekey,
    update,
    withdraw,
)

SECRET = b"0123456789abcdef"
ORG_CHANGES: list[Change] = [create(a_district()), create(a_school())]
STRANGER = (
    f"\ndn: uid=pup00001,{PEOPLE}\nobjectClass: inetOrgPerson\nuid: pup00001\nuid: alias\ncn: Kari\nsn: P\n"
    f"eduPersonPrincipalName: Pup1@{REALM}\nuserPassword:: e1NTSEF9eA==\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "feide.ldif"


def _target(path: Path) -> LdifTarget:
    return LdifTarget("feide", path, LAYOUT, OnePassword(), SECRET)


def _apply(path: Path, *changes: Change) -> list[Result]:
    return list(_target(path).apply(changes))


def _done(path: Path, *changes: Change) -> None:
    results = _apply(path, *changes)
    assert [result.status for result in results] == [Status.DONE] * len(changes), [r.detail for r in results]


def _entry(path: Path, dn: str) -> dict[str, frozenset[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape") as fh:
        return dict(dict(read_entries(fh))[dn])


def _append(path: Path, ldif: str) -> None:
    with path.open("a") as fh:
        fh.write(ldif)


@pytest.fixture
def filled(path: Path) -> Path:
    """The file with both orgs and one pupil."""
    _done(path, *ORG_CHANGES, create(a_pupil()))
    return path


def test_containers_are_made_as_needed(filled: Path) -> None:
    assert _entry(filled, PEOPLE) == {"objectClass": {"organizationalUnit"}, "ou": {"people"}}
    assert _entry(filled, ORGS)["ou"] == {"organization"}


def test_the_changes_of_the_latest_run_lie_beside_the_file(filled: Path) -> None:
    changes = filled.with_suffix(".changes.ldif")
    target = _target(filled)
    list(target.apply([update(a_pupil(), a_pupil(sn="Ny"))]))
    list(target.apply([delete(a_pupil(sn="Ny"))]))
    assert changes.read_text() == (
        "# 2 changes to feide.ldif by the latest run\nversion: 1\n\n"
        f"dn: uid=pup00001,{PEOPLE}\nchangetype: modify\ndelete: sn\nsn:: UHLDuHZlMQ==\n-\nadd: sn\nsn: Ny\n-\n\n"
        f"dn: uid=pup00001,{PEOPLE}\nchangetype: delete\n"
    )
    list(_target(filled).apply([]))
    assert changes.read_text() == "# 0 changes to feide.ldif by the latest run\nversion: 1\n"


def test_entries_and_attributes_of_others_survive_to_the_octet(filled: Path) -> None:
    photo = b64encode(bytes(range(256))).decode()
    _append(filled, f"\ndn: cn=Tjeneste\\, ekstern,{BASE}\nobjectClass: device\ncn: Tjeneste, ekstern\n")
    _append(
        filled, f"\ndn: uid=theirs,{PEOPLE}\nobjectClass: account\nuid: theirs\njpegPhoto:: {photo}\ncn;lang-nb: x\n"
    )
    before = [_entry(filled, dn) for dn in (f"cn=Tjeneste\\, ekstern,{BASE}", f"uid=theirs,{PEOPLE}")]
    password = _entry(filled, f"uid=pup00001,{PEOPLE}")["userPassword"]
    _done(filled, update(a_pupil(), a_pupil(sn="Ny")))
    assert [_entry(filled, dn) for dn in (f"cn=Tjeneste\\, ekstern,{BASE}", f"uid=theirs,{PEOPLE}")] == before
    assert before[1]["jpegPhoto"] == {bytes(range(256)).decode("utf-8", "surrogateescape")}
    assert _entry(filled, f"uid=pup00001,{PEOPLE}")["userPassword"] == password


def test_a_reference_to_an_entry_further_down_is_understood(filled: Path) -> None:
    head, *entries = filled.read_text().split("\n\n")
    filled.write_text("\n\n".join([head, *(entry.strip() for entry in reversed(entries))]) + "\n")
    assert _target(filled).read({}).records == {r.key: r for r in (a_district(), a_school(), a_pupil())}
    _done(filled, update(a_pupil(), a_pupil(sn="Ny")))


def test_only_what_is_not_as_expected_is_handed_back(filled: Path) -> None:
    expected = {record.key: fingerprint(record, SECRET) for record in (a_school(), a_pupil(sn="Other"))}
    actual = _target(filled).read(expected)
    assert actual.unchanged == {SCHOOL}
    assert actual.records.keys() == {DISTRICT, a_pupil().key}


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [("\ndn: cn=secret\nsecret\n", "line "), (f"\ndn: {PEOPLE.upper()}\nou: secret\n", "DN of an earlier one")],
)
def test_a_damaged_file_is_left_alone_and_its_place_named(filled: Path, damage: str, complaint: str) -> None:
    _append(filled, damage)
    before = filled.read_bytes()
    with pytest.raises(TargetUnavailable, match=f"feide.ldif.*{complaint}") as caught:
        _apply(filled, create(a_pupil(2)))
    assert "secret" not in str(caught.value)
    assert filled.read_bytes() == before


def _only(path: Path, change: Change) -> tuple[Status, str]:
    """What becomes of the change, which must not change the file."""
    before = path.read_bytes()
    (result,) = _apply(path, change)
    assert path.read_bytes() == before
    return result.status, result.detail


def test_nobody_writes_to_an_id_that_two_entries_carry(filled: Path) -> None:
    _append(filled, f"\ndn: uid=twin,{PEOPLE}\nobjectClass: person\nnorEduPersonLIN: {REALM}:localnin:p1\n")
    actual = _target(filled).read({})
    assert actual.records[a_pupil().key] == a_pupil()
    assert actual.ambiguous == {a_pupil().key: "several entries carry this id; leave it on the right one only"}
    for change in (update(a_pupil(), a_pupil(sn="Ny")), delete(a_pupil()), create(a_pupil())):
        assert _only(filled, change) == (
            Status.REJECTED,
            "several entries carry this id; leave it on the right one only",
        )


class NoPasswords:
    """Must not be asked."""

    def first(self, key: Key) -> str | None:
        raise AssertionError(f"a password for {key}, which has an account or needs none")


def test_only_a_new_account_takes_a_password(filled: Path) -> None:
    target = LdifTarget("feide", filled, LAYOUT, NoPasswords(), SECRET)
    assert [result.status for result in target.apply([create(a_pupil()), create(a_school())])] == [Status.DONE] * 2
    with pytest.raises(AssertionError, match="account:p2"):
        list(target.apply([create(a_pupil(2))]))


def test_a_new_record_does_not_take_the_entry_of_another(filled: Path) -> None:
    assert _only(filled, create(a_pupil(2, uid="pup00001")))[0] is Status.REJECTED


def test_nothing_is_made_without_a_base(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    person = a_pupil(eduPersonOrgDN=None, eduPersonOrgUnitDN=None, eduPersonPrimaryOrgUnitDN=None)
    assert _only(path, create(person)) == (Status.REJECTED, f"the base entry {BASE} does not exist")


def test_an_entry_with_others_below_it_is_not_deleted(filled: Path) -> None:
    _append(filled, f"\ndn: cn=below,uid=pup00001,{PEOPLE}\nobjectClass: device\ncn: below\n")
    for change in (withdraw(a_pupil()), delete(a_pupil())):
        assert _only(filled, change) == (Status.REJECTED, "the entry has others below it")


def test_what_refers_to_an_org_that_is_not_there_is_refused(filled: Path) -> None:
    change = create(a_pupil(2, eduPersonPrimaryOrgUnitDN=Key(Kind.ORG, "000")))
    assert _only(filled, change) == (Status.REJECTED, "it refers to org:000, which has no entry yet")


def _strange(path: Path) -> None:
    _done(path, *ORG_CHANGES, create(a_pupil(2)), delete(a_pupil(2)))
    _append(path, STRANGER)


def test_a_stranger_is_found_adopted_and_only_then_ours(path: Path) -> None:
    _strange(path)
    dn = f"uid=pup00001,{PEOPLE}"
    target = _target(path)
    (stranger,) = target.strangers()
    assert (stranger.handle, stranger.kind, stranger.usernames) == (dn, Kind.ACCOUNT, ("alias", "pup00001"))
    assert target.names() == {"alias": None, "pup00001": None, "pup1": None}
    assert _only(path, create(a_pupil()))[1] == "an entry made by others has this DN; run `provision adopt`"

    before = _entry(path, dn)
    adopt = rekey(a_pupil().key, handle=stranger.handle.upper())
    _done(path, adopt, adopt)
    after = _entry(path, dn)
    assert {name for name in after if after[name] != before.get(name)} == {"objectClass", "norEduPersonLIN"}
    assert target.strangers() == []
    assert target.names() == {"alias": a_pupil().key, "pup00001": a_pupil().key, "pup1": a_pupil().key}
    found = target.read({}).records[a_pupil().key]
    _done(path, update(found, replace(a_pupil(), fields={**a_pupil().fields, "uid": found.fields["uid"]})))
    assert _entry(path, dn)["userPassword"] == before["userPassword"]


def test_an_id_that_the_source_changed_follows(filled: Path) -> None:
    new = Key(Kind.ACCOUNT, "p9")
    change = rekey(new, previous=a_pupil().key)
    _done(filled, change)
    _done(filled, change)
    assert _target(filled).read({}).records.keys() == {DISTRICT, SCHOOL, new}


def test_an_id_is_not_given_to_a_second_entry(filled: Path) -> None:
    _done(filled, create(a_pupil(2)))
    _append(filled, STRANGER.replace("pup00001", "theirs"))
    taken = "another entry carries this id already"
    assert _only(filled, rekey(a_pupil().key, previous=a_pupil(2).key)) == (Status.REJECTED, taken)
    assert _only(filled, rekey(a_pupil().key, handle=f"uid=theirs,{PEOPLE}")) == (Status.REJECTED, taken)


def test_an_entry_that_another_record_has_by_now_is_not_taken(filled: Path) -> None:
    change = rekey(Key(Kind.ACCOUNT, "p9"), handle=f"uid=pup00001,{PEOPLE}")
    assert _only(filled, change) == (Status.STALE, "the entry has another id by now")
    for handle, previous in (("uid=nobody", None), ("", Key(Kind.ACCOUNT, "p8"))):
        gone = rekey(Key(Kind.ACCOUNT, "p9"), handle=handle, previous=previous)
        assert _only(filled, gone)[0] is Status.STALE


def test_what_somebody_changed_since_is_not_written_over(filled: Path) -> None:
    seen = a_pupil()
    _done(filled, update(seen, a_pupil(sn="Theirs")))
    for change in (update(seen, a_pupil(sn="Ours")), disable(seen), delete(seen)):
        assert _only(filled, change)[0] is Status.STALE
    _done(filled, withdraw(seen))


def test_a_change_to_what_is_gone_is_stale(filled: Path) -> None:
    _done(filled, delete(a_pupil()))
    for change in (update(a_pupil(), a_pupil(sn="Ny")), disable(a_pupil())):
        assert _only(filled, change)[0] is Status.STALE

"""What only directories do: others keep entries there as well, people log in, several entries may carry one id."""

from collections.abc import Iterator

import pytest

from provision.core.dn import child, normal, parse_dn
from provision.core.outcome import Status
from provision.core.state import Key, Kind
from provision.formats.operations import add
from tests.builders import (
    BASE,
    DISTRICT,
    LAYOUT,
    PEOPLE,
    PERSON_SHAPE,
    a_pupil,
    create,
    delete,
    disable,
    rekey,
    update,
    with_fields,
    withdraw,
)
from tests.canaries import NAME, NIN, PASSWORD
from tests.contract.duties import done, fill, only, read, state
from tests.contract.factories import DIRECTORIES, DirectoryBench

DNS = {DISTRICT: BASE}


@pytest.fixture(params=DIRECTORIES, scope="module")
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryBench]:
    with DIRECTORIES[request.param](tmp_path_factory.mktemp(request.param)) as bench:
        yield bench


@pytest.fixture
def bench(opened: DirectoryBench) -> DirectoryBench:
    opened.clear()
    return opened


@pytest.fixture
def filled(bench: DirectoryBench) -> DirectoryBench:
    """The orgs and two pupils are there."""
    fill(bench, a_pupil(1), a_pupil(2))
    return bench


def _dn(number: int) -> str:
    return f"uid=pup{number:05},{PEOPLE}"


def test_01_the_base_that_others_made_may_be_adopted(bench: DirectoryBench) -> None:
    assert [stranger.handle for stranger in bench.target().strangers()] == [BASE]


def test_04_an_adoption_made_twice_ends_the_same(filled: DirectoryBench) -> None:
    adoption = rekey(Key(Kind.ACCOUNT, "p9"), handle=_put_stranger(filled))
    before = filled.entries()
    done(filled, adoption)
    once = filled.entries()
    assert once != before
    done(filled, adoption)
    assert filled.entries() == once


def test_05_a_password_that_the_pupil_chose_is_left_alone(filled: DirectoryBench) -> None:
    filled.set(normal(_dn(1)), "userPassword", "chosen by the pupil")
    changed = a_pupil(1, sn="Ny")
    done(filled, update(a_pupil(1), changed))
    assert filled.can_log_in(_dn(1), "chosen by the pupil")


def _put_stranger(bench: DirectoryBench, uid: str = "theirs") -> str:
    """An entry that somebody else made."""
    dn = child("uid", uid, PEOPLE)
    entry = add(with_fields(a_pupil(7), uid=uid, eduPersonOrgUnitDN=None, eduPersonPrimaryOrgUnitDN=None), LAYOUT, DNS)
    attributes = {name: values for name, values in entry.attributes.items() if name != PERSON_SHAPE.id_attribute}
    bench.put(dn, {**attributes, "userPassword": frozenset({"theirs"})})
    return dn


def test_06_entries_without_our_id_are_seen_by_nobody_but_adopt(filled: DirectoryBench) -> None:
    dn = _put_stranger(filled, "pup00003")
    before = filled.entries()[normal(dn)]
    assert read(filled) == state(filled, a_pupil(1), a_pupil(2))
    assert filled.target().names() == {
        "pup00001": a_pupil(1).key,
        "pup00002": a_pupil(2).key,
        "pup00003": None,
        "pup00007": None,
    }
    (stranger,) = filled.target().strangers()
    assert (stranger.handle, stranger.usernames, stranger.birth_date) == (dn, ("pup00003",), "20150817")

    refused = only(filled, create(a_pupil(3)))
    assert (refused.status, refused.detail) == (
        Status.REJECTED,
        "an entry made by others has this DN; run `provision adopt`",
    )
    assert only(filled, delete(a_pupil(3))).status is Status.DONE
    assert only(filled, update(a_pupil(3), a_pupil(3, sn="Ny"))).status in (Status.STALE, Status.REJECTED)
    assert filled.entries()[normal(dn)] == before


def test_06_an_adopted_entry_keeps_all_but_its_id(filled: DirectoryBench) -> None:
    dn = _put_stranger(filled)
    before = filled.entries()[normal(dn)]
    done(filled, rekey(Key(Kind.ACCOUNT, "p9"), handle=dn))
    after = filled.entries()[normal(dn)]
    assert {name for name in after.keys() | before.keys() if after.get(name) != before.get(name)} == {"noredupersonlin"}
    assert filled.target().strangers() == []
    assert filled.target().names()["theirs"] == Key(Kind.ACCOUNT, "p9")
    assert filled.can_log_in(dn, "theirs")


def test_07_a_disabled_person_cannot_log_in(filled: DirectoryBench) -> None:
    assert filled.can_log_in(_dn(1), PASSWORD)
    done(filled, disable(a_pupil(1)))
    assert not filled.can_log_in(_dn(1), PASSWORD)
    assert filled.can_log_in(_dn(2), PASSWORD)


def test_08_whoever_comes_back_has_the_same_password(filled: DirectoryBench) -> None:
    gone = disable(a_pupil(1))
    done(filled, gone)
    done(filled, update(gone.after, a_pupil(1)))
    assert filled.can_log_in(_dn(1), PASSWORD)


def _put_double(bench: DirectoryBench, dn: str, *ids: str) -> None:
    """Somebody else's copy of the first pupil's entry, with these ids."""
    own = parse_dn(dn)[0][0][1]
    held = add(a_pupil(1, uid=own, eduPersonOrgUnitDN=None, eduPersonPrimaryOrgUnitDN=None), LAYOUT, DNS)
    bench.put(dn, {**held.attributes, PERSON_SHAPE.id_attribute: frozenset(ids)})


_ID = PERSON_SHAPE.id_prefix
_DOUBLES = {
    child("uid", "twin", PEOPLE): (f"{_ID}p1",),
    child("uid", "below", _dn(1)): (f"{_ID.upper()}p1", "elsewhere.no:localnin:p0"),
    child("uid", "merged", PEOPLE): (f"{_ID}p0", f"{_ID}p1"),
}
_OTHERS = {child("uid", "longer", PEOPLE): (f"{_ID}p11",), child("uid", "cased", PEOPLE): (f"{_ID}P1",)}


@pytest.fixture
def doubled(filled: DirectoryBench) -> DirectoryBench:
    """The first pupil's id is on further entries, and others have nearly the same."""
    for dn, ids in (_DOUBLES | _OTHERS).items():
        _put_double(filled, dn, *ids)
    return filled


def test_09_a_withdrawal_takes_out_every_entry_that_carries_the_id(doubled: DirectoryBench) -> None:
    before = doubled.entries()
    done(doubled, withdraw(a_pupil(1)))
    after = doubled.entries()
    assert before.keys() - after.keys() == {normal(dn) for dn in (_dn(1), *_DOUBLES)}
    assert all(after[dn] == before[dn] for dn in after)
    done(doubled, withdraw(a_pupil(1)))
    assert doubled.entries() == after


def test_09_an_entry_that_cannot_go_keeps_none_of_the_others_back(doubled: DirectoryBench) -> None:
    theirs = child("cn", "theirs", _dn(1))
    doubled.put(theirs, {"objectClass": frozenset({"device"}), "cn": frozenset({"theirs"})})
    before = doubled.entries()
    (result,) = doubled.target().apply([withdraw(a_pupil(1))])
    assert (result.status, "others below" in result.detail) == (Status.REJECTED, True)
    assert before.keys() - doubled.entries().keys() == {normal(dn) for dn in _DOUBLES}


def test_09_whatever_else_is_asked_of_an_id_that_several_entries_carry_is_refused(doubled: DirectoryBench) -> None:
    one = a_pupil(1)
    follow = rekey(Key(Kind.ACCOUNT, "p9"), previous=one.key)
    for change in (create(one), update(one, a_pupil(1, sn="Ny")), disable(one), delete(one), follow):
        refused = only(doubled, change)
        assert (refused.status, "several entries" in refused.detail) == (Status.REJECTED, True), change


def test_17_no_message_about_a_stranger_holds_a_person(filled: DirectoryBench) -> None:
    _put_stranger(filled, "pup00005")
    (result,) = filled.target().apply([create(a_pupil(5, displayName=NAME, cn=NAME, norEduPersonNIN=NIN))])
    assert (result.status, bool(result.detail)) == (Status.REJECTED, True)
    assert not [canary for canary in (NAME, NIN, PASSWORD) if canary in f"{result.detail} {result!r}"]

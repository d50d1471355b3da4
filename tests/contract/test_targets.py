"""What every target does, on the real thing it writes to.

The numbers are those of the duties of a target. Empty groups, dangling members and members' roles (10 to 12) are
not among them here: a Feide directory holds no group records, its groups are entitlements on people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from provision import wiring
from provision.core.dn import child, normal, parse_dn
from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.state import Key, Kind, Record, State, fingerprint, same
from provision.errors import TargetUnavailable
from provision.formats.operations import add
from tests.builders import (
    BASE,
    DISTRICT,
    LAYOUT,
    MEMBERSHIPS,
    OTHER_SCHOOL,
    PEOPLE,
    PERSON_SHAPE,
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
from tests.contract.factories import SECRET, TARGETS, Bench

ORGS: dict[Key, Record] = {record.key: record for record in (a_district(), a_school(), a_school(OTHER_SCHOOL))}
AWKWARD = {
    "apostrophe": "Åse D'Arcy, Ø+B",
    "hash": "#Kari",
    "trailing blanks": "Kari  ",
    "filter": "*)(uid=*",
    "quotes": '"Kari" <x>; y=z\\',
    "long": "Kari Å" * 40,
    "several lines": "Kari\r\nPrøve",
    "Sámi": "Áŋgel Čáhppe Đŧ",
}
DNS = {DISTRICT: BASE}
_NAME_LENGTH = 100  # OpenLDAP keeps a naming value, as written and normalised, in 511 octets


@pytest.fixture(params=TARGETS, scope="module")
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with TARGETS[request.param](tmp_path_factory.mktemp(request.param)) as bench:
        yield bench


@pytest.fixture
def bench(opened: Bench) -> Bench:
    opened.clear()
    return opened


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """The orgs and two pupils are there."""
    _fill(bench, a_pupil(1), a_pupil(2))
    return bench


def _dn(number: int) -> str:
    return f"uid=pup{number:05},{PEOPLE}"


def _state(*people: Record) -> dict[Key, Record]:
    return ORGS | {record.key: record for record in people}


def _done(bench: Bench, *changes: Change) -> None:
    results = list(bench.target().apply(changes))
    assert len(results) == len(changes) > 0
    assert {result.status for result in results} == {Status.DONE}, [result.detail for result in results]


def _only(bench: Bench, change: Change) -> Result:
    """What becomes of a change that must change nothing."""
    before = bench.entries()
    (result,) = bench.target().apply([change])
    assert bench.entries() == before
    return result


def _read(bench: Bench) -> State:
    return bench.target().read({}).records


def _needed(bench: Bench, wanted: State) -> list[Change]:
    """What the directory lacks of this, orgs first."""
    actual = _read(bench)
    changes: list[Change] = []
    for key, after in sorted(wanted.items(), key=lambda each: each[0].kind is not Kind.ORG):
        if key not in actual:
            changes.append(create(after))
        elif not same(actual[key], after):
            changes.append(update(actual[key], after))
    return changes


def _fill(bench: Bench, *people: Record) -> None:
    """The base entry becomes the district's, and the rest of what a run would make."""
    _done(bench, rekey(DISTRICT, handle=BASE))
    _done(bench, *_needed(bench, ORGS))
    if people:
        _done(bench, *map(create, people))


def test_no_target_escapes_the_contract() -> None:
    assert TARGETS.keys() == wiring.TARGETS.keys()


def test_01_a_directory_of_others_is_empty_to_begin_with(bench: Bench) -> None:
    actual = bench.target().read({a_pupil().key: b"expected"})
    assert (dict(actual.records), set(actual.unchanged)) == ({}, set())
    assert bench.target().names() == {}
    assert [stranger.handle for stranger in bench.target().strangers()] == [BASE]


def test_02_what_was_applied_reads_back_exactly(filled: Bench) -> None:
    assert _read(filled) == _state(a_pupil(1), a_pupil(2))
    after = a_pupil(
        1, OTHER_SCHOOL, sn="Ny", mail=None, norEduPersonBirthDate=None, eduPersonEntitlement=frozenset({"a", "A"})
    )
    _done(filled, update(a_pupil(1), after))
    assert _read(filled) == _state(after, a_pupil(2))


def test_03_nothing_is_left_to_do(filled: Bench) -> None:
    wanted = _state(a_pupil(1), a_pupil(2))
    assert _needed(filled, wanted) == []
    expected = {key: fingerprint(record, SECRET) for key, record in wanted.items()}
    actual = filled.target().read(expected)
    assert (set(actual.unchanged), dict(actual.records)) == (set(wanted), {})
    stale = filled.target().read(expected | {a_pupil(1).key: b"other"})
    assert dict(stale.records) == {a_pupil(1).key: a_pupil(1)}


CHANGES: dict[str, Change] = {
    "create": create(a_pupil(3)),
    "create inactive": create(replace(a_pupil(3), active=False)),
    "update": update(a_pupil(1), a_pupil(1, OTHER_SCHOOL, sn="Ny", norEduPersonBirthDate=None)),
    "disable": disable(a_pupil(1)),
    "withdraw": withdraw(a_pupil(1)),
    "delete": delete(a_pupil(1)),
    "rekey": rekey(Key(Kind.ACCOUNT, "p9"), previous=a_pupil(1).key),
    "adopt": rekey(Key(Kind.ACCOUNT, "p9"), handle=f"uid=theirs,{PEOPLE}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_04_a_change_made_twice_ends_the_same(filled: Bench, change: Change) -> None:
    _put_stranger(filled)
    before = filled.entries()
    _done(filled, change)
    once = filled.entries()
    assert once != before
    _done(filled, change)
    assert filled.entries() == once


def test_05_what_the_mapping_does_not_name_is_left_alone(filled: Bench) -> None:
    theirs = {"mobile": "+4799999999", "userPassword": "chosen by the pupil", "employeeNumber": "7"}
    for name, value in theirs.items():
        filled.set(_dn(1), name, value)
    changed = a_pupil(1, sn="Ny")
    _done(filled, update(a_pupil(1), changed))
    _done(filled, disable(changed))
    entry = filled.entries()[normal(_dn(1))]
    assert {name: entry[name.lower()] for name in theirs} == {name: {value} for name, value in theirs.items()}
    assert _read(filled)[changed.key] == disable(changed).after


def _put_stranger(bench: Bench, uid: str = "theirs") -> str:
    """An entry that somebody else made."""
    dn = child("uid", uid, PEOPLE)
    entry = add(with_fields(a_pupil(7), uid=uid, eduPersonOrgUnitDN=None, eduPersonPrimaryOrgUnitDN=None), LAYOUT, DNS)
    attributes = {name: values for name, values in entry.attributes.items() if name != PERSON_SHAPE.id_attribute}
    bench.put(dn, {**attributes, "userPassword": frozenset({"theirs"})})
    return dn


def test_06_entries_without_our_id_are_seen_by_nobody_but_adopt(filled: Bench) -> None:
    dn = _put_stranger(filled, "pup00003")
    before = filled.entries()[normal(dn)]
    assert _read(filled) == _state(a_pupil(1), a_pupil(2))
    assert filled.target().names() == {
        "pup00001": a_pupil(1).key,
        "pup00002": a_pupil(2).key,
        "pup00003": None,
        "pup00007": None,
    }
    (stranger,) = filled.target().strangers()
    assert (stranger.handle, stranger.usernames, stranger.birth_date) == (dn, ("pup00003",), "20150817")

    refused = _only(filled, create(a_pupil(3)))
    assert (refused.status, refused.detail) == (
        Status.REJECTED,
        "an entry made by others has this DN; run `provision adopt`",
    )
    assert _only(filled, delete(a_pupil(3))).status is Status.DONE
    assert _only(filled, update(a_pupil(3), a_pupil(3, sn="Ny"))).status in (Status.STALE, Status.REJECTED)
    assert filled.entries()[normal(dn)] == before


def test_06_an_adopted_entry_keeps_all_but_its_id(filled: Bench) -> None:
    dn = _put_stranger(filled)
    before = filled.entries()[normal(dn)]
    _done(filled, rekey(Key(Kind.ACCOUNT, "p9"), handle=dn))
    after = filled.entries()[normal(dn)]
    assert {name for name in after.keys() | before.keys() if after.get(name) != before.get(name)} == {"noredupersonlin"}
    assert filled.target().strangers() == []
    assert filled.target().names()["theirs"] == Key(Kind.ACCOUNT, "p9")
    assert filled.can_log_in(dn, "theirs")


def test_07_a_disabled_person_is_inactive_and_cannot_log_in(filled: Bench) -> None:
    assert filled.can_log_in(_dn(1), PASSWORD)
    change = disable(a_pupil(1))
    _done(filled, change)
    assert not filled.can_log_in(_dn(1), PASSWORD)
    assert filled.can_log_in(_dn(2), PASSWORD)
    assert _read(filled)[change.key] == change.after
    assert not change.after.fields.keys() & MEMBERSHIPS


def test_08_whoever_comes_back_has_the_same_account_and_password(filled: Bench) -> None:
    gone = disable(a_pupil(1))
    _done(filled, gone)
    _done(filled, update(gone.after, a_pupil(1)))
    assert _read(filled)[a_pupil(1).key] == a_pupil(1)
    assert filled.can_log_in(_dn(1), PASSWORD)


def test_09_what_is_gone_already_is_deleted_without_complaint(filled: Bench) -> None:
    _done(filled, delete(a_pupil(1)))
    assert normal(_dn(1)) not in filled.entries()
    _done(filled, delete(a_pupil(1)), withdraw(a_pupil(1)), delete(a_pupil(99)))
    assert _read(filled) == _state(a_pupil(2))


def _put_double(bench: Bench, dn: str, *ids: str) -> None:
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
def doubled(filled: Bench) -> Bench:
    """The first pupil's id is on further entries, and others have nearly the same."""
    for dn, ids in (_DOUBLES | _OTHERS).items():
        _put_double(filled, dn, *ids)
    return filled


def test_09_a_withdrawal_takes_out_every_entry_that_carries_the_id(doubled: Bench) -> None:
    before = doubled.entries()
    _done(doubled, withdraw(a_pupil(1)))
    after = doubled.entries()
    assert before.keys() - after.keys() == {normal(dn) for dn in (_dn(1), *_DOUBLES)}
    assert all(after[dn] == before[dn] for dn in after)
    _done(doubled, withdraw(a_pupil(1)))
    assert doubled.entries() == after


def test_09_an_entry_that_cannot_go_keeps_none_of_the_others_back(doubled: Bench) -> None:
    theirs = child("cn", "theirs", _dn(1))
    doubled.put(theirs, {"objectClass": frozenset({"device"}), "cn": frozenset({"theirs"})})
    before = doubled.entries()
    (result,) = doubled.target().apply([withdraw(a_pupil(1))])
    assert (result.status, "others below" in result.detail) == (Status.REJECTED, True)
    assert before.keys() - doubled.entries().keys() == {normal(dn) for dn in _DOUBLES}


def test_09_whatever_else_is_asked_of_an_id_that_several_entries_carry_is_refused(doubled: Bench) -> None:
    one = a_pupil(1)
    follow = rekey(Key(Kind.ACCOUNT, "p9"), previous=one.key)
    for change in (create(one), update(one, a_pupil(1, sn="Ny")), disable(one), delete(one), follow):
        refused = _only(doubled, change)
        assert (refused.status, "several entries" in refused.detail) == (Status.REJECTED, True), change


def test_13_a_whole_municipality_is_read(bench: Bench) -> None:
    people = [a_pupil(number) for number in range(1, 1002)]
    _fill(bench, *people)
    assert _read(bench) == _state(*people)
    assert len(bench.target().names()) == 1001


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
def test_14_any_text_survives_in_values_and_names(bench: Bench, text: str) -> None:
    named = a_pupil(1, uid=text[:_NAME_LENGTH], cn=text, sn=text, eduPersonEntitlement=frozenset({text, "x"}))
    _fill(bench, named)
    school = a_school(ou=text)
    _done(bench, update(a_school(), school))
    assert _read(bench) == _state(named) | {SCHOOL: school}
    assert bench.target().names().get(text[:_NAME_LENGTH].lower()) == named.key
    changed = with_fields(named, cn="Kari", eduPersonEntitlement=frozenset({"y"}))
    _done(bench, update(named, changed))
    assert _read(bench)[named.key] == changed
    _done(bench, delete(changed))
    assert _read(bench).keys() == ORGS.keys()


def test_14_a_name_composed_otherwise_is_written_as_it_should_be(bench: Bench) -> None:
    apart, composed = (a_pupil(1, displayName=name) for name in ("A\u030ase", "Åse"))
    _fill(bench, apart)
    _done(bench, update(apart, composed))
    assert _read(bench)[composed.key] == composed


def test_15_a_rejected_change_leaves_its_record_and_blocks_nobody_else(filled: Bench) -> None:
    nowhere = a_pupil(1, sn="Ny", eduPersonPrimaryOrgUnitDN=Key(Kind.ORG, "000000000"))
    changes: list[Change] = [update(a_pupil(2), a_pupil(2, sn="Ny")), update(a_pupil(1), nowhere), create(a_pupil(3))]
    results = {result.change.key: result for result in filled.target().apply(changes)}
    statuses = [results[change.key].status for change in changes]
    assert statuses == [Status.DONE, Status.REJECTED, Status.DONE]
    assert "org:000000000" in results[a_pupil(1).key].detail
    assert _read(filled) == _state(a_pupil(1), a_pupil(2, sn="Ny"), a_pupil(3))


def test_15_what_somebody_changed_since_it_was_read_is_left(filled: Bench) -> None:
    target = filled.target()
    read = target.read({}).records[a_pupil(1).key]
    filled.set(_dn(1), "displayName", "Theirs")
    for change in (update(read, a_pupil(1, displayName="Ours")), disable(read), delete(read)):
        before = filled.entries()
        assert [result.status for result in target.apply([change])] == [Status.STALE]
        assert filled.entries() == before
    _done(filled, *_needed(filled, _state(a_pupil(1), a_pupil(2))))
    assert _read(filled) == _state(a_pupil(1), a_pupil(2))


@contextmanager
def _away(bench: Bench) -> Iterator[None]:
    """The far side, which is stopped in here, is back afterwards."""
    try:
        yield
    finally:
        bench.start()


def test_16_a_far_side_that_goes_away_is_unavailable_and_the_next_run_finishes(bench: Bench) -> None:
    _fill(bench)
    people = [a_pupil(number) for number in range(1, 9)]

    def interrupted() -> Iterator[Change]:
        yield from map(create, people[:3])
        bench.stop()
        yield from map(create, people[3:])

    with _away(bench):
        with pytest.raises(TargetUnavailable):
            list(bench.target().apply(interrupted()))
        for use in (bench.target().names, bench.target().strangers, lambda: bench.target().read({})):
            with pytest.raises(TargetUnavailable):
                use()
    left = _needed(bench, _state(*people))
    assert 5 <= len(left) <= 8
    _done(bench, *left)
    assert _read(bench) == _state(*people)


def test_17_no_message_holds_a_person_or_a_secret(filled: Bench) -> None:
    secret: dict[str, Any] = {"displayName": NAME, "cn": NAME, "norEduPersonNIN": NIN}
    _put_stranger(filled, "pup00005")
    changes: list[Change] = [
        create(a_pupil(5, **secret)),
        create(a_pupil(6, eduPersonPrimaryOrgUnitDN=Key(Kind.ORG, "0"), **secret)),
        update(a_pupil(1, sn="was otherwise"), a_pupil(1, **secret)),
        update(a_pupil(8), a_pupil(8, **secret)),
    ]
    results = list(filled.target().apply(changes))
    assert Status.DONE not in {result.status for result in results}
    said = [text for result in results for text in (result.detail, repr(result))]
    target = filled.target()
    filled.stop()
    with _away(filled), pytest.raises(TargetUnavailable) as caught:
        list(target.apply([create(a_pupil(6, **secret))]))
    said += [str(caught.value), repr(target)]
    assert not [text for text in said for canary in (NAME, NIN, PASSWORD) if canary in text]
    assert all(result.detail for result in results)

"""What one change comes to: one operation, none the second time, and never over what somebody else did."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.state import Key, Kind, Record
from provision.errors import ChangeRejected, ChangeStale
from provision.formats.entry import to_record
from provision.formats.operations import Add, Modify, Operation, Remove, add, modified
from provision.formats.steps import EntryChange, Found, entry_to_rekey, step, withdrawal
from tests.builders import (
    BASE,
    DISTRICT,
    LAYOUT,
    ORGS,
    OTHER_SCHOOL,
    SCHOOL,
    a_pupil,
    create,
    delete,
    disable,
    rekey,
    update,
)

DNS = {DISTRICT: BASE} | {
    key: f"norEduOrgUnitUniqueIdentifier=NO{key.sourced_id},{ORGS}" for key in (SCHOOL, OTHER_SCHOOL)
}
ORG_KEYS = {dn.lower(): key for key, dn in DNS.items()}

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).filter(str.strip)
pupils = st.builds(
    lambda fields, active: replace(a_pupil(1, **fields), active=active),
    st.fixed_dictionaries(
        {},
        optional={
            "cn": texts,
            "displayName": texts,
            "eduPersonEntitlement": st.frozensets(texts, min_size=1, max_size=3) | st.none(),
            "eduPersonOrgUnitDN": st.frozensets(st.sampled_from((SCHOOL, OTHER_SCHOOL)), min_size=1),
            "eduPersonPrimaryOrgUnitDN": st.sampled_from((SCHOOL, OTHER_SCHOOL)) | st.none(),
        },
    ),
    st.booleans(),
)


def entry_of(record: Record) -> Found:
    entry = add(record, LAYOUT, DNS)
    return found(entry.dn, entry.attributes)


def found(dn: str, attributes: Any) -> Found:
    return Found(dn, to_record(dn, attributes, LAYOUT, ORG_KEYS), "1", attributes)


def after(operation: Operation | None, there: Found | None) -> Found | None:
    """The entry once the operation is carried out, as a server would."""
    match operation:
        case Add(dn, attributes):
            return found(dn, attributes)
        case Modify(dn, mods) if there:
            return found(dn, modified(there.attributes, mods))
        case Remove():
            return None
    return there


def taken(change: EntryChange, there: Found | None) -> Operation | None:
    return step(change, there, LAYOUT, DNS)


@given(before=pupils, wanted=pupils)
def test_every_change_is_one_operation_and_nothing_the_second_time(before: Record, wanted: Record) -> None:
    for change, there in (
        (create(wanted), None),
        (create(wanted), entry_of(before)),
        (update(before, wanted), entry_of(before)),
        (disable(before), entry_of(before)),
        (delete(before), entry_of(before)),
        (rekey(Key(Kind.ACCOUNT, "new"), previous=before.key), entry_of(before)),
    ):
        reached = after(taken(change, there), there)
        assert taken(change, reached) is None, "the second time finds nothing to do"


@given(before=pupils, wanted=pupils)
def test_an_update_leads_to_exactly_what_is_wanted(before: Record, wanted: Record) -> None:
    reached = after(taken(update(before, wanted), entry_of(before)), entry_of(before))
    assert reached
    assert reached.record == wanted


@given(before=pupils, theirs=pupils, wanted=pupils)
def test_what_somebody_else_made_of_it_is_kept_unless_it_is_what_we_want(
    before: Record, theirs: Record, wanted: Record
) -> None:
    there = entry_of(theirs)
    try:
        operation = taken(update(before, wanted), there)
    except ChangeStale:
        assert theirs not in (before, wanted)
    else:
        assert theirs in (before, wanted)
        assert (operation is None) == (theirs == wanted)


@given(before=pupils, theirs=pupils)
def test_only_what_is_as_it_was_is_deleted(before: Record, theirs: Record) -> None:
    try:
        operation = taken(delete(before), entry_of(theirs))
    except ChangeStale:
        assert theirs != before
    else:
        assert theirs == before
        assert isinstance(operation, Remove)


def test_what_is_gone_can_be_removed_and_not_changed() -> None:
    assert taken(delete(a_pupil()), None) is None
    for change in (update(a_pupil(), a_pupil(cn="x")), disable(a_pupil()), rekey(a_pupil().key, handle="uid=x")):
        with pytest.raises(ChangeStale, match="gone"):
            taken(change, None)


def test_an_entry_of_others_or_of_somebody_else_is_not_taken_over() -> None:
    dn = entry_of(a_pupil(1)).dn
    with pytest.raises(ChangeRejected, match="provision adopt"):
        taken(create(a_pupil(1)), Found(dn, None, "1", {"objectClass": frozenset({"inetOrgPerson"})}))
    with pytest.raises(ChangeRejected, match="provision adopt"):
        taken(create(a_pupil(1)), entry_of(a_pupil(2)))
    with pytest.raises(ChangeStale, match="another id"):
        taken(rekey(a_pupil(1).key, handle=dn), entry_of(a_pupil(2)))


def test_a_removal_is_of_the_entry_that_was_found() -> None:
    moved = replace(entry_of(a_pupil()), dn=f"uid=elsewhere,{BASE}")
    assert taken(delete(a_pupil()), moved) == Remove(moved.dn)


def test_a_withdrawal_removes_leaves_first() -> None:
    dns = [f"uid=a,{BASE}", f"uid=c,uid=b,UID=A , {BASE}", f"uid=b,uid=a,{BASE}"]
    assert withdrawal(dns) == [Remove(dns[1]), Remove(dns[2]), Remove(dns[0])]
    assert withdrawal([]) == []


def test_an_id_goes_to_one_entry_only() -> None:
    one, other = entry_of(a_pupil(1)), entry_of(a_pupil(2))
    for holder, there, meant in ((None, other, other), (one, None, one), (one, one, one), (None, None, None)):
        assert entry_to_rekey(holder, there) == meant
    with pytest.raises(ChangeRejected, match="another entry carries this id"):
        entry_to_rekey(one, other)

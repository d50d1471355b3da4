import hashlib
from base64 import b64decode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.dn import child, normal, parse_dn
from provision.core.state import Key, Kind, Record
from provision.errors import ChangeRejected
from provision.formats.entry import MISSING_CLASSES, Layout, to_record
from provision.formats.operations import (
    Add,
    Mod,
    Modify,
    add,
    containers,
    dn_of,
    modifications,
    modified,
    password_hash,
    rekeying,
    ssha,
)
from tests.builders import (
    BASE,
    DISTRICT,
    DISTRICT_SHAPE,
    LAYOUT,
    ORGS,
    OTHER_SCHOOL,
    PEOPLE,
    PERSON_SHAPE,
    REALM,
    SCHOOL,
    SCHOOL_SHAPE,
    OnePassword,
    a_district,
    a_pupil,
    a_school,
    create,
    update,
    with_fields,
)

DNS = {DISTRICT: BASE, SCHOOL: f"ou=A skole,{ORGS}", OTHER_SCHOOL: f"ou=B skole,{ORGS}"}
KEYS_BY_DN = {normal(dn): key for key, dn in DNS.items()}
DN = f"uid=pup00001,{PEOPLE}"
LOCK, LOCKED = LAYOUT.lock

VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
TEXT_FIELDS = sorted(PERSON_SHAPE.fields - PERSON_SHAPE.once - PERSON_SHAPE.dn_fields - {"norEduPersonLIN"})
TEXTS = st.dictionaries(st.sampled_from(TEXT_FIELDS), VALUES | st.frozensets(VALUES, min_size=2))
SCHOOLS: st.SearchStrategy[frozenset[str | Key]] = st.frozensets(
    st.sampled_from([SCHOOL, OTHER_SCHOOL, "ou=theirs,dc=no"]), min_size=1
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    several = {
        name: frozenset({value}) if isinstance(value, str) and name in PERSON_SHAPE.many else value
        for name, value in draw(TEXTS).items()
    }
    record = with_fields(a_pupil(), **several, eduPersonOrgUnitDN=draw(SCHOOLS))
    return replace(record, active=draw(st.booleans()))


def _nowhere(_: str) -> bool:
    return False


def _everywhere(_: str) -> bool:
    return True


def _mods(before: Record, after: Record, dn: str = DN) -> tuple[Mod, ...]:
    return modifications(before, after, dn, LAYOUT, DNS)


@given(records(), records())
def test_modifications_lead_from_any_record_to_any_other(before: Record, after: Record) -> None:
    entry = add(before, LAYOUT, DNS).attributes
    assert to_record(DN, modified(entry, _mods(before, after)), LAYOUT, KEYS_BY_DN) == after


@given(records(), records())
def test_what_others_hold_in_the_entry_stays(before: Record, after: Record) -> None:
    theirs = {"userPassword": frozenset({"old"}), "mobile": frozenset({"+4799999999"})}
    entry = {**add(before, LAYOUT, DNS).attributes, **theirs}
    changed = modified(entry, _mods(before, after))
    assert {name: changed[name] for name in theirs} == theirs
    assert changed["uid"] == entry["uid"]


def test_nothing_to_change_is_no_modification() -> None:
    assert _mods(a_pupil(), a_pupil()) == ()


def test_exactly_the_values_that_go_and_come_are_named() -> None:
    before = a_pupil(eduPersonAffiliation=frozenset({"student", "member"}))
    after = a_pupil(
        eduPersonAffiliation=frozenset({"employee", "member"}), sn="Ny", eduPersonOrgUnitDN=frozenset({OTHER_SCHOOL})
    )
    assert _mods(before, after) == (
        Mod("delete", "eduPersonAffiliation", frozenset({"student"})),
        Mod("add", "eduPersonAffiliation", frozenset({"employee"})),
        Mod("delete", "eduPersonOrgUnitDN", frozenset({DNS[SCHOOL]})),
        Mod("add", "eduPersonOrgUnitDN", frozenset({DNS[OTHER_SCHOOL]})),
        Mod("delete", "sn", frozenset({"Prøve1"})),
        Mod("add", "sn", frozenset({"Ny"})),
    )


def test_the_username_is_never_changed() -> None:
    assert _mods(a_pupil(), a_pupil(uid="other", eduPersonPrincipalName=f"other@{REALM}")) == ()


def test_fields_that_the_mapping_does_not_name_are_never_written() -> None:
    assert _mods(a_pupil(), a_pupil(userPassword="x", mobile="y")) == ()
    assert add(a_pupil(userPassword="x"), LAYOUT, DNS).attributes.keys() == {"objectClass", *a_pupil().fields}


def test_locking_sets_the_lock_and_unlocking_takes_only_that() -> None:
    locked = replace(a_pupil(), active=False)
    assert _mods(a_pupil(), locked) == (Mod("replace", LOCK, frozenset({LOCKED})),)
    assert _mods(locked, a_pupil()) == (Mod("delete", LOCK, frozenset({LOCKED})),)


def test_object_classes_that_are_missing_are_added() -> None:
    before = with_fields(a_pupil(), **{MISSING_CLASSES: frozenset({"norEduPerson"})})
    assert _mods(before, a_pupil()) == (Mod("add", "objectClass", frozenset({"norEduPerson"})),)
    assert _mods(before, replace(before, active=False)) == (Mod("replace", LOCK, frozenset({LOCKED})),)


@pytest.mark.parametrize("names", [["Nye skole", "Tredje skole", "Gamle skole"], ["GAMLE  SKOLE", "Nye skole"]])
def test_an_org_gets_other_names_while_its_dn_stays(names: list[str]) -> None:
    dn = f"ou=Gamle skole,{ORGS}"
    entry = {**add(a_school(), LAYOUT, DNS).attributes, "ou": frozenset({"Gamle skole"})}
    for name in names:
        before = to_record(dn, entry, LAYOUT, KEYS_BY_DN)
        assert before is not None
        entry = dict(modified(entry, _mods(before, a_school(ou=name), dn)))
        assert to_record(dn, entry, LAYOUT, KEYS_BY_DN) == a_school(ou=name)
        assert any(each.lower().split() == ["gamle", "skole"] for each in entry["ou"])


def test_a_reference_that_is_spelled_otherwise_is_still_taken_away() -> None:
    entry = {**add(a_pupil(), LAYOUT, DNS).attributes, "eduPersonOrgUnitDN": frozenset({DNS[SCHOOL].upper(), "ou=x"})}
    mods = (Mod("delete", "eduPersonOrgUnitDN", frozenset({DNS[SCHOOL]})),)
    assert modified(entry, mods)["eduPersonOrgUnitDN"] == {"ou=x"}


def test_modifying_finds_attributes_in_any_spelling_and_drops_empty_ones() -> None:
    mods = (
        Mod("add", "CN", frozenset({"b"})),
        Mod("delete", "SN", frozenset({"c"})),
        Mod("replace", "x", frozenset({"y"})),
    )
    assert modified({"cn": frozenset({"a"}), "sn": frozenset({"c"}), "x": frozenset({"z"})}, mods) == {
        "cn": {"a", "b"},
        "x": {"y"},
    }


def test_a_new_entry_has_its_classes_its_lock_and_its_password() -> None:
    entry = add(replace(a_pupil(), active=False), LAYOUT, DNS, "{SSHA}x")
    assert entry.dn == DN
    assert entry.attributes["objectClass"] == PERSON_SHAPE.object_classes
    assert entry.attributes[LOCK] == {LOCKED}
    assert entry.attributes["userPassword"] == {"{SSHA}x"}
    assert entry.attributes["eduPersonOrgDN"] == {BASE}
    assert LOCK not in add(a_pupil(), LAYOUT, DNS).attributes


def test_a_new_base_entry_holds_the_name_it_has() -> None:
    entry = add(a_district(), LAYOUT, {})
    assert entry.dn == BASE
    assert entry.attributes["dc"] == {"nordlys"}
    named_by_o = Layout("o=Nordlys,c=no", (replace(DISTRICT_SHAPE, parent="c=no"),), LAYOUT.lock)
    assert add(a_district(), named_by_o, {}).attributes["o"] == {"Nordlys", "Nordlys kommune"}
    assert add(a_district(o="NORDLYS"), named_by_o, {}).attributes["o"] == {"NORDLYS"}


@pytest.mark.parametrize("name", ["Smith+Jones, Jr", "#Kari", "trailing ", "*)(uid=*", "a\0b", "Å" * 200])
def test_any_name_gives_a_dn_below_the_parent(name: str) -> None:
    assert parse_dn(dn_of(a_pupil(uid=name), LAYOUT)) == ((("uid", name),), *parse_dn(PEOPLE))


@pytest.mark.parametrize("uid", [None, frozenset({"a", "b"}), SCHOOL])
def test_a_record_without_one_name_is_refused_by_its_field(uid: str | frozenset[str] | Key | None) -> None:
    with pytest.raises(ChangeRejected, match="account:p1: an entry is named by its uid"):
        dn_of(a_pupil(uid=uid), LAYOUT)


def test_a_reference_to_an_org_without_an_entry_is_refused() -> None:
    with pytest.raises(ChangeRejected, match="org:974588145, which has no entry yet"):
        add(a_pupil(), LAYOUT, {DISTRICT: BASE})


def test_a_record_that_the_mapping_does_not_describe_is_refused() -> None:
    with pytest.raises(ChangeRejected, match="course:c1"):
        dn_of(Record(Key(Kind.COURSE, "c1"), {}), LAYOUT)


def test_missing_containers_are_made_from_the_top() -> None:
    deep = f"uid=a,ou=Sub,ou=People,{BASE}"
    assert containers(deep, LAYOUT, _nowhere) == (
        Add(f"ou=People,{BASE}", {"objectClass": frozenset({"organizationalUnit"}), "ou": frozenset({"People"})}),
        Add(f"ou=Sub,ou=People,{BASE}", {"objectClass": frozenset({"organizationalUnit"}), "ou": frozenset({"Sub"})}),
    )
    assert len(containers(deep, LAYOUT, lambda dn: dn.startswith("ou=People"))) == 1
    assert containers(BASE, LAYOUT, _nowhere) == containers(PEOPLE, LAYOUT, _nowhere) == ()


def test_a_container_that_we_cannot_make_is_named() -> None:
    with pytest.raises(ChangeRejected, match=f"the container cn=people,{BASE} does not exist"):
        containers(f"uid=a,cn=people,{BASE}", LAYOUT, _nowhere)
    assert containers(f"uid=a,cn=people,{BASE}", LAYOUT, _everywhere) == ()
    with pytest.raises(ChangeRejected, match="the mapping's parent lies elsewhere"):
        containers("uid=a,dc=other", LAYOUT, _everywhere)


def test_an_adopted_entry_gets_our_id_and_the_classes_it_needs() -> None:
    strange = {"objectClass": frozenset({"inetOrgPerson"}), "norEduPersonLIN": frozenset({"other:employee:7"})}
    person = replace(PERSON_SHAPE, object_classes=frozenset({"inetOrgPerson", "norEduPerson"}))
    layout = replace(LAYOUT, shapes=(DISTRICT_SHAPE, SCHOOL_SHAPE, person))
    assert rekeying(Key(Kind.ACCOUNT, "p7"), DN, strange, layout) == (
        Mod("add", "objectClass", frozenset({"norEduPerson"})),
        Mod("add", "norEduPersonLIN", frozenset({f"{REALM}:localnin:p7"})),
    )


def test_an_entry_whose_id_changed_loses_the_earlier_one_alone() -> None:
    entry = {**add(a_pupil(), LAYOUT, DNS).attributes}
    entry["norEduPersonLIN"] |= {"other:employee:7"}
    mods = rekeying(Key(Kind.ACCOUNT, "p9"), DN, entry, LAYOUT)
    assert modified(entry, mods)["norEduPersonLIN"] == {"other:employee:7", f"{REALM}:localnin:p9"}
    assert Modify(DN, rekeying(Key(Kind.ACCOUNT, "p9"), DN, modified(entry, mods), LAYOUT)).mods == ()


def test_orgs_are_adopted_by_their_place() -> None:
    bare = {"objectClass": SCHOOL_SHAPE.object_classes, "norEduOrgUnitUniqueIdentifier": frozenset({SCHOOL.sourced_id})}
    assert rekeying(SCHOOL, DNS[SCHOOL], bare, LAYOUT) == (
        Mod("delete", "norEduOrgUnitUniqueIdentifier", frozenset({SCHOOL.sourced_id})),
        Mod("add", "norEduOrgUnitUniqueIdentifier", frozenset({f"NO{SCHOOL.sourced_id}"})),
    )
    base = {"objectClass": DISTRICT_SHAPE.object_classes}
    assert rekeying(DISTRICT, BASE.upper(), base, LAYOUT) == (
        Mod("add", "norEduOrgNIN", frozenset({f"NO{DISTRICT.sourced_id}"})),
    )
    with pytest.raises(ChangeRejected, match="no entry of this kind at this place"):
        rekeying(Key(Kind.ACCOUNT, "p1"), BASE, base, LAYOUT)


def test_a_hash_is_what_directory_servers_check() -> None:
    made = ssha("Påske-7", b"saltsalt")
    octets = b64decode(made.removeprefix("{SSHA}"))
    assert octets[20:] == b"saltsalt"
    assert octets[:20] == hashlib.sha1("Påske-7".encode() + b"saltsalt", usedforsecurity=False).digest()
    assert ssha("Påske-7", b"other") != made


def test_operations_do_not_show_what_an_entry_holds() -> None:
    shown = repr((add(a_pupil(), LAYOUT, DNS), *_mods(a_pupil(), a_pupil(sn="Ny"))))
    assert "Prøve1" not in shown
    assert "Ny" not in shown
    assert child("uid", "pup00001", PEOPLE) in shown


def test_only_a_new_account_has_a_first_password_and_each_hash_its_own_salt() -> None:
    one, other = (password_hash(create(a_pupil(n)), OnePassword("x")) for n in (1, 2))
    assert one
    assert one != other
    assert hashlib.sha1(b"x" + b64decode(one[6:])[20:], usedforsecurity=False).digest() == b64decode(one[6:])[:20]
    for change in (create(a_school()), update(a_pupil(), a_pupil(sn="Ny"))):
        assert password_hash(change, OnePassword("x")) is None
    assert password_hash(create(a_pupil()), None) is None


def test_what_is_written_once_is_written_where_it_is_missing_and_only_there() -> None:
    dn = f"uid=pup00001,{PEOPLE}"
    without = with_fields(a_pupil(), eduPersonPrincipalName=None)
    [mod] = modifications(without, a_pupil(), dn, LAYOUT, DNS)
    assert (mod.op, mod.attribute) == ("add", "eduPersonPrincipalName")
    other = with_fields(a_pupil(), eduPersonPrincipalName="another@nordlys.kommune.no")
    assert modifications(other, a_pupil(), dn, LAYOUT, DNS) == ()

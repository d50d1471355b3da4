from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from provision.core.dn import normal
from provision.core.state import Key, Kind, Record, Stranger
from provision.formats.entry import (
    MISSING_CLASSES,
    Attributes,
    as_text,
    carries,
    entry_key,
    naming_value,
    to_record,
    to_stranger,
    usernames,
)
from provision.formats.operations import add, modifications, modified
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
    a_district,
    a_pupil,
    a_school,
    with_fields,
)

DNS = {DISTRICT: BASE, SCHOOL: f"ou=Gamle skole,{ORGS}", OTHER_SCHOOL: f"ou=B skole,{ORGS}"}
KEYS_BY_DN = {normal(dn): key for key, dn in DNS.items()}
DN = f"uid=pup00001,{PEOPLE}"
TEXT_FIELDS = sorted(PERSON_SHAPE.fields - {"norEduPersonLIN", "uid"} - PERSON_SHAPE.dn_fields)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)


def _entry(record: Record, **changed: str | list[str] | None) -> dict[str, frozenset[str]]:
    """The record's entry with these attributes instead."""
    attributes = dict(add(record, LAYOUT, DNS).attributes)
    for name, value in changed.items():
        attributes.pop(name, None)
        if value is not None:
            attributes[name] = frozenset([value] if isinstance(value, str) else value)
    return attributes


def _record(attributes: Attributes, dn: str = DN) -> Record:
    record = to_record(dn, attributes, LAYOUT, KEYS_BY_DN)
    assert record is not None
    return record


@given(
    fields=st.dictionaries(st.sampled_from(TEXT_FIELDS), TEXT),
    schools=st.frozensets(st.sampled_from([SCHOOL, OTHER_SCHOOL, "ou=theirs,dc=no"]), min_size=1),
    active=st.booleans(),
)
def test_an_entry_gives_back_the_record_it_was_made_of(
    *, fields: dict[str, str], schools: frozenset[Key | str], active: bool
) -> None:
    several = {name: frozenset({value}) if name in PERSON_SHAPE.many else value for name, value in fields.items()}
    wanted = with_fields(a_pupil(), **several, eduPersonOrgUnitDN=schools)
    wanted = Record(wanted.key, wanted.fields, active=active)
    assert _record(add(wanted, LAYOUT, DNS).attributes) == wanted


def test_orgs_are_read_like_people() -> None:
    assert _record(_entry(a_district()), BASE) == a_district()
    assert _record(_entry(a_school()), DNS[SCHOOL]) == a_school()


def test_names_of_attributes_and_classes_may_come_in_any_case() -> None:
    shouted = {name.upper(): values for name, values in _entry(a_pupil()).items()}
    shouted["OBJECTCLASS"] = frozenset(name.upper() for name in shouted["OBJECTCLASS"])
    assert _record(shouted) == a_pupil()


def test_an_entry_without_our_id_is_nobody_of_ours() -> None:
    for lin in (None, "other:localnin:p1", f"{REALM}:localnin:", f"{REALM}:fin:x"):
        assert entry_key(_entry(a_pupil(), norEduPersonLIN=lin), LAYOUT) is None
        assert to_record(DN, _entry(a_pupil(), norEduPersonLIN=lin), LAYOUT, KEYS_BY_DN) is None


def test_other_values_beside_our_id_are_others() -> None:
    both = _entry(a_pupil(), norEduPersonLIN=["other:employee:7", f"{REALM}:localnin:p1"])
    assert entry_key(both, LAYOUT) == (Key(Kind.ACCOUNT, "p1"), PERSON_SHAPE)
    assert _record(both) == a_pupil()


def test_an_id_is_ours_in_any_case_and_shows_as_it_is_written() -> None:
    assert _record(_entry(a_school(), norEduOrgUnitUniqueIdentifier="no974588145"), DNS[SCHOOL]) == a_school(
        norEduOrgUnitUniqueIdentifier="no974588145"
    )


def test_an_entry_carries_every_id_of_ours_that_it_holds() -> None:
    held = _entry(a_pupil(), norEduPersonLIN=None)
    ours, theirs = f"{REALM.upper()}:LOCALNIN:p1", "elsewhere.no:localnin:p3"
    held["NOREDUPERSONLIN"] = frozenset({ours, f"{REALM}:localnin:p2", theirs, "p4"})
    carried = {n for n in range(1, 5) if carries(held, Key(Kind.ACCOUNT, f"p{n}"), LAYOUT)}
    assert carried == {1, 2}
    assert not carries(held, Key(Kind.ACCOUNT, "P1"), LAYOUT)
    assert not carries(held, Key(Kind.ORG, "p1"), LAYOUT)


def test_attributes_that_the_mapping_does_not_name_are_not_read() -> None:
    assert _record(_entry(a_pupil(), userPassword="x", mobile="+4799999999")) == a_pupil()


def test_references_are_keys_however_the_dn_is_spelled_and_others_stay_dns() -> None:
    spelled = ["OU=gamle  Skole, " + ORGS.upper(), "ou=theirs,dc=no"]
    record = _record(_entry(a_pupil(), eduPersonOrgUnitDN=spelled))
    assert record.fields["eduPersonOrgUnitDN"] == frozenset({SCHOOL, "ou=theirs,dc=no"})


def test_a_missing_object_class_makes_the_record_another() -> None:
    record = _record(
        _entry(a_pupil(), objectClass=["top", "person", "inetorgperson", "organizationalPerson", "theirs"])
    )
    assert record == with_fields(
        a_pupil(), **{MISSING_CLASSES: frozenset({"eduPerson", "norEduPerson", "schacContactLocation"})}
    )


def test_only_the_lock_that_we_set_makes_somebody_inactive() -> None:
    lock, value = LAYOUT.lock
    assert _record(_entry(a_pupil(), **{lock: value})).active is False
    assert _record(_entry(a_pupil(), **{lock: "20261120080000Z"})).active is True


def test_a_naming_value_does_not_show_beside_the_name_an_org_has_now() -> None:
    dn = f"ou=Gamle Skole,{ORGS}"
    assert _record(_entry(a_school(), ou=["Gamle skole", "Nye skole"]), dn) == a_school(ou="Nye skole")
    assert _record(_entry(a_school(), ou="Gamle skole"), dn) == a_school(ou="Gamle skole")


def test_of_several_usernames_the_naming_one_counts() -> None:
    assert _record(_entry(a_pupil(), uid=["pup00001", "alias"])) == a_pupil()


def test_of_what_should_be_one_value_and_is_several_all_show() -> None:
    assert _record(_entry(a_pupil(), cn=["A", "B"])) == a_pupil(cn=frozenset({"A", "B"}))


def test_a_naming_value_is_found_in_any_part_of_the_leaf() -> None:
    assert naming_value("cn=A+UID=b,ou=x", "uid") == "b"
    assert naming_value("cn=uid,ou=x", "uid") is None
    assert naming_value("nonsense uid", "uid") is None


def test_strangers_tell_all_that_adopting_needs() -> None:
    entry = _entry(
        a_pupil(norEduPersonNIN="17870995040"), norEduPersonLIN="other:employee:7", uid=["pup00001", "alias"]
    )
    assert to_stranger(DN, entry, LAYOUT) == Stranger(
        DN,
        Kind.ACCOUNT,
        ("alias", "pup00001"),
        f"pup00001@{REALM}",
        "17870995040",
        "20150817",
        frozenset({"kari prøve1", "kari åse prøve1"}),
    )


def test_a_name_is_put_together_where_the_stranger_has_only_its_parts() -> None:
    entry = {"objectClass": frozenset({"Person"}), "sn": frozenset({"Prøve"}), "givenName": frozenset({"KARI"})}
    stranger = to_stranger("cn=x,dc=no", entry, LAYOUT)
    assert stranger is not None
    assert stranger.names == {"kari prøve"}


def test_orgs_without_our_id_are_strangers_and_mere_containers_are_not() -> None:
    unit = {"objectClass": frozenset({"organizationalUnit"}), "ou": frozenset({"Hylla Skole"})}
    found = to_stranger(f"ou=Hylla skole,{ORGS}", unit, LAYOUT)
    assert found == Stranger(f"ou=Hylla skole,{ORGS}", Kind.ORG, (), names=frozenset({"hylla skole"}))
    base = {"objectClass": frozenset({"organization", "dcObject"}), "o": frozenset({"Nordlys kommune"})}
    assert to_stranger(BASE, base, LAYOUT) == Stranger(BASE, Kind.ORG, (), names=frozenset({"nordlys kommune"}))
    for container in (PEOPLE, ORGS, f"ou=groups,{BASE}"):
        assert to_stranger(container, {**unit, "ou": frozenset({"x"})}, LAYOUT) is None
    anywhere = {**unit, "objectClass": frozenset({"organizationalUnit", "norEduOrgUnit"})}
    assert to_stranger(f"ou=x,{BASE}", anywhere, LAYOUT) is not None


def test_our_own_entries_and_service_accounts_are_no_strangers() -> None:
    assert to_stranger(DN, _entry(a_pupil()), LAYOUT) is None
    assert to_stranger(DNS[SCHOOL], _entry(a_school()), LAYOUT) is None
    assert to_stranger("cn=feide,dc=no", {"objectClass": frozenset({"applicationProcess"})}, LAYOUT) is None


def test_every_uid_and_principal_name_takes_a_username() -> None:
    entry = {"UID": frozenset({"Kari", "kn"}), "eduPersonPrincipalName": frozenset({f"KarNor@{REALM}"})}
    assert usernames(entry) == {"kari", "kn", "karnor"}
    assert usernames({"cn": frozenset({"x"})}) == frozenset()


def test_values_of_others_in_a_shared_attribute_are_not_ours_and_are_left_alone() -> None:
    shape = replace(PERSON_SHAPE, prefixes=(("eduPersonEntitlement", "urn:mace:feide.no:go:"),))
    layout = replace(LAYOUT, shapes=(DISTRICT_SHAPE, SCHOOL_SHAPE, shape))
    foreign, ours = "urn:mace:feide.no:sigma.uninett.no:x", "urn:mace:feide.no:go:grep:x"
    attributes = {
        "objectClass": PERSON_SHAPE.object_classes,
        "norEduPersonLIN": frozenset({f"{REALM}:localnin:p1"}),
        "eduPersonEntitlement": frozenset({foreign, ours}),
    }
    dn = f"uid=pup,{PEOPLE}"
    before = to_record(dn, attributes, layout, {})
    assert before is not None
    assert before.fields["eduPersonEntitlement"] == frozenset({ours})
    after = with_fields(before, eduPersonEntitlement=None)
    mods = modifications(before, after, dn, layout, {})
    assert modified(attributes, mods)["eduPersonEntitlement"] == {foreign}


@given(st.dictionaries(st.sampled_from(["cn", "SN", "jpegPhoto"]), st.frozensets(st.binary(max_size=4))))
def test_octets_that_are_no_text_are_replaced_and_all_else_stays(octets: dict[str, frozenset[bytes]]) -> None:
    read = {name: frozenset(each.decode("utf-8", "surrogateescape") for each in here) for name, here in octets.items()}
    shown = as_text(read)
    broken = {name for name, here in octets.items() if any(map(_is_no_text, here))}
    assert {name for name in read if shown[name] != read[name]} == broken
    for name, here in octets.items():
        assert not any("\udc80" <= letter <= "\udcff" for letter in "".join(shown[name]))
        assert {each.decode() for each in here if not _is_no_text(each)} <= shown[name]


def _is_no_text(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return True
    return False

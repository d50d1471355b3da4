"""Mapping files: every fault at once with its key, and fields made as they say."""

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.mapping import compile_mapping
from provision.core.mapping_file import MappingFile, faults
from provision.core.roster import Enrollment, Org, OrgType, Role, Roster, User
from provision.core.rules.context import OrgContext, PersonContext, Site
from provision.core.state import values
from tests.core.nights import REALM, SHIPPED
from tests.town import DAY, DISTRICT, NORTH

RAW = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def changed(path: str, value: object) -> dict[str, Any]:
    """The shipped mapping with one key set; the path's parts are separated by slashes."""
    raw = copy.deepcopy(RAW)
    *folders, name = path.split("/")
    spot = raw
    for folder in folders:
        spot = spot[folder]
    spot[name] = value
    return raw


def test_the_shipped_mapping_has_no_fault() -> None:
    assert faults(RAW) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("entry/account/fields/cn", "{givenname}", '{givenname} in "{givenname}"; did you mean "given_name"?'),
        ("entry/account/fields/cn", ["{name}"], "entry.account.fields.cn: no placeholder {name}"),
        ("entry/school/fields/ou", "{given_name}", "entry.school.fields.ou: no placeholder {given_name}"),
        ("entry/account/fields/cn", "{given_name", "has a brace without its partner"),
        ("entry/account/fields/cn", "{given_name!r}", "no placeholder {given_name}"),
        ("entry/account/fields/cn", {"rule": "afiliation"}, 'no rule "afiliation"; did you mean "affiliation"?'),
        ("entry/school/fields/ou", {"rule": "affiliation"}, 'no rule "affiliation"'),
        ("entry/account/fields/cn", {"table": "titles"}, 'no table "titles"'),
        ("entry/account/fields/cn", {"rule": "affiliation", "template": "x"}, "one of template, values, rule, table"),
        ("entry/account/fields/cn", {}, "give exactly one of"),
        ("entry/account/fields/cn", {"rule": "affiliation", "onse": True}, 'onse: unknown key; did you mean "once"?'),
        ("entry/account/fields/cn", 7, "entry.account.fields.cn"),
        ("entry/account/rdn", "uidd", 'entry.account.rdn: "uidd" is not among the fields; did you mean "uid"?'),
        ("entry/account/id", {"attribute": "lin"}, 'entry.account.id.attribute: "lin" is not among the fields'),
        ("entry/account/of", "people", "entry.account.of"),
        ("entry/account/roles", ["pupil"], "entry.account.roles.0"),
        ("username/scheme", "{given:3} {family}", "username.scheme: a scheme is made of"),
        ("format", 2, "format: "),
        ("family", "fronter", "family: "),
        ("extra", 1, "extra: unknown key"),
    ],
)
def test_a_fault_is_told_with_its_key_and_what_would_be_right(path: str, value: object, fault: str) -> None:
    found = faults(changed(path, value))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(("path", "value"), [
    ("family", "fronter"), ("family", 7), ("entry/account/of", "people"), ("entry/account/of", "guardian"),
    ("entry/account/of", ["person"]),
])  # fmt: skip  # short cases, many to a line
def test_what_nobody_knows_is_one_fault_and_what_would_follow_from_it_is_none(path: str, value: object) -> None:
    (fault,) = faults(changed(path, value))
    assert fault.startswith(path.replace("/", ".") + ": ")


def test_three_typos_are_three_faults() -> None:
    raw = changed("entry/account/fields/cn", "{givenname}")
    raw["entry"]["account"]["fields"]["sn"] = {"ruel": "x"}
    raw["entry"]["school"]["parrent"] = "ou=x"
    found = "\n".join(faults(raw))
    assert 'did you mean "given_name"?' in found
    assert 'entry.account.fields.sn.ruel: unknown key; did you mean "rule"?' in found
    assert 'entry.school.parrent: unknown key; did you mean "parent"?' in found


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda x: st.lists(x) | st.dictionaries(st.text(max_size=5), x),
        max_leaves=8,
    )
)
def test_nothing_that_toml_can_say_crashes_the_check(junk: Any) -> None:
    assert faults({"format": 1, "family": "feide", "entry": junk, "tables": junk, "username": junk}) != []


def make(how: object, user: User, roles: frozenset[Role] = frozenset({Role.STUDENT})) -> frozenset[object]:
    """What a field of the account entry becomes for this user."""
    raw = changed("entry/account/fields/cn", how)
    raw["tables"] = {"title": {"student": ["elev"], "teacher": ["lærer", "ansatt"]}}
    mapping = compile_mapping(MappingFile.model_validate(raw), REALM)
    [field] = [f for e in mapping.entries if e.of == "person" for f in e.fields if f.name == "cn"]
    roster = Roster(DAY, {}, {}, {}, {}, {}, {}, frozenset())
    return frozenset(
        values(field.make(PersonContext(user, "olanor", (), roles, frozenset(), "", "", roster, Site(REALM))))
    )


OLA = User("1", "Ola", "Nordmann", "Ola Nordmann", mail="ola@example.no")


@pytest.mark.parametrize(
    ("how", "made"),
    [
        ("{given_name} {family_name}", {"Ola Nordmann"}),
        ("{username}@{realm}", {f"olanor@{REALM}"}),
        ("{{{username}}}", {"{olanor}"}),
        ("{mobile}", set()),
        ("tel {mobile}", set()),
        (["{mail}", "{mobile}"], {"ola@example.no"}),
        (["{given_name}", "{given_name}"], {"Ola"}),
        ({"table": "title"}, {"elev"}),
        ({"template": "{given_name}", "once": True}, {"Ola"}),
    ],
)
def test_a_field_is_made_as_its_spec_says(how: object, made: set[str]) -> None:
    assert make(how, OLA) == made


def test_a_table_gives_the_values_of_all_roles() -> None:
    both = frozenset({Role.STUDENT, Role.TEACHER})
    assert make({"table": "title"}, OLA, both) == {"elev", "lærer", "ansatt"}


def test_identity_numbers_are_secret_whatever_the_mapping_says() -> None:
    raw = changed("entry/account/fields/cn", "{national_id}")
    secret = compile_mapping(MappingFile.model_validate(raw), REALM).traits().secret
    assert {"cn", "norEduPersonNIN", "norEduPersonGuardianNIN"} <= secret


def test_an_org_is_seen_through_its_own_placeholders() -> None:
    mapping = compile_mapping(MappingFile.model_validate(RAW), REALM)
    org = Org(NORTH, OrgType.SCHOOL, "Nord skole", "Nord skole AS", DISTRICT, "n@example.no")
    roster = Roster(DAY, {}, {}, {}, {}, {}, {}, frozenset())
    [entry] = [e for e in mapping.entries if e.of == "school"]
    made = {f.name: set(values(f.make(OrgContext(org, roster, Site(REALM))))) for f in entry.fields}
    assert made == {"norEduOrgUnitUniqueIdentifier": {f"NO{NORTH}"}, "ou": {"Nord skole"}, "mail": {"n@example.no"}}


@given(
    st.text(min_size=1, max_size=300),
    st.text(min_size=1, max_size=300),
    st.sets(st.sampled_from(sorted(Role)), min_size=1),
)
def test_the_shipped_mapping_is_total_over_any_person(given_name: str, family_name: str, roles: set[Role]) -> None:
    mapping = compile_mapping(MappingFile.model_validate(RAW), REALM)
    user = User("id:1/å", given_name, family_name, f"{given_name} {family_name}", national_id="x", mobile="?")
    orgs = {NORTH: Org(NORTH, OrgType.SCHOOL, "N", "N", DISTRICT, "")}
    enrollments = tuple(Enrollment("id:1/å", NORTH, "", role, None, None, primary=True) for role in sorted(roles))
    roster = Roster(DAY, orgs, {}, {}, {}, {}, {}, frozenset())
    context = PersonContext(
        user, "u", enrollments, frozenset(roles), frozenset({NORTH}), NORTH, DISTRICT, roster, Site(REALM)
    )
    for entry in mapping.entries:
        if entry.of == "person":
            for field in entry.fields:
                assert all(str(v) for v in values(field.make(context)))

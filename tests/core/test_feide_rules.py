"""Feide's rules, value by value, as the information model for schools gives them."""

from dataclasses import replace

import pytest

from provision.core.desired import desired_state
from provision.core.policy import IdentityNumbers, Policy
from provision.core.roster import ClassType, Roster
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, values
from provision.core.subjects import placed_people
from provision.core.usernames import Usernames
from tests.core.nights import MAPPING, REALM
from tests.town import DISTRICT, NORTH, SOUTH, Town, person, place, school_class

GROUP = "urn:mace:feide.no:go:group"
GROUP_ID = "urn:mace:feide.no:go:groupid"
TEST = Policy(identity_numbers=IdentityNumbers.TEST)
GREP = "urn:mace:feide.no:go:grep:http://psi.udir.no/laereplan/aarstrinn"


def fields(town: Town, who: str = "p1", policy: Policy | None = None) -> dict[str, set[str | Key]]:
    """The fields of one person's account; {} where there is none."""
    return fields_of(town.roster(), who, policy)


def fields_of(roster: Roster, who: str = "p1", policy: Policy | None = None) -> dict[str, set[str | Key]]:
    people = placed_people(roster)
    names = Usernames({p: f"user{n}" for n, p in enumerate(sorted(people))}, {})
    desired = desired_state(roster, people, MAPPING, names, Site(REALM, policy or TEST))
    record = desired.records.get(Key(Kind.ACCOUNT, who))
    return {name: set(values(value)) for name, value in record.fields.items()} if record else {}


@pytest.mark.parametrize(
    ("roles", "affiliations", "primary"),
    [
        (["student"], {"student", "member"}, "student"),
        (["teacher"], {"faculty", "employee", "member"}, "faculty"),
        (["staff"], {"staff", "employee", "member"}, "staff"),
        (["aide"], {"staff", "employee", "member"}, "staff"),
        (["administrator", "teacher"], {"staff", "faculty", "employee", "member"}, "faculty"),
        (["student", "teacher"], {"student", "faculty", "employee", "member"}, "faculty"),
    ],
)
def test_affiliations_follow_the_roles(roles: list[str], affiliations: set[str], primary: str) -> None:
    town = Town(users=[person("p1")], enrollments=[place("p1", role=role) for role in roles])
    made = fields(town)
    assert made["eduPersonAffiliation"] == affiliations
    assert made["eduPersonPrimaryAffiliation"] == {primary}
    assert made["eduPersonScopedAffiliation"] == {f"{a}@{REALM}" for a in affiliations}


def test_a_guardian_gets_no_entry() -> None:
    town = Town(users=[person("g1")], enrollments=[place("g1", role="guardian")])
    assert fields(town, "g1") == {}


def test_a_class_becomes_a_group_and_its_id() -> None:
    made = fields(Town(classes=[school_class("6A", title="Klasse 6A")]).add_pupil("p1"))
    assert made["eduPersonEntitlement"] == {
        f"{GROUP}:b::NO{NORTH}:6A:2026-08-01:2027-07-31:student:Klasse%206A",
        f"{GROUP_ID}:b:NO{NORTH}:6a:2026-08-01:2027-07-31",
        f"{GREP}/aarstrinn6",
    }


def test_a_teaching_group_has_its_subject_code_and_one_without_is_of_another_kind() -> None:
    groups = [
        school_class("6A-matte", class_type="scheduled", title="Matematikk for 6A", subject_code="mat0006", grade=""),
        school_class("prosjekt", class_type="scheduled", title="Prosjekt årbok", grade=""),
    ]
    town = Town(users=[person("p1")], classes=groups)
    town.enrollments = [place("p1", NORTH, "6A-matte"), place("p1", NORTH, "prosjekt")]
    assert fields(town)["eduPersonEntitlement"] == {
        f"{GROUP}:u:MAT0006:NO{NORTH}:6A-matte:2026-08-01:2027-07-31:student:Matematikk%20for%206A",
        f"{GROUP_ID}:u:NO{NORTH}:6a-matte:2026-08-01:2027-07-31",
        f"{GROUP}:a::NO{NORTH}:prosjekt:2026-08-01:2027-07-31:student:Prosjekt%20%C3%A5rbok",
        f"{GROUP_ID}:a:NO{NORTH}:prosjekt:2026-08-01:2027-07-31",
    }


def test_ids_and_names_are_percent_encoded_and_the_group_id_is_lower_case_before_that() -> None:
    odd = school_class("3PBB/201:ØR", title="3PB/B: æøå")
    town = Town(users=[person("p1")], classes=[odd], enrollments=[place("p1", NORTH, "3PBB/201:ØR", role="teacher")])
    group, group_id = sorted(fields(town)["eduPersonEntitlement"], key=lambda v: "groupid" in str(v))
    assert (
        group
        == f"{GROUP}:b::NO{NORTH}:3PBB%2F201%3A%C3%98R:2026-08-01:2027-07-31:faculty:3PB%2FB%3A%20%C3%A6%C3%B8%C3%A5"
    )
    assert group_id == f"{GROUP_ID}:b:NO{NORTH}:3pbb%2F201%3A%C3%B8r:2026-08-01:2027-07-31"
    assert len(str(group).split(":")) == 13
    assert len(str(group_id).split(":")) == 10


def test_a_group_without_dates_gets_the_school_year() -> None:
    town = Town(classes=[school_class("6A", begin="", end="")]).add_pupil("p1")
    assert any(":2026-08-01:2027-07-31:" in str(v) for v in fields(town)["eduPersonEntitlement"])


@pytest.mark.parametrize("kind", sorted(set(ClassType) - {ClassType.HOMEROOM, ClassType.SCHEDULED}))
def test_no_other_kind_of_group_goes_out_by_default(kind: str) -> None:
    town = Town(users=[person("p1")], classes=[school_class("x", class_type=kind, grade="")])
    town.enrollments = [place("p1", NORTH, "x")]
    assert "eduPersonEntitlement" not in fields(town)
    allowed = Policy(school_groups={NORTH: frozenset({ClassType(kind)})})
    assert len(fields(town, policy=allowed)["eduPersonEntitlement"]) == 2


def test_a_list_for_one_school_counts_there_only() -> None:
    town = Town(users=[person("p1")])
    town.enrollments = [place("p1", NORTH, "6A"), place("p1", SOUTH, "6B")]
    made = fields(town, policy=Policy(school_groups={NORTH: frozenset()}))["eduPersonEntitlement"]
    assert not any(f"NO{NORTH}" in str(v) for v in made)
    assert any(f"NO{SOUTH}" in str(v) for v in made)


@pytest.mark.parametrize(
    ("grade", "level"), [("1", "aarstrinn1"), ("10", "aarstrinn10"), ("vg2", "vg2"), ("", None), ("11", None)]
)
def test_a_pupils_level_in_grep(grade: str, level: str | None) -> None:
    made = fields(Town(classes=[school_class("6A", grade=grade)]).add_pupil("p1"))["eduPersonEntitlement"]
    assert {v for v in made if ":grep:" in str(v)} == ({f"{GREP}/{level}"} if level else set())


def test_the_group_for_the_whole_grade_decides_in_a_class_of_several() -> None:
    town = Town(
        users=[person("p1")],
        classes=[school_class("1-2", grade="1"), school_class("t2", class_type="grade", grade="2")],
    )
    town.enrollments = [place("p1", NORTH, "1-2"), place("p1", NORTH, "t2", primary="")]
    assert f"{GREP}/aarstrinn2" in fields(town)["eduPersonEntitlement"]


def test_staff_have_no_level_in_grep() -> None:
    town = Town(users=[person("p1")], enrollments=[place("p1", NORTH, "6A", role="teacher")])
    assert not any(":grep:" in str(v) for v in fields(town)["eduPersonEntitlement"])


def test_a_teacher_at_two_schools_has_two_org_units_and_one_of_them_is_primary() -> None:
    town = Town(users=[person("p1")])
    town.enrollments = [place("p1", NORTH, role="teacher", primary=""), place("p1", SOUTH, role="teacher")]
    made = fields(town)
    assert made["eduPersonOrgUnitDN"] == {Key(Kind.ORG, NORTH), Key(Kind.ORG, SOUTH)}
    assert made["eduPersonPrimaryOrgUnitDN"] == {Key(Kind.ORG, SOUTH)}
    assert made["eduPersonOrgDN"] == {Key(Kind.ORG, DISTRICT)}


def test_those_who_work_centrally_have_no_org_unit() -> None:
    made = fields(Town(users=[person("p1")], enrollments=[place("p1", DISTRICT, role="staff")]))
    assert "eduPersonOrgUnitDN" not in made
    assert made["eduPersonOrgDN"] == {Key(Kind.ORG, DISTRICT)}


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_nobody_is_provisioned_for_a_kindergarten(role: str) -> None:
    town = Town(users=[person("p1")], enrollments=[place("p1", role=role)])
    town.orgs[1]["type"] = "kindergarten"
    assert fields(town) == {}


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("15851250066", 1),
        ("49857200151", 1),
        ("15851250067", 0),
        ("1585125006", 0),
        ("190000000108", 1),
        ("158512500661", 0),
        ("ukjent", 0),
        ("", 0),
    ],
)
def test_an_identity_number_is_written_only_where_its_control_digits_hold(number: str, kept: int) -> None:
    made = fields(Town().add_pupil("p1", national_id=number))
    assert made.get("norEduPersonNIN", set()) == ({number} if kept else set())


def _family(**care: str) -> Town:
    town = Town().add_pupil("p1")
    town.users.append(person("g1", national_id="05917797813"))
    town.relationships = [{"user": "p1", "related": "g1", "relation": "guardian"}]
    town.care = [{"sourced_id": "p1", "related_id": "g1", **care}]
    return town


OPEN = replace(TEST, guardian_numbers=True)


def test_a_guardians_number_stands_on_the_childs_entry_only_by_policy_and_with_responsibility() -> None:
    assert "norEduPersonGuardianNIN" not in fields(_family(responsible="1"))
    assert fields(_family(responsible="1"), policy=OPEN)["norEduPersonGuardianNIN"] == {"05917797813"}
    for care in ({}, {"responsible": "0"}, {"responsible": "1", "barred": "1"}, {"lives_with": "1"}):
        assert "norEduPersonGuardianNIN" not in fields(_family(**care), policy=OPEN)


def test_a_guardians_number_is_gone_on_the_18th_birthday() -> None:
    town = _family(responsible="1")
    town.users[0]["birth_date"] = "2008-11-24"
    roster = town.roster()
    assert "norEduPersonGuardianNIN" in fields_of(roster, policy=OPEN)
    assert "norEduPersonGuardianNIN" not in fields_of(replace(roster, day=roster.day.replace(day=24)), policy=OPEN)


def test_a_protected_guardians_number_goes_nowhere() -> None:
    town = _family(responsible="1")
    town.care.append({"sourced_id": "g1", "protected": "1"})
    assert "norEduPersonGuardianNIN" not in fields(town, policy=OPEN)


def test_the_rest_of_a_persons_entry() -> None:
    town = Town().add_pupil(
        "p1", given_name="Åse Marie", family_name="Ødegård", full_name="Åse Marie Skar Ødegård", mail="a@b.no"
    )
    made = fields(town)
    assert made["cn"] == made["displayName"] == {"Åse Marie Ødegård"}
    assert made["norEduPersonLegalName"] == {"Åse Marie Skar Ødegård"}
    assert (made["givenName"], made["sn"]) == ({"Åse Marie"}, {"Ødegård"})
    assert made["norEduPersonBirthDate"] == {"20150817"}
    assert made["norEduPersonLIN"] == {f"{REALM}:localnin:p1"}
    assert made["eduPersonPrincipalName"] == {f"user0@{REALM}"}
    assert made["schacHomeOrganization"] == {REALM}
    assert "mobile" not in made

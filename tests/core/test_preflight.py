"""What Feide's validator would find: one entry that has it and one that is mended, for each finding."""

from string import Formatter
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.desired import Desired, desired_state
from provision.core.language import Language
from provision.core.mapping import TargetMapping, compile_mapping
from provision.core.mapping_file import MappingFile
from provision.core.policy import Policy
from provision.core.preflight.entry import Entry, Of, held
from provision.core.preflight.finding import Finding, Found, Mend
from provision.core.preflight.groups import canonical_id, parse_group
from provision.core.preflight.rules import REQUIRED, duplicate_org_units, findings, held_back, missing_org_unit
from provision.core.preflight.texts import FINDINGS, IN_THE_SIS, MENDS, mended, told
from provision.core.roster import ClassType
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, Value
from provision.core.subjects import placed_people
from provision.core.usernames import Usernames
from tests.builders import DISTRICT, REALM, SCHOOL, a_district, a_pupil, a_school
from tests.core.nights import MAPPING
from tests.core.test_mapping import changed
from tests.town import NORTH, Town, person, place, school_class

GROUP = "urn:mace:feide.no:go:group:"
ID = "urn:mace:feide.no:go:groupid:"
GREP = "urn:mace:feide.no:go:grep:http://psi.udir.no/laereplan/aarstrinn/aarstrinn6"
YEAR = "2026-08-01:2027-07-31"
MATHS = f"{GROUP}u:MAT0006:NO974588145:6A-Matte%2F1:{YEAR}:student:Matematikk"
MATHS_ID = f"{ID}u:NO974588145:6a-matte%2F1:{YEAR}"
HOMEROOM = f"{GROUP}b::NO974588145:6%C3%85:{YEAR}:student:Klasse%206%C3%85"
HOMEROOM_ID = f"{ID}b:NO974588145:6%C3%A5:{YEAR}"
SOUND = frozenset({MATHS, MATHS_ID, HOMEROOM, HOMEROOM_ID, GREP})


def an_entry(of: Of = "person", **fields: Value | None) -> Entry:
    """An entry in which nothing is found, but for what these fields do to it; None takes one away."""
    if of == "district":
        return Entry(of, held(a_district(**fields).fields), REALM)
    if of == "school":
        return Entry(of, held(a_school(**fields).fields), REALM)
    sound: dict[str, Value | None] = {"eduPersonEntitlement": SOUND, "mail": f"kari@{REALM}", "mobile": "+4799990000"}
    return Entry(of, held(a_pupil(**{**sound, **fields}).fields), REALM)


def entitled(*values: str, **fields: Value | None) -> Entry:
    return an_entry(eduPersonEntitlement=frozenset(values), **fields)


FAULTY: list[tuple[Entry, Found]] = [
    *(
        (an_entry(of, **{name: None}), Found(Finding.MISSING_ATTRIBUTE, name))
        for of in REQUIRED
        for name in REQUIRED[of]
    ),
    *(
        (an_entry(**{name: blank}), Found(Finding.MISSING_ATTRIBUTE, name))
        for name, blank in (("sn", frozenset({" "})), ("displayName", ""), ("givenName", frozenset[str]()))
    ),
    (an_entry(eduPersonPrimaryOrgUnitDN=None), Found(Finding.MISSING_ATTRIBUTE, "eduPersonPrimaryOrgUnitDN")),
    *(
        (an_entry(uid=uid, eduPersonPrincipalName=f"{uid}@{REALM}"), Found(finding, attribute))
        for uid, finding, attribute in (
            ("pUp", Finding.UPPERCASE_PRINCIPAL_NAME, "eduPersonPrincipalName"),
            ("påp", Finding.UID_NOT_ASCII, "uid"),
        )
    ),
    *(
        (an_entry(eduPersonPrincipalName=name), Found(Finding.REALM_MISMATCH, "eduPersonPrincipalName", detail=REALM))
        for name in (
            "pup00001@annen.kommune.no",
            f"pup00001@skole.{REALM}",
            "pup00001",
            f"somebody@{REALM}",
            f"@{REALM}",
        )
    ),
    (
        an_entry(schacHomeOrganization="annen.kommune.no"),
        Found(Finding.REALM_MISMATCH, "schacHomeOrganization", detail=REALM),
    ),
    *(
        (an_entry(**{name: frozenset({text})}), Found(Finding.EXTRA_WHITESPACE, name))
        for name in ("cn", "displayName", "givenName", "sn", "norEduPersonLegalName", "mail", "postalAddress")
        for text in ("Kari  Prøve", " Kari", "Kari ", "Kari\tPrøve", "Kari\u00a0Prøve")
    ),
    *(
        (an_entry(mobile=number), Found(Finding.INVALID_MOBILE, "mobile"))
        for number in (
            "99990000",
            "+47 99990000",
            "+4722220000",
            "+479999000",
            "+47999900000",
            "004799990000",
            "ukjent",
        )
    ),
    *(
        (entitled(value, *SOUND), Found(Finding.GROUP_MALFORMED, "eduPersonEntitlement", group, org))
        for value, group, org in (
            (f"{GROUP}b:NO974588145:6A:{YEAR}:student:6A", "2026-08-01", ""),
            (f"{GROUP}t::NO974588145:6A:{YEAR}:student:6A", "6A", "974588145"),
            (f"{GROUP}b::974588145:6A:{YEAR}:student:6A", "6A", "974588145"),
            (f"{GROUP}b::Nord skole:6A:{YEAR}:student:6A", "6A", ""),
            (f"{GROUP}b::NO974588145:6A:2026-08-01:2027-02-30:student:6A", "6A", "974588145"),
            (f"{GROUP}b::NO974588145:6A:20260801:2027-07-31:student:6A", "6A", "974588145"),
            (f"{GROUP}b::NO974588145:6A:{YEAR}:pupil:6A", "6A", "974588145"),
            (f"{GROUP}b::NO974588145::{YEAR}:student:6A", "", "974588145"),
            (f"{GROUP}", "", ""),
        )
    ),
    *(
        (
            entitled(MATHS.replace("MAT0006", code), MATHS_ID, GREP),
            Found(Finding.GROUP_INVALID_CODE, "eduPersonEntitlement", "6A-Matte/1", "974588145", code),
        )
        for code in ("MAT", "mat0006", "MAT01-05", "0006")
    ),
    (
        entitled(HOMEROOM.replace("b::", "b:MAT0006:"), HOMEROOM_ID, GREP),
        Found(Finding.GROUP_INVALID_CODE, "eduPersonEntitlement", "6Å", "974588145", "MAT0006"),
    ),
    (
        entitled(MATHS.replace("MAT0006", ""), MATHS_ID, GREP),
        Found(Finding.GROUP_WITHOUT_CODE, "eduPersonEntitlement", "6A-Matte/1", "974588145"),
    ),
    *(
        (
            entitled(MATHS, HOMEROOM, HOMEROOM_ID, GREP, wrong),
            Found(Finding.GROUP_ID_NOT_CANONICAL, "eduPersonEntitlement", group, "974588145"),
        )
        for wrong, group in (
            (MATHS_ID.replace("6a-matte", "6A-matte"), "6A-matte/1"),
            (MATHS_ID.replace("%2F", "/"), "6a-matte/1"),
            (MATHS_ID.replace("%2F", "%2f"), "6a-matte/1"),
            (MATHS_ID.replace(":u:", ":U:"), "6a-matte/1"),
            (MATHS_ID.replace("NO", "no"), "6a-matte/1"),
        )
    ),
    (
        entitled(*SOUND, f"{ID}b:NO974588145:6b"),
        Found(Finding.GROUP_ID_NOT_CANONICAL, "eduPersonEntitlement", "6b", "974588145"),
    ),
    *(
        (
            entitled(*SOUND, other),
            Found(Finding.GROUP_ID_WITHOUT_GROUP, "eduPersonEntitlement", group, org),
        )
        for other, group, org in (
            (f"{ID}b:NO974588145:6b:{YEAR}", "6b", "974588145"),
            (MATHS_ID.replace("2027", "2026"), "6a-matte/1", "974588145"),
            (MATHS_ID.replace("974588145", "974575086"), "6a-matte/1", "974575086"),
        )
    ),
    (
        entitled(*SOUND - {MATHS_ID}),
        Found(Finding.GROUP_WITHOUT_GROUP_ID, "eduPersonEntitlement", "6A-Matte/1", "974588145"),
    ),
    *(
        (entitled(*SOUND - {GREP}, other), Found(Finding.MISSING_GREP, "eduPersonEntitlement"))
        for other in ("urn:x", GREP.replace("aarstrinn", "aarsgrade"), GREP.replace("trinn6", "trinn11"))
    ),
    (entitled(GREP), Found(Finding.MISSING_GROUPS, "eduPersonEntitlement")),
    (
        entitled(eduPersonAffiliation=frozenset({"faculty", "employee", "member"})),
        Found(Finding.MISSING_GROUPS, "eduPersonEntitlement"),
    ),
    (entitled(MATHS, HOMEROOM, GREP), Found(Finding.MISSING_GROUP_IDS, "eduPersonEntitlement")),
]


@pytest.mark.parametrize(("entry", "found"), FAULTY, ids=lambda part: part.finding if isinstance(part, Found) else "")
def test_who_has_a_fault_has_this_finding_and_no_other(entry: Entry, found: Found) -> None:
    assert set(findings(entry)) == {found}


@pytest.mark.parametrize("of", REQUIRED)
def test_in_an_entry_that_is_mended_nothing_is_found(of: Of) -> None:
    assert list(findings(an_entry(of))) == []
    assert held_back(an_entry(of)) is None


def test_a_reference_that_leads_nowhere_is_found_and_one_that_leads_somewhere_is_not() -> None:
    references = an_entry().held
    assert list(missing_org_unit(references, {SCHOOL, DISTRICT})) == []
    found = {each.attribute for each in missing_org_unit(references, {DISTRICT})}
    assert found == {"eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"}
    assert {each.attribute for each in missing_org_unit(references, {SCHOOL})} == {"eduPersonOrgDN"}


def test_a_number_that_two_schools_have_is_found_and_any_other_is_not() -> None:
    assert duplicate_org_units(["NO1", "NO2", "NO1"]) == {"NO1"}
    assert duplicate_org_units(["NO1", "NO2"]) == frozenset()


def test_every_finding_has_a_fixture() -> None:
    elsewhere = {Finding.MISSING_ORG_UNIT, Finding.DUPLICATE_ORG_UNIT}
    assert {found.finding for _, found in FAULTY} | elsewhere == set(Finding)


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(mobile="+46701234567"),
        an_entry(mobile=None, mail=None),
        an_entry(cn=frozenset({"Kari Prøve", "kari"})),
        an_entry(eduPersonPrincipalName=f"pup00001@{REALM.upper()}".lower()),
        entitled(*SOUND, "urn:mace:example.org:something:else", "http://example.org/"),
        entitled(eduPersonAffiliation=frozenset({"staff", "employee", "member"})),
        entitled(
            eduPersonAffiliation=frozenset({"staff", "employee", "member"}),
            eduPersonOrgUnitDN=None,
            eduPersonPrimaryOrgUnitDN=None,
        ),
        entitled(GREP.replace("aarstrinn6", "vg3"), MATHS, MATHS_ID),
    ],
    ids=["abroad", "no mobile", "cn twice", "realm", "others' values", "staff", "central staff", "upper secondary"],
)
def test_what_is_right_is_no_finding(entry: Entry) -> None:
    assert list(findings(entry)) == []


def test_a_feide_name_without_a_name_is_found_also_where_there_is_no_username_to_compare() -> None:
    for name in (REALM, f"@{REALM}"):
        found = {each.finding for each in findings(an_entry(uid=None, eduPersonPrincipalName=name))}
        assert found == {Finding.MISSING_ATTRIBUTE, Finding.REALM_MISMATCH}


def test_a_pupil_or_teacher_without_a_school_is_found_though_not_held() -> None:
    entry = an_entry(eduPersonOrgUnitDN=None, eduPersonPrimaryOrgUnitDN=None)
    wanted = {"eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"}
    assert {(found.finding, found.attribute) for found in findings(entry)} == {
        (Finding.MISSING_ATTRIBUTE, name) for name in wanted
    }
    assert held_back(entry) is None


def test_an_attribute_that_a_mapping_does_not_name_may_be_kept_by_others() -> None:
    entry = an_entry(sn=None, eduPersonEntitlement=None)
    ours = Entry("person", entry.held, REALM, frozenset(entry.held) - {"edupersonentitlement"})
    assert list(findings(ours)) == []
    assert {found.finding for found in findings(entry)} == {
        Finding.MISSING_ATTRIBUTE,
        Finding.MISSING_GROUPS,
        Finding.MISSING_GREP,
    }


# ── What holds a record back ─────────────────────────────────────────────────────────────────────────────────────
HOLDING = {
    Finding.MISSING_ATTRIBUTE,
    Finding.MISSING_ORG_UNIT,
    Finding.UPPERCASE_PRINCIPAL_NAME,
    Finding.UID_NOT_ASCII,
    Finding.REALM_MISMATCH,
    Finding.DUPLICATE_ORG_UNIT,
    Finding.GROUP_MALFORMED,
}
MAY_WAIT = {"mail", "norEduOrgSchemaVersion", "eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"}


@pytest.mark.parametrize(("entry", "found"), FAULTY, ids=lambda part: part.finding if isinstance(part, Found) else "")
def test_a_record_waits_for_what_makes_it_unusable_and_for_nothing_else(entry: Entry, found: Found) -> None:
    waits = found.finding in HOLDING and found.attribute not in MAY_WAIT
    assert found.holds is waits
    assert held_back(entry) == (found if waits else None)


def desired(town: Town, mapping: TargetMapping = MAPPING) -> Desired:
    roster = town.roster()
    people = placed_people(roster)
    names = Usernames({p: f"user{n}" for n, p in enumerate(sorted(people))}, {})
    return desired_state(roster, people, mapping, names, Site("provedal.kommune.no", Policy()))


def with_fields(path: str, value: object) -> TargetMapping:
    return compile_mapping(MappingFile.model_validate(changed(path, value)), "provedal.kommune.no")


def test_the_one_record_is_held_with_the_field_to_mend_and_all_others_go_on() -> None:
    mapping = with_fields("entry/account/fields/sn", ["{mobile}"])
    made = desired(Town().add_pupil("p1", mobile="+4799990000").add_pupil("p2"), mapping)
    p1, p2 = Key(Kind.ACCOUNT, "p1"), Key(Kind.ACCOUNT, "p2")
    assert made.held == {p2: "family name (etternavn) is missing (sn); correct it in the SIS"}
    assert p1 in made.records
    assert p2 not in made.records
    assert made.flawed[p2].fields["displayName"] == "Kari Prøvep2"


def test_a_record_that_the_mapping_itself_requires_more_of_is_shown_whole() -> None:
    mapping = with_fields("entry/account/fields/mobile", {"template": "{mobile}", "required": True})
    made = desired(Town().add_pupil("p1"), mapping)
    key = Key(Kind.ACCOUNT, "p1")
    assert made.held == {key: "mobile would be empty (template {mobile}); fill it in in the SIS"}
    assert "eduPersonEntitlement" in made.flawed[key].fields


def test_an_export_without_the_municipality_holds_everybody_with_the_reason() -> None:
    town = Town().add_pupil("p1")
    town.orgs = town.orgs[1:]
    assert desired(town).held == {
        Key(Kind.ACCOUNT, "p1"): "school owner (skoleeier) is missing (eduPersonOrgDN); correct it in the SIS"
    }


def test_substitutes_and_whoever_has_no_group_no_grade_or_a_bad_number_are_never_held() -> None:
    town = Town().add_teacher("t1").add_pupil("p1", group="", mobile="ukjent", mail="a b@c")
    town.add_pupil("p2", group="x").classes.append(school_class("x", class_type="scheduled", subject_code="?"))
    made = desired(town)
    assert made.held == {}
    assert len([key for key in made.records if key.kind is Kind.ACCOUNT]) == 3


IDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
KINDS = st.sampled_from([ClassType.HOMEROOM, ClassType.SCHEDULED])
CODES = st.sampled_from(["", "MAT0006", "nor0214"])


@given(
    classes=st.lists(st.tuples(IDS, KINDS, IDS, CODES), max_size=4, unique_by=lambda each: each[0]),
    teaches=st.booleans(),
)
def test_in_the_groups_that_we_make_nothing_is_ever_found(
    *, classes: list[tuple[str, ClassType, str, str]], teaches: bool
) -> None:
    town = Town(users=[person("p1", mail="p1@example.org")], classes=[school_class("6A")])
    town.classes += [
        school_class(
            f"g{name}", class_type=kind, title=title, subject_code=code if kind == "scheduled" else "", grade=""
        )
        for name, kind, title, code in classes
    ]
    town.enrollments = [
        place("p1", NORTH, each["sourced_id"], "teacher" if teaches else "student") for each in town.classes
    ]
    (record,) = [record for key, record in desired(town).records.items() if key.kind is Kind.ACCOUNT]
    assert list(findings(Entry("person", held(record.fields), "provedal.kommune.no"))) == []


@given(IDS, IDS)
def test_the_canonical_form_is_its_own_and_that_of_its_group(local: str, name: str) -> None:
    group = parse_group(f"{GROUP}b::NO974588145:{quote(local, safe='')}:{YEAR}:student:{quote(name, safe='')}")
    assert group is not None
    assert group.local == local
    assert canonical_id(group.id) == group.id


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_finding_every_remedy_and_every_field_is_told_in_all_three_languages() -> None:
    assert FINDINGS.keys() == set(Finding)
    assert MENDS.keys() == set(Mend)
    for texts in (*FINDINGS.values(), *MENDS.values(), *IN_THE_SIS.values()):
        assert texts.keys() == set(Language)
        assert all(text and text == text.strip() and not text.endswith(".") for text in texts.values())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("found", [found for _, found in FAULTY], ids=lambda found: found.finding)
def test_a_text_says_what_is_wrong_and_where_to_mend_it(found: Found, language: Language) -> None:
    for mend in Mend:
        text = told(found, mend, language)
        assert MENDS[mend][language] in text
        assert not list(filter(None, (name for _, name, _, _ in Formatter().parse(text))))
        assert found.detail in text
    if mended(found) is Mend.SIS and (field := IN_THE_SIS.get(found.attribute)):
        assert field[language] in told(found, Mend.SIS, language)


@pytest.mark.parametrize(
    ("found", "language", "text"),
    [
        (Found(Finding.MISSING_ATTRIBUTE, "sn"), "nb", "etternavn mangler (sn); rett det i skolesystemet"),
        (Found(Finding.MISSING_ATTRIBUTE, "sn"), "nn", "etternamn manglar (sn); rett det i skulesystemet"),
        (
            Found(Finding.GROUP_WITHOUT_CODE, "eduPersonEntitlement", "6a", NORTH),
            "nb",
            "undervisningsgruppa mangler fagkode (Grep); rett det i skolesystemet: fagkode på gruppa",
        ),
        (
            Found(Finding.MISSING_ATTRIBUTE, "norEduOrgSchemaVersion"),
            "en",
            "norEdu version is missing (norEduOrgSchemaVersion); IT corrects it in the mapping",
        ),
    ],
)
def test_a_text_reads_like_this(found: Found, language: str, text: str) -> None:
    assert told(found, mended(found), Language(language)) == text

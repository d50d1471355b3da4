"""Groups of a PIFU-IMS document: what each is, which school it belongs to, its subject and grade."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.extract import Extract
from provision.core.roster import ClassType
from provision.formats.grades import grade_of_code, grade_of_title
from provision.formats.pifu_ims import GROUP_LEVELS, SCHEME_GROUP, class_type
from tests import pifu
from tests.pifu import group, identifier, member, membership, org, person, role, rows

ELEV: Final = person("elev-1")


def classes(folder: Path, *groups: str) -> dict[str, dict[str, str]]:
    extract = pifu.extract(folder, ELEV, pifu.ORGS, *groups)
    return {row["sourced_id"]: row for row in rows(extract, "classes")}


def rejected(extract: Extract) -> list[tuple[str, str, str]]:
    return [(row["table"], row["sourced_id"], row["org"]) for row in rows(extract, "rejects")]


@pytest.mark.parametrize("known", GROUP_LEVELS, ids=lambda known: known.text)
def test_every_group_type_is_known_by_text_and_by_level(tmp_path: Path, known: tuple[str, str, ClassType]) -> None:
    level, text, kind = known
    found = classes(
        tmp_path, group("by-both", text, level), group("by-text", text.upper(), "99"), group("by-level", "annet", level)
    )
    assert {row["class_type"] for row in found.values()} == {kind}
    assert len(found) == 3


@pytest.mark.parametrize(("scheme", "kind", "level"), [(SCHEME_GROUP, "klubb", "17"), ("other", "basisgruppe", "1")])
def test_a_type_we_do_not_know_is_unknown_and_no_reject(tmp_path: Path, scheme: str, kind: str, level: str) -> None:
    extract = pifu.extract(tmp_path, ELEV, pifu.ORGS, group("g", kind, level, scheme=scheme))
    assert [row["class_type"] for row in rows(extract, "classes")] == ["unknown"]
    assert rejected(extract) == []


@pytest.mark.parametrize(
    "text", ["spesialundervisning", "Spesialpedagogisk hjelp", "individuelt tilrettelagt opplæring"]
)
def test_special_education_is_never_taken_for_a_teaching_group(text: str) -> None:
    assert class_type(SCHEME_GROUP, "2", text) is ClassType.SPECIAL


@given(st.text(), st.text(), st.text())
def test_any_type_is_some_type(scheme: str, level: str, text: str) -> None:
    assert class_type(scheme, level, text) in ClassType


def test_orgs_are_named_by_their_organisation_number(tmp_path: Path) -> None:
    extension = '<pifu_name type="legalName"><pifu_value>NORDLYS SKULE</pifu_value></pifu_name>'
    mail = '<pifu_email type="orgEmail">post@nordlys.example</pifu_email>'
    school = org("skole-1", f"NO{pifu.SCHOOL}", extension=extension + mail)
    nursery = org("bhg-1", "974 575 086", "Lyset", extension="<pifu_schoolType>barnehage</pifu_schoolType>")
    assert rows(pifu.extract(tmp_path, ELEV, pifu.OWNER, school, nursery), "orgs") == [
        {
            "sourced_id": pifu.DISTRICT,
            "type": "district",
            "name": "Nordlys kommune",
            "legal_name": "",
            "parent": "",
            "mail": "",
        },
        {
            "sourced_id": pifu.SCHOOL,
            "type": "school",
            "name": "Nordlys skole",
            "legal_name": "NORDLYS SKULE",
            "parent": pifu.DISTRICT,
            "mail": "post@nordlys.example",
        },
        {
            "sourced_id": pifu.OTHER_SCHOOL,
            "type": "kindergarten",
            "name": "Lyset",
            "legal_name": "",
            "parent": pifu.DISTRICT,
            "mail": "",
        },
    ]


def test_a_school_that_is_also_a_kindergarten_is_a_school(tmp_path: Path) -> None:
    both = "<pifu_schoolType>barnehage</pifu_schoolType><pifu_schoolType>barneskole</pifu_schoolType>"
    extract = pifu.extract(tmp_path, ELEV, pifu.OWNER, org("skole-1", pifu.SCHOOL, extension=both))
    assert [row["type"] for row in rows(extract, "orgs")] == ["district", "school"]


@pytest.mark.parametrize("number", ["", "974588146", "97458814", "0974588145", "NONO974588145", "school", pifu.SCHOOL])
def test_a_school_without_a_number_of_its_own_is_rejected_with_all_that_is_in_it(tmp_path: Path, number: str) -> None:
    extract = pifu.extract(
        tmp_path,
        ELEV,
        person("laerer-1"),
        pifu.ORGS,
        org("skole-2", number),
        group("b-2", parent="skole-2"),
        membership("skole-2", member("laerer-1", role("02"))),
        membership("b-2", member("elev-1")),
    )
    assert rejected(extract) == [
        ("orgs", "skole-2", "skole-2"),
        ("classes", "b-2", "skole-2"),
        ("enrollments", "laerer-1", "skole-2"),
        ("enrollments", "elev-1", "skole-2"),
    ]
    assert set(extract.completeness) == {pifu.DISTRICT, pifu.SCHOOL}
    assert extract.completeness[pifu.SCHOOL].unreadable == 0


def test_a_class_finds_its_school_through_other_groups_in_any_order(tmp_path: Path) -> None:
    found = classes(
        tmp_path,
        group("u-1", "undervisningsgruppe", "2", title="Norsk 6A", parent="fag-1"),
        group("fag-1", "fag", "7", title="Norsk", parent="trinn-6"),
        group("trinn-6", "trinn", "4", title="6. trinn"),
    )
    assert {row["org"] for row in found.values()} == {pifu.SCHOOL}
    assert len(found) == 3


def test_groups_that_lead_to_no_school_are_rejected(tmp_path: Path) -> None:
    circle = group("a", parent="b"), group("b", parent="a")
    extract = pifu.extract(tmp_path, ELEV, pifu.ORGS, *circle, group("c", parent="nowhere"))
    assert rejected(extract) == [("classes", "a", ""), ("classes", "b", ""), ("classes", "c", "")]
    assert extract.completeness[pifu.SCHOOL].unreadable == 3


def test_a_group_without_a_name_is_rejected(tmp_path: Path) -> None:
    extract = pifu.extract(tmp_path, ELEV, pifu.ORGS, group("b-1", title=""), membership("b-1", member("elev-1")))
    assert rejected(extract) == [("classes", "b-1", pifu.SCHOOL), ("enrollments", "elev-1", pifu.SCHOOL)]


def test_the_long_name_serves_where_the_short_is_missing_or_cut(tmp_path: Path) -> None:
    whole = "Valgfag fysisk aktivitet og helse for tiende trinn, første halvår"
    found = classes(
        tmp_path,
        group("a", title="", long="Lang"),
        group("b", title="Kort", long="Kort og lang"),
        group("c", title=whole[:60], long=whole),
    )
    assert {key: row["title"] for key, row in found.items()} == {"a": "Lang", "b": "Kort", "c": whole}


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        (identifier("grepCode", "nor0214"), "NOR0214"),
        (identifier("grepCode", "uuid:1234") + identifier("grepCodeShortForm", "NOR0214"), "NOR0214"),
        (identifier("grepCode", "http://psi.udir.no/kl06/NOR0214"), "NOR0214"),
        (identifier("grepCode", "uuid:1234"), "MAT0006"),
        ("", "MAT0006"),
    ],
)
def test_a_teaching_group_has_its_own_code_or_that_of_its_subject(
    tmp_path: Path, extension: str, expected: str
) -> None:
    found = classes(
        tmp_path,
        group("u-1", "undervisningsgruppe", "2", title="Gruppe", parent="fag-1", extension=extension),
        group("fag-1", "fag", "7", title="Matematikk", extension=identifier("grepCode", "MAT0006")),
    )
    assert found["u-1"]["subject_code"] == expected


def test_the_grade_comes_from_the_code_then_from_the_grade_above_then_from_the_title(tmp_path: Path) -> None:
    code = identifier("grepCodeGradeLevel", "http://psi.udir.no/laereplan/aarstrinn/aarstrinn6")
    found = classes(
        tmp_path,
        group("coded", title="7X", extension=code),
        group("under-coded", title="Ulvene", parent="t-8"),
        group("t-8", "trinn", "4", title="Åttende", extension=identifier("grepCode", "aarstrinn8")),
        group("under-titled", title="Revene", parent="t-10"),
        group("t-10", "trinn", "4", title="10. trinn"),
        group("titled", title="3B"),
        group("mixed", title="1.-2. klasse"),
        group("teaching", "undervisningsgruppe", "2", title="3 timer norsk"),
    )
    assert {key: row["grade"] for key, row in found.items()} == {
        "coded": "6",
        "under-coded": "8",
        "t-8": "8",
        "under-titled": "10",
        "t-10": "10",
        "titled": "3",
        "mixed": "",
        "teaching": "",
    }


def test_titles_of_upper_secondary_are_grades_of_upper_secondary(tmp_path: Path) -> None:
    school = org("vgs-1", pifu.SCHOOL, extension="<pifu_schoolType>videregående</pifu_schoolType>")
    extract = pifu.extract(tmp_path, ELEV, pifu.OWNER, school, group("b", title="2STA", parent="vgs-1"))
    assert rows(extract, "classes")[0]["grade"] == "vg2"


@pytest.mark.parametrize(
    ("title", "grade"),
    [
        ("6A", "6"), ("10. trinn", "10"), (" 1 B", "1"), ("7. klasse (2026)", "7"), ("1-2", ""), ("1.\u20132.", ""),
        ("5/6", ""), ("3 og 4", ""), ("11A", ""), ("0A", ""), ("A6", ""), ("2026", ""), ("", ""),
    ],
)  # fmt: skip  # short cases, many to a line
def test_a_title_tells_the_grade_only_where_it_is_plain(title: str, grade: str) -> None:
    assert grade_of_title(title) == grade


@pytest.mark.parametrize(
    ("code", "grade"), [("aarstrinn1", "1"), ("Aarstrinn10", "10"), ("vg1", "vg1"), ("VG3", "vg3"), ("NOR0214", "")]
)
def test_a_code_tells_the_grade(code: str, grade: str) -> None:
    assert grade_of_code(code) == grade


def test_times_are_kept_and_nonsense_among_them_is_open(tmp_path: Path) -> None:
    found = classes(
        tmp_path,
        group("year", frame='<timeframe><begin restrict="0">2026-08-01</begin><end>2027-07-31</end></timeframe>'),
        group("backwards", frame="<timeframe><begin>2027-07-31</begin><end>2026-08-01</end></timeframe>"),
        group("bare", frame="<timeframe><adminperiod>2026/2027</adminperiod></timeframe>"),
    )
    assert {key: (row["begin"], row["end"]) for key, row in found.items()} == {
        "year": ("2026-08-01", "2027-07-31"),
        "backwards": ("", ""),
        "bare": ("", ""),
    }


def test_a_group_goes_by_its_present_id_and_announces_nothing(tmp_path: Path) -> None:
    extract = pifu.extract(
        tmp_path,
        ELEV,
        pifu.OWNER,
        org("ny-skole", pifu.SCHOOL).replace("<group>", "<group>" + pifu.sourcedid("gammel-skole", kind="Old")),
        group("b", ids=pifu.sourcedid("ny", kind="New") + pifu.sourcedid("gammel", kind="Old")),
        group("c", ids=pifu.sourcedid("to") + pifu.sourcedid("dobbel", kind="Duplicate")),
    )
    assert rows(extract, "id_changes") == []


def test_group_ids_change_and_clash_as_those_of_persons_do(tmp_path: Path) -> None:
    changed = pifu.sourcedid("ny", kind="New") + pifu.sourcedid("gammel", kind="Old")
    extract = pifu.extract(
        tmp_path,
        ELEV,
        pifu.ORGS,
        group("b", ids=changed),
        group("twice", title="Første"),
        group("twice", title="Andre"),
        group("split"),
        group("split", ids=pifu.sourcedid("split", "other")),
        membership("gammel", member("elev-1")),
        membership("split", member("elev-1")),
    )
    assert [(row["sourced_id"], row["title"]) for row in rows(extract, "classes")] == [
        ("ny", "6A"),
        ("twice", "Første"),
    ]
    assert [row["school_class"] for row in rows(extract, "enrollments")] == ["ny"]
    assert rejected(extract) == [
        ("classes", "twice", ""),
        *[("classes", "split", "")] * 2,
        ("enrollments", "elev-1", ""),
    ]


def test_a_deleted_class_is_gone_but_a_deleted_school_is_a_doubt(tmp_path: Path) -> None:
    extract = pifu.extract(
        tmp_path,
        ELEV,
        pifu.ORGS,
        group("b-1", recstatus="3"),
        org("skole-2", pifu.OTHER_SCHOOL).replace("<group>", '<group recstatus="3">'),
        membership("b-1", member("elev-1")),
    )
    assert rejected(extract) == [("orgs", "skole-2", "skole-2")]
    assert rows(extract, "classes") == rows(extract, "enrollments") == []

"""Orgs, sessions, courses and classes of OneRoster: what each is, which school it belongs to, its subject and grade."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.extract import Extract
from provision.core.roster import ClassType
from provision.errors import SourceError
from provision.sources.oneroster.words import class_type, grade, last_day, metadata, subject_code, subject_of
from tests import packages
from tests.packages import course, enrollment, org, reasons, rejected, role, rows, school_class, small, term

OWNER: Final = org("eier", packages.DISTRICT, "district", "", name="Nordlys kommune")


def with_orgs(folder: Path, *orgs: packages.Row) -> Extract:
    return packages.extract(folder, small() | {"orgs": [OWNER, org("skole-1", packages.SCHOOL), *orgs]})


def with_classes(folder: Path, *classes: packages.Row, **tables: list[packages.Row]) -> Extract:
    return packages.extract(folder, small() | {"classes": [school_class(), *classes]} | tables)


def classes(extract: Extract) -> dict[str, dict[str, str]]:
    return {row["sourced_id"]: row for row in rows(extract, "classes")}


def test_orgs_are_named_by_their_organisation_number(tmp_path: Path) -> None:
    assert rows(packages.extract(tmp_path, small()), "orgs") == [
        {
            "sourced_id": packages.DISTRICT,
            "type": "district",
            "name": "Nordlys kommune",
            "legal_name": "",
            "parent": "",
            "mail": "",
        },
        {
            "sourced_id": packages.SCHOOL,
            "type": "school",
            "name": "Nordlys skole",
            "legal_name": "",
            "parent": packages.DISTRICT,
            "mail": "",
        },
    ]


@pytest.mark.parametrize(
    "cells",
    [
        {"id_": "skole-2", "number": packages.OTHER_SCHOOL},
        {"id_": "skole-2", "number": "NO 974 575 086"},
        {"id_": packages.OTHER_SCHOOL, "number": "14011"},
        {"id_": "NO974575086"},
        {"id_": "skole-2", "metadata.organizationNumber": packages.OTHER_SCHOOL},
        {"id_": "skole-2", "number": "14011", "metadata.vendor.organisasjonsnummer": packages.OTHER_SCHOOL},
    ],
)
def test_the_number_is_taken_from_wherever_it_stands(tmp_path: Path, cells: dict[str, str]) -> None:
    extract = with_orgs(tmp_path, org(**cells))
    assert packages.OTHER_SCHOOL in [row["sourced_id"] for row in rows(extract, "orgs")]
    assert rejected(extract) == []


@pytest.mark.parametrize("number", ["", "14011", "974575087", packages.SCHOOL])
def test_a_school_without_a_number_of_its_own_is_rejected_with_its_classes(tmp_path: Path, number: str) -> None:
    tables = small()
    tables["orgs"].append(org("skole-2", number))
    tables["classes"].append(school_class("7b", schoolSourcedId="skole-2"))
    tables["enrollments"].append(enrollment("elev-1", "7b"))
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == [
        ("orgs", "skole-2", "skole-2"),
        ("classes", "7b", "skole-2"),
        ("enrollments", "elev-1", "skole-2"),
    ]
    assert "orgs.csv, line 4" in reasons(extract)
    assert "classes.csv, line 3" in reasons(extract)


@pytest.mark.parametrize(("word", "kind"), [("ext:kindergarten", "kindergarten"), ("school", "school")])
def test_a_kindergarten_says_so_in_a_word_of_its_own(tmp_path: Path, word: str, kind: str) -> None:
    extract = with_orgs(tmp_path, org("bhg", packages.OTHER_SCHOOL, word))
    assert [row["type"] for row in rows(extract, "orgs")] == ["district", "school", kind]


def test_the_municipality_may_be_called_local_where_nothing_is_a_district(tmp_path: Path) -> None:
    local = {**OWNER, "type": "local"}
    tables = small() | {"orgs": [local, org("skole-1", packages.SCHOOL)]}
    assert [row["type"] for row in rows(packages.extract(tmp_path, tables), "orgs")] == ["district", "school"]
    with_both = with_orgs(tmp_path, {**local, "sourcedId": "fylke", "identifier": packages.OTHER_SCHOOL})
    assert [row["type"] for row in rows(with_both, "orgs")] == ["district", "school"]


@pytest.mark.parametrize("word", ["department", "ext:team", "building"])
def test_what_is_no_school_counts_as_the_school_above_it(tmp_path: Path, word: str) -> None:
    tables = small()
    tables["orgs"] += [
        org("avd", "", word, "skole-1"),
        org("rom", "", word, "avd"),
        org("skole-2", "974575086", parent="rom"),
    ]
    tables["roles"].append(role("elev-1", "aide", "rom"))
    tables["classes"].append(school_class("7b", schoolSourcedId="avd"))
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == []
    assert classes(extract)["7b"]["org"] == packages.SCHOOL
    assert {row["org"] for row in rows(extract, "enrollments")} == {packages.SCHOOL}
    assert [row["parent"] for row in rows(extract, "orgs")] == ["", packages.DISTRICT, packages.SCHOOL]


def test_an_org_above_all_schools_is_no_place_to_be(tmp_path: Path) -> None:
    tables = small()
    tables["orgs"].append(org("stat", "", "national", "stat"))
    tables["roles"].append(role("laerer-1", "teacher", "stat"))
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == [("enrollments", "laerer-1", "")]
    assert "is no school and belongs to none (roles.csv, line 5)" in reasons(extract)


def test_orgs_that_are_each_others_parents_are_read(tmp_path: Path) -> None:
    extract = with_orgs(tmp_path, org("a", "974575086", parent="b"), org("b", "", "department", "a"))
    assert rejected(extract) == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"sourcedId": "skole-1"}, "the same id stands twice"),
        ({"sourcedId": ""}, "sourcedId is empty"),
        ({"status": "deleted"}, "active, tobedeleted or inactive"),
        ({"name": " "}, "name is empty"),
    ],
)
def test_an_org_with_a_fault_is_rejected_alone(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    extract = with_orgs(tmp_path, {**org("skole-2", packages.OTHER_SCHOOL), **cells})
    assert [row["sourced_id"] for row in rows(extract, "orgs")] == [packages.DISTRICT, packages.SCHOOL]
    assert [table for table, _, _ in rejected(extract)] == ["orgs"]
    assert f"{said} (orgs.csv, line 4)" in reasons(extract)


def test_what_is_no_longer_there_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    tables = small()
    tables["orgs"].append(org("skole-2", packages.OTHER_SCHOOL, status="tobedeleted"))
    tables["classes"] += [school_class("7b", schoolSourcedId="skole-2"), school_class("8a", status="tobedeleted")]
    tables["enrollments"] += [enrollment("elev-1", "7b"), enrollment("elev-1", "8a")]
    tables["roles"].append(role("laerer-1", "teacher", "skole-2"))
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == []
    assert list(classes(extract)) == ["6a"]
    assert {row["org"] for row in rows(extract, "enrollments")} == {packages.SCHOOL}


def test_the_end_of_a_session_is_the_day_before(tmp_path: Path) -> None:
    assert rows(packages.extract(tmp_path, small()), "sessions") == [
        {"sourced_id": "ar", "title": "2026/2027", "begin": "2026-08-01", "end": "2027-07-31"}
    ]


@given(st.dates())
def test_the_last_day_is_the_one_before_the_end(day: object) -> None:
    assert last_day(str(day)) < str(day) or str(day) == "0001-01-01"
    assert last_day("snart") == "snart"
    assert last_day("") == ""


@pytest.mark.parametrize(
    "cells", [{"endDate": "2026-08-01"}, {"endDate": "2026-01-01"}, {"startDate": ""}, {"endDate": "01.08.2027"}]
)
def test_a_session_without_two_dates_takes_its_classes_with_it(tmp_path: Path, cells: dict[str, str]) -> None:
    broken = [term(), {**term("host"), **cells}]
    extract = with_classes(tmp_path, school_class("7b", termSourcedIds="ar,host"), academicSessions=broken)
    assert rejected(extract) == [("sessions", "host", ""), ("classes", "7b", packages.SCHOOL)]
    assert list(classes(extract)) == ["6a"]


def test_a_session_of_one_day_counts_and_one_that_is_no_longer_there_does_not(tmp_path: Path) -> None:
    terms = [term(), term("dag", "2026-08-17", "2026-08-18"), term("gammel", status="tobedeleted")]
    extract = with_classes(
        tmp_path,
        school_class("7b", termSourcedIds="dag"),
        school_class("7c", termSourcedIds="gammel"),
        academicSessions=terms,
    )
    assert [(row["sourced_id"], row["end"]) for row in rows(extract, "sessions")] == [
        ("ar", "2027-07-31"),
        ("dag", "2026-08-17"),
    ]
    assert rejected(extract) == [("classes", "7c", packages.SCHOOL)]


def test_a_class_lasts_from_its_first_term_to_its_last(tmp_path: Path) -> None:
    terms = [term(), term("host", "2026-08-17", "2026-12-20"), term("vaar", "2027-01-04", "2027-06-19")]
    extract = with_classes(
        tmp_path,
        school_class("7b", termSourcedIds="vaar,host"),
        school_class("7c", termSourcedIds=""),
        academicSessions=terms,
    )
    assert [(row["begin"], row["end"]) for row in rows(extract, "classes")] == [
        ("2026-08-01", "2027-07-31"),
        ("2026-08-17", "2027-06-18"),
        ("", ""),
    ]


def test_where_no_sessions_or_courses_are_given_classes_are_open_and_without_code(tmp_path: Path) -> None:
    tables = small()
    del tables["academicSessions"], tables["courses"]
    extract = packages.extract(tmp_path, tables)
    assert rejected(extract) == []
    assert [(row["begin"], row["end"], row["subject_code"]) for row in rows(extract, "classes")] == [("", "", "")]


def test_a_course_that_is_not_there_is_told_and_the_class_remains(tmp_path: Path) -> None:
    extract = with_classes(tmp_path, school_class("7b", courseSourcedId="borte"))
    assert list(classes(extract)) == ["6a", "7b"]
    assert rejected(extract) == [("classes", "7b", packages.SCHOOL)]
    assert "courseSourcedId: not among the courses (classes.csv, line 3)" in reasons(extract)


@pytest.mark.parametrize(
    ("cells", "said", "org_id"),
    [
        ({"sourcedId": "6a"}, "the same id stands twice", ""),
        ({"sourcedId": ""}, "sourcedId is empty", ""),
        ({"status": "gone"}, "status is neither", ""),
        ({"title": ""}, "title is empty", packages.SCHOOL),
        ({"schoolSourcedId": "borte"}, "schoolSourcedId: not among the orgs", ""),
        ({"termSourcedIds": "borte"}, "termSourcedIds: not all of them", packages.SCHOOL),
    ],
)
def test_a_class_with_a_fault_is_rejected_alone(tmp_path: Path, cells: dict[str, str], said: str, org_id: str) -> None:
    extract = with_classes(tmp_path, {**school_class("7b"), **cells})
    assert list(classes(extract)) == ["6a"]
    assert [(table, org) for table, _, org in rejected(extract)] == [("classes", org_id)]
    assert said in reasons(extract)
    assert "(classes.csv, line 3)" in reasons(extract)


@pytest.mark.parametrize("kind", list(ClassType))
def test_every_class_type_has_a_word(kind: ClassType) -> None:
    assert class_type(f"ext:{kind}", "") is kind
    assert class_type(kind, "") is kind


@pytest.mark.parametrize(
    ("group_type", "kind"),
    [
        ("Class", ClassType.HOMEROOM),
        ("SubjectGroup", ClassType.SCHEDULED),
        ("LearningSupport", ClassType.SPECIAL),
        ("NativeLanguage", ClassType.LANGUAGE),
        ("SfoGroup", ClassType.AFTER_SCHOOL),
        ("PasTestGroup", ClassType.EXAM),
        ("OtherUsers", ClassType.UNKNOWN),
        ("Brass band", ClassType.UNKNOWN),
    ],
)
def test_the_providers_own_group_type_decides(tmp_path: Path, group_type: str, kind: ClassType) -> None:
    extract = with_classes(
        tmp_path,
        school_class("7b", "scheduled", **{"metadata.onedhub.groupType": group_type}),
        school_class("7c", "club"),
    )
    assert [row["class_type"] for row in rows(extract, "classes")] == ["homeroom", kind, "unknown"]
    assert rejected(extract) == []


@pytest.mark.parametrize(
    ("class_codes", "course_cells", "code"),
    [
        ("nor0214,NOR0215", {"subjectCodes": "MAT0015"}, "NOR0214"),
        ("", {"subjectCodes": "MAT0015", "courseCode": "ENG0025"}, "MAT0015"),
        ("", {"courseCode": "eng0025"}, "ENG0025"),
        ("", {"courseCode": "6. trinn"}, ""),
        ("", {"courseCode": "FAG-12"}, ""),
        ("https://psi.udir.no/kl06/NOR0214", {}, "NOR0214"),
        ("uuid:1b2c", {}, ""),
        ("aarstrinn6,NOR0214", {}, "NOR0214"),
    ],
)
def test_the_subject_is_the_classs_own_or_its_courses(
    tmp_path: Path, class_codes: str, course_cells: dict[str, str], code: str
) -> None:
    extract = with_classes(
        tmp_path,
        school_class("7b", courseSourcedId="sprak", subjectCodes=class_codes),
        courses=[course(), course("sprak", **course_cells)],
    )
    assert classes(extract)["7b"]["subject_code"] == code


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ("06", "6"), ("6", "6"), ("10", "10"), ("11", "vg1"), ("13", "vg3"), ("vg2", "vg2"), ("VG2", "vg2"),
        ("aarstrinn7", "7"), ("06,07", ""), ("06,6", "6"), ("KG", ""), ("14", ""), ("", ""), ("0", ""),
    ],
)  # fmt: skip  # short cases, many to a line
def test_a_class_has_the_one_grade_of_its_list(grades: str, expected: str) -> None:
    assert grade(grades) == expected


def test_the_grade_may_be_the_courses(tmp_path: Path) -> None:
    extract = with_classes(
        tmp_path,
        school_class("7b", courseSourcedId="trinn"),
        school_class("8b", courseSourcedId="trinn", grades="08"),
        school_class("9b", courseSourcedId="fag", subjectCodes="aarstrinn9"),
        courses=[course(), course("trinn", courseCode="aarstrinn7")],
    )
    assert [row["grade"] for row in rows(extract, "classes")] == ["", "7", "8", "9"]


@given(st.text(), st.text())
def test_any_words_have_a_meaning_or_none(word: str, other: str) -> None:
    assert class_type(word, other) in ClassType
    assert not subject_of(word) or subject_code(word)
    assert metadata(None, frozenset({other})) == ()


@pytest.mark.parametrize("table", ["orgs", "classes"])
def test_letters_of_a_wrong_encoding_are_refused_by_file_and_line(tmp_path: Path, table: str) -> None:
    tables = small()
    damaged = {"orgs": org("s", name="NordlysgÃ¥rden"), "classes": school_class("7b", title="K\ufffdre")}
    tables[table].append(damaged[table])
    with pytest.raises(SourceError, match=rf"oneroster\.zip: {table}\.csv, line \d: letters damaged"):
        packages.extract(tmp_path, tables)

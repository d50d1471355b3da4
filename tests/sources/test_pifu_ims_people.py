"""Persons of a PIFU-IMS document: every field that is ours, and what becomes of those that cannot be used."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.core.extract import COLUMNS
from provision.formats.mojibake import damaged
from tests import canaries, pifu
from tests.pifu import element, guardian_of, person, rows, sourcedid


def users(folder: Path, *people: str) -> list[dict[str, str]]:
    return rows(pifu.extract(folder, *people, pifu.ORGS), "users")


def rejects(folder: Path, *pieces: str) -> list[tuple[str, str, str]]:
    found = rows(pifu.extract(folder, person("whoever"), *pieces), "rejects")
    return [(row["table"], row["sourced_id"], row["reason"]) for row in found]


def test_every_field_finds_its_column(tmp_path: Path) -> None:
    rest = (
        '<userid useridtype="sisID">77</userid>'
        f'<userid useridtype="personNIN">{canaries.NIN}</userid>'
        '<userid useridtype="feideID">asno@nordlys.example</userid>'
        "<demographics><gender>1</gender><bday>2012-05-15</bday></demographics>"
        "<email>ase@nordlys.example</email>"
        '<tel teltype="1">+4722999999</tel><tel teltype="3">+4799999999</tel>'
    )
    active = (
        '<pifu_status type="activeInactive">aktiv</pifu_status><pifu_status type="pupilStatus">heltid</pifu_status>'
    )
    assert users(
        tmp_path, person("elev-1", "Åse", "Nordmann", full="Åse Li Nordmann", rest=rest, extension=active)
    ) == [
        {
            "sourced_id": "elev-1",
            "status": "active",
            "given_name": "Åse",
            "family_name": "Nordmann",
            "full_name": "Åse Li Nordmann",
            "national_id": canaries.NIN,
            "birth_date": "2012-05-15",
            "mail": "ase@nordlys.example",
            "mobile": "+4799999999",
            "principal_name": "asno@nordlys.example",
        }
    ]


def test_absent_fields_are_empty_texts(tmp_path: Path) -> None:
    (row,) = users(tmp_path, person("elev-1", "Åse", "Bø", full=""))
    assert row["full_name"] == "Åse Bø"
    assert {row[name] for name in ("national_id", "birth_date", "mail", "mobile", "principal_name")} == {""}


def test_the_extension_fills_what_the_person_lacks_but_no_private_address(tmp_path: Path) -> None:
    extension = (
        '<pifu_email type="personEmailPrivate">private@home.example</pifu_email>'
        '<pifu_email type="personEmailAtOrg">work@nordlys.example</pifu_email>'
        '<pifu_tel type="personTelephoneAtOrg">+4722999999</pifu_tel>'
        '<pifu_tel type="personMobilePrivate">+4799999991</pifu_tel>'
    )
    (row,) = users(tmp_path, person("laerer-1", extension=extension))
    assert (row["mail"], row["mobile"]) == ("work@nordlys.example", "+4799999991")
    own = '<email>own@nordlys.example</email><tel teltype="Mobile">+4799999992</tel>'
    (row,) = users(tmp_path, person("laerer-1", rest=own, extension=extension))
    assert (row["mail"], row["mobile"]) == ("own@nordlys.example", "+4799999992")


@pytest.mark.parametrize("kind", ["dNumber", "dufNumber"])
def test_other_numbers_serve_where_there_is_no_national_one(tmp_path: Path, kind: str) -> None:
    other = f'<userid useridtype="{kind}">201012345678</userid>'
    national = f'<userid useridtype="personNIN">{canaries.NIN}</userid>'
    assert users(tmp_path, person("elev-1", rest=other))[0]["national_id"] == "201012345678"
    assert users(tmp_path, person("elev-1", rest=other + national))[0]["national_id"] == canaries.NIN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2012-05-15", "2012-05-15"),
        ("2012-05-15T00:00:00", "2012-05-15"),
        ("2012-05-15+02:00", "2012-05-15"),
        (" 2012-05-15 ", "2012-05-15"),
        ("15.05.2012", "15.05.2012"),
    ],
)
def test_a_date_is_cut_to_its_day_and_anything_else_kept_to_be_judged(tmp_path: Path, said: str, expected: str) -> None:
    rest = f"<demographics>{element('bday', said)}</demographics>"
    assert users(tmp_path, person("elev-1", rest=rest))[0]["birth_date"] == expected


@pytest.mark.parametrize("text", ["NA", "null", "None", "nan", "007", "1e5", "TRUE", 'O\'Brien; Jr, "III"', "<&>"])
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    (row,) = users(tmp_path, person(text, text, text))
    assert (row["sourced_id"], row["given_name"], row["family_name"]) == (text, text, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=300))
def test_a_name_is_read_letter_by_letter_or_the_file_refused(tmp_path: Path, name: str) -> None:
    if not damaged(name):
        assert users(tmp_path, person("elev-1", name))[0]["given_name"] == name


def test_inactive_and_deleted_people_are_inactive(tmp_path: Path) -> None:
    gone = '<pifu_status type="activeInactive">Inaktiv</pifu_status>'
    found = users(tmp_path, person("a"), person("b", extension=gone), person("c", recstatus="3"))
    assert {row["sourced_id"]: row["status"] for row in found} == {"a": "active", "b": "inactive", "c": "inactive"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (person("elev-1", given=""), "name/n/given"),
        (person("elev-1", family=" "), "name/n/family"),
        (person("elev-1", "x" * 3000), "longer than"),
        (person("elev-1").replace("<n><family>Nordmann</family><given>Kari</given></n>", ""), "name/n/given"),
    ],
)
def test_a_person_who_cannot_be_used_costs_only_that_person(tmp_path: Path, bad: str, reason: str) -> None:
    ((table, sourced_id, said),) = rejects(tmp_path, bad, pifu.ORGS)
    assert (table, sourced_id) == ("users", "elev-1")
    assert reason in said
    assert "(line 4)" in said


def test_a_person_without_an_id_is_unidentified(tmp_path: Path) -> None:
    assert [row[:2] for row in rejects(tmp_path, person(""), person(ids=""), pifu.ORGS)] == [("users", "")] * 2


def test_reasons_hold_nothing_personal(tmp_path: Path) -> None:
    secret = f'<userid useridtype="personNIN">{canaries.NIN}</userid>'
    bad = person("elev-1", given="", family="Hemmelig", rest=secret, extension=guardian_of("", "uncle"))
    text = str(rejects(tmp_path, bad, person("elev-1", "Hemmelig", "Hemmelig", rest=secret), pifu.ORGS))
    assert "elev-1" in text
    assert canaries.NIN not in text
    assert "Hemmelig" not in text


def test_the_same_id_twice_rejects_the_second(tmp_path: Path) -> None:
    extract = pifu.extract(tmp_path, person("elev-1", "Første"), person("elev-1", "Andre"), pifu.ORGS)
    assert [row["given_name"] for row in rows(extract, "users")] == ["Første"]
    assert [(row["sourced_id"], row["reason"]) for row in rows(extract, "rejects")] == [
        ("elev-1", "sourcedid: the same id stands twice (line 4)")
    ]


def test_an_id_that_two_sources_give_rejects_both(tmp_path: Path) -> None:
    twin = person("7", "Andre", ids=sourcedid("7", "other"), extension=guardian_of("frisk"))
    extract = pifu.extract(
        tmp_path,
        person("7", "Første", extension=guardian_of("frisk")),
        twin,
        person("frisk"),
        pifu.ORGS,
        pifu.membership("skole-1", pifu.member("7")),
    )
    assert [row["sourced_id"] for row in rows(extract, "users")] == ["frisk"]
    assert rows(extract, "relationships") == []
    assert [row["table"] for row in rows(extract, "rejects") if row["sourced_id"] == "7"] == [
        "users",
        "users",
        "enrollments",
    ]


@pytest.mark.parametrize("announced", ["Old", "Duplicate"])
@pytest.mark.parametrize("kind", ["New", ""])
def test_a_changed_id_is_announced(tmp_path: Path, kind: str, announced: str) -> None:
    ids = sourcedid("gammel", kind=announced) + sourcedid("ny", kind=kind)
    extract = pifu.extract(tmp_path, person(ids=ids), pifu.ORGS, pifu.membership("skole-1", pifu.member("gammel")))
    assert [row["sourced_id"] for row in rows(extract, "users")] == ["ny"]
    assert rows(extract, "id_changes") == [{"old": "gammel", "new": "ny"}]
    assert [row["user"] for row in rows(extract, "enrollments")] == ["ny"], "a reference by the old id still counts"
    assert rows(extract, "rejects") == []


def test_the_new_id_counts_wherever_it_stands(tmp_path: Path) -> None:
    ids = sourcedid("en") + sourcedid("to", kind="New") + sourcedid("tre", kind="Old") + sourcedid("fire", kind="Old")
    extract = pifu.extract(tmp_path, person(ids=ids), pifu.ORGS)
    assert rows(extract, "users")[0]["sourced_id"] == "to"
    assert [(row["old"], row["new"]) for row in rows(extract, "id_changes")] == [("tre", "to"), ("fire", "to")]


def test_an_old_id_that_somebody_has_is_no_change_but_a_doubt(tmp_path: Path) -> None:
    ids = sourcedid("gammel", kind="Old") + sourcedid("ny", kind="New")
    extract = pifu.extract(tmp_path, person(ids=ids), person("gammel"), pifu.ORGS)
    assert {row["sourced_id"] for row in rows(extract, "users")} == {"ny", "gammel"}
    assert rows(extract, "id_changes") == []
    assert [row["sourced_id"] for row in rows(extract, "rejects")] == ["ny"]


def test_contacts_become_relationships(tmp_path: Path) -> None:
    contacts = {"mor": "guardian", "fosterfar": "fosterParent", "nabo": "nextOfKin", "tante": "closeRelative"}
    said = "".join(guardian_of(who, kind) for who, kind in contacts.items())
    extract = pifu.extract(tmp_path, person("elev-1", extension=said), *map(person, contacts), pifu.ORGS)
    assert [(row["user"], row["related"], row["relation"]) for row in rows(extract, "relationships")] == [
        ("elev-1", "mor", "guardian"),
        ("elev-1", "fosterfar", "guardian"),
        ("elev-1", "nabo", "next_of_kin"),
        ("elev-1", "tante", "next_of_kin"),
    ]


def test_a_contact_of_an_unknown_kind_is_a_reject_and_the_person_stays(tmp_path: Path) -> None:
    extract = pifu.extract(tmp_path, person("elev-1", extension=guardian_of("x", "uncle") + guardian_of("")), pifu.ORGS)
    assert [row["sourced_id"] for row in rows(extract, "users")] == ["elev-1"]
    assert [(row["table"], row["sourced_id"]) for row in rows(extract, "rejects")] == [("relationships", "elev-1")] * 2
    assert extract.completeness[pifu.SCHOOL].unreadable == 0


def test_tables_have_the_canonical_columns_also_when_empty(tmp_path: Path) -> None:
    extract = pifu.extract(tmp_path, person("elev-1"), pifu.ORGS)
    assert set(extract.tables) == set(COLUMNS) - {"sessions", "care", "stays"}
    for table, frame in extract.tables.items():
        assert tuple(frame.columns) == COLUMNS[table]

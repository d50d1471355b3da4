"""The sample municipality: as it was published, and as awkward as a real one."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.exports import HEMNE, Export, Person, rows, text


def test_hemne_has_the_pupils_it_published(hemne: Export) -> None:
    found = Counter(
        hemne.titles[g]
        for p in hemne.pupils()
        for g, role, _, primary in hemne.roles[p.id]
        if primary == "1" and role == "01" and hemne.kinds[g] == "skole"
    )
    assert found == HEMNE


def test_hemne_has_the_machines_it_published(hemne_folder: Path, hemne: Export) -> None:
    names = {
        text(g, "extension/pifu_id/pifu_value"): text(g, "description/short") for g in hemne.root.iterfind("{*}group")
    }
    found = Counter((names[row["school"]], row["use"]) for row in rows(hemne_folder / "data/devices.csv"))
    assert found == {
        ("Sodin skole", "pupil"): 37,
        ("Vinjeøra skole", "pupil"): 20,
        ("Svanem skole", "pupil"): 16,
        ("Sodin skole", "staff"): 9,
        ("Vinjeøra skole", "staff"): 3,
        ("Svanem skole", "staff"): 2,
    }


@pytest.mark.parametrize(
    "name",
    [
        "Áile Guttorm",
        "Máret Ánne Hætta",
        "Šárá Utsi Gaup",
        "Thị Hương Nguyễn",
        "Łukasz Wójcik-Żółty",
        "Øyvind Ærø",
        "Åse-Marie Ås",
        "Brigid D'Arcy",
        "Siobhán O''Neill",
        "Yusuf ibn al-Khattab",
        "李 王",
        "Мария Иванова",
        "A Å",
    ],
)
def test_names_are_as_various_as_people(hemne: Export, name: str) -> None:
    assert name in {p.name for p in hemne.pupils()}


def test_two_names_are_very_long(hemne: Export) -> None:
    assert sorted(len(p.name) for p in hemne.pupils())[-2:] == [92, 247]


def classmates(export: Export) -> Iterator[tuple[Person, Person]]:
    for group in export.groups("basisgruppe"):
        pupils = [export.people[id_] for id_, role, *_ in export.members[group] if role == "01"]
        yield from ((a, b) for i, a in enumerate(pupils) for b in pupils[:i])


def test_there_are_twins_and_namesakes_in_one_class(hemne: Export) -> None:
    pairs = list(classmates(hemne))
    assert any(a.family == b.family and a.birth == b.birth and a.contacts == b.contacts != [] for a, b in pairs)
    namesakes = [(a, b) for a, b in pairs if a.name == b.name]
    assert {a.birth == b.birth for a, b in namesakes} == {True, False}
    assert all(a.contacts != b.contacts for a, b in namesakes)


def test_pupils_have_every_kind_of_identity_number_and_none(hemne: Export) -> None:
    numbers = [p.number for p in hemne.pupils()]
    assert numbers.count("") >= 2
    assert sum(len(n) == 12 for n in numbers) >= 1
    assert sum(len(n) == 11 and n[0] in "4567" for n in numbers) >= 2


def schools_of(export: Export, person: str) -> dict[str, str]:
    return {export.titles[g]: primary for g, _, _, primary in export.roles[person] if export.kinds[g] == "skole"}


def test_a_pupil_is_at_two_schools_and_a_teacher_at_three(hemne: Export) -> None:
    two = [p.id for p in hemne.pupils() if len(schools_of(hemne, p.id)) == 2]
    assert [schools_of(hemne, id_) for id_ in two] == [{"Sodin skole": "1", "Vinjeøra skole": "0"}]
    teachers = [id_ for id_, roles in hemne.roles.items() if any(r == "02" for _, r, *_ in roles)]
    everywhere = [schools_of(hemne, id_) for id_ in teachers if len(schools_of(hemne, id_)) == 3]
    assert [sorted(found.values()) for found in everywhere] == [["0", "0", "1"]]


@pytest.mark.parametrize(
    ("role", "subrole"),
    [
        ("01", ""),
        ("02", "faglærer"),
        ("02", "vikar"),
        ("04", "kontormedarbeider"),
        ("04", "vaktmester"),
        ("04", "foresattrepresentant"),
        ("05", "rektor"),
        ("06", ""),
        ("07", "iktansvarlig"),
        ("08", ""),
    ],
)
def test_every_part_in_a_school_is_played(hemne: Export, role: str, subrole: str) -> None:
    assert (role, subrole) in {(r, s) for roles in hemne.roles.values() for _, r, s, _ in roles}


def test_substitutes_have_no_class(hemne: Export) -> None:
    substitutes = [id_ for id_, roles in hemne.roles.items() if any(s == "vikar" for _, _, s, _ in roles)]
    assert len(substitutes) >= 3
    assert all({hemne.kinds[g] for g, *_ in hemne.roles[id_]} == {"skole"} for id_ in substitutes)


def test_one_class_has_no_teacher(hemne: Export) -> None:
    rooms = [g for g in hemne.groups("basisgruppe") if not {r for _, r, *_ in hemne.members[g]} & {"02", "06"}]
    assert len(rooms) == 1


def test_some_groups_gather_several_grades(hemne: Export) -> None:
    grade_of = {p: hemne.titles[g] for g in hemne.groups("trinn") for p, *_ in hemne.members[g]}
    gathered = {
        group: {grade_of[p] for p, role, *_ in hemne.members[group] if role == "01" and p in grade_of}
        for group in (*hemne.groups("undervisningsgruppe"), *hemne.groups("basisgruppe"))
    }
    titles = {hemne.titles[g] for g, grades in gathered.items() if len(grades) > 1}
    assert {"1-2", "5-7"} <= titles
    assert any(title.startswith("Programmering") for title in titles)


@pytest.mark.parametrize(
    "kind_of_group",
    ["kontaktlærergruppe", "foresattegruppe", "språkopplæring", "sammensattgruppe", "elevråd", "sfo"],
)
def test_there_are_groups_that_are_no_classes(hemne: Export, kind_of_group: str) -> None:
    assert all(hemne.members[g] for g in hemne.groups(kind_of_group))
    assert hemne.groups(kind_of_group)


def test_children_of_the_kindergarten_are_in_no_school(hemne: Export) -> None:
    assert "barnehage" in {e.text for e in hemne.root.iter("{*}pifu_schoolType")}
    children = {p for p, role, *_ in hemne.members["skole-barnehage"] if role == "01"}
    assert len(children) == 12
    assert not children & {p.id for p in hemne.pupils()}


def test_guardians_have_several_children_also_at_two_schools(hemne: Export) -> None:
    children = defaultdict(list)
    for pupil in hemne.pupils():
        for contact_type, guardian in pupil.contacts:
            if contact_type == "guardian":
                children[guardian].append(pupil)
    assert max(map(len, children.values())) >= 2
    assert any(
        len({s for c in each for s, p in schools_of(hemne, c.id).items() if p == "1"}) > 1 for each in children.values()
    )
    assert any("02" in {r for _, r, *_ in hemne.roles[guardian]} for guardian in children)
    assert any(not p.contacts for p in hemne.pupils())
    assert any(("nextOfKin") in dict(p.contacts) for p in hemne.pupils())


def test_care_knows_of_every_kind_of_family(hemne_folder: Path, hemne: Export) -> None:
    care = [row for row in rows(hemne_folder / "data/care.csv") if row["related_id"]]
    linked = {(p.id, guardian) for p in hemne.people.values() for _, guardian in p.contacts}
    assert {(row["sourced_id"], row["related_id"]) for row in care} <= linked
    facts = {(row["responsible"], row["lives_with"], row["barred"]) for row in care}
    assert facts == {("1", "1", ""), ("1", "0", ""), ("0", "1", ""), ("0", "0", "1")}


def test_one_pupil_one_guardian_and_one_teacher_are_protected(hemne_folder: Path, hemne: Export) -> None:
    protected = [row["sourced_id"] for row in rows(hemne_folder / "data/care.csv") if row["protected"]]
    guardians = {guardian for p in hemne.pupils() for _, guardian in p.contacts}
    pupils = {p.id for p in hemne.pupils()}
    assert len(protected) == 3
    assert [len([p for p in protected if p in group]) for group in (pupils, guardians)] == [1, 1]
    assert sum(any(r == "02" for _, r, *_ in hemne.roles[p]) for p in protected) == 1


def test_people_in_no_sis_have_an_end_date(hemne_folder: Path, hemne: Export) -> None:
    people = rows(hemne_folder / "data/people.csv")
    assert [row["role"] for row in people] == ["teacher", "staff"]
    assert {row["end"] for row in people} == {"2027-07-31"}
    assert not {row["sourced_id"] for row in people} & hemne.people.keys()


def test_an_account_that_stays_is_of_somebody_there_and_longer_than_their_place(hemne_folder: Path) -> None:
    people = {row["sourced_id"]: row["end"] for row in rows(hemne_folder / "data/people.csv")}
    (stay,) = rows(hemne_folder / "data/exceptions.csv")
    assert stay["until"] > people[stay["sourced_id"]]
    assert stay["owner"]
    assert stay["reason"]

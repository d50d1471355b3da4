"""The sample's export is valid in every size."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from lxml import etree
from stdnum.no import orgnr

from provision.core.nin import is_synthetic
from tests.app.exports import Export, load, rows, sample, text

# PIFU-IMS SAS 1.3: the children of each element, in the order that the XSD fixes.
CONTENT: Final = {
    "enterprise": r"properties (person )*(group )*(membership )*",
    "properties": r"datasource (target )*type datetime (extension )?",
    "person": r"(sourcedid )+(userid )*name (demographics )?(email )?(url )?(tel )*(adr )?(extension )?",
    "sourcedid": r"source id ",
    "name": r"fn n ",
    "n": r"family given ",
    "group": r"(sourcedid )+(grouptype )+description (timeframe )?(email )?(url )?(relationship )+(extension )?",
    "grouptype": r"scheme typevalue ",
    "description": r"short (long )?(full )?",
    "relationship": r"sourcedid label ",
    "membership": r"sourcedid (member )+",
    "member": r"sourcedid idtype (role )+",
    "role": r"(subrole )?status (comments )?(datetime )?(timeframe )?(extension )?",
    "timeframe": r"(begin )?(end )?(adminperiod )?",
    "demographics": r"(gender )?(bday )?",
    "extension": (
        r"(pifu_id )*(pifu_name )*(pifu_status )*(pifu_hasContactPerson )*(pifu_primaryRelation )?(pifu_schoolType )?"
    ),
    "pifu_hasContactPerson": r"sourcedid ",
    "pifu_id": r"pifu_value pifu_scope pifu_unique ",
    "pifu_name": r"pifu_value ",
}


@pytest.fixture(scope="module")
def large_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample(tmp_path_factory.mktemp("large"), 5000, 20)


@pytest.fixture(scope="module")
def large(large_site: Path) -> Export:
    return load(large_site / "data/sis.xml")


@pytest.fixture(scope="module", params=["hemne", "large"])
def export(request: pytest.FixtureRequest) -> Export:
    loaded = request.getfixturevalue(request.param)
    assert isinstance(loaded, Export)
    return loaded


def test_every_element_has_its_children_in_the_order_of_the_format(export: Export) -> None:
    seen = set()
    for element in export.root.iter(etree.Element):
        name = etree.QName(element).localname
        seen.add(name)
        children = "".join(f"{etree.QName(child).localname} " for child in element)
        assert re.fullmatch(CONTENT.get(name, ""), children), f"{name}: {children}"
    assert seen >= CONTENT.keys()


def test_texts_are_within_the_lengths_of_the_format(export: Export) -> None:
    for name, limit in (("short", 60), ("label", 128), ("id", 256), ("source", 32), ("fn", 256)):
        texts = [e.text or "" for e in export.root.iter(f"{{*}}{name}")]
        assert texts
        assert all(0 < len(t) <= limit for t in texts)
    assert all(re.fullmatch(r"[^@ ]+@[^@ ]+\.example", e.text or "") for e in export.root.iter("{*}email"))
    assert all(re.fullmatch(r"\+\d+", e.text or "") for e in export.root.iter("{*}tel"))


def test_every_reference_leads_somewhere(export: Export) -> None:
    assert {parent for parent in export.parents.values()} <= export.kinds.keys()
    assert export.members.keys() <= export.kinds.keys()
    assert export.roles.keys() <= export.people.keys()
    assert {id_ for p in export.people.values() for _, id_ in p.contacts} <= export.people.keys()
    assert [g for g, parent in export.parents.items() if g == parent] == export.groups("skoleeier")


def test_every_pupil_has_one_class_one_grade_and_several_subjects(export: Export) -> None:
    assert export.pupils()
    for pupil in export.pupils():
        kinds = Counter(export.kinds[group] for group, *_ in export.roles[pupil.id])
        assert (kinds["basisgruppe"], kinds["trinn"]) == (1, 1)
        assert kinds["undervisningsgruppe"] >= 6


def test_nobody_is_in_a_group_twice(export: Export) -> None:
    for group, members in export.members.items():
        assert len(set(members)) == len(members), group


def test_identity_numbers_can_belong_to_nobody_and_are_given_once(export: Export) -> None:
    numbers = [p.number for p in export.people.values() if p.number]
    assert len(set(numbers)) == len(numbers) > 1000
    for number in numbers:
        assert is_synthetic(number)


def test_a_birth_date_agrees_with_its_identity_number(export: Export) -> None:
    dated = [p for p in export.people.values() if p.birth and len(p.number) == 11]
    assert dated
    for person in dated:
        year, month, day = person.birth.split("-")
        assert (person.number[4:6], int(person.number[2:4]) - 80) == (year[2:], int(month))
        assert int(person.number[:2]) % 40 == int(day)


def test_organisation_numbers_are_right_and_fictitious(export: Export) -> None:
    numbers = [text(e, "pifu_value") for e in export.root.iter("{*}pifu_id") if e.get("type") == "organizationNumber"]
    assert len(set(numbers)) == len(numbers) == len(export.groups("skole")) + 1
    assert all(orgnr.is_valid(number) and number[0] == "3" for number in numbers)


def test_about_two_in_a_thousand_are_protected_in_a_large_municipality(large_site: Path, large: Export) -> None:
    protected = [row for row in rows(large_site / "data/care.csv") if row["protected"]]
    assert 0.001 < len(protected) / len(large.people) < 0.003


@pytest.mark.parametrize(("pupils", "schools"), [(1, 1), (3, 3), (40, 1), (200, 7), (700, None), (None, 2)])
def test_a_municipality_of_any_size_is_valid(tmp_path: Path, pupils: int | None, schools: int | None) -> None:
    export = load(sample(tmp_path, pupils, schools) / "data/sis.xml")
    test_every_reference_leads_somewhere(export)
    test_every_pupil_has_one_class_one_grade_and_several_subjects(export)
    test_nobody_is_in_a_group_twice(export)
    if pupils and schools:
        assert (len(export.pupils()), len(export.groups("skole"))) == (pupils, schools + 1)

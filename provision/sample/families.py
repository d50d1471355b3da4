"""Gives the pupils their ids, their guardians, and what care.csv must say about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from provision.formats.pifu_ims_write import Contact, Person
from provision.sample.children import Child, Household, birthday
from provision.sample.namelists import draw_family, draw_given
from provision.sample.roll import CareRow, Desk

_SHARES_NAME: Final = 0.6
_HAS_NUMBER: Final = 0.9


@dataclass(frozen=True, slots=True)
class Kin:
    """One contact person's place in a household: what the SIS calls it, and what care.csv adds."""

    type: str = "guardian"
    responsible: str = ""
    lives_with: str = ""
    barred: str = ""


# Who belongs to a household of each form. Nothing is said of most families, as in life.
_FORMS: Final[Mapping[str, tuple[Kin, ...]]] = {
    "together": (Kin(), Kin()),
    "apart": (Kin(responsible="1", lives_with="1"), Kin(responsible="1", lives_with="0")),
    "single": (Kin(),),
    "kin": (Kin(), Kin(type="nextOfKin")),
    "foster": (
        Kin(responsible="0", lives_with="1"),
        Kin(responsible="0", lives_with="1"),
        Kin(responsible="1", lives_with="0"),
    ),
    "none": (),
    "barred": (Kin(responsible="1", lives_with="1"), Kin(responsible="0", lives_with="0", barred="1")),
    "teacher": (Kin(), Kin()),
    "protected": (Kin(),),
}


@dataclass(frozen=True, slots=True)
class Pupil:
    id: str
    child: Child = field(repr=False)
    guardians: tuple[str, ...]


def enrol(children: Sequence[Child], desk: Desk, teacher: str, elsewhere: Sequence[str]) -> tuple[Pupil, ...]:
    """Every child as a person with contact persons; guardians are made once for a household.

    `teacher` becomes a parent in households of the form "teacher"; `elsewhere` are guardians with a child at
    another school too: the first household here that is together is theirs.
    """
    homes: dict[int, tuple[str, ...]] = {}
    shared = next((c.household.number for c in children if c.household.form == "together"), None)
    if elsewhere and shared is not None:
        homes[shared] = tuple(elsewhere)
    pupils = []
    for child in children:
        if child.household.number not in homes:
            homes[child.household.number] = _kin(child.household, desk, teacher)
        pupils.append(_enrol(child, homes[child.household.number], desk))
    return tuple(pupils)


def national_id(child: Child, desk: Desk) -> str:
    """An identity number of the child's kind, "" for none."""
    if child.number == "none":
        return ""
    if child.number == "duf":
        return desk.numbers.duf_number()
    return desk.numbers.national_id(child.birth, d_number=child.number == "d")


def _enrol(child: Child, kin: Sequence[str], desk: Desk) -> Pupil:
    id_ = desk.numbers.person_id()
    contacts = tuple(Contact(k.type, k_id) for k, k_id in zip(_FORMS[child.household.form], kin, strict=True))
    desk.roll.people.append(
        Person(
            id=id_,
            given_name=child.given_name,
            family_name=child.household.family_name,
            national_id=national_id(child, desk),
            birth_date=child.birth,
            contacts=contacts,
        )
    )
    _record_care(id_, child.household.form, kin, desk)
    if child.protected or desk.protects():
        desk.roll.protect(id_)
    return Pupil(id_, child, tuple(c.person for c in contacts if c.type == "guardian"))


def _record_care(child_id: str, form: str, kin: Sequence[str], desk: Desk) -> None:
    for place, kin_id in zip(_FORMS[form], kin, strict=True):
        facts = (place.responsible, place.lives_with, place.barred)
        if any(facts):
            desk.roll.care.append(CareRow(child_id, kin_id, "", *facts))


def _kin(household: Household, desk: Desk, teacher: str) -> tuple[str, ...]:
    known = (teacher,) if household.form == "teacher" else ()
    return (*known, *(_guardian(household, desk) for _ in _FORMS[household.form][len(known) :]))


def _guardian(household: Household, desk: Desk) -> str:
    rng = desk.rng
    id_ = desk.numbers.person_id()
    born = birthday(desk.year.begin.year - rng.randint(25, 58), rng)
    desk.roll.people.append(
        Person(
            id=id_,
            given_name=draw_given(rng, household.origin),
            family_name=_family_name(household, rng),
            national_id=desk.numbers.national_id(born) if rng.random() < _HAS_NUMBER else "",
            mail=f"{id_}@post.example",
            mobile=desk.numbers.mobile(),
        )
    )
    if household.form == "protected" or desk.protects():
        desk.roll.protect(id_)
    return id_


def _family_name(household: Household, rng: Random) -> str:
    return household.family_name if rng.random() < _SHARES_NAME else draw_family(rng, household.origin)

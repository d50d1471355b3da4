"""Employs a school's staff: teachers, leaders, assistants, office, caretaker, substitutes."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from provision.formats.pifu_ims import ADMINISTRATOR, ASSISTANT, INSTRUCTOR, MANAGER, MEMBER
from provision.formats.pifu_ims_write import Part, Person
from provision.sample.children import birthday
from provision.sample.namelists import draw_family, draw_given, draw_origin
from provision.sample.roll import Desk

_TEACHERS_PER_CLASS: Final = 1.4
_PUPILS_PER_ASSISTANT: Final = 60
_LARGE: Final = 200


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of those who work with pupils; the others are only members of their school."""

    teachers: tuple[str, ...]
    assistants: tuple[str, ...]


def employ(desk: Desk, school: str, rooms: int) -> Staff:
    """A school's staff as people and as members of the school, at which each of them is first of all."""
    large = desk.plan.pupils > _LARGE
    teachers = _hire(desk, school, max(2, ceil(rooms * _TEACHERS_PER_CLASS)), Part(INSTRUCTOR, primary=True))
    assistants = _hire(desk, school, 1 + desk.plan.pupils // _PUPILS_PER_ASSISTANT, Part(ASSISTANT, primary=True))
    _hire(desk, school, 1, Part(MANAGER, "rektor", primary=True))
    _hire(desk, school, large, Part(MANAGER, "inspektør", primary=True))
    _hire(desk, school, 1 + large, Part(MEMBER, "kontormedarbeider", primary=True))
    _hire(desk, school, 1, Part(MEMBER, "vaktmester", primary=True))
    _hire(desk, school, large, Part(ADMINISTRATOR, "iktansvarlig", primary=True))
    _hire(desk, school, 1 + large, Part(INSTRUCTOR, "vikar", primary=True))
    if desk.plan.awkward:
        desk.roll.protect(teachers[1])
    return Staff(teachers, assistants)


def _hire(desk: Desk, school: str, number: int, part: Part) -> tuple[str, ...]:
    ids = tuple(hire(desk) for _ in range(number))
    for id_ in ids:
        desk.roll.join(school, id_, part)
    return ids


def hire(desk: Desk) -> str:
    """One more employee, who is nowhere yet."""
    origin = draw_origin(desk.rng)
    id_ = desk.numbers.person_id()
    born = birthday(desk.year.begin.year - desk.rng.randint(24, 64), desk.rng)
    desk.roll.people.append(
        Person(
            id=id_,
            given_name=draw_given(desk.rng, origin),
            family_name=draw_family(desk.rng, origin),
            national_id=desk.numbers.national_id(born),
            birth_date=born,
            mail=f"{id_}@{desk.domain}",
            mobile=desk.numbers.mobile(),
        )
    )
    if desk.protects():
        desk.roll.protect(id_)
    return id_

"""Makes up the municipality itself and its kindergarten, whose children go nowhere."""

from random import Random
from typing import Final

from provision.formats.pifu_ims import (
    GROUP_LEVELS,
    INSTRUCTOR,
    KINDERGARTEN,
    LEARNER,
    ORG_LEVELS,
    SCHEME_GROUP,
    SCHEME_ORG,
)
from provision.formats.pifu_ims_write import Group, Part
from provision.sample.children import Child, draw_children
from provision.sample.families import enrol
from provision.sample.numbers import Numbers, organisation_number
from provision.sample.plans import Homeroom, SchoolPlan, SchoolYear
from provision.sample.roll import Desk, Roll
from provision.sample.school import unit
from provision.sample.staff import hire
from provision.sample.town import Town

_OWNER: Final = ORG_LEVELS[0]
_ROOM_LEVEL: Final = GROUP_LEVELS[0]
# Children of 2 to 5 years, as if they were in grades before the first.
_ROOM: Final = Homeroom("Trollstua", ((-3, 3), (-2, 3), (-1, 3), (0, 3)))


def make_owner(town: Town) -> Roll:
    """The municipality as the top of all orgs, which is its own parent."""
    roll = Roll()
    roll.open(
        Group(
            id=town.code,
            scheme=SCHEME_ORG,
            level=_OWNER.level,
            type=_OWNER.text,
            title=town.title,
            parent=town.code,
            parent_type="topp",
            organisation_number=organisation_number(2 * town.number),
            legal_name=town.title.upper(),
            mail=f"postmottak@{town.domain}",
        )
    )
    return roll


def make_kindergarten(town: Town, year: SchoolYear, seed: int, numbers: Numbers) -> Roll:
    """A kindergarten with a dozen children, their guardians and two employees."""
    plan = SchoolPlan(
        index=-1,
        code=f"barnehage{town.number or ''}",
        name="Fjordgløtt barnehage",
        organisation_number=organisation_number(2 * town.number + 1),
        grades=(0, 0),
        pupils=12,
        devices=(0, 0),
        awkward=False,
        protected_share=0.0,
        town=town,
    )
    rng = Random(f"{seed}/kindergarten")  # noqa: S311 - made-up people need no secrecy
    desk = Desk(plan, year, rng, numbers, Roll())
    org, room = desk.roll.open(unit(plan, school_type=KINDERGARTEN)), desk.roll.open(_room(plan, year))
    children: list[Child] = draw_children((_ROOM,), year, rng, awkward=False)
    for child in enrol(children, desk, "", ()):
        desk.roll.join(org, child.id, Part(LEARNER, primary=True))
        desk.roll.join(room, child.id, Part(LEARNER))
    for _ in range(2):
        employee = hire(desk)
        desk.roll.join(org, employee, Part(INSTRUCTOR, primary=True))
        desk.roll.join(room, employee, Part(INSTRUCTOR))
    return desk.roll


def _room(plan: SchoolPlan, year: SchoolYear) -> Group:
    return Group(
        id=f"{plan.code}-{year.begin.year}-trollstua",
        scheme=SCHEME_GROUP,
        level=_ROOM_LEVEL.level,
        type=_ROOM_LEVEL.text,
        title=_ROOM.title,
        parent=f"skole-{plan.code}",
        parent_type="skole",
        begin=year.begin,
        end=year.end,
    )
